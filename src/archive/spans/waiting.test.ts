import { assert, describe, it } from "@effect/vitest"

import type { ArchivedCall } from "../../domain/Call.ts"
import { archivedCall } from "../../testing/archivedCall.ts"
import type { Found } from "../contract.ts"
import { Waiting, weightOf } from "./waiting.ts"

const call = (text: string): ArchivedCall => ({ ...archivedCall("x"), labels: { text } })
const settled = (key: string, texts: ReadonlyArray<string>): ReadonlyArray<Found> => [
  { _tag: "Call", call: call(texts.join(" ")), dedupeKey: key },
  { _tag: "Other", type: "trace" }
]
const waiting = (limit?: number) => new Waiting<Array<string>>(() => [], settled, limit)
const shown = (found: ReadonlyArray<Found>) =>
  found.map((one) =>
    one._tag === "Call"
      ? `${one.dedupeKey}: ${one.call.labels["text"]}${(one.rank ?? 0) > 0 ? " (higher)" : ""}`
      : one._tag
  )

describe("what waits for the rest of its trace", () => {
  it("is settled at the end, what names no trace last", () => {
    const all = waiting()
    for (const key of ["", "a", "b", "a"])
      assert.deepStrictEqual(
        all.add(key, 1, (texts) => texts.push("x")),
        []
      )
    assert.deepStrictEqual(shown(all.end()), ["b: x", "Other", "a: x x", "Other", ": x", "Other"])
    assert.deepStrictEqual(all.end(), [])
  })

  it("makes room by settling what was quiet for longest", () => {
    const all = waiting(25)
    all.add("a", 10, (texts) => texts.push("1"))
    all.add("b", 10, (texts) => texts.push("1"))
    all.add("a", 5, (texts) => texts.push("2"))
    assert.deepStrictEqual(shown(all.add("c", 10, (texts) => texts.push("1"))), ["b: 1", "Other"])
    assert.deepStrictEqual(shown(all.end()), ["a: 1 2", "Other", "c: 1", "Other"])
  })

  it("is given as it stands where files are followed: once, and again with a higher rank when it has changed", () => {
    const all = waiting()
    all.add("a", 1, (texts) => texts.push("1"))
    assert.deepStrictEqual(shown(all.pause()), ["a: 1"])
    assert.deepStrictEqual(shown(all.pause()), [])
    all.add("a", 1, (texts) => texts.push("2"))
    all.add("b", 1, (texts) => texts.push("1"))
    assert.deepStrictEqual(shown(all.pause()), ["a: 1 2 (higher)", "b: 1"])
    assert.isTrue(all.touch("a"))
    assert.isFalse(all.touch("c"))
    assert.deepStrictEqual(shown(all.pause()), [])
    // The end tells the rest, and no call a second time.
    assert.deepStrictEqual(shown(all.end()), ["Other", "Other"])
  })

  it("weighs about as much as its text", () => {
    const value = { messages: [{ role: "user", content: "x".repeat(1000) }] }
    assert.isAbove(weightOf(value), 1000)
    assert.isBelow(weightOf(value), 1200)
    assert.isBelow(weightOf(null), 20)
  })
})
