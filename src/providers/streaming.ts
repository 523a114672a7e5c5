import type * as Result from "effect/Result"

import type { Reply } from "./contract.ts"
import { type Assembly, assertNoError, gathered, type timed } from "./exchange.ts"
import { streams } from "./fetch.ts"
import { isObject, type JsonObject, parse } from "./wires/json.ts"
import type { Answered } from "./wires/wire.ts"

/** What an SDK gives for a request on its way: the answer as it came, and what the SDK reads in it. Both may be asked for. */
export interface Asked<A> {
  asResponse(): Promise<Response>
  withResponse(): Promise<{ readonly data: A; readonly response: Response }>
}

/**
 * The JSON of an answer that is whole although a stream was asked for: some hosts do not stream. `undefined`: it is a stream, by its type or by
 * what is in it. The response can still be read.
 */
export const wholeOf = async (response: Response): Promise<JsonObject | undefined> => {
  if (streams.test(response.headers.get("content-type") ?? "")) return undefined
  const json = parse(await response.clone().text())
  return "value" in json && isObject(json.value) ? json.value : undefined
}

/** Reads the answer to a request for a stream. One that came whole has no time to the first token. */
export const streamedReply = async (
  asked: Asked<AsyncIterable<unknown>>,
  wire: { readonly assembly: Assembly; readonly read: (body: unknown) => Result.Result<Answered, string> },
  time: ReturnType<typeof timed>
): Promise<Reply> => {
  const response = await asked.asResponse()
  const whole = await wholeOf(response)
  if (whole === undefined) {
    const { data } = await asked.withResponse()
    return gathered(data, wire.assembly, time, response.headers)
  }
  assertNoError(whole)
  return time.reply(wire.read(whole), response.headers)
}
