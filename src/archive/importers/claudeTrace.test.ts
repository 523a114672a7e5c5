import { assert, describe, it } from "@effect/vitest"

import { callsIn, mutations, readRows, skipsIn } from "../testReading.ts"
import { claudeTrace } from "./claudeTrace.ts"

const session = "0b9c2f64-5a1e-4c57-9d0e-2f3a4b5c6d7e"
const events = [
  {
    type: "message_start",
    message: {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude-opus-4-6",
      content: [],
      stop_reason: null,
      usage: { input_tokens: 8, output_tokens: 1 }
    }
  },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "hello" } },
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 3 } }
]
const sse = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("")
const row = (response: object | null, userId = `user_ab_account_cd_session_${session}`) => ({
  request: {
    timestamp: 1785578400.25,
    method: "POST",
    url: "https://api.anthropic.com/v1/messages?beta=true",
    headers: { authorization: "Bearer canary", "x-stainless-retry-count": "2" },
    body: {
      model: "claude-opus-4-6",
      max_tokens: 32_000,
      stream: true,
      system: [{ type: "text", text: "You are Claude Code." }],
      tools: [{ name: "Bash", input_schema: { type: "object" } }],
      messages: [{ role: "user", content: "hi" }],
      metadata: { user_id: userId }
    }
  },
  response:
    response === null
      ? null
      : {
          timestamp: 1785578402.5,
          status_code: 200,
          headers: { "request-id": "req_1", "set-cookie": "canary" },
          ...response
        },
  logged_at: "2026-08-01T10:00:03Z"
})
const read = (...rows: ReadonlyArray<unknown>) => readRows(claudeTrace, { "log.jsonl": rows })

describe("a claude-trace log", () => {
  it("may be home-made: without a method it was posted, and the status may be under its plain name", () => {
    const request = { model: "gpt-4o", messages: [{ role: "user", content: "hi" }] }
    const body = {
      id: "chatcmpl-1",
      object: "chat.completion",
      model: "gpt-4o",
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hello" } }]
    }
    const url = "https://api.openai.com/v1/chat/completions"
    const home = (response: object) => ({ request: { url, body: request }, response })
    const [answered, failed] = callsIn(
      read(home({ status: 200, body }), home({ status: 500, body: { error: { message: "x" } } }))
    )
    assert.deepStrictEqual([answered?.response.id, answered?.fidelity.grade], ["chatcmpl-1", "A"])
    assert.strictEqual(failed?.response.error?.httpStatus, 500)
  })

  it("gives whole calls, whether the answer is a body, the text of a stream or its events", () => {
    const found = read(
      row({ body_raw: sse }),
      row({ events }),
      row({ events: events.map((data) => ({ event: data.type, data })) }),
      row({
        body: {
          id: "msg_1",
          type: "message",
          role: "assistant",
          model: "claude-opus-4-6",
          content: [{ type: "text", text: "hello" }],
          stop_reason: "end_turn",
          usage: { input_tokens: 8, output_tokens: 3 }
        }
      })
    )
    const calls = callsIn(found)
    assert.strictEqual(calls.length, 4)
    assert.strictEqual(new Set(calls.map((call) => call.id)).size, 1)
    for (const call of calls) {
      assert.deepStrictEqual(call.response.blocks, [{ type: "text", text: "hello" }])
      assert.deepStrictEqual([call.usage.input?.total, call.usage.output?.total], [8, 3])
      assert.strictEqual(call.fidelity.grade, "A")
      assert.deepStrictEqual(call.timing, {
        startedAt: "2026-08-01T10:00:00.250Z",
        endedAt: "2026-08-01T10:00:02.500Z",
        latencyMs: 2250,
        basis: "reported"
      })
      assert.deepStrictEqual(call.grouping, { sessionId: session, attempt: 2 })
      assert.deepStrictEqual(call.labels, { endUser: "user_ab_account_cd" })
    }
    assert.notInclude(JSON.stringify(found), "canary")
  })

  it("finds the session also where it is packed as JSON", () => {
    const packed = JSON.stringify({ device_id: "d", account_uuid: "a", session_id: session })
    const [call] = callsIn(read(row({ body_raw: sse }, packed)))
    assert.strictEqual(call?.grouping.sessionId, session)
    assert.deepStrictEqual(call?.labels, { endUser: "a" })
  })

  it("skips a request that was never answered", () => {
    assert.deepStrictEqual(skipsIn(read(row(null), { request: 1 }, 5)), [
      "half a pair: no response",
      "not a pair of request and response",
      "not a pair of request and response"
    ])
  })

  it("of the wrong kinds everywhere never throws", () => {
    for (const mutated of mutations([row({ body_raw: sse }), row({ events }), row(null)], 200, 5))
      assert.doesNotThrow(() => read(...(Array.isArray(mutated) ? mutated : [mutated])))
  })
})
