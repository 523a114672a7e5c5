import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

import type { CallRequest } from "../domain/Call.ts"
import { key, opened, subjects } from "./contract/subjects.ts"
import { json, type Script } from "./contract/wireServer.ts"

const request: CallRequest = {
  wire: "openai.chat",
  model: "embedder",
  messages: [{ role: "user", blocks: [{ type: "text", text: "Hello" }] }],
  tools: null,
  params: {}
}
const vector = [0.25, -0.5, 1]
const openaiAnswer = {
  model: "embedder-1",
  data: [{ index: 0, embedding: vector }],
  usage: { prompt_tokens: 2, total_tokens: 2 }
}
const ollamaAnswer = { model: "embedder", embeddings: [vector], prompt_eval_count: 2 }

const having = [
  ["openai", "/v1/embeddings", openaiAnswer, { encoding_format: "float" }],
  [
    "azure",
    "/openai/deployments/embedder/embeddings?api-version=2024-10-21",
    openaiAnswer,
    { encoding_format: "float" }
  ],
  ["ollama", "/api/embed", ollamaAnswer, { truncate: false, keep_alive: "30m" }]
] as const

const asked = Effect.fnUntraced(function* (name: string, script: Script) {
  const { connection, server } = yield* opened(subjects.find((one) => one.name === name)!, script)
  const { embedding } = connection
  assert.isDefined(embedding)
  const { body } = Result.getOrThrow(embedding.prepare(request))
  return { server, reply: embedding.send(body, { stream: false }), embedding }
})

describe("embeddings", () => {
  for (const [name, path, answer, more] of having) {
    it.effect(`of ${name} are asked for by its SDK and read with what they used`, () =>
      Effect.gen(function* () {
        const { reply, server } = yield* asked(name, json(200, answer))
        const { response, usage } = yield* reply
        assert.deepStrictEqual(response.blocks, [{ type: "text", text: JSON.stringify(vector) }])
        assert.deepStrictEqual([usage.input?.total, usage.output?.total], [2, 0])
        assert.deepStrictEqual(
          server.seen.map(({ body, path }) => [path, body]),
          [[path, { model: "embedder", input: "Hello", ...more }]]
        )
      })
    )

    it.effect(`of ${name} that are none, or refused, are errors that show no key`, () =>
      Effect.gen(function* () {
        const reasons: Array<string> = []
        for (const script of [
          json(200, { ...answer, data: [], embeddings: [] }),
          json(200, { ...answer, data: [{ embedding: ["x"] }], embeddings: [["x"]] }),
          json(401, { error: { message: `bad key ${key}` } }),
          json(429, { error: { message: "slow down" } })
        ]) {
          const error = yield* Effect.flip((yield* asked(name, script)).reply)
          assert.notInclude(`${error.message}${JSON.stringify(error)}`, key)
          reasons.push(error.reason)
        }
        assert.deepStrictEqual(reasons, ["Malformed", "Malformed", "Auth", "RateLimited"])
      })
    )
  }

  it.effect("are of one text, and not Anthropic's", () =>
    Effect.gen(function* () {
      const { embedding } = yield* asked("openai", json(200, openaiAnswer))
      const messages = [...request.messages, ...request.messages]
      assert.isTrue(Result.isFailure(embedding.prepare({ ...request, messages })))
      const { connection } = yield* opened(subjects.find(({ name }) => name === "anthropic")!, json(200, {}))
      assert.isUndefined(connection.embedding)
    })
  )
})
