import { assert, describe, it } from "@effect/vitest"

import { digestOf } from "./digest.ts"
import { setupOf } from "./Setup.ts"

describe("a setup's id", () => {
  it("names only the axes that differ from their defaults", () => {
    assert.strictEqual(setupOf("fleet", "small", { repairs: 0 }).id, setupOf("fleet", "small", {}).id)
    assert.notStrictEqual(setupOf("fleet", "small", { repairs: 2 }).id, setupOf("fleet", "small", {}).id)
    assert.notStrictEqual(setupOf("fleet", "small", { temperature: 0 }).id, setupOf("fleet", "small", {}).id)
  })

  it("does not depend on the order of the axes", () => {
    assert.strictEqual(
      setupOf("fleet", "small", { temperature: 0, repairs: 2 }).id,
      setupOf("fleet", "small", { repairs: 2, temperature: 0 }).id
    )
  })

  it("has a label for people", () => {
    assert.strictEqual(setupOf("fleet", "small", { temperature: 0, repairs: 0 }).label, "fleet/small temperature=0")
  })
})

describe("a digest", () => {
  it("is of the canonical JSON: key order and absent keys do not matter", () => {
    assert.strictEqual(digestOf({ b: 1, a: [true, null] }), digestOf({ a: [true, null], b: 1, c: undefined }))
    assert.strictEqual(digestOf({}), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
  })
})
