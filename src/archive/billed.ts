import type { ArchivedCall, Usage } from "../domain/Call.ts"
import { nanoOf } from "../domain/Money.ts"
import { objectIn, quotedIn } from "./json.ts"

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

/** A bill, and what is to be known of it. */
export interface Billed {
  readonly billed: ArchivedCall["billed"]
  readonly notes: ReadonlyArray<string>
}

/** What OpenRouter says it charged. `byok`: the provider behind it bills the user itself (bring your own key). */
export const openRouterBill = (cost: unknown, byok: boolean): Billed => {
  const { nanoUsd, note } = billIn(cost)
  return {
    billed:
      nanoUsd === null
        ? unbilled
        : { nanoUsd: nanoUsd.toString(), basis: "provider-reported", billing: byok ? "byok" : "metered" },
    notes: [
      ...(note === undefined ? [] : [note]),
      ...(byok ? ["the provider's own bill (bring your own key) is not part of the cost"] : [])
    ]
  }
}

/** Whether a usage is one that OpenRouter wrote: nobody else has these beside the cost. */
export const isOpenRouters = ({ raw }: Usage): boolean => {
  const usage = objectIn(raw)
  return usage !== undefined && typeof usage["cost"] === "number" && ("cost_details" in usage || "is_byok" in usage)
}

/** The bill in the usage of an answer from OpenRouter (`usage.cost`); `undefined` for any other. */
export const billInUsage = (usage: Usage, provider: string | undefined): Billed | undefined => {
  const raw = objectIn(usage.raw)
  return typeof raw?.["cost"] === "number" && (provider === "openrouter" || isOpenRouters(usage))
    ? openRouterBill(raw["cost"], raw["is_byok"] === true)
    : undefined
}
