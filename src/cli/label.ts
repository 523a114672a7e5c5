import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

import { answer } from "./answer.ts"
import { root } from "./root.ts"

/** `label RUN` */
export const labelCommand = Command.make(
  "label",
  {
    run: Argument.String("run").pipe(Argument.withDescription("Id of a run, or its beginning, or latest")),
    setup: Flag.String("setup").pipe(
      Flag.optional,
      Flag.withDescription("Whose answers: a setup's id or a part of its label (default: the one the run names)")
    ),
    grader: Flag.String("grader").pipe(
      Flag.optional,
      Flag.withDescription("The judge by whose verdicts pairs are sampled (default: the run's)")
    ),
    size: Flag.Int("size").pipe(Flag.withDefault(100), Flag.withDescription("Pairs to be labelled (default 100)")),
    export: Flag.String("export").pipe(
      Flag.optional,
      Flag.withMetavar("path"),
      Flag.withDescription("Write the pairs to a CSV file instead of asking")
    ),
    import: Flag.String("import").pipe(
      Flag.optional,
      Flag.withMetavar("path"),
      Flag.withDescription("Read labels from a filled-in CSV file")
    )
  },
  Effect.fnUntraced(function* (flags) {
    const { json } = yield* root
    const { label } = yield* Effect.promise(() => import("../runs/label.ts"))
    const [to, from] = [Option.getOrUndefined(flags.export), Option.getOrUndefined(flags.import)]
    const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true
    const ask = terminal && !json && to === undefined && from === undefined
    const input = {
      setup: Option.getOrUndefined(flags.setup),
      grader: Option.getOrUndefined(flags.grader),
      size: flags.size,
      export: to,
      import: from,
      ask
    }
    yield* answer(json, label(input, flags.run, json), { asks: ask })
  })
).pipe(
  Command.withDescription("Ask a person for blind pairwise labels: what the judge's error is known by"),
  Command.withExamples([
    { command: "understudy label latest", description: "Asks at the terminal; each label is kept at once" },
    { command: "understudy label latest --size 200 --export pairs.csv", description: "For a spreadsheet" },
    { command: "understudy label latest --import pairs.csv", description: "Reads what was filled in" }
  ])
)
