import { countIn, type Row, usdIn } from "./cells.ts"

/** An amount over some of the calls: dollars as an exact decimal text, `null` where none of them tells. */
export interface Amount {
  readonly usd: string | null
  /** Calls whose amount is known, and those whose amount is not: they are in no sum, and not zero. */
  readonly calls: number
  readonly callsWithout: number
}

/** What calls cost, as the archive says they were billed, and at the price book. */
export interface Spend {
  readonly billed: Amount
  readonly repriced: Amount
}

/** The columns of an aggregate query over repriced calls that `spendIn` reads. */
export const spendColumns: ReadonlyArray<string> = [
  "count(*) AS calls",
  `CAST(sum("billedNanoUsd") AS VARCHAR) AS billed`,
  `count("billedNanoUsd") AS "billedCalls"`,
  "CAST(sum(repriced) AS VARCHAR) AS repriced",
  `count(repriced) AS "repricedCalls"`
]

/** What the calls of a row of such a query cost. */
export const spendIn = (row: Row): Spend => {
  const calls = countIn(row, "calls")
  const amount = (name: string): Amount => {
    const known = countIn(row, `${name}Calls`)
    return { usd: usdIn(row, name), calls: known, callsWithout: calls - known }
  }
  return { billed: amount("billed"), repriced: amount("repriced") }
}

/** The amount that shares and ranks go by: the one that more calls have, what was billed where both have as many; `null`: no call has one. */
export const leading = ({ billed, repriced }: Spend): "billed" | "repriced" | null =>
  billed.calls === 0 && repriced.calls === 0 ? null : billed.calls >= repriced.calls ? "billed" : "repriced"

/** What calls cost by the leading amount, and where a call has none of it by the other: what shares and ranks go by. */
export interface Ranked extends Amount {
  /** Calls of which the other amount is taken: billed where there is no list price, or the list price where nothing says what was billed. */
  readonly byOther: number
}
