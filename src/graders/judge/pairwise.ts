import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { digestOf } from "../../domain/digest.ts"
import { type GradeInput, grader, type JudgeModel } from "../contract.ts"
import { askJudge } from "./ask.ts"
import { gradeOf, judgeOptions, judgesIn, majority, type Opinion, refused, silentOf, wrongJudges } from "./panel.ts"
import { materialOf, pairSystem, type See } from "./prompt.ts"

const Verdict = Schema.Struct({ reasons: Schema.String, verdict: Schema.Literals(["A", "B", "tie"]) })

/** Of the output's scores when it comes first and second their mean: one half where the orders name different winners. */
export const bothOrders = (first: number, second: number): number => (first + second) / 2

/**
 * What one judge says of the output beside the original, in both orders; without a readable verdict in one there is no score. The orders are asked at
 * once, so that money which does not last for all pairs buys whole ones.
 */
const opinionOf = Effect.fnUntraced(function* (
  judge: JudgeModel,
  see: See,
  { case: about, draw = 0, original, output }: GradeInput
) {
  const said = yield* Effect.forEach(
    ["A", "B"] as const,
    (own) => {
      const [first, second] = own === "A" ? [output, original] : [original, output]
      const material = materialOf(about.id, about.request, see, [
        ["answer A", first],
        ["answer B", second]
      ])
      const brief = { system: pairSystem, material, verdict: Verdict }
      return Effect.map(askJudge(judge, brief, { case: about.id, draw }), ({ verdict, ...rest }) => ({
        ...rest,
        reasons: verdict?.reasons ?? "",
        score: verdict === null ? null : verdict.verdict === "tie" ? 0.5 : verdict.verdict === own ? 1 : 0
      }))
    },
    { concurrency: "unbounded" }
  )
  const scores = said.map(({ score }) => score)
  const silent = silentOf(said)
  if (silent !== undefined) {
    const { failure, why } = silent
    return { judge, score: null, why, scores, ...(failure === undefined ? {} : { failure }) } satisfies Opinion
  }
  const [first, second] = scores as [number, number]
  const noise = first === second ? "" : "the orders disagree: "
  const why = `${noise}${said.map(({ reasons }) => reasons).join(" / ")}`
  return { judge, score: bothOrders(first, second), why, scores } satisfies Opinion
})

/**
 * A model says which answer is better, the output's or the original's, in both orders: 1, 1/2 for a tie, 0. Orders that name different winners
 * score 1/2 and are both in the evidence. Of a panel the majority decides. Equal answers score 1/2 unasked; a verdict that cannot be read after one
 * retry is no score.
 */
export const judge = grader({
  id: "judge",
  kind: "preference",
  about: "a model, or a panel, says which answer is better, in both orders",
  options: Schema.Struct(judgeOptions).check(Schema.makeFilter(wrongJudges)),
  asks: (options) => judgesIn(options, 2),
  make: (options) => (input) =>
    Effect.gen(function* () {
      const { original, output } = input
      if (output.text.trim() === original.text.trim() && digestOf(output.toolCalls) === digestOf(original.toolCalls))
        return { score: 0.5, why: "the same answer as the original" }
      const screenedOut = refused(input)
      if (screenedOut !== undefined) return screenedOut
      const opinions = yield* Effect.all(
        judgesIn(options, 2).map((one) => opinionOf(one, options.see, input)),
        { concurrency: "unbounded" }
      )
      return gradeOf(opinions, majority)
    })
})
