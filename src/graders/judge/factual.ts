import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { type GradeInput, grader, type JudgeModel } from "../contract.ts"
import { cannotTell } from "../reference.ts"
import { askJudge } from "./ask.ts"
import { gradeOf, judgeOptions, judgesIn, median, type Opinion, refused, wrongJudges } from "./panel.ts"
import { factualSystem, materialOf, type See } from "./prompt.ts"

const Found = Schema.Array(Schema.String)
const Verdict = Schema.Struct({
  contradicted: Found,
  omitted: Found,
  added: Found,
  level: Schema.Literals(["consistent", "omits", "adds", "contradicts"])
})

/** What a level scores: nothing where a fact is contradicted, half where one is missing or not borne out. */
const scoreOf = { consistent: 1, omits: 0.5, adds: 0.5, contradicts: 0 } as const

/** What an answer is held against: the reference, else the original's own answer. */
const referenceOf = ({ expected, original }: GradeInput) =>
  expected === undefined ? original : typeof expected === "string" ? expected : JSON.stringify(expected)

const opinionOf = Effect.fnUntraced(function* (judge: JudgeModel, see: See, input: GradeInput) {
  const { case: about, draw = 0, output } = input
  const material = materialOf(about.id, about.request, see, [
    ["reference", referenceOf(input)],
    ["answer", output]
  ])
  const said = yield* askJudge(judge, { system: factualSystem, material, verdict: Verdict }, { case: about.id, draw })
  const { verdict, ...rest } = said
  if (verdict === null) return { judge, ...rest, score: null, scores: [null] } satisfies Opinion
  const found = (["contradicted", "omitted", "added"] as const).flatMap((what) =>
    verdict[what].length === 0 ? [] : [`${what}: ${verdict[what].join(", ")}`]
  )
  // A level milder than what the judge itself lists would pass a contradiction.
  const score = verdict.contradicted.length > 0 ? 0 : scoreOf[verdict.level]
  return { judge, ...rest, score, scores: [score], why: [verdict.level, ...found].join("; ") } satisfies Opinion
})

/**
 * A model says whether the facts of the output are those of the expected answer (else the original's): 1 consistent, 1/2 something of substance
 * missing or not borne out, 0 something contradicted. The same text scores 1 unasked. Of a panel the middle score counts.
 */
export const factual = grader({
  id: "factual",
  kind: "comparison",
  about: "a model, or a panel, looks for facts that contradict, omit or add to the original's",
  options: Schema.Struct(judgeOptions).check(Schema.makeFilter(wrongJudges)),
  asks: (options) => judgesIn(options, 1),
  make: (options) => (input) =>
    Effect.gen(function* () {
      const reference = referenceOf(input)
      const text = typeof reference === "string" ? reference : reference.text
      if (text.trim() === "") return cannotTell("there is no text to hold the answer against")
      if (text.trim() === input.output.text.trim()) return { score: 1, why: "the same text" }
      const screenedOut = refused(input)
      if (screenedOut !== undefined) return screenedOut
      const opinions = yield* Effect.all(
        judgesIn(options, 1).map((judge) => opinionOf(judge, options.see, input)),
        { concurrency: "unbounded" }
      )
      return gradeOf(opinions, median)
    })
})
