import * as Schema from "effect/Schema"

/** No answer, as data: it is counted and does not sink the run. */
export class CallFailed extends Schema.TaggedError<CallFailed>()("CallFailed", {
  kind: Schema.Literals(["infrastructure", "unsendable", "budget"]),
  message: Schema.String
}) {}
