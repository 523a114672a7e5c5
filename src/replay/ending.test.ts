import { assert, describe, it } from "@effect/vitest"

import type { CallResponse, Usage } from "../domain/Call.ts"
import type { Block } from "../domain/Message.ts"
import { ProviderError } from "../providers/contract.ts"
import { endingOf, endingOfFailure } from "./ending.ts"

const text = (words: string): Block => ({ type: "text", text: words })
const call = (inputError?: string): Block => ({
  type: "tool_use",
  id: "1",
  name: "look",
  input: {},
  kind: "function",
  ...(inputError === undefined ? {} : { inputError })
})
const answer = (stopReason: CallResponse["stopReason"], blocks: ReadonlyArray<Block>): CallResponse => ({
  blocks,
  stopReason,
  complete: true
})
const usage = (reasoning: number | null): Usage => ({
  basis: "reported",
  input: null,
  output: { total: 100, text: null, reasoning }
})

describe("how an answer ended", () => {
  it("is told by what cut it short before what that did to it", () => {
    assert.strictEqual(endingOf(answer("end", [text("well")]), null), "complete")
    assert.strictEqual(endingOf(answer("tool_use", [call()]), null), "complete")
    assert.strictEqual(endingOf(answer("length", [text("wel")]), usage(50)), "truncated")
    assert.strictEqual(endingOf(answer("length", [call("Unexpected end of JSON input")]), null), "truncated")
    assert.strictEqual(endingOf(answer("tool_use", [call("Unexpected token")]), null), "malformedToolCall")
    assert.strictEqual(endingOf(answer("context_window", [text("wel")]), null), "context")
  })

  it("tells reasoning that ate the budget from an answer that was cut", () => {
    assert.strictEqual(endingOf(answer("length", [text("  ")]), usage(100)), "reasoning")
    assert.strictEqual(endingOf(answer("length", [{ type: "thinking", text: "hm" }]), usage(null)), "reasoning")
    assert.strictEqual(endingOf(answer("length", []), usage(0)), "truncated")
  })

  it("tells a refusal from a filter", () => {
    assert.strictEqual(endingOf(answer("refusal", [text("no")]), null), "refusal")
    assert.strictEqual(endingOf(answer("end", [{ type: "refusal", text: "no" }]), null), "refusal")
    assert.strictEqual(endingOf(answer("content_filter", []), null), "contentFilter")
  })
})

describe("how a case without an answer ended", () => {
  const error = (reason: ProviderError["reason"]) =>
    new ProviderError({ provider: "p", model: "m", reason, detail: "", mayBeBilled: false })

  it("is told by what the provider said", () => {
    const infrastructure = { kind: "infrastructure", message: "" } as const
    assert.strictEqual(endingOfFailure(infrastructure, error("RateLimited")), "rateLimited")
    assert.strictEqual(endingOfFailure(infrastructure, error("Server")), "infrastructure")
    assert.strictEqual(endingOfFailure({ kind: "unsendable", message: "" }, error("ContextTooLong")), "context")
    assert.strictEqual(endingOfFailure({ kind: "unsendable", message: "" }, undefined), "unsendable")
    assert.strictEqual(endingOfFailure({ kind: "budget", message: "" }, undefined), "budget")
  })
})
