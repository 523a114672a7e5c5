import { countIn, type Row, tokensIn, type Whole } from "./cells.ts"

/**
 * Sums of tokens over calls. Input is told apart twice, by where it came from (prompt, context) and by how it is billed (uncached, cache reads,
 * cache writes); output once, into text and reasoning. Each sum is over the calls that tell; how many do not stands beside it.
 */
export interface TokenSums {
  readonly input: Whole
  /** Input of this exchange, and history carried along from earlier ones. */
  readonly prompt: Whole
  readonly context: Whole
  /** Input of the calls that do not tell the two apart: prompt + context + this = input. */
  readonly inputUnsplit: Whole
  readonly output: Whole
  readonly outputText: Whole
  readonly reasoning: Whole
  /** Output of the calls that do not tell the two apart: text + reasoning + this = output. */
  readonly outputUnsplit: Whole
  readonly uncachedInput: Whole
  readonly cacheRead: Whole
  readonly cacheWrite5m: Whole
  readonly cacheWrite1h: Whole
  /** Cache writes of which nobody says how long they last. */
  readonly cacheWriteOther: Whole
  /** Calls that tell neither input nor output; and those that do not tell the one, or the other. */
  readonly callsWithoutUsage: number
  readonly callsWithoutInput: number
  readonly callsWithoutOutput: number
  /** Calls whose input is not told apart into prompt and context; those that tell no input at all are not among them. */
  readonly callsWithoutContext: number
  /** Calls whose output is not told apart into text and reasoning. */
  readonly callsWithoutSplit: number
}

const split = {
  input: `"promptTokens" IS NOT NULL AND "contextTokens" IS NOT NULL`,
  output: `"reasoningTokens" IS NOT NULL`
}
const sum = (column: string, name: string) => `CAST(sum("${column}") AS VARCHAR) AS "${name}"`

/** The columns of an aggregate query that `tokenSums` reads. */
export const tokenColumns: ReadonlyArray<string> = [
  sum("inputTokens", "input"),
  `CAST(sum("promptTokens") FILTER (${split.input}) AS VARCHAR) AS "prompt"`,
  `CAST(sum("contextTokens") FILTER (${split.input}) AS VARCHAR) AS "context"`,
  `CAST(sum("inputTokens") FILTER (NOT (${split.input})) AS VARCHAR) AS "inputUnsplit"`,
  sum("outputTokens", "output"),
  `CAST(sum("textTokens") FILTER (${split.output}) AS VARCHAR) AS "outputText"`,
  `CAST(sum("reasoningTokens") FILTER (${split.output}) AS VARCHAR) AS "reasoning"`,
  `CAST(sum("outputTokens") FILTER (NOT (${split.output})) AS VARCHAR) AS "outputUnsplit"`,
  sum("uncachedTokens", "uncachedInput"),
  sum("cacheReadTokens", "cacheRead"),
  sum("cacheWrite5mTokens", "cacheWrite5m"),
  sum("cacheWrite1hTokens", "cacheWrite1h"),
  sum("cacheWriteOtherTokens", "cacheWriteOther"),
  `count(*) FILTER ("inputTokens" IS NULL AND "outputTokens" IS NULL) AS "callsWithoutUsage"`,
  `count(*) FILTER ("inputTokens" IS NULL) AS "callsWithoutInput"`,
  `count(*) FILTER ("outputTokens" IS NULL) AS "callsWithoutOutput"`,
  `count(*) FILTER ("inputTokens" IS NOT NULL AND NOT (${split.input})) AS "callsWithoutContext"`,
  `count(*) FILTER ("outputTokens" IS NOT NULL AND NOT (${split.output})) AS "callsWithoutSplit"`
]

/** The sums of a row of such a query. */
export const tokenSums = (row: Row): TokenSums => ({
  input: tokensIn(row, "input"),
  prompt: tokensIn(row, "prompt"),
  context: tokensIn(row, "context"),
  inputUnsplit: tokensIn(row, "inputUnsplit"),
  output: tokensIn(row, "output"),
  outputText: tokensIn(row, "outputText"),
  reasoning: tokensIn(row, "reasoning"),
  outputUnsplit: tokensIn(row, "outputUnsplit"),
  uncachedInput: tokensIn(row, "uncachedInput"),
  cacheRead: tokensIn(row, "cacheRead"),
  cacheWrite5m: tokensIn(row, "cacheWrite5m"),
  cacheWrite1h: tokensIn(row, "cacheWrite1h"),
  cacheWriteOther: tokensIn(row, "cacheWriteOther"),
  callsWithoutUsage: countIn(row, "callsWithoutUsage"),
  callsWithoutInput: countIn(row, "callsWithoutInput"),
  callsWithoutOutput: countIn(row, "callsWithoutOutput"),
  callsWithoutContext: countIn(row, "callsWithoutContext"),
  callsWithoutSplit: countIn(row, "callsWithoutSplit")
})
