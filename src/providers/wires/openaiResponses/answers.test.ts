import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"

import * as openaiResponses from "../openaiResponses.ts"

const message = (text: string) => ({
  type: "message",
  id: "msg_1",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text, annotations: [] }]
})
const reasoning = {
  type: "reasoning",
  id: "rs_1",
  summary: [{ type: "summary_text", text: "Weighed it." }],
  encrypted_content: "gAAA"
}
const called = {
  type: "function_call",
  id: "fc_1",
  call_id: "call_1",
  name: "lookup",
  arguments: '{"q":"x"}',
  status: "completed"
}
const usage = {
  input_tokens: 50,
  input_tokens_details: { cached_tokens: 10, cache_write_tokens: 0 },
  output_tokens: 30,
  output_tokens_details: { reasoning_tokens: 20 },
  total_tokens: 80
}
const response = (more: object) => ({
  id: "resp_1",
  object: "response",
  created_at: 1785578400,
  status: "completed",
  error: null,
  incomplete_details: null,
  model: "gpt-5.2-2026-01-01",
  output: [reasoning, message("Hello")],
  usage,
  ...more
})
const read = (more: object) => Result.getOrThrow(openaiResponses.readResponse(response(more)))

describe("a response", () => {
  it("is read with its thinking, its text and its counts", () => {
    const { response: answer, usage: used } = read({})
    assert.strictEqual(answer.id, "resp_1")
    assert.strictEqual(answer.model, "gpt-5.2-2026-01-01")
    assert.strictEqual(answer.stopReason, "end")
    assert.isTrue(answer.complete)
    const [thinking, text] = answer.blocks
    assert.isTrue(thinking?.type === "thinking" && thinking.text === null && thinking.encrypted === "gAAA")
    assert.deepStrictEqual(thinking?.type === "thinking" ? thinking.summary : undefined, ["Weighed it."])
    assert.isTrue(text?.type === "text" && text.text === "Hello")
    assert.deepStrictEqual(used.input, {
      total: 50,
      uncached: 40,
      cacheRead: 10,
      cacheWrite5m: 0,
      cacheWrite1h: 0,
      cacheWriteOther: 0
    })
    assert.deepStrictEqual(used.output, { total: 30, text: 10, reasoning: 20 })
  })

  it("says why it ended", () => {
    const stop = (more: object) => {
      const { complete, stopReason, stopReasonRaw } = read(more).response
      return [stopReason, stopReasonRaw, complete]
    }
    assert.deepStrictEqual(stop({ output: [reasoning, called] }), ["tool_use", "completed", true])
    assert.deepStrictEqual(stop({ output: [{ ...message(""), content: [{ type: "refusal", refusal: "No." }] }] }), [
      "refusal",
      "completed",
      true
    ])
    const incomplete = (reason: string) => ({ status: "incomplete", incomplete_details: { reason } })
    assert.deepStrictEqual(stop(incomplete("max_output_tokens")), ["length", "max_output_tokens", true])
    assert.deepStrictEqual(stop(incomplete("content_filter")), ["content_filter", "content_filter", true])
    assert.deepStrictEqual(stop({ status: "cancelled" }), ["cancelled", "cancelled", false])
    assert.deepStrictEqual(stop({ status: "in_progress" }), ["unknown", "in_progress", false])
  })

  it("that failed is an error with what arrived", () => {
    const { response: answer } = read({
      status: "failed",
      output: [],
      error: { code: "server_error", message: "Oops" }
    })
    assert.deepStrictEqual(answer.error, { type: "server_error", code: "server_error", message: "Oops" })
    assert.strictEqual(answer.stopReason, "error")
    assert.isFalse(answer.complete)
  })

  it("counts the uses of hosted tools, which are no calls to answer", () => {
    const search = { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "q" } }
    const { response: answer, usage: used } = read({ output: [search, search, message("Found.")] })
    assert.strictEqual(answer.stopReason, "end")
    assert.deepStrictEqual(used.serverTools, { web_search: 2 })
    assert.isTrue(answer.blocks[0]?.type === "tool_use" && answer.blocks[0].kind === "provider")
  })

  it("keeps arguments that are no JSON", () => {
    const { response: answer } = read({ output: [{ ...called, arguments: '{"q": ' }] })
    const [block] = answer.blocks
    assert.isTrue(block?.type === "tool_use" && block.inputRaw === '{"q": ' && block.inputError !== undefined)
  })

  it("that is none is refused", () => {
    assert.deepStrictEqual(openaiResponses.readResponse([]), Result.fail("the answer is no JSON object"))
    assert.deepStrictEqual(openaiResponses.readResponse({ id: "x" }), Result.fail("the answer has no `output`"))
  })

  it("repeats its request but for the input", () => {
    const tool = { type: "function", name: "lookup", parameters: { type: "object", properties: {} }, strict: true }
    const echo = Result.getOrThrow(
      openaiResponses.requestOfResponse(
        response({
          instructions: "Be brief.",
          tools: [tool],
          tool_choice: "auto",
          temperature: 0.2,
          max_output_tokens: null,
          text: { format: { type: "text" } },
          parallel_tool_calls: true,
          previous_response_id: null
        })
      )
    )
    assert.deepStrictEqual(echo.messages, [
      { role: "system", placement: "top", blocks: [{ type: "text", text: "Be brief." }] }
    ])
    assert.deepStrictEqual(
      echo.tools?.map((one) => [one.name, one.strict]),
      [["lookup", true]]
    )
    assert.deepStrictEqual(echo.params, { temperature: 0.2 })
    assert.isUndefined(echo.serverState)
  })
})

