import * as Effect from "effect/Effect"

import type { Answer } from "../domain/Answer.ts"
import type { Case, CaseRow } from "../domain/Case.ts"
import { Fault } from "../domain/Fault.ts"
import type { CheckDoc, MutantKind } from "../domain/Trials.ts"
import type { ReadyCheck } from "../replay/replay.ts"
import { mutantsOf, sameAnswer } from "./mutants.ts"

/** Originals of each check that are mutated, at most. */
export const mutated = 40
/** Fewer originals than this do not show that a check is broken. */
const enough = 10
/** Cases looked at for another answer in the same slice. */
const looks = 8

/** What a trial needs. */
export interface TrialInput {
  /** In the run's order: its beginning is a random sample. */
  readonly rows: ReadonlyArray<CaseRow>
  load(row: CaseRow): Effect.Effect<Case, Fault>
  readonly checks: ReadonlyArray<ReadyCheck>
  /** Share of originals that may fail a check; above it the run stops. */
  readonly maxOriginalFailures: number
  /** Checks at work at once: those that run commands want a core each. */
  readonly atOnce: number
  /** Told of every original that was tried, for progress. */
  onCase?(total: number): void
  /** Of the suite, for the message. */
  readonly file?: string
}

/** What one check did. */
interface Record {
  readonly check: ReadyCheck
  readonly originals: { passed: number; failed: number; broken: number; notApplicable: number }
  /** By place: 1 where the original fails the check. */
  readonly quarantined: Set<number>
  readonly passing: Array<number>
  first: { readonly at: number; readonly message: string } | undefined
  readonly mutants: Map<MutantKind, { tried: number; caught: number }>
  mutatedTo: number
  /** Answers of setups that failed it. */
  answersFailed: number
}

/** The checks on trial: what they say of the originals, and of originals that were spoilt. */
export interface Trial {
  /** Tries the checks on the cases at `places`; those tried before are not tried again. `Fault`, kind `input`: more originals fail a check than may. */
  prepare(places: ReadonlyArray<number>): Effect.Effect<void, Fault>
  /** The checks that drive repairs at a case: those that its original passes. */
  checksAt(at: number): ReadonlyArray<ReadyCheck>
  readonly docs: ReadonlyArray<CheckDoc>
}

const runOn = ({ run }: ReadyCheck, { id, labels, request, slice }: Case, output: Answer) =>
  run({ output, case: { id, slice, labels, request } })

/** The harness is broken, not the models: the check, its share of failures, and what it said first. */
const tooMany = ({ check, first, originals }: Record, most: number, file: string | undefined): Fault | undefined => {
  const bad = originals.failed + originals.broken
  const tried = originals.passed + bad
  if (tried < enough || bad <= most * tried) return undefined
  const itself = originals.broken === 0 ? "" : ` (in ${originals.broken} the check itself failed to run)`
  return new Fault({
    kind: "input",
    ...(file === undefined ? {} : { file }),
    sentence: `the harness is broken, not the models: ${bad} of ${tried} archived answers fail the check ${check.use}${itself}; the first was told: ${first?.message ?? "nothing"}`,
    mend: `Mend the check or what it needs, or leave it out; or let more fail with checkTrial: { maxOriginalFailures: ${Math.min(0.99, Math.ceil((100 * bad) / tried) / 100)} }.`
  })
}

const docOf = ({ answersFailed, check, mutants, originals, quarantined }: Record): CheckDoc => {
  const rows = kinds.flatMap((kind) => {
    const counts = mutants.get(kind)
    return counts === undefined ? [] : [{ kind, ...counts }]
  })
  const tried = rows.reduce((sum, row) => sum + row.tried, 0)
  return {
    use: check.use,
    originals: { tried: originals.passed + originals.failed + originals.broken, ...originals },
    quarantined: quarantined.size,
    mutants: rows,
    answersFailed,
    worthless: tried > 0 && answersFailed === 0 && rows.every(({ caught }) => caught === 0)
  }
}

