import { assert, describe, it } from "@effect/vitest"

import { digestOf } from "./digest.ts"
import { endsInIncumbent, rungsOf, setupOf, targetsOf } from "./Setup.ts"

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

  it("is the one it always was for a setup that is no cascade and draws one sample", () => {
    assert.strictEqual(
      setupOf("fleet", "small", { samples: 1 }).id,
      digestOf({ provider: "fleet", model: "small" }).slice(0, 16)
    )
    assert.notStrictEqual(setupOf("fleet", "small", { samples: 2 }).id, setupOf("fleet", "small", {}).id)
  })
})

describe("a cascade", () => {
  const rule = { judgeBelow: 0.6, provider: "court", model: "judge", criteria: [] }
  const last = setupOf("fleet", "large", {}, { when: [rule], to: "incumbent" })
  const whole = setupOf("fleet", "small", { repairs: 1 }, { when: ["checkFailed", { agreementBelow: 0.8 }], to: last })
  const premium = { provider: "openai", model: "premium" }

  it("has its rules and what follows in its id and label", () => {
    assert.strictEqual(
      whole.label,
      "fleet/small repairs=1, on checkFailed or agreement<0.8: fleet/large, on court/judge<0.6: incumbent"
    )
    const ids = [
      whole,
      setupOf("fleet", "small", { repairs: 1 }),
      setupOf("fleet", "small", { repairs: 1 }, { when: ["checkFailed"], to: last }),
      setupOf("fleet", "small", { repairs: 1 }, { when: ["checkFailed"], to: "incumbent" })
    ].map(({ id }) => id)
    assert.strictEqual(new Set(ids).size, ids.length)
  })

  it("names all its rungs, and every model it may ask once", () => {
    assert.deepStrictEqual(rungsOf(whole), [whole, last, "incumbent"])
    assert.isTrue(endsInIncumbent(whole))
    assert.deepStrictEqual(targetsOf(whole, premium), [
      { provider: "fleet", model: "small" },
      { provider: "fleet", model: "large" },
      { provider: "court", model: "judge" },
      premium
    ])
    const plain = setupOf("fleet", "small", {})
    assert.deepStrictEqual([rungsOf(plain), endsInIncumbent(plain)], [[plain], false])
    assert.deepStrictEqual(targetsOf(plain, premium), [{ provider: "fleet", model: "small" }])
  })
})

describe("a digest", () => {
  it("is of the canonical JSON: key order and absent keys do not matter", () => {
    assert.strictEqual(digestOf({ b: 1, a: [true, null] }), digestOf({ a: [true, null], b: 1, c: undefined }))
    assert.strictEqual(digestOf({}), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
  })
})
