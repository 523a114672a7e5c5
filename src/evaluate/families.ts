import { familiesOf } from "../domain/family.ts"
import { rungsOf, type Setup, type Target } from "../domain/Setup.ts"
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
