import { assert, describe, it } from "@effect/vitest"

import type { CallRequest, CallResponse } from "../domain/Call.ts"
import { repairRequest, repairWords, shortened } from "./repair.ts"

const request: CallRequest = {
  wire: "openai.chat",
  model: "small",
  messages: [{ role: "user", blocks: [{ type: "text", text: "?" }] }],
  tools: [],
  params: {}
}
const response: CallResponse = { blocks: [{ type: "text", text: "wrong" }], stopReason: "end", complete: true }
const failure = (use: string, message: string) => ({ use, pass: false, message })
const told = (asked: CallRequest) => JSON.stringify(asked.messages.at(-1))

describe("a repair round", () => {
  it("goes on from the answer that failed, and says what failed", () => {
    const asked = repairRequest(request, response, [failure("schema", "total is missing")])
    assert.deepStrictEqual(
      asked.messages.map(({ role }) => role),
      ["user", "assistant", "user"]
    )
    assert.include(told(asked), "- schema: total is missing")
  })

  it("says it in the suite's own words, check by check; what a message holds is no template", () => {
    const wordsOf = (use: string) =>
      use === "tests" ? { ...repairWords, message: "Tests of {check} say {message}. Fix the code." } : repairWords
    const asked = repairRequest(
      request,
      response,
      [failure("tests", "{check} $& 1 failed"), failure("b", "no")],
      wordsOf
    )
    assert.include(told(asked), "- Tests of tests say {check} $& 1 failed. Fix the code.")
    assert.include(told(asked), "- b: no")
  })

  it("answers calls of tools with it", () => {
    const call = { type: "tool_use", id: "1", name: "t", input: {}, kind: "function" } as const
    const asked = repairRequest(request, { ...response, blocks: [call] }, [failure("args", "no such tool")])
    assert.deepInclude(asked.messages.at(-1), { role: "tool" })
    assert.include(told(asked), "no such tool")
  })
})

describe("a long message", () => {
  it("keeps its head and tail, and says how much is left out", () => {
    assert.strictEqual(shortened("abcdefghij", 10), "abcdefghij")
    assert.strictEqual(shortened("abcdefghij", 5), "abc\n[... 5 characters left out ...]\nij")
    const long = `first ${"x".repeat(90_000)} last`
    const asked = told(repairRequest(request, response, [failure("log", long)]))
    assert.isBelow(asked.length, 4_400)
    assert.include(asked, "log: first x")
    assert.include(asked, "x last")
  })

  it("is not cut within a character", () => {
    for (let limit = 1; limit < 12; limit++)
      assert.isTrue(shortened("\u{1F600}".repeat(6), limit).isWellFormed(), String(limit))
  })
})
