import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

import { answering, opened, subjects } from "./contract/subjects.ts"
import { readRequest } from "./wires/anthropicMessages.ts"

const subject = subjects.find(({ name }) => name === "anthropic")!

describe("Anthropic", () => {
  it.effect("is asked with the archive's cache marks, thinking and betas", () =>
    Effect.gen(function* () {
      const mark = { cache_control: { type: "ephemeral", ttl: "1h" } }
      const archived = {
        model: "claude-sonnet-4-5",
        max_tokens: 4096,
        system: [{ type: "text", text: "Be brief.", ...mark }],
        messages: [{ role: "user", content: [{ type: "text", text: "Hi", cache_control: { type: "ephemeral" } }] }],
        tools: [{ name: "lookup", input_schema: { type: "object" }, ...mark }],
        thinking: { type: "enabled", budget_tokens: 2000 },
        betas: ["one-2026-01-01", "two-2026-01-01"]
      }
      const { connection, server } = yield* opened(subject, answering(subject, { text: "Hi.", stop: "stop" }))
      const { body, losses } = Result.getOrThrow(connection.prepare(Result.getOrThrow(readRequest(archived))))
      assert.deepStrictEqual(losses, [])
      yield* connection.send(body, { stream: false })
      const { betas, ...sent } = archived
      assert.deepStrictEqual(server.seen[0]?.body, sent)
      assert.strictEqual(server.seen[0]?.headers["anthropic-beta"], betas.join(","))
    })
  )
})
