import * as Schema from "effect/Schema"

import { ProviderError } from "../providers/contract.ts"

/** No answer, as data: it is counted and does not sink the run. */
export class CallFailed extends Schema.TaggedError<CallFailed>()("CallFailed", {
  kind: Schema.Literals(["infrastructure", "unsendable", "budget"]),
  message: Schema.String,
  /** Of `budget`: whose cap left no room; left out: the run's. */
  cap: Schema.optionalKey(Schema.Literals(["provider", "setup", "judges"])),
  /** Of `budget`: true where calls whose cost is not known keep a part of the cap held back. */
  unbilled: Schema.optionalKey(Schema.Boolean),
  /** Of `infrastructure`: true where nothing was sent, since the account did not answer others. */
  neverSent: Schema.optionalKey(Schema.Boolean),
  /** What the provider said last, where one was asked. */
  error: Schema.optionalKey(ProviderError),
  /** What all its tries took of a machine that is paid by the hour; left out where none went out to one. */
  took: Schema.optionalKey(Schema.Struct({ shareMs: Schema.Number, heldMs: Schema.Number, cost: Schema.BigInt }))
}) {}

/** The same failure, with what its tries took of a machine. */
export const taking = (failed: CallFailed, took: Exclude<CallFailed["took"], undefined>): CallFailed =>
  // An error's message is no field that a copy takes along.
  new CallFailed({ ...failed, message: failed.message, took })
