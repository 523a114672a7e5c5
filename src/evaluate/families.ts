import { familiesOf } from "../domain/family.ts"
import { type JudgeRule, rungsOf, type Setup, type Target } from "../domain/Setup.ts"
import type { JudgeModel } from "../graders/contract.ts"
import type { ReadyGrader } from "./gates.ts"

/** A judge that would grade answers of its own family of models. */
export interface FamilyClash {
  readonly grader: string
  readonly judge: JudgeModel
  readonly setup: Setup
  readonly family: string
}

/** Every judge and setup of one family, where the suite does not allow it. All rungs of a cascade count, the incumbent's too where it ends there. */
export const ownFamily = (
  graders: ReadonlyArray<Pick<ReadyGrader, "id" | "asks">>,
  setups: ReadonlyArray<Setup>,
  incumbent: Target | undefined
): ReadonlyArray<FamilyClash> =>
  setups.flatMap((setup) => {
    const families = new Set(
      rungsOf(setup).flatMap((rung) => familiesOf(rung === "incumbent" ? (incumbent?.model ?? "") : rung.model))
    )
    return graders.flatMap(({ asks, id }) =>
      asks.flatMap((judge) => {
        const family = judge.ownFamily ? undefined : familiesOf(judge.model).find((one) => families.has(one))
        return family === undefined ? [] : [{ grader: id, judge, setup, family }]
      })
    )
  })

/** A judge of a cascade's rule that would judge answers of its own family of models. */
export interface RuleClash {
  readonly rule: JudgeRule
  readonly setup: Setup
  /** Whose answers it would judge. */
  readonly rung: Setup
  readonly family: string
}

/** Every rule whose judge is of one family with the rung that it looks at, where the rule does not allow it. The last rung's answers no rule looks at. */
export const ownFamilyInRules = (setups: ReadonlyArray<Setup>): ReadonlyArray<RuleClash> =>
  setups.flatMap((setup) =>
    rungsOf(setup).flatMap((rung) => {
      if (rung === "incumbent") return []
      const families = familiesOf(rung.model)
      return (rung.escalate?.when ?? []).flatMap((rule) => {
        if (typeof rule !== "object" || !("judgeBelow" in rule) || rule.ownFamily === true) return []
        const family = familiesOf(rule.model).find((one) => families.includes(one))
        return family === undefined ? [] : [{ rule, setup, rung, family }]
      })
    })
  )
