import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

import { answering, opened, prepared, request, subjects } from "./contract/subjects.ts"
import { readRequest } from "./wires/ollamaChat.ts"

const subject = subjects.find(({ name }) => name === "ollama")!

describe("Ollama", () => {
  it.effect("is always told how large the context is, and to keep the model loaded, whatever the archive says", () =>
    Effect.gen(function* () {
      const { connection, server } = yield* opened(subject, answering(subject, { text: "Hi.", stop: "stop" }))
      const archived = Result.getOrThrow(
        readRequest({
          model: "m",
          messages: [{ role: "user", content: "x".repeat(40_000) }],
          keep_alive: 0,
          options: { num_ctx: 2048, num_predict: 100 }
        })
      )
      for (const asked of [request, archived]) {
        yield* connection.send(prepared(connection, asked).body, { stream: false })
      }
      const sizes = server.seen.map(({ body }) => (body["options"] as { readonly num_ctx: number }).num_ctx)
      assert.deepStrictEqual(sizes, [8192, 16_384])
      for (const { body } of server.seen) assert.strictEqual(body["keep_alive"], "30m")
    })
  )

  it.effect("that filled its context to the last token is suspected of having cut the prompt", () =>
    Effect.gen(function* () {
      const { connection } = yield* opened(subject, (response) => {
        response.writeHead(200, { "content-type": "application/json" })
        response.end(
          JSON.stringify({
            model: "m",
            message: { role: "assistant", content: "Hi." },
            done: true,
            done_reason: "stop",
            prompt_eval_count: 8192,
            eval_count: 1
          })
        )
      })
      const { usage } = yield* connection.send(prepared(connection).body, { stream: false })
      assert.include(usage.diagnostics?.join(), "the prompt fills the context of 8192 tokens")
    })
  )
})
