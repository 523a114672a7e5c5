import * as Effect from "effect/Effect"

import { readSlices, slicesFile } from "../archive/slices/file.ts"
import { sketchOf } from "../archive/slices/sketch.ts"
import { otherSlice, sliceFinder } from "../archive/slices/slices.ts"
import type { CaseRow } from "../domain/Case.ts"
import { Fault } from "../domain/Fault.ts"
import { eligible, type Selected, type Selection, selectCases } from "../evaluate/cases.ts"
import { sessionEnds } from "../evaluate/evaluate.ts"
import { counted } from "../report/figures.ts"
import { plainLine } from "../report/plain.ts"
import { Archives, type CallRow } from "../store/Archives.ts"
import type { LoadedSuite } from "../suite/load.ts"
import { readReferences } from "./references.ts"

/** What the command line narrows a suite's cases by. */
export interface Narrowing {
  readonly slices?: ReadonlyArray<string>
  readonly cases?: ReadonlyArray<string>
  readonly limit?: number | undefined
}

/** Seed of the session order where the suite samples nothing. */
const defaultSeed = 7

/** Names that a mend lists. */
const listed = 20

/** The first of some names, for a mend; foreign text is made safe to show. */
export const some = (names: ReadonlyArray<string>, most = listed): string =>
  names.length === 0
    ? "none"
    : plainLine(`${names.slice(0, most).join(", ")}${names.length > most ? `, and ${names.length - most} more` : ""}`)

const labelOf = (text: string) => text.slice("label:".length)

/** A user's function that names the slice of a call; what it throws or gives in place of a text is a fault of the suite. */
const ownSlice = (file: string, slice: (call: CallRow) => unknown) => (call: CallRow) => {
  const wrong = (what: string) =>
    new Fault({
      kind: "input",
      file,
      sentence: `cases.slice ${what} for call ${plainLine(call.id)}`,
      mend: 'It gives a text for every call, and may read its labels, model and times: (call) => call.labels.task ?? "other".'
    })
  const named = () => {
    try {
      return slice(call)
    } catch (cause) {
      throw wrong(`throws ${plainLine(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause))}`)
    }
  }
  const name = named()
  if (typeof name === "string" && name.trim() !== "") return name
  throw wrong(`gives ${name instanceof Promise ? "a promise" : name === "" ? "an empty text" : String(name)}`)
}

/** The name of the archive that a suite is about. */
const archiveIn = ({ archive, name }: LoadedSuite): string => ("name" in archive ? archive.name : name)

/** Names the slice of a call by the template of its prompt, as the archive's slices file has it. */
const templateSlice = Effect.fnUntraced(function* (suite: LoadedSuite) {
  const archive = archiveIn(suite)
  const entries = yield* readSlices(archive)
  if (entries !== undefined) {
    const find = sliceFinder(entries)
    return ({ template }: CallRow) => (template === undefined ? undefined : find(template)?.slice) ?? otherSlice
  }
  return yield* new Fault({
    kind: "input",
    file: suite.file,
    sentence: `cases.slice: the archive ${JSON.stringify(archive)} has no ${slicesFile}, in which the slices of its templates are named`,
    mend: "An import writes it: import the archive's files again, or name slices by a label."
  })
})

const sliceOf = Effect.fnUntraced(function* (suite: LoadedSuite) {
  const { slice } = suite.cases
  if (slice === undefined) return () => "all"
  if (typeof slice === "function") return ownSlice(suite.file, slice)
  if (slice === "template") return yield* templateSlice(suite)
  const name = labelOf(slice)
  return ({ labels }: CallRow) => labels[name] ?? `no ${name}`
})

const samplingIn = ({ by, seed, size }: NonNullable<LoadedSuite["cases"]["sample"]>) => ({
  size,
  seed,
  ...(by === undefined ? {} : { by })
})

/** What nearly equal prompts have in common, by call: read from the content of every call that may become a case. */
const sketchesOf = Effect.fnUntraced(function* (archive: string, calls: ReadonlyArray<CallRow>, selection: Selection) {
  const reader = yield* (yield* Archives).reader(archive)
  const sketches = new Map<string, string>()
  for (const { id } of eligible(calls, selection)) sketches.set(id, sketchOf((yield* reader.load(id)).request))
  return sketches
}, Effect.scoped)

const selectionOf = Effect.fnUntraced(function* (suite: LoadedSuite, incumbent: string) {
  const { cluster, references, sample, where } = suite.cases
  const answers = references === undefined ? undefined : yield* readReferences(references.path)
  const selection: Selection = {
    fidelity: where.fidelity,
    incumbent,
    sliceOf: yield* sliceOf(suite),
    cluster,
    seed: sample?.seed ?? defaultSeed,
    ...(where.since === undefined ? {} : { since: where.since }),
    ...(where.until === undefined ? {} : { until: where.until }),
    ...(where.models === undefined ? {} : { models: where.models }),
    ...(where.labels === undefined ? {} : { labels: where.labels }),
    ...(sample === undefined ? {} : { sample: samplingIn(sample) }),
    ...(references === undefined || answers === undefined
      ? {}
      : {
          references: {
            answers,
            keyOf: (call: CallRow) =>
              references.key === "id" ? (call.nativeId ?? call.id) : call.labels[labelOf(references.key)]
          }
        })
  }
  return selection
})

/** The cases of a selection; a fault that the user's slice function threw is one. */
const selected = (calls: ReadonlyArray<CallRow>, selection: Selection): Effect.Effect<Selected, Fault> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(selectCases(calls, selection))
    } catch (cause) {
      return cause instanceof Fault ? cause : Effect.die(cause)
    }
  })