describe("a stream of a response", () => {
  const created = { type: "response.created", response: response({ status: "in_progress", output: [], usage: null }) }
  const done = (at: number, item: object) => ({ type: "response.output_item.done", output_index: at, item })
  const added = (at: number, item: object) => ({ type: "response.output_item.added", output_index: at, item })
  const assembled = (events: ReadonlyArray<unknown>) => Result.getOrThrow(openaiResponses.assemble(events))

  it("is what its last event says", () => {
    const { response: answer, usage: used } = assembled([
      created,
      { type: "response.completed", response: response({}) }
    ])
    assert.deepStrictEqual(answer, read({}).response)
    assert.strictEqual(used.input?.total, 50)
    const cut = assembled([
      created,
      {
        type: "response.incomplete",
        response: response({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } })
      }
    ])
    assert.strictEqual(cut.response.stopReason, "length")
  })

  it("whose last event leaves the items out has those of its other events", () => {
    const { response: answer } = assembled([
      created,
      done(1, message("Hello")),
      done(0, reasoning),
      { type: "response.completed", response: response({ output: [] }) }
    ])
    assert.deepStrictEqual(answer, read({}).response)
  })

  it("that was cut has what came, whole items and half ones, and is not complete", () => {
    const { response: answer, usage: used } = assembled([
      created,
      done(0, reasoning),
      added(1, { type: "message", id: "msg_1", role: "assistant", status: "in_progress", content: [] }),
      { type: "response.output_text.delta", output_index: 1, content_index: 0, delta: "Hel" },
      { type: "response.output_text.delta", output_index: 1, content_index: 0, delta: "lo" },
      added(2, { ...called, arguments: "", status: "in_progress" }),
      { type: "response.function_call_arguments.delta", output_index: 2, delta: '{"q":' }
    ])
    assert.isFalse(answer.complete)
    assert.deepStrictEqual(
      answer.blocks.map((block) =>
        block.type === "text" ? block.text : block.type === "tool_use" ? block.inputRaw : block.type
      ),
      ["thinking", "Hello", '{"q":']
    )
    assert.isNull(used.input)
  })

  it("that failed, or broke off with an error, is an error", () => {
    const failed = {
      type: "response.failed",
      response: response({ status: "failed", output: [], error: { code: "server_error", message: "Oops" } })
    }
    assert.strictEqual(assembled([created, failed]).response.error?.code, "server_error")
    const broke = assembled([
      created,
      done(0, message("Hel")),
      { type: "error", code: "rate_limit", message: "Slow down" }
    ])
    assert.strictEqual(broke.response.error?.message, "Slow down")
    assert.strictEqual(broke.response.blocks.length, 1)
    assert.isTrue(Result.isFailure(openaiResponses.assemble([{ type: "ping" }])))
  })
})
