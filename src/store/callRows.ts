import * as Effect from "effect/Effect"

import type { Usage } from "../domain/Call.ts"
import type { CallRow } from "./Archives.ts"
import type { Duck } from "./duck.ts"
import type { CallColumn } from "./indexColumns.ts"

/** What a row is made of, and what a rewrite wants beside it. */
const fields = [
  "id",
  "model",
  "provider",
  "sessionId",
  "trajectoryId",
  "startedAt",
  "fidelity",
  "requestDigest",
  "questionDigest",
  "contentDigest",
  "nativeId",
  "complete",
  "labels",
  "template",
  "usageBasis",
  "inputTokens",
  "uncachedTokens",
  "cacheReadTokens",
  "cacheWrite5mTokens",
  "cacheWrite1hTokens",
  "cacheWriteOtherTokens",
  "promptTokens",
  "contextTokens",
  "sourceBasis",
  "outputTokens",
  "textTokens",
  "reasoningTokens",
  "serverTools"
] as const satisfies ReadonlyArray<CallColumn>

type Field = (typeof fields)[number]

/** A row as the query gives it: by column, with the bill as text. */
type Flat = Omit<CallRow, "usage" | "slice" | "template"> & {
  readonly template: string | null
  readonly slice?: string
  readonly sourceBasis: Usage["basis"] | null
  readonly usageBasis: Usage["basis"]
  readonly serverTools: NonNullable<Usage["serverTools"]> | null
} & { readonly [Name in Extract<Field, `${string}Tokens`>]: number | null }

/** Rows as JSON texts: ten times faster than rows of values. */
const select = (from: string, more: ReadonlyArray<string>) =>
  `SELECT to_json({${[...fields, ...more].map((name) => `'${name}': "${name}"`).join(", ")},
    'billedNanoUsd': CAST(billedNanoUsd AS VARCHAR)})::VARCHAR FROM ${from}`

/**
 * Visits the index rows of an archive. `byTime`: by time, then id, calls without a time last; else as they lie, which needs no memory. `sliced`:
 * the view of that name is there, and the archive has slices. `more` names further columns, given as they are.
 */
export const eachRow = (
  duck: Duck,
  options: { readonly sliced: boolean; readonly byTime: boolean; readonly more?: ReadonlyArray<CallColumn> },
  visit: (row: CallRow, more: Readonly<Record<string, unknown>>) => void
) => {
  const { byTime, more = [], sliced } = options
  return duck.each(
    `${select(sliced ? "sliced" : "calls", sliced ? [...more, "slice"] : more)} ${byTime ? "ORDER BY started NULLS LAST, id" : ""}`,
    ([texts = []]) => {
      for (const text of texts) {
        // Made by our own query.
        const flat = JSON.parse(String(text)) as Flat & Readonly<Record<string, unknown>>
        visit(rowOf(flat), flat)
      }
    }
  )
}

const usageOf = (flat: Flat): Usage => ({
  basis: flat.usageBasis,
  input:
    flat.inputTokens === null
      ? null
      : {
          total: flat.inputTokens,
          uncached: flat.uncachedTokens ?? 0,
          cacheRead: flat.cacheReadTokens ?? 0,
          cacheWrite5m: flat.cacheWrite5mTokens ?? 0,
          cacheWrite1h: flat.cacheWrite1hTokens ?? 0,
          cacheWriteOther: flat.cacheWriteOtherTokens ?? 0
        },
  ...(flat.promptTokens === null || flat.contextTokens === null || flat.sourceBasis === null
    ? {}
    : { inputBySource: { prompt: flat.promptTokens, context: flat.contextTokens, basis: flat.sourceBasis } }),
  output:
    flat.outputTokens === null
      ? null
      : { total: flat.outputTokens, text: flat.textTokens, reasoning: flat.reasoningTokens },
  ...(flat.serverTools === null ? {} : { serverTools: flat.serverTools })
})

const rowOf = (flat: Flat): CallRow => ({
  id: flat.id,
  model: flat.model,
  provider: flat.provider,
  sessionId: flat.sessionId,
  trajectoryId: flat.trajectoryId,
  startedAt: flat.startedAt,
  fidelity: flat.fidelity,
  requestDigest: flat.requestDigest,
  questionDigest: flat.questionDigest,
  contentDigest: flat.contentDigest,
  nativeId: flat.nativeId,
  complete: flat.complete,
  usage: usageOf(flat),
  billedNanoUsd: flat.billedNanoUsd,
  labels: flat.labels,
  ...(flat.template === null ? {} : { template: flat.template }),
  ...(flat.slice === undefined ? {} : { slice: flat.slice })
})

export const readRows = Effect.fnUntraced(function* (duck: Duck, sliced: boolean) {
  const rows: Array<CallRow> = []
  yield* eachRow(duck, { sliced, byTime: true }, (row) => rows.push(row))
  return rows
})
