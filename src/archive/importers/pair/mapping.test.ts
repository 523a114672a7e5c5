import { assert, describe, it } from "@effect/vitest"

import { Fault } from "../../../domain/Fault.ts"
import { callsIn, mutations, readRows, skipsIn } from "../../testReading.ts"
import { pair } from "../pair.ts"
import { valueAt } from "./mapping.ts"

const read = (mapping: unknown, ...rows: ReadonlyArray<unknown>) => readRows(pair, { "log.jsonl": rows }, { mapping })
const faultOf = (mapping: unknown): string => {
  try {
    pair.start({ mapping })
    return "none"
  } catch (fault) {
    assert.instanceOf(fault, Fault)
    assert.strictEqual(fault.kind, "input")
    return fault.message
  }
}

const request = { model: "gpt-4o", messages: [{ role: "user", content: "hi" }] }
const response = {
  id: "chatcmpl-1",
  object: "chat.completion",
  model: "gpt-4o-2024-08-06",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hello" } }],
  usage: { prompt_tokens: 8, completion_tokens: 1, total_tokens: 9 }
}

describe("a mapping", () => {
  it("finds whole bodies, and what stands beside them, wherever a row keeps them", () => {
    const row = {
      payload: JSON.stringify({ req: request, "res/ponse": response }),
      meta: { team: "payments", who: ["ana"], at: 1785578400, ms: 812, usd: "0.0012", run: "s1", "a~b": "x" }
    }
    const [call] = callsIn(
      read(
        {
          request: "/payload/req",
          response: "/payload/res~1ponse",
          user: "/meta/who/0",
          time: "/meta/at",
          latencyMs: "/meta/ms",
          cost: "/meta/usd",
          session: "/meta/run",
          labels: { team: "/meta/team", tilde: "/meta/a~0b" }
        },
        row
      )
    )
    assert.deepStrictEqual(call?.request.messages[0]?.blocks, [{ type: "text", text: "hi" }])
    assert.strictEqual(call?.usage.input?.total, 8)
    assert.deepStrictEqual(call?.labels, { engineer: "ana", team: "payments", tilde: "x" })
    assert.deepStrictEqual(call?.timing, { startedAt: "2026-08-01T10:00:00.000Z", latencyMs: 812, basis: "reported" })
    assert.strictEqual(call?.billed.nanoUsd, "1200000")
    assert.strictEqual(call?.grouping.sessionId, "s1")
    assert.strictEqual(call?.fidelity.grade, "A")
  })

  it("puts a call together from its parts; what the rows do not hold is said", () => {
    const mapping = {
      model: "/model",
      messages: "/chat",
      system: "/sys",
      answer: "/reply",
      usage: { input: "/in", output: "/out", cacheRead: "/cached", reasoning: "/thought" }
    }
    const row = {
      model: "gpt-4o",
      sys: "Be brief.",
      chat: request.messages,
      reply: "hello",
      in: 100,
      out: 20,
      cached: 64,
      thought: 0
    }
    const [call] = callsIn(read(mapping, row))
    assert.strictEqual(call?.request.wire, "openai.chat")
    assert.deepStrictEqual(
      call?.request.messages.map((message) => message.role),
      ["system", "user"]
    )
    assert.deepStrictEqual(call?.response.blocks, [{ type: "text", text: "hello" }])
    assert.strictEqual(call?.response.stopReason, "unknown")
    assert.strictEqual(call?.usage.input?.cacheRead, 64)
    assert.strictEqual(call?.usage.output?.text, 20)
    assert.isNull(call?.request.tools)
    assert.deepStrictEqual(
      [call?.fidelity.grade, call?.fidelity.parts["tools"], call?.fidelity.parts["params"]],
      ["B", "unknown", "unknown"]
    )
    const whole = { ...mapping, tools: "/tools", params: "/settings" }
    const [exact] = callsIn(read(whole, { ...row, tools: [], settings: { temperature: 0.2 } }))
    assert.strictEqual(exact?.fidelity.grade, "A")
    assert.strictEqual(exact?.request.params.temperature, 0.2)
  })

  it("reads Anthropic's shape where it shows, or where it is told, and counts as that wire does", () => {
    const mapping = {
      model: "/m",
      messages: "/chat",
      answer: "/reply",
      usage: { input: "/in", output: "/out", cacheRead: "/cached" },
      wire: "anthropic.messages"
    }
    const [call] = callsIn(
      read(mapping, {
        m: "claude-opus-4-6",
        chat: "hi",
        reply: [{ type: "text", text: "hello" }],
        in: 10,
        out: 2,
        cached: 90
      })
    )
    assert.strictEqual(call?.request.wire, "anthropic.messages")
    assert.strictEqual(call?.usage.input?.total, 100)
    assert.strictEqual(call?.fidelity.parts["system"], "unknown")
  })

  it("of counts alone gives calls of grade D", () => {
    const [call] = callsIn(
      read({ model: "/m", usage: { input: "/in", output: "/out" } }, { m: "gpt-4o", in: 10, out: 2 })
    )
    assert.strictEqual(call?.fidelity.grade, "D")
    assert.deepStrictEqual([call?.usage.input?.total, call?.usage.output?.total], [10, 2])
  })

  it("whose pointer finds nothing in any row says which", () => {
    const found = read(
      { request: "/request", response: "/response", labels: { team: "/meta/team" } },
      { request, response },
      { request, response: { ...response, id: "2" } }
    )
    assert.strictEqual(callsIn(found).length, 2)
    assert.deepStrictEqual(skipsIn(found), [], "a pointer is no record")
    assert.deepStrictEqual(
      found.flatMap((one) => (one._tag === "Other" ? [one.type] : [])),
      [`the mapping's labels.team ("/meta/team") finds nothing in any of the 2 rows`]
    )
  })

  it("that is wrong is a fault that names each place and what would be right", () => {
    assert.include(faultOf({ request: "data/request", response: "/r" }), "request: Expected a JSON pointer")
    assert.include(faultOf({ request: "/a~2", response: "/r" }), "~1")
    const several = faultOf({ requests: "/a", response: "/b", labels: { team: "meta" }, usage: { total: 3 } })
    for (const part of [
      "requests: unknown key; allowed here: request, response",
      "labels.team: Expected a JSON pointer",
      "usage.total"
    ])
      assert.include(several, part)
    assert.include(faultOf({ model: "/m" }), "Expected `request` and `response`")
    assert.include(faultOf({ request: "/a", messages: "/b" }), "Expected either")
    assert.include(faultOf(["/a"]), "the mapping")
    assert.include(faultOf({ request: "/a", response: "/b", wire: "openai" }), "openai.chat")
  })

  it("over rows of the wrong kinds everywhere never throws", () => {
    const mapping = {
      model: "/m",
      messages: "/chat",
      system: "/s",
      tools: "/t",
      params: "/p",
      answer: "/reply",
      usage: { input: "/in" },
      labels: { x: "/x" }
    }
    const row = { m: "gpt-4o", chat: request.messages, s: "x", t: [], p: { n: 1 }, reply: response, in: 3, x: "y" }
    for (const mutated of mutations(row, 300, 17)) assert.doesNotThrow(() => read(mapping, mutated))
  })
})

describe("a pointer", () => {
  it("leads through objects, lists and JSON in texts, and nowhere else", () => {
    const row = JSON.parse('{"a":{"b":[{"c":1},2]},"":{"x":3},"text":"{\\"d\\":[4]}","__proto__":{"p":5}}')
    for (const [pointer, value] of [
      ["", row],
      ["/a/b/0/c", 1],
      ["/a/b/1", 2],
      ["//x", 3],
      ["/text/d/0", 4],
      ["/__proto__/p", 5],
      ["/a/b/01", undefined],
      ["/a/b/-", undefined],
      ["/a/constructor", undefined],
      ["/a/b/length", undefined],
      ["/nothing/here", undefined]
    ] as const)
      assert.deepStrictEqual(valueAt(row, pointer), value, pointer)
  })
})
