import type { ArchivedCall } from "../../../domain/Call.ts"
import type { Found } from "../../contract.ts"

type FoundCall = Extract<Found, { readonly _tag: "Call" }>

/** What a billing row tells that the payload of the same call may not. */
interface Bill {
  readonly billed: ArchivedCall["billed"]
  readonly labels: ArchivedCall["labels"]
}

/** Rows that are remembered, of each kind. */
const most = { bills: 200_000, payloads: 5_000 }

const remember = <A>(map: Map<string, A>, key: string, value: A, limit: number) => {
  const oldest = map.size < limit ? undefined : map.keys().next().value
  if (oldest !== undefined) map.delete(oldest)
  map.set(key, value)
}

/** The payload with what its billing row says: the bill where the payload has none, labels that it lacks. */
const filled = (found: FoundCall, { billed, labels }: Bill): FoundCall => {
  const { call } = found
  const told = call.billed.nanoUsd === null && billed.nanoUsd !== null
  return {
    ...found,
    rank: (found.rank ?? 0) + 1,
    call: {
      ...call,
      ...(told ? { billed } : {}),
      labels: { ...labels, ...call.labels },
      fidelity: told ? { ...call.fidelity, parts: { ...call.fidelity.parts, cost: "verbatim" } } : call.fidelity
    }
  }
}

/** Joins payloads without a cost with the billing rows of the same id, in either order, within one import. */
export class Bills {
  readonly #bills = new Map<string, Bill>()
  readonly #payloads = new Map<string, FoundCall>()

  /** What a billing row gives: itself, and the payload that waited for it. */
  bill(found: FoundCall): ReadonlyArray<Found> {
    const { billed, labels } = found.call
    if (billed.nanoUsd === null) return [found]
    remember(this.#bills, found.dedupeKey, { billed, labels }, most.bills)
    const payload = this.#payloads.get(found.dedupeKey)
    this.#payloads.delete(found.dedupeKey)
    return payload === undefined ? [found] : [found, filled(payload, { billed, labels })]
  }

  /** What a payload gives: itself, filled where its billing row came before it. */
  payload(found: FoundCall): Found {
    if (found.call.billed.nanoUsd !== null) return found
    const bill = this.#bills.get(found.dedupeKey)
    if (bill !== undefined) return filled(found, bill)
    remember(this.#payloads, found.dedupeKey, found, most.payloads)
    return found
  }
}
