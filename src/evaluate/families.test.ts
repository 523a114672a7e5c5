import { assert, describe, it } from "@effect/vitest"

import { type EscalationRule, setupOf } from "../domain/Setup.ts"
import { ownFamily, ownFamilyInRules } from "./families.ts"

const grader = (model: string, own = false) => ({
  id: "judge",
  asks: [{ provider: "court", model, ownFamily: own }]
})
const judged = (model: string, more: Pick<Extract<EscalationRule, { judgeBelow: number }>, "ownFamily"> = {}) => ({
  judgeBelow: 0.6,
  provider: "court",
  model,
  criteria: [],
  ...more
})
const premium = { provider: "openai", model: "gpt-5" }
const haiku = setupOf("anthropic", "claude-haiku", {})
const mini = setupOf("openai", "gpt-5-mini", {})
const families = (clashes: ReadonlyArray<{ readonly family: string }>) => clashes.map(({ family }) => family)

describe("a judge of a grader", () => {
  it("clashes with setups of its own family, unless it may judge them", () => {
    const clashes = ownFamily([grader("claude-opus")], [haiku, mini], premium)
    assert.deepStrictEqual(
      clashes.map(({ family, setup }) => [family, setup.id]),
      [["anthropic", haiku.id]]
    )
    assert.deepStrictEqual(ownFamily([grader("claude-opus", true)], [haiku], premium), [])
    assert.deepStrictEqual(ownFamily([{ id: "exact", asks: [] }], [haiku], premium), [])
  })

  it("clashes with every setup of a cascade, the incumbent at its end too", () => {
    const whole = setupOf("anthropic", "claude-haiku", {}, { when: ["refusal"], to: "incumbent" })
    const found = (model: string, incumbent = premium) => families(ownFamily([grader(model)], [whole], incumbent))
    assert.deepStrictEqual(found("gpt-5-nano"), ["openai"])
    assert.deepStrictEqual(found("gpt-5-nano", { provider: "google", model: "gemini-pro" }), [])
    assert.deepStrictEqual(found("claude-opus"), ["anthropic"])
    const longer = setupOf("google", "gemini-flash", {}, { when: ["refusal"], to: whole })
    assert.deepStrictEqual(families(ownFamily([grader("claude-opus")], [longer], premium)), ["anthropic"])
  })

  it("does not clash with the incumbent where no setup ends in it", () => {
    assert.deepStrictEqual(ownFamily([grader("gpt-5-nano")], [haiku], premium), [])
  })
})

describe("a judge of a cascade's rule", () => {
  it("clashes with the setup whose answers it judges, unless the rule allows it", () => {
    const of = (rule: EscalationRule) => setupOf("anthropic", "claude-haiku", {}, { when: ["refusal", rule], to: mini })
    const [clash, ...more] = ownFamilyInRules([of(judged("claude-opus")), mini])
    assert.deepStrictEqual(
      [clash?.family, clash?.rung.model, clash?.rule.model],
      ["anthropic", "claude-haiku", "claude-opus"]
    )
    assert.strictEqual(more.length, 0)
    assert.deepStrictEqual(ownFamilyInRules([of(judged("claude-opus", { ownFamily: true }))]), [])
    assert.deepStrictEqual(ownFamilyInRules([of(judged("gemini-pro"))]), [])
    assert.deepStrictEqual(ownFamilyInRules([of({ agreementBelow: 0.8 })]), [])
  })

  it("does not clash with the last setup, whose answers it never sees", () => {
    const rule = judged("gpt-5")
    const last = setupOf("anthropic", "claude-haiku", {}, { when: [rule], to: mini })
    assert.deepStrictEqual(ownFamilyInRules([last]), [])
    assert.deepStrictEqual(
      ownFamilyInRules([setupOf("anthropic", "claude-haiku", {}, { when: [rule], to: "incumbent" })]),
      []
    )
    const middle = setupOf("openai", "gpt-5-mini", {}, { when: [rule], to: "incumbent" })
    const whole = setupOf("anthropic", "claude-haiku", {}, { when: [rule], to: middle })
    assert.deepStrictEqual(
      ownFamilyInRules([whole]).map(({ rung }) => rung.model),
      ["gpt-5-mini"]
    )
  })
})
