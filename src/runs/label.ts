import { readFile } from "node:fs/promises"
import { resolve } from "node:path"

import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import { enoughLabels } from "../evaluate/judgeGate.ts"
import { counted } from "../report/figures.ts"
import { visible } from "../report/plain.ts"
import { Answers } from "../store/Answers.ts"
import { diskFault, writeAtomically } from "../store/disk.ts"
import { Labels } from "../store/Labels.ts"
import { csvOf, labelsIn, type Shown } from "./labelCsv.ts"
import { type Asked, pairsOf } from "./labelPairs.ts"
import { labelSample, saidOf } from "./labelSample.ts"
import { write } from "./questions.ts"

/** What `label` was asked for. */
export interface LabelInput extends Asked {
  /** Pairs of the sample. */
  readonly size: number
  readonly export?: string | undefined
  readonly import?: string | undefined
  /** People are asked at the terminal. */
  readonly ask: boolean
}

/** One seed for all: a sample is the same whoever asks for it. */
const seed = 1

type Word = "1" | "2" | "tie" | "skip" | "quit"
const words: Readonly<Record<string, Word>> = {
  "1": "1",
  "2": "2",
  t: "tie",
  tie: "tie",
  s: "skip",
  skip: "skip",
  q: "quit",
  quit: "quit"
}
const wordOf = (text: string): Word | undefined => words[text.trim().toLowerCase()]

/** A pair on the terminal, without control characters, and nothing that tells which is whose. */
export const pairText = ({ first, request, second }: Shown, at: number, of: number): string =>
  [
    "",
    `── pair ${at} of ${of} ${"─".repeat(40)}`,
    visible(request),
    "",
    "── answer 1",
    visible(first),
    "",
    "── answer 2",
    visible(second),
    ""
  ].join("\n")

const question = "Which answers better? 1, 2, t(ie), s(kip), q(uit)"

/** Asks one question; leaving it is quitting. */
const askWord = Effect.map(
  Effect.catch(
    write(question, undefined, (text) => (wordOf(text) === undefined ? "1, 2, t, s or q" : undefined)),
    () =>
      Effect.sync(() => {
        process.stderr.write("\n") // the question's line is not ended
        return "q"
      })
  ),
  (text) => wordOf(text) ?? "quit"
)

/** Shows pairs one by one and keeps each label before the next is shown; gives how many were labelled. */
export const askPairs = <E, R>(
  pairs: ReadonlyArray<Shown>,
  say: (text: string) => void,
  ask: Effect.Effect<Word, E, R>,
  keep: (pair: string, said: ReturnType<typeof saidOf>) => Effect.Effect<void, Fault>
) =>
  Effect.gen(function* () {
    let labelled = 0
    for (const [at, shown] of pairs.entries()) {
      say(pairText(shown, at + 1, pairs.length))
      const word = yield* ask
      if (word === "quit") break
      if (word === "skip") continue
      yield* keep(shown.pair, saidOf(shown.outputFirst, word))
      labelled++
    }
    return labelled
  })

const noTerminal = new Fault({
  kind: "usage",
  sentence: "this is not a terminal, and labels are asked for at one",
  mend: "Write the pairs to a file with --export FILE.csv, fill in its column label, and read it with --import FILE.csv."
})

/**
 * Asks for blind labels of a run's pairs, original and output of one setup, or exchanges them as CSV. The document counts them.
 * With neither a terminal nor a file only `--json` is answered.
 */
export const label = (input: LabelInput, runName: string, json: boolean) =>
  Effect.gen(function* () {
    const labels = yield* Labels
    if (input.export !== undefined && input.import !== undefined) {
      return yield* new Fault({
        kind: "usage",
        sentence: "--export and --import exclude each other",
        mend: "Export first, fill in the column label, then import."
      })
    }
    if (input.size < 1) {
      return yield* new Fault({
        kind: "usage",
        sentence: `--size is ${input.size}, and at least one pair is to be labelled`,
        mend: "Give a number from 1 on; 100 is the default."
      })
    }
    if (!input.ask && !json && input.export === undefined && input.import === undefined) return yield* noTerminal
    const { candidates, grader, label: name, load, run, setup } = yield* pairsOf(runName, input)
    const loaded = (ids: ReadonlyArray<string>) =>
      Effect.map(Effect.forEach(ids, load), (all) => all.flatMap((one) => one ?? []))
    const sample = labelSample(candidates, { size: input.size, seed })
    const at = DateTime.formatIso(yield* DateTime.now)
    const before = yield* labels.all
    let added = 0
    const files: Array<string> = []

    if (input.import !== undefined) {
      const file = resolve(input.import)
      const text = yield* Effect.tryPromise({
        try: () => readFile(file, "utf8"),
        catch: (cause) =>
          cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "EISDIR")
            ? new Fault({
                kind: "input",
                file,
                sentence: cause.code === "ENOENT" ? "there is no such file" : "this is a folder",
                mend: "Name a file that --export wrote."
              })
            : diskFault(file, cause)
      })
      const known = new Map((yield* loaded(candidates.map(({ caseId }) => caseId))).map((one) => [one.id, one]))
      const read = yield* Effect.try({
        try: () => labelsIn(text, known),
        catch: (cause) => (cause instanceof Fault ? new Fault({ ...cause, file }) : diskFault(file, cause))
      })
      yield* labels.add(read.map((one) => ({ ...one, at })))
      added = read.length
    } else {
      const open = (yield* loaded(sample)).filter(({ pair }) => !before.has(pair))
      if (input.export !== undefined) {
        const file = resolve(input.export)
        yield* Effect.tryPromise({
          try: () => writeAtomically(file, csvOf(open)),
          catch: (cause) => diskFault(file, cause)
        })
        files.push(input.export)
      } else if (input.ask) {
        const say = (text: string) => process.stderr.write(`${text}\n`)
        const done = sample.length - open.length
        if (done > 0)
          say(
            `${done} of the ${counted(sample.length, "pair")} ${done === 1 ? "is" : "are"} labelled already; the rest follows.`
          )
        added = yield* askPairs(open, say, askWord, (pair, said) =>
          Effect.flatMap(DateTime.now, (now) => labels.add([{ pair, said, at: DateTime.formatIso(now) }]))
        )
      }
    }

    const after = yield* labels.all
    const pairs = yield* loaded(candidates.map(({ caseId }) => caseId))
    const labelled = pairs.filter(({ pair }) => after.has(pair)).length
    const left = Math.max(0, enoughLabels - labelled)
    return {
      doc: { run, setup, grader: grader ?? null, pairs: pairs.length, sample: sample.length, added, labelled, files },
      text: [
        ...files.map((file) => `wrote ${file}`),
        `${counted(added, "label")} added; ${labelled} of ${counted(pairs.length, "pair")} of ${visible(name)} ${labelled === 1 ? "is" : "are"} labelled.`,
        left === 0
          ? "Run the suite again: the judge's error is carried into the verdict, and nothing is paid for twice."
          : `${left} more, and the judge's error can be carried into the verdict; fewer than ${enoughLabels} leave it uncalibrated.`
      ].join("\n")
    }
  }).pipe(Effect.provide(Answers.layer), Effect.scoped)
