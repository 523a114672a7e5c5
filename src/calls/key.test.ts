import { assert, describe, it } from "@effect/vitest"

import { askedFor, keyOf, type Question } from "./key.ts"

const question: Question = {
  kind: "openai",
  host: "https://api.example.com/v1",
  body: { model: "small", messages: [{ role: "user", content: "Hello" }], temperature: 0 },
  series: "candidate",
  repeat: 0
}

describe("the key of an answer", () => {
  it("is the same for the same request, however its keys are ordered", () => {
    const body = { temperature: 0, messages: [{ content: "Hello", role: "user" }], model: "small" }
    assert.strictEqual(keyOf({ ...question, body }), keyOf(question))
    assert.match(keyOf(question), /^[0-9a-f]{64}$/)
  })

  it("differs with everything that can change the answer", () => {
    const others: ReadonlyArray<Partial<Question>> = [
      { kind: "ollama" },
      { host: "https://other.example.com/v1" },
      { body: { ...question.body, temperature: 0.1 } },
      { body: { ...question.body, model: "large" } },
      { series: "floor" },
      { series: "judge" },
      { repeat: 1 }
    ]
    const keys = [question, ...others.map((other) => ({ ...question, ...other }))].map(keyOf)
    assert.strictEqual(new Set(keys).size, keys.length)
  })

  it("stays what it was, so that answers bought earlier are found", () => {
    assert.strictEqual(keyOf(question), "b2b24c0410e8c0303a3228eb53155efa2e52ef05bda8e3d325f4009df29b51b0")
  })
})

describe("for whom an answer was bought", () => {
  it("is 24 hex digits, others for another setup or case", () => {
    const all = [askedFor("small", "case-1"), askedFor("small", "case-2"), askedFor("floor", "case-1")]
    for (const one of all) assert.match(one, /^[0-9a-f]{24}$/)
    assert.strictEqual(new Set(all).size, 3)
  })
})
