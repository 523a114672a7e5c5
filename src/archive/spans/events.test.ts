import { assert, describe, it } from "@effect/vitest"

import type { Block } from "../../domain/Message.ts"
import { fidelityOf } from "../fidelity.ts"
import { exchangeOf } from "./span.ts"

const word = (block: Block): string => {
  switch (block.type) {
    case "text":
      return block.text
    case "thinking":
      return `(${block.text})`
    case "tool_use":
      return `${block.name}#${block.id}${JSON.stringify(block.input)}`
    case "tool_result":
      return `#${block.toolUseId}=${block.content.map(word).join("")}${block.isError === true ? "!" : ""}`
    default:
      return block.type
  }
}

const event = (name: string, attributes: Readonly<Record<string, unknown>>) => ({ name: `gen_ai.${name}`, attributes })

const read = (...events: ReadonlyArray<ReturnType<typeof event>>) => {
  const exchange = exchangeOf({
    name: "chat",
    attributes: { "gen_ai.operation.name": "chat", "gen_ai.request.model": "m" },
    events
  })
  const { recorded, request, response, usage } = exchange
  const billed = { nanoUsd: null, basis: "none", billing: "unknown" } as const
  const timing = { startedAt: null, basis: "reported" } as const
  return {
    told: [
      ...request.messages.map(({ blocks, role }) => `${role}: ${blocks.map(word).join(" + ")}`),
      `-> ${response.blocks.map(word).join(" + ")}`
    ],
    stop: response.stopReason,
    alternatives: response.alternatives?.map((blocks) => blocks.map(word).join("")),
    fidelity: fidelityOf({ request, response, usage, billed, timing }, recorded)
  }
}

describe("a call told by the events of its span", () => {
  it("is read from attributes, the message of the choice being JSON", () => {
    const { fidelity, stop, told } = read(
      event("system.message", { content: "Be brief." }),
      event("user.message", { content: "q" }),
      event("assistant.message", {
        tool_calls: '[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\\"a\\":1}"}}]'
      }),
      event("tool.message", { content: "42", id: "c1" }),
      event("choice", { index: 0, finish_reason: "stop", message: '{"role":"assistant","content":"a"}' })
    )
    assert.deepStrictEqual(told, ["system: Be brief.", "user: q", 'assistant: f#c1{"a":1}', "tool: #c1=42", "-> a"])
    assert.strictEqual(stop, "end")
    assert.strictEqual(fidelity.parts["history"], "verbatim")
    assert.strictEqual(fidelity.parts["response"], "verbatim")
  })

  it("is read from one attribute, as Azure's libraries write it", () => {
    const { stop, told } = read(
      event("user.message", {
        "gen_ai.system": "az.ai.inference",
        "gen_ai.event.content": '{"role":"user","content":"q"}'
      }),
      event("choice", {
        "gen_ai.event.content":
          '{"message":{"content":"a","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls","index":0}'
      })
    )
    assert.deepStrictEqual(told, ["user: q", "-> a + f#c1{}"])
    assert.strictEqual(stop, "tool_use")
  })

  it("is read from Bedrock's blocks, as Strands writes them", () => {
    const { stop, told } = read(
      event("system.message", { content: '[{"text":"Be brief."}]' }),
      event("user.message", { content: '[{"text":"q"}]' }),
      event("assistant.message", { content: '[{"toolUse":{"toolUseId":"t1","name":"f","input":{"a":1}}}]' }),
      event("tool.message", {
        content: '[{"toolResult":{"toolUseId":"t1","status":"error","content":[{"text":"no"}]}}]'
      }),
      event("choice", {
        finish_reason: "tool_use",
        message:
          '[{"reasoningContent":{"reasoningText":{"text":"hm","signature":"s"}}},{"text":"a"},{"toolUse":{"toolUseId":"t2","name":"g","input":{}}}]'
      })
    )
    assert.deepStrictEqual(told, [
      "system: Be brief.",
      "user: q",
      'assistant: f#t1{"a":1}',
      "tool: #t1=no!",
      "-> (hm) + a + g#t2{}"
    ])
    assert.strictEqual(stop, "tool_use")
  })

  it("has the choice of the lowest index as its answer, numbers being texts or not", () => {
    const { alternatives, told } = read(
      event("user.message", { content: "q" }),
      event("choice", { index: "1", message: '{"content":"b"}' }),
      event("choice", { index: "0", message: '{"content":"a"}' })
    )
    assert.deepStrictEqual([told[1], alternatives], ["-> a", ["b"]])
  })

  it("keeps what was said where it only looks like JSON", () => {
    const { told } = read(
      event("user.message", { content: '[{"id":1,"text":"x"}]' }),
      event("choice", { message: '{"city":"Rome"}' })
    )
    assert.deepStrictEqual(told, ['user: [{"id":1,"text":"x"}]', '-> {"city":"Rome"}'])
  })

  it("without recorded content holds none, instead of the event's own fields", () => {
    const { fidelity, told } = read(
      event("user.message", { "gen_ai.system": "openai" }),
      event("choice", { index: 0, finish_reason: "stop" })
    )
    assert.deepStrictEqual(told, ["-> "])
    assert.strictEqual(fidelity.grade, "D")
    const half = read(
      event("user.message", { content: "q" }),
      event("choice", { "gen_ai.event.content": '{"finish_reason":"stop","index":0}' })
    )
    assert.deepStrictEqual(half.told, ["user: q", "-> "])
    assert.strictEqual(half.fidelity.grade, "C")
    assert.include(half.fidelity.notes, "the answer was not logged")
  })

  it("loses fidelity where its JSON was cut or cannot be read, and says so", () => {
    const cut = read(
      event("user.message", { content: '[{"text":"a long quest' }),
      event("choice", { message: '[{"text":"a long ans' })
    )
    assert.strictEqual(cut.fidelity.grade, "C")
    assert.deepStrictEqual([cut.fidelity.parts["history"], cut.fidelity.parts["response"]], ["truncated", "truncated"])
    const odd = read(
      event("user.message", { "gen_ai.event.content": "{'role': 'user', 'content': 'q'}" }),
      event("user.message", { content: "and?" }),
      event("choice", { "gen_ai.event.content": "{'message': {'content': 'a'}}" })
    )
    assert.strictEqual(odd.fidelity.grade, "C")
    assert.deepStrictEqual([odd.fidelity.parts["history"], odd.fidelity.parts["response"]], ["partial", "partial"])
    assert.include(odd.fidelity.notes, "1 of the messages cannot be read")
  })
})
