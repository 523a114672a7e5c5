import { assert, describe, it } from "@effect/vitest"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"

import { expandSetups, Setups } from "./setups.ts"

const rung = { provider: "fleet", model: "small" }
const criteria = [{ name: "right", description: "it is right" }]
const cascade = (rule: object) => [{ cascade: [rung, "incumbent"], when: [rule] }]
const read = (rule: object) => Schema.decodeUnknownExit(Setups, { onExcessProperty: "error" })(cascade(rule))
const rulesOf = (rule: object) => {
  const exit = read(rule)
  return Exit.isSuccess(exit) ? expandSetups({ setups: exit.value })[0]?.escalate?.when : undefined
}
const judged = { judgeBelow: 0.6, provider: "court", model: "judge", criteria }

describe("a rule that asks a judge", () => {
  it("may allow a judge of the family that it judges", () => {
    assert.deepStrictEqual(rulesOf({ ...judged, ownFamily: true }), [{ ...judged, ownFamily: true }])
    assert.deepStrictEqual(rulesOf({ ...judged, ownFamily: false }), [judged], "which changes no setup's id")
    assert.deepStrictEqual(rulesOf(judged), [judged])
  })

  it("says it with true or false, and agreement asks no judge", () => {
    for (const wrong of [
      { ...judged, ownFamily: "yes" },
      { agreementBelow: 0.8, ownFamily: true }
    ])
      assert.isTrue(Exit.isFailure(read(wrong)), JSON.stringify(wrong))
    assert.include(String(read({ agreementBelow: 0.8, ownFamily: true })), "goes with `judgeBelow`")
  })
})
