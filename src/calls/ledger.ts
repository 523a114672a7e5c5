import { type NanoUsd, nanoOf } from "../domain/Money.ts"
import type { Line } from "./lines.ts"

/** A call that was sent and of which a journal does not say how it ended: the provider may have answered and billed it. */
export interface InFlight {
  readonly key: string
  readonly account: string
  readonly model: string
  readonly series: string
  readonly repeat: number
  readonly case: string
  readonly setup: string
  /** When its first try went out, an ISO time. */
  readonly at: string
}

/** What a run's journal says was bought. */
export interface Ledger {
  /** Answers paid for. */
  readonly paid: number
  /** What they cost, and what calls without an answer took of machines that are paid by the hour; answers without a price are not in it. */
  readonly usd: NanoUsd
  readonly unpriced: number
  /** Tries without an answer that the provider may have billed. */
  readonly lost: number
  /** Calls that ended without an answer. */
  readonly failed: number
  /** Calls under way when the journal ends, in the order they went out. */
  readonly inFlight: ReadonlyArray<InFlight>
}

const flightOf = (line: Line): InFlight => ({
  key: String(line["key"]),
  account: String(line["account"]),
  model: String(line["model"]),
  series: String(line["series"]),
  repeat: Number(line["repeat"]),
  case: String(line["case"]),
  setup: String(line["setup"]),
  at: String(line["at"])
})

/**
 * Adds a journal up. In any prefix of it, as a kill leaves it, the provider has completed at least `paid` calls, and at most that, the `lost`
 * tries, and one for each call in flight. A resumed run has a journal of its own: an answer that was on disk is not sent again.
 */
export const ledgerOf = (lines: Iterable<Line>): Ledger => {
  const flights = new Map<string, InFlight>()
  let [usd, paid, unpriced, lost, failed] = [0n, 0, 0, 0, 0]
  for (const line of lines) {
    const key = String(line["key"])
    if (line["mayBeBilled"] === true) lost++
    if (line["event"] === "sent") flights.set(key, flightOf(line))
    if (line["event"] !== "paid" && line["event"] !== "failed") continue
    flights.delete(key)
    const cost = typeof line["usd"] === "string" ? nanoOf(line["usd"]) : undefined
    usd += cost ?? 0n
    if (line["event"] === "failed") failed++
    else {
      paid++
      if (cost === undefined) unpriced++
    }
  }
  return { paid, usd, unpriced, lost, failed, inFlight: [...flights.values()] }
}

/** The calls that were under way when a journal ends: they may have been billed, and are asked anew unless their answers were on disk already. */
export const inFlight = (lines: Iterable<Line>): ReadonlyArray<InFlight> => ledgerOf(lines).inFlight
