import { assert, describe, it } from "@effect/vitest"

import { answer, seenCase } from "../testing/grading.ts"
import { likeness } from "./likeness.ts"

const { request } = seenCase()
const call = (name: string, args: object) => ({ name, arguments: args })

describe("how alike two answers are", () => {
  const rows = [
    ["the same text", answer("The refund is issued."), answer(" The refund is issued.\n"), 1],
    ["words in common, whatever their order", answer("a b c d"), answer("d c b x"), 0.75],
    ["nothing in common", answer("yes"), answer("no"), 0],
    ["an empty one", answer("yes"), answer(""), 0],
    ["the same JSON, otherwise written", answer('{"a":1,"b":2}'), answer('```json\n{ "b": 2, "a": 1 }\n```'), 1],
    ["JSON with half its leaves equal", answer('{"a":1,"b":2}'), answer('{"a":1,"b":3}'), 0.5],
    ["JSON against text", answer('{"a":1}'), answer("sorry"), 0],
    [
      "the same calls in another order",
      answer("", [call("a", { x: 1 }), call("b", {})]),
      answer("", [call("b", {}), call("a", { x: 1 })]),
      1
    ],
    ["one call of two", answer("", [call("a", { x: 1 }), call("b", {})]), answer("", [call("a", { x: 1 })]), 0.5],
    ["a call against words", answer("", [call("a", {})]), answer("done"), 0],
    ["another tool", answer("", [call("a", { x: 1 })]), answer("", [call("b", { x: 1 })]), 0]
  ] as const
  for (const [name, one, other, alike] of rows) {
    it(`${name}: ${alike}, both ways round`, () => {
      assert.strictEqual(likeness(one, other, request), alike)
      assert.strictEqual(likeness(other, one, request), alike)
    })
  }

  it("counts an argument that differs, and never calls with unreadable arguments as alike", () => {
    const alike = likeness(answer("", [call("a", { x: 1, y: 2 })]), answer("", [call("a", { x: 1, y: 3 })]), request)
    assert.isTrue(alike > 0 && alike < 1)
    const torn = answer("", [{ name: "a", arguments: {}, error: "no JSON" }])
    assert.strictEqual(likeness(torn, torn, request), 0)
  })
})
