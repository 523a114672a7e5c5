import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import type { AnswerRow } from "../domain/Output.ts"
import { columns } from "../report/columns.ts"
import { count, counted } from "../report/figures.ts"
import { keysInUse } from "../store/forget.ts"
import { eachAnswer, pruneAnswers } from "../store/pruning.ts"
import { bytes } from "./archivePage.ts"
import { timeOf } from "./timeOf.ts"

/** Answers of one model, as they lie in the cache. Tokens are those that its provider counted. */
interface Group {
  readonly provider: string
  readonly model: string
  readonly series: AnswerRow["series"]
  answers: number
  inputTokens: number
  outputTokens: number
  bytes: number
  /** ISO 8601; `null`: no answer tells when it came. */
  from: string | null
  to: string | null
}

/** What the answer cache of a home holds, by provider, model and series. */
export const showAnswers = Effect.fn("Runs.answers")(function* () {
  const groups = new Map<string, Group>()
  yield* eachAnswer(({ bytes: size, row }) => {
    const { model, provider, series, timing, usage } = row
    const key = JSON.stringify([provider, model, series])
    const group = groups.get(key) ?? {
      ...{ provider, model, series, answers: 0, inputTokens: 0, outputTokens: 0, bytes: 0 },
      ...{ from: null, to: null }
    }
    groups.set(key, group)
    group.answers++
    group.inputTokens += usage.input?.total ?? 0
    group.outputTokens += usage.output?.total ?? 0
    group.bytes += size
    const at = timing.startedAt
    if (at !== null && (group.from === null || at < group.from)) group.from = at
    if (at !== null && (group.to === null || at > group.to)) group.to = at
  })
  const answers = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group)
  const rows = answers.map((one) => [
    one.provider,
    one.model,
    one.series,
    count(one.answers),
    count(one.inputTokens),
    count(one.outputTokens),
    bytes(one.bytes),
    one.from?.slice(0, 10) ?? "–",
    one.to?.slice(0, 10) ?? "–"
  ])
  return {
    doc: { answers },
    text:
      answers.length === 0
        ? "No answer is kept here yet: a run keeps what it pays for."
        : [
            ...columns(
              [["provider", "model", "series", "answers", "tokens in", "out", "disk", "from", "to"], ...rows],
              { right: [3, 4, 5, 6] }
            ),
            "",
            "A run that asks one of these again, in the same way, takes it from here and pays nothing."
          ].join("\n")
  }
})

/** Which answers are to go: those that fit all that is said. */
export interface Pruning {
  readonly provider: string | undefined
  readonly model: string | undefined
  /** A day or a time. An answer that does not tell when it came stays. */
  readonly before: string | undefined
  /** Only answers that no run on the disk bought or used. */
  readonly unused: boolean
  readonly dryRun: boolean
}

/** Removes answers from the cache. What is removed has to be paid for again when a run asks for it. */
export const prune = Effect.fn("Runs.pruneAnswers")(function* (pruning: Pruning) {
  const { dryRun, model, provider, unused } = pruning
  if (provider === undefined && model === undefined && pruning.before === undefined && !unused) {
    return yield* new Fault({
      kind: "usage",
      sentence: "prune was not told which answers are to go",
      mend: "Say --provider, --model, --before or --unused; all that is said must fit."
    })
  }
  const before = pruning.before === undefined ? undefined : yield* timeOf(pruning.before)
  const used = unused ? yield* keysInUse() : new Set<string>()
  const goes = (row: AnswerRow) =>
    (provider === undefined || row.provider === provider) &&
    (model === undefined || row.model === model) &&
    (before === undefined || (row.timing.startedAt !== null && row.timing.startedAt < before)) &&
    !used.has(row.key)
  const pruned = yield* pruneAnswers(goes, { dryRun })
  const verb = dryRun ? "would be removed" : pruned.answers === 1 ? "is removed" : "are removed"
  return {
    doc: { ...pruned, ...(dryRun ? { dryRun } : {}) },
    text: [
      `${counted(pruned.answers, "answer")} (${bytes(pruned.bytes)}) ${verb}. A run that asks for one again pays for it again.`,
      ...(pruned.busy === 0
        ? []
        : [
            `Answers in ${counted(pruned.busy, "file")} stay: a run that is going on writes there. Prune again when it is done.`
          ])
    ].join("\n")
  }
})
