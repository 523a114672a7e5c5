import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"

import { readRequest } from "../wires/openaiResponses.ts"
import { prepareResponse } from "./responses.ts"

const archived = (body: object) => Result.getOrThrow(readRequest({ model: "gpt-4o", ...body }))
const sent = (body: object) => Result.getOrThrow(prepareResponse(archived(body)))

const user = { role: "user", content: "Go on." }
const thought = { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "Hm." }] }
const call = {
  type: "function_call",
  id: "fc_1",
  call_id: "call_1",
  name: "lookup",
  arguments: "{}",
  status: "completed"
}
const result = { type: "function_call_output", call_id: "call_1", output: "Paris" }

describe("a Responses request that is sent again", () => {
  it("asks the provider to keep nothing, and to answer at once", () => {
    const { body } = sent({ input: "Hi", store: true, background: true, stream: true, stream_options: {}, user: "u" })
    assert.deepStrictEqual(body, { model: "gpt-4o", input: "Hi", user: "u", store: false })
  })

  it("names no item by the id it was kept under", () => {
    const said = {
      type: "message",
      id: "msg_1",
      status: "completed",
      role: "assistant",
      content: [{ type: "output_text", text: "I look it up.", annotations: [] }]
    }
    const { body, losses } = sent({ input: [user, said, call, { ...result, id: "fco_1" }, user] })
    const { id: _said, ...message } = said
    const { id: _call, ...bare } = call
    assert.deepStrictEqual(body["input"], [user, message, bare, result, user])
    assert.deepStrictEqual(losses, [])
  })

  it("carries thinking that it holds, and names as a loss what only the provider has", () => {
    const whole = { ...thought, encrypted_content: "gAAA" }
    const kept = sent({ input: [user, whole, call, result] })
    const { id: _id, ...bare } = whole
    assert.deepStrictEqual((kept.body["input"] as ReadonlyArray<unknown>)[1], bare)
    assert.deepStrictEqual(kept.losses, [])
    const open = { type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "Hm." }] }
    assert.deepStrictEqual(
      (sent({ input: [user, open, call, result] }).body["input"] as ReadonlyArray<unknown>)[1],
      open
    )
    const { body, losses } = sent({ input: [user, thought, call, result] })
    assert.lengthOf(body["input"] as ReadonlyArray<unknown>, 3)
    assert.deepStrictEqual(
      losses.map(({ what }) => what),
      ["thinking"]
    )
  })

  it("asks a model that thinks for its thinking, so that a next round can go on from it", () => {
    const asked = (model: string, include?: ReadonlyArray<string>) =>
      sent({ model, input: "Hi", ...(include === undefined ? {} : { include }) }).body["include"]
    assert.deepStrictEqual(asked("o4-mini"), ["reasoning.encrypted_content"])
    assert.deepStrictEqual(asked("gpt-5-mini", ["x", "reasoning.encrypted_content"]), [
      "x",
      "reasoning.encrypted_content"
    ])
    assert.deepStrictEqual(asked("gpt-4o", ["x"]), ["x"])
    assert.isUndefined(asked("gpt-4o"))
  })

  it("is sent with its history where the archive has it, and cannot be sent where only the provider does", () => {
    const follows = archived({ input: "And Italy?", previous_response_id: "resp_1" })
    const why = (request: typeof follows) => Result.getOrThrow(Result.flip(prepareResponse(request))).message
    assert.strictEqual(
      why(follows),
      "the history before this request is kept at its provider under resp_1 and is not in the archive"
    )
    assert.include(why(archived({ input: "Hi", conversation: "conv_1" })), "conv_1")
    assert.include(why(archived({ input: [{ type: "item_reference", id: "msg_1" }, user] })), "msg_1")
    const resolved = {
      ...follows,
      messages: [...archived({ input: "And France?" }).messages, ...follows.messages],
      serverState: { previousResponseId: "resp_1", resolved: true }
    }
    const { body } = Result.getOrThrow(prepareResponse(resolved))
    assert.lengthOf(body["input"] as ReadonlyArray<unknown>, 2)
    assert.notInclude(JSON.stringify(body), "resp_1")
  })
})
