import { readFile } from "node:fs/promises"

import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"

import { Fault } from "../domain/Fault.ts"
import type { Price } from "../domain/Price.ts"
import { decimalText } from "./decimal.ts"

const perMillion = "dollars per million tokens, zero or more, such as 0.15"

/** Dollars per million tokens, as a number or as decimal text. */
const Amount = Schema.Union([Schema.Finite, Schema.String])
  .check(
    Schema.makeFilter((amount) => {
      const text = decimalText(amount)
      return text === undefined || text.startsWith("-") ? `Expected ${perMillion}, got ${amount}` : undefined
    })
  )
  .annotate({ description: `US ${perMillion}` })

/** The names a price may have in a user's row. The long ones are read too, since published price lists use them. */
const fields = {
  input: Schema.optionalKey(Amount),
  output: Schema.optionalKey(Amount),
  input_per_mtok: Schema.optionalKey(Amount),
  output_per_mtok: Schema.optionalKey(Amount),
  cacheRead: Schema.optionalKey(Amount),
  /** Of any lifetime; `cacheWrite5m` and `cacheWrite1h` win over it. */
  cacheWrite: Schema.optionalKey(Amount),
  cacheWrite5m: Schema.optionalKey(Amount),
  cacheWrite1h: Schema.optionalKey(Amount),
  reasoning: Schema.optionalKey(Amount)
}
const known = Object.keys(fields)

/** A key that looks like a price but is none would bill at another price without a word. */
const misspelt = (key: string) => /^(input|output|cache|reasoning|thinking|prompt|completion)/i.test(key)

const Row = Schema.StructWithRest(Schema.Struct(fields), [Schema.Record(Schema.String, Schema.Unknown)]).check(
  Schema.makeFilter((row) => {
    const issues: Array<Schema.FilterIssue> = []
    for (const side of ["input", "output"] as const) {
      if (row[side] === undefined && row[`${side}_per_mtok`] === undefined)
        issues.push({ path: [side], issue: `Expected ${perMillion}, got nothing` })
    }
    for (const key of Object.keys(row)) {
      if (misspelt(key) && !known.includes(key))
        issues.push({ path: [key], issue: `Expected one of ${known.join(", ")}` })
    }
    return issues
  })
)

/**
 * A user's price rows by model, as they stand in a suite, in the config or in a JSON file:
 * `{ small: { input: 0.1, output: 0.4, cacheRead: 0.01 } }`, US dollars per million tokens, numbers or decimal texts.
 * `input_per_mtok` and `output_per_mtok` are read too; other keys, such as `source`, are allowed.
 */
export const UserPrices = Schema.Record(Schema.String, Row).annotate({
  message: "Expected an object of price rows by model, such as { small: { input: 0.1, output: 0.4 } }",
  description: "price rows by model, in US dollars per million tokens: { small: { input: 0.1, output: 0.4 } }"
})
export type UserPrices = typeof UserPrices.Type

/** The user's row of a model without its date, amounts as plain decimal text; `undefined`: the user gives none. */
export const userRow = (prices: UserPrices, model: string): Omit<Price, "asOf"> | undefined => {
  const row = Object.hasOwn(prices, model) ? prices[model] : undefined
  if (row === undefined) return undefined
  const text = (amount: number | string | undefined) => (amount === undefined ? undefined : decimalText(amount))
  const input = text(row.input ?? row.input_per_mtok)
  const output = text(row.output ?? row.output_per_mtok)
  if (input === undefined || output === undefined) return undefined
  const optional = {
    cacheRead: text(row.cacheRead),
    cacheWrite5m: text(row.cacheWrite5m ?? row.cacheWrite),
    cacheWrite1h: text(row.cacheWrite1h ?? row.cacheWrite),
    reasoning: text(row.reasoning)
  }
  const given = Object.entries(optional).filter((entry): entry is [keyof typeof optional, string] => Boolean(entry[1]))
  const source = row["source"]
  return {
    input,
    output,
    ...Object.fromEntries(given),
    source: typeof source === "string" && source !== "" ? `suite (${source})` : "suite"
  }
}

const decode = Schema.decodeUnknownEffect(UserPrices, { errors: "all" })
const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

const shape = 'Write { "model": { "input": 0.15, "output": 0.6 } }, in US dollars per million tokens.'

const reasonOf = (issue: SchemaIssue.Issue): string =>
  issuesOf(issue)
    .issues.map(
      ({ message, path }) => `${path === undefined || path.length === 0 ? "" : `${path.join(" / ")}: `}${message}`
    )
    .join("; ")

const unreadable = (file: string, cause: unknown): Fault => {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause)
  return new Fault({
    kind: "input",
    sentence: code === "ENOENT" ? "There is no such price file." : `The price file cannot be read (${code}).`,
    file,
    mend: "Name a JSON file of prices by model; the path is relative to the suite."
  })
}

const notJson = (file: string, cause: unknown): Fault => {
  const words = cause instanceof Error ? cause.message : String(cause)
  const line = /\bline (\d+)\b/.exec(words)?.[1]
  return new Fault({
    kind: "input",
    sentence: `The price file is not JSON: ${words}.`,
    file,
    ...(line === undefined ? {} : { line: Number(line) }),
    mend: shape
  })
}

/**
 * Reads a JSON file of prices by model (see {@link UserPrices}). `path` is absolute or relative to the working directory.
 * Fails with a `Fault` of kind `input` that names the file and the mend when it is not there, is not JSON,
 * or holds a row without input and output or with a negative price.
 */
export const readPricesFile = Effect.fnUntraced(function* (path: string): Effect.fn.Return<UserPrices, Fault> {
  const text = yield* Effect.tryPromise({
    try: () => readFile(path, "utf8"),
    catch: (cause) => unreadable(path, cause)
  })
  const json = yield* Effect.try({ try: (): unknown => JSON.parse(text), catch: (cause) => notJson(path, cause) })
  return yield* decode(json).pipe(
    Effect.mapError(
      ({ issue }) =>
        new Fault({ kind: "input", sentence: `The price file is wrong: ${reasonOf(issue)}.`, file: path, mend: shape })
    )
  )
})