/** A label that none of the cases carries is a wrong name: it would quietly make one slice of all, or a cluster of each. */
const checkLabels = ({ cases, file }: LoadedSuite, rows: ReadonlyArray<CaseRow>): Effect.Effect<void, Fault> => {
  const places = { "cases.slice": cases.slice, "cases.cluster": cases.cluster }
  const wrong = Object.entries(places).find(
    ([, use]) =>
      typeof use === "string" &&
      use.startsWith("label:") &&
      rows.every(({ labels }) => labels[labelOf(use)] === undefined)
  )
  if (wrong === undefined) return Effect.void
  const there = new Set(rows.flatMap(({ labels }) => Object.keys(labels)))
  return new Fault({
    kind: "input",
    file,
    sentence: `${wrong[0]}: none of the ${counted(rows.length, "case")} has the label ${JSON.stringify(labelOf(String(wrong[1])))}`,
    mend: `Labels: ${some([...there].sort())}.`
  })
}

/** References that fit no case are a wrong key, and would quietly turn every comparison into one with the original. */
const checkReferences = (
  { cases: { references } }: LoadedSuite,
  rows: ReadonlyArray<CaseRow>,
  selection: Selection,
  calls: ReadonlyArray<CallRow>
): Effect.Effect<void, Fault> => {
  if (references === undefined || selection.references === undefined) return Effect.void
  if (rows.some(({ expected }) => expected !== undefined)) return Effect.void
  const { answers, keyOf } = selection.references
  const three = (keys: ReadonlyArray<string | undefined>) =>
    some([...new Set(keys.filter((key) => key !== undefined))].slice(0, 3))
  return new Fault({
    kind: "input",
    sentence: `of its ${counted(answers.size, "reference answer")} none fits a case by ${references.key}`,
    file: references.path,
    mend: `Its keys are, for example, ${three([...answers.keys()])}; by ${references.key} the archive's calls have ${three(calls.map(keyOf))}. Mend cases.references.key or the file.`
  })
}

/** A flag's value that fits no case is a wrong name, even where another one fits. */
const checkNarrowing = (rows: ReadonlyArray<CaseRow>, { cases = [], slices = [] }: Narrowing) => {
  const there = [...new Set(rows.map(({ slice }) => slice))].sort()
  const slice = slices.find((name) => !there.includes(name))
  const id = cases.find((begin) => !rows.some((row) => row.id.startsWith(begin)))
  if (slice === undefined && id === undefined) return Effect.void
  const some3 = rows.slice(0, 3).map((row) => row.id)
  return Effect.fail(
    new Fault({
      kind: "usage",
      sentence: `${slice === undefined ? `--case ${id}` : `--slice ${slice}`} fits none of the suite's ${counted(rows.length, "case")}`,
      mend: slice === undefined ? `Cases are, for example, ${some(some3)}.` : `Slices: ${some(there)}.`
    })
  )
}

/** Narrows cases by what the command line says; a limit keeps whole sessions. */
const narrow = (rows: ReadonlyArray<CaseRow>, { cases = [], limit, slices = [] }: Narrowing) => {
  const kept = rows.filter(
    (row) =>
      (slices.length === 0 || slices.includes(row.slice)) &&
      (cases.length === 0 || cases.some((id) => row.id.startsWith(id)))
  )
  if (limit === undefined || limit >= kept.length) return kept
  return kept.slice(0, sessionEnds(kept).find((end) => end >= limit) ?? kept.length)
}

const noCases = (file: string, left: Readonly<Record<string, number>>, calls: number) =>
  new Fault({
    kind: "input",
    sentence: `none of the archive's ${counted(calls, "call")} can be replayed: ${plainLine(
      Object.entries(left)
        .map(([reason, count]) => `${count} ${reason}`)
        .join(", ")
    )}`,
    file,
    mend: "Look at `understudy archive`, then at cases.where and incumbent."
  })

/**
 * The cases of a suite, in the run's one session order, narrowed by the command line; calls that became none are counted by reason.
 * Fails, kind `input` or `usage`, where nothing is left, and for every name that fits nothing.
 */
export const casesOf = Effect.fn("Runs.cases")(function* (
  suite: LoadedSuite,
  calls: ReadonlyArray<CallRow>,
  incumbent: string,
  narrowing: Narrowing
) {
  const plain = yield* selectionOf(suite, incumbent)
  const selection: Selection =
    suite.cases.sample?.nearDuplicates === "once"
      ? { ...plain, sketches: yield* sketchesOf(archiveIn(suite), calls, plain) }
      : plain
  const { left, merged, rows: all } = yield* selected(calls, selection)
  if (all.length === 0) return yield* noCases(suite.file, left, calls.length)
  yield* checkLabels(suite, all)
  yield* checkReferences(suite, all, selection, calls)
  yield* checkNarrowing(all, narrowing)
  const rows = narrow(all, narrowing)
  if (rows.length === 0) {
    return yield* new Fault({
      kind: "usage",
      sentence: `no case fits all of the flags: each fits some of the ${counted(all.length, "case")}, and none fits --slice and --case together`,
      mend: "Leave one of them out."
    })
  }
  const dropped = all.length - rows.length
  const reasons: Readonly<Record<string, number>> = dropped > 0 ? { ...left, "narrowed by flags": dropped } : left
  return {
    rows,
    left: reasons,
    narrowed: dropped > 0,
    merged,
    seed: selection.seed
  }
})
