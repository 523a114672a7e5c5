import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../../domain/Call.ts"
import { callsIn, mutations, readRows, skipsIn } from "../../testReading.ts"
import { pair } from "../pair.ts"

const read = (...rows: ReadonlyArray<unknown>) => readRows(pair, { "log.jsonl": rows })
const sniffed = (row: unknown) => pair.sniff({ file: "log.jsonl", first: [row] })
const one = (row: unknown) => {
  assert.isTrue(sniffed(row))
  const [call] = callsIn(read(row))
  assert.isDefined(call)
  assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
  return call
}
const told = (call: ArchivedCall) => {
  const word = (blocks: ArchivedCall["response"]["blocks"]) =>
    blocks.map((block) => (block.type === "text" ? block.text : block.type)).join("+")
  return [
    ...call.request.messages.map(({ blocks, role }) => `${role}: ${word(blocks)}`),
    `-> ${word(call.response.blocks)}`
  ]
}

const messages = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "hi" }
]
const body = { model: "gpt-4o", messages, temperature: 0 }
const answer = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1785578400,
  model: "gpt-4o-2024-08-06",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hello" } }],
  usage: { prompt_tokens: 8, completion_tokens: 1, total_tokens: 9 }
}
const hello = ["system: Be brief.", "user: hi", "-> hello"]

describe("a row of { input, output }", () => {
  it("with whole bodies is a call of grade A, with what stands beside them", () => {
    const call = one({ input: body, output: answer, id: "r1", team: "payments", session_id: "s1" })
    assert.deepStrictEqual(told(call), hello)
    assert.strictEqual(call.fidelity.grade, "A")
    assert.strictEqual(call.usage.input?.total, 8)
    assert.strictEqual(call.grouping.sessionId, "s1")
    assert.deepStrictEqual(call.labels, { team: "payments" })
    assert.strictEqual(one({ input: JSON.stringify(body), output: JSON.stringify(answer) }).fidelity.grade, "A")
  })

  it("is counted by the usage beside it, in whichever wire's names", () => {
    const inputOf = (usage: unknown) => one({ model: "gpt-4o", input: messages, output: "hello", usage }).usage.input
    const plain = { cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 }
    for (const usage of [
      { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 },
      { input_tokens: 11, output_tokens: 3 }
    ])
      assert.deepStrictEqual(inputOf(usage), { ...plain, total: 11, uncached: 11 })
    // The Responses API counts what was cached in its input, Anthropic beside it.
    assert.deepStrictEqual(
      inputOf({ input_tokens: 11, output_tokens: 3, input_tokens_details: { cached_tokens: 4 } }),
      { ...plain, total: 11, uncached: 7, cacheRead: 4 }
    )
    assert.deepStrictEqual(
      inputOf({ input_tokens: 11, output_tokens: 3, cache_read_input_tokens: 60, cache_creation_input_tokens: 30 }),
      { ...plain, total: 101, uncached: 11, cacheRead: 60, cacheWriteOther: 30 }
    )
  })

  it("with a body and the answer's text or message is one of grade B", () => {
    for (const output of ["hello", { role: "assistant", content: "hello" }]) {
      const call = one({ input: body, output })
      assert.deepStrictEqual(told(call), hello)
      assert.strictEqual(call.fidelity.grade, "B")
      assert.strictEqual(call.request.params.temperature, 0)
    }
  })

  it("with messages takes the model, the tools and the counts from beside them", () => {
    const usage = { prompt_tokens: 8, completion_tokens: 1, total_tokens: 9 }
    const call = one({ input: messages, output: "hello", model: "gpt-4o", usage })
    assert.deepStrictEqual(told(call), hello)
    assert.strictEqual(call.request.model, "gpt-4o")
    assert.deepStrictEqual([call.usage.input?.total, call.usage.output?.total], [8, 1])
    assert.strictEqual(call.fidelity.grade, "B")
    assert.deepStrictEqual(call.labels, {})
    assert.match(skipsIn(read({ input: messages, output: "hello" })).join(), /model/)
  })

  it("with the text of a prompt is one only where a model is named, and its system prompt is not known", () => {
    const call = one({ input: "hi", output: "hello", model: "m" })
    assert.deepStrictEqual(told(call), ["user: hi", "-> hello"])
    assert.strictEqual(call.fidelity.parts["system"], "unknown")
    assert.isFalse(sniffed({ input: "hi", output: "hello" }))
  })

  it("of another log is left to it", () => {
    for (const row of [
      { input: body, output: answer, span_attributes: {}, root_span_id: "1" },
      { input: [1, 2], output: "x", model: "m" },
      { input: body, output: 7 },
      { input: body }
    ])
      assert.isFalse(sniffed(row), JSON.stringify(row))
  })

  it("of the wrong kinds everywhere never throws", () => {
    const rows = [
      { input: body, output: answer },
      { input: messages, output: "hello", model: "m" }
    ]
    for (const row of rows)
      for (const wrong of mutations(row, 300, 11)) {
        sniffed(wrong)
        for (const call of callsIn(read(wrong)))
          assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
      }
  })
})
