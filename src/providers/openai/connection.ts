import * as Result from "effect/Result"

import type { CallRequest } from "../../domain/Call.ts"
import type { Connection, Prepared, Unsendable } from "../contract.ts"
import { type Assembly, assertNoError, exchange, listMs, type Manner, type Opened, timed } from "../exchange.ts"
import { streamedReply } from "../streaming.ts"
import { embeddedText, readOpenaiEmbedding } from "../wires/embeddings.ts"
import { isArray, isObject } from "../wires/json.ts"
import * as Chat from "../wires/openaiChat.ts"
import * as Responses from "../wires/openaiResponses.ts"
import type { Answered } from "../wires/wire.ts"
import type { Client } from "./client.ts"
import { failedResponse, prepareResponse } from "./responses.ts"

/** One of the endpoints that answer. */
interface Api {
  readonly path: string
  /** What the body of a request for a stream has beside `stream`. */
  readonly streamed: object
  prepare(request: CallRequest): Result.Result<Prepared, Unsendable>
  read(body: unknown): Result.Result<Answered, string>
  assembly(): Assembly
  readonly manner: Manner
}

/** The first chunk holds the role alone, or what a filter thought of the prompt. */
const saysInChat = (chunk: unknown): boolean => {
  const [choice] = isObject(chunk) && isArray(chunk["choices"]) ? chunk["choices"] : []
  const delta = isObject(choice) ? choice["delta"] : undefined
  if (!isObject(delta)) return false
  for (const [name, value] of Object.entries(delta)) if (name !== "role" && value !== null && value !== "") return true
  return false
}

const chat: Api = {
  path: "/chat/completions",
  streamed: { stream_options: { include_usage: true } },
  prepare: Chat.writeRequest,
  read: Chat.readResponse,
  assembly: () => new Chat.Assembly(),
  manner: { says: saysInChat }
}

const responses: Api = {
  path: "/responses",
  streamed: {},
  prepare: prepareResponse,
  read: Responses.readResponse,
  assembly: () => new Responses.Assembly(),
  manner: { doubt: failedResponse, says: (event) => isObject(event) && /\.delta$/.test(String(event["type"])) }
}

/** The connection of an account that speaks OpenAI's wires, by the endpoint that the suite names. */
export const connect = ({ name, secret, timeoutMs }: Opened, client: Client, api: string | undefined): Connection => {
  const { assembly, manner, path, prepare, read, streamed } = api === "responses" ? responses : chat
  const embedding: Connection["embedding"] = {
    prepare: (request) =>
      Result.map(embeddedText(request), (input) => ({
        body: { model: request.model, input, encoding_format: "float" },
        losses: []
      })),
    send: (body) =>
      exchange({ provider: name, model: String(body["model"]), key: secret }, timeoutMs, async (signal) => {
        const time = timed()
        const { data, response } = await client
          .post<unknown>("/embeddings", body, { stream: false, signal })
          .withResponse()
        assertNoError(data)
        return time.reply(readOpenaiEmbedding(data), response.headers)
      })
  }
  return {
    prepare,
    embedding,
    send: (body, { stream }) =>
      exchange({ provider: name, model: String(body["model"]), key: secret }, timeoutMs, async (signal) => {
        const time = timed(manner)
        if (stream) {
          const asked = { ...body, stream, ...streamed }
          const answer = client.post<AsyncIterable<unknown>>(path, asked, { stream, signal })
          return streamedReply(answer, { assembly: assembly(), read }, time)
        }
        const { data, response } = await client.post<unknown>(path, body, { stream, signal }).withResponse()
        assertNoError(data)
        return time.reply(read(data), response.headers)
      }),
    models: exchange({ provider: name, model: "*", key: secret }, Math.min(timeoutMs, listMs), client.models)
  }
}
