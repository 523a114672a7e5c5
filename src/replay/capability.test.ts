import { assert, describe, it } from "@effect/vitest"

import type { CallRequest, Usage } from "../domain/Call.ts"
import type { Block } from "../domain/Message.ts"
import { leastInput, roomFor, unfitFor } from "./capability.ts"

const request = (blocks: ReadonlyArray<Block>, more: Partial<CallRequest> = {}): CallRequest => ({
  wire: "openai.chat",
  model: "small",
  messages: [{ role: "user", blocks }],
  tools: [],
  params: { maxOutputTokens: 1_000 },
  ...more
})
const text = (bytes: number): Block => ({ type: "text", text: "a".repeat(bytes) })
const image: Block = { type: "image", source: { kind: "url", url: "https://example.org/a.png" } }
const counted = (total: number): Usage => ({
  basis: "reported",
  input: { total, uncached: total, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 },
  output: null
})

describe("what a model cannot take", () => {
  it("is not sent: images, tools, schemas, more output than it gives", () => {
    const tool = { name: "t", inputSchema: {}, kind: "function", basis: "recorded" } as const
    const why = (asked: CallRequest, can: Parameters<typeof unfitFor>[2]) => unfitFor(asked, null, can)?.why
    assert.strictEqual(why(request([text(1), image]), { vision: false }), "vision")
    const inResult: Block = { type: "tool_result", toolUseId: "1", content: [image], executedBy: "client" }
    assert.strictEqual(why(request([inResult]), { vision: false }), "vision")
    assert.strictEqual(why(request([text(1)], { tools: [tool] }), { tools: false }), "tools")
    const schema = { type: "json_schema", schema: {} } as const
    assert.strictEqual(why(request([text(1)], { responseFormat: schema }), { jsonSchema: false }), "JSON schema")
    assert.strictEqual(why(request([text(1)]), { maxOutput: 999 }), "output limit")
    assert.isUndefined(why(request([text(1)]), { vision: false, tools: false, jsonSchema: false, maxOutput: 1_000 }))
  })

  it("is tried where nothing is known of the model, or nothing is left of the image", () => {
    assert.isUndefined(unfitFor(request([text(9_000_000), image]), null, {}))
    const gone: Block = { type: "image", source: { kind: "missing", reason: "expired" } }
    assert.isUndefined(unfitFor(request([gone]), null, { vision: false }))
  })

  it("is a request that with its output does not fit into the context, by the least it can have of tokens", () => {
    const can = { context: 8_192 }
    assert.isUndefined(unfitFor(request([text(40_000)]), null, can), "40,000 bytes may be 6,666 tokens")
    const unfit = unfitFor(request([text(48_000)]), null, can)
    assert.strictEqual(unfit?.why, "context length")
    assert.include(unfit?.message, "at least 8000 input tokens (48000 bytes, 6 to a token)")
    assert.isUndefined(unfitFor(request([text(48_000)], { params: { maxOutputTokens: 100 } }), null, can))
  })
})

describe("the least size of a request", () => {
  it("is three quarters of what the archive counted, which says so", () => {
    const { basis, tokens } = leastInput(request([text(48_000)]), counted(12_000))
    assert.strictEqual(tokens, 9_000)
    assert.include(basis, "12000 that the archive counted")
    assert.strictEqual(roomFor(request([text(48_000)]), counted(12_000), { context: 10_000 }), 1_000)
  })

  it("is of the bytes where the count is of images, of history kept elsewhere, or of nothing that is there", () => {
    assert.strictEqual(leastInput(request([text(6_000), image]), counted(5_000)).tokens, 1_000)
    const elsewhere = { serverState: { resolved: false } }
    assert.strictEqual(leastInput(request([text(6_000)], elsewhere), counted(5_000)).tokens, 1_000)
    assert.strictEqual(leastInput(request([text(6_000)]), counted(50_000)).tokens, 1_000)
    assert.strictEqual(leastInput(request([text(6_000)]), null).tokens, 1_000)
  })
})
