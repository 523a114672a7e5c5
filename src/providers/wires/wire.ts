import type { CallResponse, Usage } from "../../domain/Call.ts"

/** What a wire's answer says, whole or assembled from a stream. */
export interface Answered {
  readonly response: CallResponse
  readonly usage: Usage
}
