/** A kind of small module that the simulated models can write: plain data. */
export interface CodeTask {
  /** In lower case with dashes; the module is `src/NAME.js`. */
  readonly name: string
  /** What it exports, as it is called: `slugify(text)`. */
  readonly signature: string
  /** The values that each parameter of the task may have: letters and digits. */
  readonly choices: ReadonlyArray<ReadonlyArray<string>>
  /** What the module does, in words. The words differ wherever the parameters do. */
  readonly describe: (...given: ReadonlyArray<string>) => string
  /** The constants that the parameters become, in JavaScript. */
  readonly constants: (...given: ReadonlyArray<string>) => ReadonlyArray<string>
  /** The rest of the right module, the same for all parameters. */
  readonly body: string
  /** What goes wrong: a piece of `body`, and what a careless writer puts there. The module then fails its tests. */
  readonly slips: ReadonlyArray<readonly [right: string, wrong: string]>
}

/** All combinations of a task's parameters. */
export const combinations = ({ choices }: CodeTask): ReadonlyArray<ReadonlyArray<string>> =>
  choices.reduce<ReadonlyArray<ReadonlyArray<string>>>(
    (all, values) => all.flatMap((given) => values.map((value) => [...given, value])),
    [[]]
  )

/** The right module. */
export const rightCode = ({ body, constants }: CodeTask, given: ReadonlyArray<string>): string =>
  `${constants(...given).join("\n")}\n\n${body.trim()}\n`

/** Wrong modules, one for each slip, and last one that is no JavaScript. */
export const wrongCode = (task: CodeTask, given: ReadonlyArray<string>): ReadonlyArray<string> => {
  const right = rightCode(task, given)
  const slipped = task.slips.map(([piece, instead]) => right.replace(piece, () => instead))
  return [...slipped, right.replace(/\}\n$/, "\n")]
}
