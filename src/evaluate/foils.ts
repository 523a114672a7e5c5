import * as Effect from "effect/Effect"

import type { Calls } from "../calls/Calls.ts"
import type { Answer } from "../domain/Answer.ts"
import type { Case, CaseRow } from "../domain/Case.ts"
import { digestOf } from "../domain/digest.ts"
import type { Fault } from "../domain/Fault.ts"
import type { Evidence, Grade } from "../domain/Grade.ts"
import type { FoilsDoc } from "../domain/Trials.ts"
import type { RunWriter } from "../store/Runs.ts"
import { kindAt, type ReadyGrader } from "./gates.ts"
import { gradeRow } from "./rows.ts"

/** Foils put before each judge: originals that belong to other requests. */
export const foilsWanted = 10
/** Fewer foils than this say nothing of a judge. */
export const enoughFoils = 5
/** Cases looked at for foils, and cases looked at for another answer to one of them. */
const most = 60
const looks = 8
/** Foils asked about at once; the rate gates bound what is in flight. */
const atOnce = 8

/** What a judge said of one foil: its score, and what an original scores there. */
export interface Foil {
  readonly score: number
  readonly against: number
  readonly evidence?: Evidence
  readonly ownEvidence?: Evidence
}

/** The foils that a grader's judges were heard on. */
export interface FoilsHeard {
  readonly heard: ReadonlyArray<Foil>
  /** Why it is fewer than wanted, where it is. */
  readonly why?: string
  /** Where no foil and no original could be graded: the foils that its judges answered, and not so that it could be read. */
  readonly unread?: number
}

/** What asking about foils needs. */
export interface FoilsInput {
  /** In the run's one random order, which the seed gives. */
  readonly rows: ReadonlyArray<CaseRow>
  load(row: CaseRow): Effect.Effect<Case, Fault>
  mayReceive(provider: string, row: CaseRow): boolean
  readonly writer: Pick<RunWriter, "grades">
  /** Foils for each grader; 0: the suite asks for no trial. Left out: none, and nothing is said of it. */
  readonly foils?: number
  /** Told of every foil that was heard, for progress. */
  onCase?(total: number): void
}

/** Whether a grader asks models to judge. */
export const asksJudges = ({ asks }: Pick<ReadyGrader, "asks">): boolean => asks.some(({ embeds }) => embeds !== true)

/** How foils went, in figures. */
export const foilsDoc = ({ heard, why }: FoilsHeard): FoilsDoc => ({
  tried: heard.length,
  caught: heard.filter(({ against, score }) => score < against).length,
  ...(why === undefined ? {} : { why })
})

/** Why a judge that took foils for as good as the originals cannot be used; `undefined`: it can, or too few were heard. */
export const foiled = (foils: FoilsHeard | undefined): string | undefined => {
  if (foils === undefined) return undefined
  const { caught, tried } = foilsDoc(foils)
  return tried < enoughFoils || 2 * caught >= tried
    ? undefined
    : `the judge is unfit: it finds only ${caught} of ${tried} answers that belong to other requests worse than the originals`
}

const unreadable = (count: number) => `gave no readable verdict on any of ${count} answers to other requests`

/** Why a grader's judges are asked nothing more: five foils or more were answered, and not one so that it could be read. `undefined`: they are asked on. */
export const silenced = (foils: FoilsHeard | undefined): string | undefined =>
  (foils?.unread ?? 0) < enoughFoils ? undefined : `the judge ${unreadable(foils?.unread ?? 0)}: it is not asked`

/** What tells answers apart by more than case, spaces and punctuation. */
const substance = ({ text, toolCalls }: Answer) =>
  digestOf({
    text: text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{S}]+/gu, " ")
      .trim(),
    calls: toolCalls.map(({ arguments: given, name }) => ({ name, given }))
  })

/** The places of a run, one of each slice in turn, each slice in the run's order. */
export const spread = (rows: ReadonlyArray<Pick<CaseRow, "slice">>): ReadonlyArray<number> => {
  const slices = [...Map.groupBy(rows.keys(), (at) => rows[at]!.slice).values()]
  const longest = slices.reduce((length, places) => Math.max(length, places.length), 0)
  return Array.from({ length: longest }, (_, i) => slices.flatMap((places) => places[i] ?? [])).flat()
}

/** Where another's answer is looked for: cases of other sessions, of the same slice before all others, in the run's order from this one on. */
const othersOf = (rows: ReadonlyArray<CaseRow>, at: number): ReadonlyArray<CaseRow> => {
  const { cluster, requestDigest, slice } = rows[at]!
  const [same, rest]: [Array<CaseRow>, Array<CaseRow>] = [[], []]
  for (let step = 1; step < rows.length && same.length < looks; step++) {
    const row = rows[(at + step) % rows.length]!
    if (row.cluster === cluster || row.requestDigest === requestDigest) continue
    if (row.slice === slice) same.push(row)
    else if (rest.length < looks) rest.push(row)
  }
  return [...same, ...rest]
}

/** A case with the answer to another's request. */
interface Made {
  readonly loaded: Case
  readonly foil: Answer
}

/** The foil of a case for a grader: an original that says something else (in its text, where that alone is graded) and that its judges may read. `undefined`: there is none. */
const foilAt = Effect.fnUntraced(function* (
  { load, mayReceive, rows }: FoilsInput,
  at: number,
  { asks, kind }: ReadyGrader
) {
  const row = rows[at]!
  const closed = (one: CaseRow) => asks.some(({ provider }) => !mayReceive(provider, one))
  if (closed(row)) return undefined
  const loaded = yield* load(row)
  const own = substance(loaded.original)
  for (const other of othersOf(rows, at)) {
    if (closed(other)) continue
    const foil = (yield* load(other)).original
    const differs = kind !== "comparison" || foil.text.trim() !== loaded.original.text.trim()
    if (differs && substance(foil) !== own) return { loaded, foil } satisfies Made
  }
  return undefined
})

