import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import type { CheckInput } from "../../checks/contract.ts"
import type { JudgeRule } from "../../domain/Setup.ts"
import { grader, type JudgeModel } from "../contract.ts"
import { askJudge, type Errand } from "./ask.ts"
import { gradeOf, judgeOptions, judgesIn, median, refused, wrongJudges } from "./panel.ts"
import { materialOf, rubricSystem, type See } from "./prompt.ts"

/** What an answer is scored by, for itself. */
const Criterion = Schema.Struct({
  name: Schema.NonEmptyString,
  description: Schema.NonEmptyString,
  /** Share in the score, against the other criteria's. Default 1. */
  weight: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThan(0)))
})
type Criteria = JudgeRule["criteria"]

/** The highest score of a criterion; the lowest is 0. */
const best = 4
const Scored = Schema.Struct({ reasons: Schema.String, score: Schema.Literals([0, 1, 2, 3, best]) })
const verdictOf = (criteria: Criteria) => Schema.Struct(Object.fromEntries(criteria.map(({ name }) => [name, Scored])))

/** The mean of the criteria's scores by their weights, in [0,1]. */
export const weighted = (
  criteria: Criteria,
  scores: Readonly<Record<string, { readonly score: number } | undefined>>
): number => {
  const total = criteria.reduce((sum, { weight = 1 }) => sum + weight, 0)
  return criteria.reduce((sum, { name, weight = 1 }) => sum + weight * (scores[name]?.score ?? 0), 0) / (best * total)
}

/**
 * What a judge says of one answer by criteria, with its reasons before each score. It sees the request and the answer, and a reference where one is
 * given; never an original. Draw, case and payer are the errand's.
 */
export const rubricOn = Effect.fnUntraced(function* (
  judge: Pick<JudgeModel, "provider" | "model">,
  criteria: Criteria,
  { case: about, output }: CheckInput,
  { errand, reference, see = "request" }: { readonly errand: Errand; readonly see?: See; readonly reference?: string }
) {
  const material = materialOf(about.id, about.request, see, [
    ...(reference === undefined ? [] : [["reference", reference] as const]),
    ["answer", output]
  ])
  const said = yield* askJudge(
    judge,
    { system: rubricSystem(criteria), material, verdict: verdictOf(criteria) },
    errand
  )
  const { verdict, ...rest } = said
  if (verdict === null) return { ...rest, score: null }
  const why = criteria.map(({ name }) => `${name} ${verdict[name]?.score} of ${best}: ${verdict[name]?.reasons}`)
  return { ...rest, score: weighted(criteria, verdict), why: why.join("; ") }
})

const criteriaOnce = (options: { readonly criteria: Criteria }) =>
  new Set(options.criteria.map(({ name }) => name)).size < options.criteria.length
    ? { path: ["criteria"], issue: "Expected each criterion's name once" }
    : undefined

/**
 * A model scores the answer by itself on criteria, each with reasons before its score; the original is scored the same way. Where the case
 * has a reference it is shown as known to be right. Of a panel the middle score counts.
 */
export const rubric = grader({
  id: "rubric",
  kind: "outcome",
  about: "a model, or a panel, scores the answer by criteria; the original is scored as well",
  options: Schema.Struct({ ...judgeOptions, criteria: Schema.NonEmptyArray(Criterion) }).check(
    Schema.makeFilter(wrongJudges),
    Schema.makeFilter(criteriaOnce)
  ),
  asks: (options) => judgesIn(options, 1),
  make: (options) => (input) =>
    Effect.gen(function* () {
      const screenedOut = refused(input)
      if (screenedOut !== undefined) return screenedOut
      const { case: about, draw = 0, expected } = input
      const reference =
        expected === undefined ? undefined : typeof expected === "string" ? expected : JSON.stringify(expected)
      const opinions = yield* Effect.all(
        judgesIn(options, 1).map((judge) =>
          Effect.map(
            rubricOn(judge, options.criteria, input, {
              errand: { case: about.id, draw },
              see: options.see,
              ...(reference === undefined ? {} : { reference })
            }),
            (said) => ({ judge, ...said, scores: [said.score] })
          )
        ),
        { concurrency: "unbounded" }
      )
      return gradeOf(opinions, median)
    })
})
