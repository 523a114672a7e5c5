import * as Schema from "effect/Schema"

import { ProviderError } from "../providers/contract.ts"

/** No answer, as data: it is counted and does not sink the run. */
export class CallFailed extends Schema.TaggedError<CallFailed>()("CallFailed", {
  kind: Schema.Literals(["infrastructure", "unsendable", "budget"]),
  message: Schema.String,
  /** Of `budget`: whose cap left no room; left out: the run's. */
  cap: Schema.optionalKey(Schema.Literals(["provider", "setup", "judges"])),
  /** What the provider said last, where one was asked. */
  error: Schema.optionalKey(ProviderError)
}) {}