/** One foil before a grader. `heard` left out: nothing that counts was said; `free`: and nobody was asked. */
interface Asked {
  readonly heard?: Foil
  readonly free: boolean
  readonly unpaid: boolean
  /** Whether the judges' words on the foil, or on its original, could be read; left out: none came. */
  readonly readable?: boolean
}

/** Whether judges answered and gave no grade, for no other reason than that they could not be read. */
const isUnread = ({ evidence, failure, score }: Grade) =>
  score === null &&
  failure === undefined &&
  evidence?.screened === undefined &&
  evidence?.judges.some(({ scores }) => scores.includes(null)) === true

const readableOf = (...grades: ReadonlyArray<Grade | undefined>): Pick<Asked, "readable"> =>
  grades.some((grade) => grade !== undefined && grade.score !== null && grade.evidence?.screened === undefined)
    ? { readable: true }
    : grades.some((grade) => grade !== undefined && isUnread(grade))
      ? { readable: false }
      : {}

const ask = Effect.fnUntraced(function* (grader: ReadyGrader, { foil, loaded }: Made, writer: FoilsInput["writer"]) {
  const { expected, original } = loaded
  const none = (free: boolean, unpaid = false): Asked => ({ free, unpaid })
  const kind = kindAt(grader.kind, loaded)
  // The original is what an agreement is with; by itself it is scored for the reference too, so that this is paid once.
  const own =
    kind === "outcome" ? yield* grader.grade({ output: original, original, expected, case: loaded }) : undefined
  // Nothing is worse than an original that scores 0.
  if (own?.score === null || own?.score === 0)
    return {
      ...none(own.evidence === undefined && own.failure === undefined, own.failure?.kind === "budget"),
      ...readableOf(own)
    }
  const grade = yield* grader.grade({ output: foil, original, expected, case: loaded })
  yield* writer.grades([gradeRow(loaded.id, "foil", grader.id, grade)])
  if (grade.evidence?.screened !== undefined) return { ...none(true), ...readableOf(own) }
  if (grade.score === null) {
    const { evidence, failure } = grade
    return {
      ...none(
        failure === undefined ? evidence === undefined : failure.kind === "unsendable",
        failure?.kind === "budget"
      ),
      ...readableOf(own, grade)
    }
  }
  const heard: Foil = {
    score: grade.score,
    against: own?.score ?? (kind === "preference" ? 0.5 : 1),
    ...(grade.evidence === undefined ? {} : { evidence: grade.evidence }),
    ...(own?.evidence === undefined ? {} : { ownEvidence: own.evidence })
  }
  return { heard, free: false, unpaid: false, readable: true } satisfies Asked
})

const hearOn = Effect.fnUntraced(function* (grader: ReadyGrader, wanted: number, input: FoilsInput) {
  const places = spread(input.rows).slice(0, most)
  const heard: Array<Foil> = []
  let [asked, made, next, unpaid] = [0, 0, 0, false]
  let [read, unread] = [0, 0]
  while (asked < wanted && next < places.length && !unpaid) {
    const wave: Array<Made> = []
    while (wave.length < wanted - asked && next < places.length) {
      const one = yield* foilAt(input, places[next++]!, grader)
      if (one !== undefined) wave.push(one)
    }
    made += wave.length
    const all = yield* Effect.forEach(
      wave,
      (one) =>
        Effect.tap(ask(grader, one, input.writer), ({ heard }) =>
          Effect.sync(() => (heard === undefined ? undefined : input.onCase?.(wanted)))
        ),
      { concurrency: atOnce }
    )
    heard.push(...all.flatMap((one) => one.heard ?? []))
    asked += all.filter(({ free }) => !free).length
    read += all.filter(({ readable }) => readable === true).length
    unread += all.filter(({ readable }) => readable === false).length
    unpaid = all.some((one) => one.unpaid)
  }
  if (heard.length >= wanted) return { heard } satisfies FoilsHeard
  if (read === 0 && unread >= enoughFoils)
    return { heard, unread, why: `it ${unreadable(unread)}` } satisfies FoilsHeard
  const why = unpaid
    ? "the budget left no room for more"
    : made < wanted
      ? "too few archived answers differ and may be read by it"
      : "it gave no verdict on the others"
  return { heard, why } satisfies FoilsHeard
})

/**
 * Puts originals of other requests before each grader that asks models, as answers are put before it: a judge that does not find them worse
 * than the original tells no bad answer. Paid for as judging is. Done once, the first time that it is run; `note` is told what was said.
 */
export const foilsOnce = (
  graders: ReadonlyArray<ReadyGrader>,
  input: FoilsInput,
  note: (foils: ReadonlyMap<string, FoilsHeard>) => void
): Effect.Effect<void, Fault, Calls> => {
  const { foils: wanted } = input
  const judging = graders.filter(asksJudges)
  let done = false
  return Effect.suspend(() => {
    if (done || wanted === undefined) return Effect.void
    done = true
    return Effect.map(
      Effect.forEach(judging, (grader) => (wanted === 0 ? Effect.succeed(untried) : hearOn(grader, wanted, input))),
      (all) => note(new Map(all.map((foils, at) => [judging[at]!.id, foils])))
    )
  })
}

const untried: FoilsHeard = { heard: [], why: "the suite asks for no trial (judgeTrial.repeats: 0)" }
