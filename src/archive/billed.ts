import type { ArchivedCall } from "../domain/Call.ts"
import { nanoOf } from "../domain/Money.ts"
import { quotedIn } from "./json.ts"

/** A bill as it was read: nano-dollars, or `null` where the archive does not say; with a note where it says something that is no amount. */
export interface ReadBill {
  readonly nanoUsd: bigint | null
  readonly note?: string
}

/** No single call costs a trillion dollars. */
const tooMuch = 1e12
/** A plain decimal of a length that money has; anything else goes through a double first. */
const plain = /^\d{1,15}(\.\d{1,40})?$/
const numeric = /^\+?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** Dollars as a log has them, a number or a numeric text. What is no amount from 0 to below a trillion is no bill, and is told. */
export const billIn = (logged: unknown): ReadBill => {
  if (logged === undefined || logged === null || logged === "") return { nanoUsd: null }
  const text = typeof logged === "number" || typeof logged === "string" ? String(logged).trim() : ""
  const dollars = numeric.test(text) ? Number(text) : Number.NaN
  const nano = dollars >= 0 && dollars < tooMuch ? nanoOf(plain.test(text) ? text : dollars) : undefined
  return nano === undefined
    ? { nanoUsd: null, note: `the logged cost ${quotedIn(logged)} is no amount of dollars: taken as not recorded` }
    : { nanoUsd: nano }
}

/** A call of which nobody says what was billed. */
export const unbilled: ArchivedCall["billed"] = { nanoUsd: null, basis: "none", billing: "unknown" }
