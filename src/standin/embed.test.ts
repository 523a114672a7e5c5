import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { readEmbedding, vectorOf } from "./embed.ts"
import { serve } from "./Fleet.ts"

const cosine = (one: string, other: string) => {
  const b = vectorOf(other)
  return vectorOf(one).reduce((sum, x, i) => sum + x * b[i]!, 0)
}

describe("the simulated embedding model", () => {
  it("puts alike texts near, unlike ones far, and is blind to what a word turns round", () => {
    assert.closeTo(cosine("Refund issued", "refund   ISSUED "), 1, 1e-12)
    assert.isAbove(cosine("your refund was issued", "your refund was not issued"), 0.8)
    assert.isBelow(cosine("your refund was issued", "bananas in warm kitchens"), 0.4)
    assert.isTrue(vectorOf("").every(Number.isFinite))
  })

  it("takes one text or several, none of them empty", () => {
    assert.deepInclude(readEmbedding({ model: "m", input: "12345" }), { texts: ["12345"], tokens: 2 })
    assert.deepInclude(readEmbedding({ model: "m", input: ["a", "b"] }), { texts: ["a", "b"], tokens: 2 })
    for (const input of ["", [], ["a", ""], 3, null]) assert.property(readEmbedding({ input }), "message")
  })

  it.live("answers in the words of each wire, and refuses what it does not make", () =>
    Effect.gen(function* () {
      const fleet = yield* serve()
      const post = (path: string, body: object) =>
        Effect.promise(async () => {
          const response = await fetch(fleet.url + path, { method: "POST", body: JSON.stringify(body) })
          return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> }
        })
      const asked = { model: "sim-embed", input: ["one", "two"] }
      const openai = yield* post("/v1/embeddings", asked)
      assert.deepStrictEqual(openai.body["usage"], { prompt_tokens: 2, total_tokens: 2 })
      const data = ["one", "two"].map((text, index) => ({ object: "embedding", index, embedding: vectorOf(text) }))
      assert.deepStrictEqual(openai.body["data"], data)
      const ollama = yield* post("/api/embed", asked)
      assert.deepStrictEqual(ollama.body["embeddings"], ["one", "two"].map(vectorOf))
      const refused = yield* Effect.forEach(["/v1/embeddings", "/api/embed"], (path) =>
        Effect.all([post(path, { ...asked, model: "sim-nano" }), post(path, { ...asked, input: "" })])
      )
      assert.deepStrictEqual(
        refused.flat().map(({ status }) => status),
        [404, 400, 404, 400]
      )
      const { models, statuses } = yield* fleet.stats
      assert.deepInclude(models["sim-embed"], { answered: 2, promptTokens: 4, completionTokens: 0 })
      assert.deepStrictEqual(statuses, { "200": 2, "400": 2, "404": 2 })
    })
  )
})
