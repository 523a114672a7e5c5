import * as Effect from "effect/Effect"

import type { CaseRow } from "../domain/Case.ts"
import { Fault } from "../domain/Fault.ts"
import type { Setup, Target } from "../domain/Setup.ts"
import { ownFamily, ownFamilyInRules } from "../evaluate/families.ts"
import type { ReadyGrader } from "../evaluate/gates.ts"
import type { JudgeModel } from "../graders/contract.ts"
import type { Caps } from "./caps.ts"
import type { PreparedRun } from "./prepare.ts"

/** The models that graders ask, each once. */
export const judgesOf = (graders: ReadonlyArray<ReadyGrader>): ReadonlyArray<JudgeModel> => {
  const all = new Map(graders.flatMap(({ asks }) => asks.map((judge) => [`${judge.provider}/${judge.model}`, judge])))
  return [...all.values()]
}

/** Graders that leave a case ungraded, and say so, where it may not be sent to a provider whose model they ask. */
export const guarded = (
  graders: ReadonlyArray<ReadyGrader>,
  mayReceive: (provider: string, row: Pick<CaseRow, "labels">) => boolean
): ReadonlyArray<ReadyGrader> =>
  graders.map((grader) =>
    grader.asks.length === 0
      ? grader
      : {
          ...grader,
          grade: (input) => {
            const closed = grader.asks.find(({ provider }) => !mayReceive(provider, input.case))
            if (closed === undefined) return grader.grade(input)
            const message = `mayReceive: this call may not be sent to the judge at ${closed.provider}`
            return Effect.succeed({
              score: null,
              why: message,
              failure: { kind: "unsendable" as const, why: "mayReceive" as const, message }
            })
          }
        }
  )

/** Fails where a cap holds for a judge that has no price: nothing could be asked of it, and nothing be graded. */
export const checkJudgePrices = (
  judges: ReadonlyArray<JudgeModel>,
  caps: Caps,
  priced: (judge: JudgeModel) => boolean,
  file: string
): Effect.Effect<void, Fault> => {
  const kept = judges.find((judge) => (caps.hold(judge.provider) || caps.parts.judge !== undefined) && !priced(judge))
  return kept === undefined
    ? Effect.void
    : Effect.fail(
        new Fault({
          kind: "input",
          sentence: `a run with a budget asks nothing without a price, and none is known for the judge ${kept.provider}/${kept.model}`,
          file,
          mend: `Give it one under providers.${kept.provider}.prices, or leave the budget out.`
        })
      )
}

/** Fails where a judge, of a grader or of a cascade's rule, would judge answers of its own family of models, which it may favour, and the suite does not allow it. */
export const checkFamilies = (
  {
    incumbent,
    suite
  }: {
    readonly incumbent: Target
    readonly suite: Pick<PreparedRun["suite"], "file"> & { readonly graders: Parameters<typeof ownFamily>[0] }
  },
  tried: ReadonlyArray<Setup>
): Effect.Effect<void, Fault> => {
  const graders = ownFamily(suite.graders, tried, incumbent)
  const rules = ownFamilyInRules(tried)
  const [first] = [
    ...graders.map(({ family, grader, judge, setup }) => ({
      who: `the judge ${judge.provider}/${judge.model} of grader ${grader}`,
      family,
      whose: `setup ${setup.label}`,
      where: "in its options"
    })),
    ...rules.map(({ family, rule, rung, setup }) => ({
      who: `the judge ${rule.provider}/${rule.model} of the rule judgeBelow ${rule.judgeBelow}`,
      family,
      whose: `${rung.provider}/${rung.model}, whose answers it judges in setup ${setup.label}`,
      where: "beside it in the rule"
    }))
  ]
  if (first === undefined) return Effect.void
  const more = graders.length + rules.length - 1
  const { family, where, who, whose } = first
  return Effect.fail(
    new Fault({
      kind: "input",
      sentence: `${who} is of the same family of models (${family}) as ${whose}${more === 0 ? "" : `, and so in ${more} more cases`}: a judge favours its own`,
      file: suite.file,
      mend: `Name a judge of another family, or say ownFamily: true ${where}.`
    })
  )
}
