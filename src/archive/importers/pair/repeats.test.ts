import { assert, describe, it } from "@effect/vitest"

import { callsIn, readRows } from "../../testReading.ts"
import { pair } from "../pair.ts"

const row = (more: object = {}, answer: object = {}) => ({
  request: { model: "m", messages: [{ role: "user", content: "hi" }] },
  response: {
    object: "chat.completion",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hello" } }],
    ...answer
  },
  ...more
})
const idsOf = (files: Readonly<Record<string, ReadonlyArray<unknown>>>) =>
  callsIn(readRows(pair, files)).map(({ id }) => id)
const distinct = (ids: ReadonlyArray<string>) => new Set(ids).size

describe("rows that are alike to the letter", () => {
  it("are calls of their own where nothing tells them apart, the same ones whenever the file is read", () => {
    const five = { "a.jsonl": [row(), row(), row(), row(), row()] }
    const first = idsOf(five)
    assert.strictEqual(distinct(first), 5)
    assert.deepStrictEqual(idsOf(five), first)
    assert.deepStrictEqual(idsOf({ "grown.jsonl": [...five["a.jsonl"], row()] }).slice(0, 5), first)
  })

  it("in several files are those of the file that has most of them", () => {
    assert.strictEqual(distinct(idsOf({ "a.jsonl": [row(), row()], "b.jsonl": [row(), row(), row()] })), 3)
  })

  it("are copies where an id or a time stands in them", () => {
    for (const told of [
      row({ id: "1" }),
      row({ ts: 1785578400 }),
      row({}, { id: "c1" }),
      row({}, { created: 1785578400 })
    ])
      assert.strictEqual(distinct(idsOf({ "a.jsonl": [told, told] })), 1, JSON.stringify(told))
  })
})
