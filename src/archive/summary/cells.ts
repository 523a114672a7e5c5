import { usd } from "../../domain/Money.ts"

/** A row of a query over an archive's index. */
export type Row = Readonly<Record<string, unknown>>

/** A whole number in JSON: a number where it is exact as one, else its decimal text. */
export type Whole = number | string

/** A count of rows: exact, for nothing holds 2^53 of them. */
export const countIn = (row: Row, name: string): number => Number(sumIn(row, name) ?? 0n)

export const textIn = (row: Row, name: string): string | null => {
  const value = row[name]
  return typeof value === "string" ? value : null
}

/** A sum as the query gives it, a number, a `bigint` or decimal text; `null` where nothing was added up. */
const sumIn = (row: Row, name: string): bigint | null => {
  const value = row[name]
  if (typeof value === "bigint") return value
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value)
  return typeof value === "string" && /^-?\d+$/.test(value) ? BigInt(value) : null
}

const wholeOf = (sum: bigint): Whole =>
  sum <= Number.MAX_SAFE_INTEGER && sum >= Number.MIN_SAFE_INTEGER ? Number(sum) : sum.toString()

/** A sum of tokens, 0 where nothing was added up: how many calls do not tell stands beside it. */
export const tokensIn = (row: Row, name: string): Whole => wholeOf(sumIn(row, name) ?? 0n)

/** A sum of tokens; `null` where no call tells. */
export const toldTokensIn = (row: Row, name: string): Whole | null => {
  const sum = sumIn(row, name)
  return sum === null ? null : wholeOf(sum)
}

/** A sum of nano-dollars; `null` where no call tells. */
export const nanoIn = sumIn

/** A sum of nano-dollars as dollars, an exact decimal text. */
export const usdIn = (row: Row, name: string): string | null => usd(sumIn(row, name))
