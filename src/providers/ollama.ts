import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type ChatRequest, type EmbedRequest, Ollama } from "ollama"

import type { CallRequest, CallResponse } from "../domain/Call.ts"
import type { Prepared, Provider, Reply, Unsendable } from "./contract.ts"
import { assertNoError, exchange, gathered, listMs, openedOf, timed } from "./exchange.ts"
import { Broken, Reported } from "./failure.ts"
import { openFetch } from "./fetch.ts"
import { ollamaLine } from "./lines.ts"
import { wholeOf } from "./streaming.ts"
import { embeddedText, readOllamaEmbedding } from "./wires/embeddings.ts"
import { isObject, type JsonObject, parse } from "./wires/json.ts"
import { Assembly, readResponse, writeRequest } from "./wires/ollamaChat.ts"
import type { Answered } from "./wires/wire.ts"

const lines = () => {
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  let left = ""
  const check = (line: string) => {
    if (line.trim() === "") return ""
    const json = parse(line)
    if ("error" in json) throw new Broken("Malformed", `a line of the stream is no JSON: ${json.error}`)
    if (!isObject(json.value)) throw new Broken("Malformed", "a line of the stream is no JSON object")
    if (json.value["error"] !== undefined) throw new Reported(json.value["error"])
    return `${line}\n`
  }
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const parts = (left + decoder.decode(chunk, { stream: true })).split("\n")
      left = parts.pop() ?? ""
      const checked = parts.map(check).join("")
      if (checked !== "") controller.enqueue(encoder.encode(checked))
    },
    flush(controller) {
      const last = left + decoder.decode()
      // A piece of a line at the end is a stream that broke off: the SDK misses the last line then.
      if ("value" in parse(last)) controller.enqueue(encoder.encode(check(last)))
    }
  })
}

/** Takes an answer that came whole although a stream was asked for. */
type TakeWhole = (answer: JsonObject) => void

/**
 * The SDK has no signal of its own, prints lines that are no JSON and reads nothing but lines where a stream was asked for: all are mended in
 * the `fetch` it is given, call by call. `take` is given where a stream is asked for.
 */
const fetchFor =
  (
    fetch: typeof globalThis.fetch,
    signal: AbortSignal,
    take: TakeWhole | undefined,
    from: ((headers: Headers) => void) | undefined
  ): typeof globalThis.fetch =>
  async (input, init) => {
    const answer = await fetch(input, { ...init, signal })
    from?.(answer.headers)
    if (take === undefined || answer.body === null) return answer
    const whole = await wholeOf(answer)
    if (whole !== undefined) take(whole)
    return whole === undefined ? new Response(answer.body.pipeThrough(lines()), answer) : answer
  }

/** A model that was only loaded, or unloaded, has answered nothing. */
const loaded = ({ stopReasonRaw }: CallResponse): Broken | undefined =>
  stopReasonRaw === "load" || stopReasonRaw === "unload"
    ? new Broken("Server", `the model was asked nothing: the finish reason is ${stopReasonRaw}`, false)
    : undefined

/** A prompt that fills the context to the last token was cut by Ollama without a word. */
const suspected = ({ response, usage }: Answered, body: Prepared["body"]): Answered => {
  const context = isObject(body["options"]) ? body["options"]["num_ctx"] : undefined
  if (typeof context !== "number" || usage.input === null || usage.input.total < context - 1) return { response, usage }
  const diagnostics = [...(usage.diagnostics ?? []), `the prompt fills the context of ${context} tokens: it was cut`]
  return { response, usage: { ...usage, diagnostics } }
}

/** How long a model stays loaded after a call: between the calls of a run it is not loaded anew. Whatever the archive says. */
const keepAlive = "30m"

const prepare = (request: CallRequest): Result.Result<Prepared, Unsendable> =>
  Result.map(writeRequest(request), ({ body, losses }) => ({ body: { ...body, keep_alive: keepAlive }, losses }))

/** Ollama's chat, with a context that holds the request and its answer. */
export const ollama: Provider = {
  ...ollamaLine,
  open: Effect.fnUntraced(function* (config) {
    const opened = yield* openedOf(config, ollamaLine)
    const { apiKey, baseURL, name, secret, timeoutMs } = opened
    const fetch = yield* openFetch(opened)
    const clientFor = (signal: AbortSignal, from?: (headers: Headers) => void, take?: TakeWhole) =>
      // A key that is not said is looked for in the environment.
      new Ollama({
        host: baseURL,
        headers: { authorization: `Bearer ${apiKey}` },
        fetch: fetchFor(fetch, signal, take, from)
      })
    return {
      prepare,
      send: (body, { stream }) =>
        exchange(
          { provider: name, model: String(body["model"]), key: secret },
          timeoutMs,
          async (signal): Promise<Reply> => {
            const time = timed({ doubt: loaded })
            const asked = body as unknown as ChatRequest
            let answer: unknown
            if (stream) {
              const take = (whole: JsonObject) => {
                answer = whole
              }
              const pieces = await clientFor(signal, time.from, take).chat({ ...asked, stream: true })
              if (answer === undefined) return gathered(pieces, new Assembly(), time)
            } else answer = await clientFor(signal, time.from).chat({ ...asked, stream: false })
            assertNoError(answer)
            return time.reply(Result.map(readResponse(answer), (read) => suspected(read, body)))
          }
        ),
      embedding: {
        // A text that is too long fails: Ollama would cut it, and say nothing.
        prepare: (request) =>
          Result.map(embeddedText(request), (input) => ({
            body: { model: request.model, input, truncate: false, keep_alive: keepAlive },
            losses: []
          })),
        send: (body) =>
          exchange({ provider: name, model: String(body["model"]), key: secret }, timeoutMs, async (signal) => {
            const time = timed()
            const answer: unknown = await clientFor(signal, time.from).embed(body as unknown as EmbedRequest)
            assertNoError(answer)
            return time.reply(readOllamaEmbedding(answer))
          })
      },
      models: exchange({ provider: name, model: "*", key: secret }, Math.min(timeoutMs, listMs), async (signal) =>
        (await clientFor(signal).list()).models.map((model) => model.name)
      )
    }
  })
}
