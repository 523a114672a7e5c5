import { literal } from "../../store/duck.ts"
import { type Kind, kinds, noDay, type PriceLine } from "./rates.ts"

/** The largest number of tokens that one call has in this archive. */
export interface Bounds {
  readonly tokens: bigint
}

const isBatch = "coalesce(billing = 'batch', false)"
const day = `coalesce(CAST(started AS DATE), DATE '${noDay}')`

/** What is asked of the price book: the calls by provider, model, day, and whether they were a batch. `source`: a table or view of calls. */
export const askedSql = (source: string): string => `
  SELECT provider, model, CAST(day AS VARCHAR) AS day, batch, calls FROM (
    SELECT provider, model, ${day} AS day, ${isBatch} AS batch, count(*) AS calls
    FROM ${source} WHERE billing IS DISTINCT FROM 'cached-response' GROUP BY ALL)`

/** Whole numbers of 64 bits are ten times as fast as those of 128, and wide enough for all but absurd tokens and prices. */
const typeFor = (lines: ReadonlyArray<PriceLine>, tokens: bigint): "BIGINT" | "HUGEINT" => {
  const most = lines
    .flatMap(({ rates }) => Object.values(rates))
    .reduce((max, rate) => (rate === null ? max : [max, rate.num, rate.den].reduce((a, b) => (a > b ? a : b))), 1n)
  return most * (tokens > 2n ? tokens : 2n) < 2n ** 58n ? "BIGINT" : "HUGEINT"
}

const table = (lines: ReadonlyArray<PriceLine>, type: string): string => {
  const rows = lines.map(({ batch, from, model, provider, rates, to }) => ({
    provider,
    model,
    from,
    to,
    batch,
    ...Object.fromEntries(
      kinds.flatMap((kind) => [
        [`${kind}Num`, rates[kind]?.num.toString() ?? null],
        [`${kind}Den`, rates[kind]?.den.toString() ?? null]
      ])
    )
  }))
  const shape = {
    provider: "VARCHAR",
    model: "VARCHAR",
    from: "DATE",
    to: "DATE",
    batch: "BOOLEAN",
    ...Object.fromEntries(kinds.flatMap((kind) => [`${kind}Num`, `${kind}Den`]).map((name) => [name, type]))
  }
  const columns = Object.keys(shape).map((name) => `line."${name}" AS "${name}"`)
  return `SELECT ${columns.join(", ")}
    FROM (SELECT unnest(from_json(${literal(JSON.stringify(rows))}, ${literal(JSON.stringify([shape]))})) AS line)`
}

/** `tokens` at the line's price of a kind, rounded half-even to a nano-dollar; a price in whole nano-dollars needs no rounding. */
const part = (tokens: string, kind: Kind, lines: ReadonlyArray<PriceLine>): string => {
  const product = `((${tokens}) * price."${kind}Num")`
  if (lines.every(({ rates }) => rates[kind] === null || rates[kind].den === 1n)) return product
  const den = `price."${kind}Den"`
  const rest = `(${product} % ${den})`
  const floor = `(${product} // ${den})`
  return `(${floor} + CASE WHEN ${rest} * 2 > ${den} OR (${rest} * 2 = ${den} AND ${floor} % 2 = 1) THEN 1 ELSE 0 END)`
}

const counts = ["uncached", "cacheRead", "cacheWrite5m", "cacheWrite1h", "cacheWriteOther"].map(
  (name) => `"${name}Tokens"`
)
const largestCount = 2n ** 53n - 1n

/**
 * The calls of a table or view with two columns more, as the text of a query: `repriced`, what the call costs at the price book in nano-dollars
 * (a whole number, NULL where it is unpriced), and `unpriced`, the reason (NULL where it is priced).
 *
 * The same arithmetic as `costOf` of pricing/cost.ts, by the million: each token kind rounded half-even once, then added up. A batch is priced at
 * half the price, an answer from a cache at nothing.
 */
export const repricedSql = (
  source: string,
  lines: ReadonlyArray<PriceLine>,
  { tokens }: Bounds,
  columns: ReadonlyArray<string> = ["*"]
): string => {
  const type = typeFor(lines, tokens)
  const cast = (column: string) => `${column}::${type}`
  const apart = `CASE WHEN price."reasoningNum" IS NULL OR "outputTokens" = 0 THEN 0 ELSE "reasoningTokens" END`
  const rest = `"outputTokens" - (${apart})`
  const parts = [
    part(cast(counts[0]!), "input", lines),
    part(cast(counts[1]!), "cacheRead", lines),
    part(cast(counts[2]!), "cacheWrite5m", lines),
    part(cast(counts[3]!), "cacheWrite1h", lines),
    part(cast(counts[4]!), "cacheWrite5m", lines),
    part(cast(`(${rest})`), "output", lines),
    ...(lines.some(({ rates }) => rates.reasoning !== null)
      ? [`CASE WHEN price."reasoningNum" IS NULL THEN 0 ELSE ${part(cast(`(${apart})`), "reasoning", lines)} END`]
      : [])
  ]
  const least = `least(${[...counts, apart, rest].join(", ")})`
  const most = `greatest(${[...counts, apart, rest].join(", ")})`
  return `SELECT *, CASE WHEN unpriced IS NOT NULL THEN NULL WHEN free THEN 0 ELSE nano END AS repriced FROM (
    SELECT ${columns.map((column) => `calls.${column}`).join(", ")}, billing = 'cached-response' AS free, CASE
        WHEN billing = 'cached-response' THEN NULL
        WHEN price.model IS NULL THEN 'no price'
        WHEN "inputTokens" IS NULL OR "outputTokens" IS NULL OR "inputTokens" = 0 THEN 'its tokens are not known'
        WHEN "usageBasis" = 'unreliable' THEN 'its token counts contradict themselves, or are known to be wrong'
        WHEN (${apart}) IS NULL THEN 'it does not say how much of the output was reasoning, which has a price of its own'
        WHEN ${least} < 0 OR ${most} > ${largestCount} THEN 'its token counts contradict themselves, or are known to be wrong'
      END AS unpriced,
      ${parts.join(" + ")} AS nano
    FROM ${source} AS calls LEFT JOIN (${table(lines, type)}) AS price
      ON calls.model = price.model AND calls.provider IS NOT DISTINCT FROM price.provider
        AND ${isBatch} = price.batch AND ${day} BETWEEN price."from" AND price."to")`
}