/** In the order in which they are shown. */
const kinds: ReadonlyArray<MutantKind> = ["blank", "another", "truncated", "callsDropped", "anothersCalls"]

/** Begins a trial; nothing is run yet. It costs no money: originals are in the archive, and checks ask no model. */
export const makeTrial = (input: TrialInput): Trial => {
  const { atOnce, checks, load, maxOriginalFailures, rows } = input
  const records = checks.map(
    (check): Record => ({
      check,
      originals: { passed: 0, failed: 0, broken: 0, notApplicable: 0 },
      quarantined: new Set(),
      passing: [],
      first: undefined,
      mutants: new Map(),
      mutatedTo: 0,
      answersFailed: 0
    })
  )
  const watched = records.map(
    (record): ReadyCheck => ({
      ...record.check,
      run: (seen) =>
        Effect.tap(record.check.run(seen), ({ broken, pass }) =>
          Effect.sync(() => {
            if (!pass && broken !== true) record.answersFailed++
          })
        )
    })
  )
  const known = new Set<number>()

  const tryOriginal = (total: number) => (at: number) =>
    Effect.gen(function* () {
      const loaded = yield* load(rows[at]!)
      for (const record of records) {
        const { applies, broken, message, pass } = yield* runOn(record.check, loaded, loaded.original)
        const how = broken === true ? "broken" : applies === false ? "notApplicable" : pass ? "passed" : "failed"
        record.originals[how]++
        if (how === "passed") record.passing.push(at)
        if (how === "failed") record.quarantined.add(at)
        if ((how === "failed" || how === "broken") && (record.first === undefined || at < record.first.at))
          record.first = { at, message }
      }
      input.onCase?.(total)
    })

  /** The next original of the slice, in the run's order, that says something else. */
  const otherOf = Effect.fnUntraced(function* (at: number, original: Answer) {
    const { slice } = rows[at]!
    let left = looks
    for (let step = 1; step < rows.length && left > 0; step++) {
      const row = rows[(at + step) % rows.length]!
      if (row.slice !== slice) continue
      left--
      const other = (yield* load(row)).original
      if (!sameAnswer(other, original)) return other
    }
    return undefined
  })

  const mutate = (record: Record, at: number) =>
    Effect.gen(function* () {
      const loaded = yield* load(rows[at]!)
      for (const { answer, kind } of mutantsOf(loaded.original, yield* otherOf(at, loaded.original))) {
        const { broken, pass } = yield* runOn(record.check, loaded, answer)
        if (broken === true) continue
        const counts = record.mutants.get(kind) ?? { tried: 0, caught: 0 }
        record.mutants.set(kind, { tried: counts.tried + 1, caught: counts.caught + (pass ? 0 : 1) })
      }
    })

  return {
    prepare: Effect.fnUntraced(function* (places) {
      const left = places.filter((at) => !known.has(at))
      if (records.length === 0 || left.length === 0) return
      yield* Effect.forEach(left, tryOriginal(left.length), { concurrency: atOnce, discard: true })
      for (const at of left) known.add(at)
      for (const record of records) {
        const fault = tooMany(record, maxOriginalFailures, input.file)
        if (fault !== undefined) return yield* fault
      }
      for (const record of records) {
        record.passing.sort((a, b) => a - b)
        const fresh = record.passing.slice(record.mutatedTo, mutated)
        yield* Effect.forEach(fresh, (at) => mutate(record, at), { concurrency: atOnce, discard: true })
        record.mutatedTo += fresh.length
      }
    }),
    checksAt: (at) =>
      records.every(({ quarantined }) => !quarantined.has(at))
        ? watched
        : watched.filter((_, i) => !records[i]!.quarantined.has(at)),
    get docs() {
      return known.size === 0 ? [] : records.map(docOf)
    }
  }
}
