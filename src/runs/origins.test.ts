import { assert, describe, it } from "@effect/vitest"

import { originsOf } from "./origins.ts"

describe("where answers came from", () => {
  const found = (all: boolean, ...came: ReadonlyArray<readonly [string, boolean]>) => {
    const said: Array<string> = []
    const origins = originsOf(all, (sentence) => said.push(sentence))
    for (const [provider, simulated] of came) origins.came(provider, simulated)
    return { doc: origins.doc, only: origins.only, said: said.length }
  }
  it("is simulated only where an answer says so, and in part where another does not", () => {
    assert.deepStrictEqual(found(false), { doc: { simulated: false }, only: false, said: 0 })
    assert.deepStrictEqual(found(false, ["a", false]), { doc: { simulated: false }, only: false, said: 0 })
    assert.deepStrictEqual(found(false, ["a", true], ["a", true]), { doc: { simulated: true }, only: true, said: 1 })
    assert.deepStrictEqual(found(false, ["b", true], ["a", true]), { doc: { simulated: true }, only: true, said: 2 })
    const part = { simulated: true, simulatedProviders: ["b"] }
    assert.deepStrictEqual(found(false, ["b", true], ["a", false]), { doc: part, only: false, said: 1 })
    assert.deepStrictEqual(found(false, ["b", true], ["b", false]), { doc: part, only: false, said: 1 })
  })
  it("is known from the start in a demonstration, and not told again", () => {
    assert.deepStrictEqual(found(true, ["a", true], ["b", false]), { doc: { simulated: true }, only: true, said: 0 })
  })
})
