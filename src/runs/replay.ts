import * as Effect from "effect/Effect"

import { Answers } from "../store/Answers.ts"
import { exitCodeOf } from "./documents.ts"
import { executeRun } from "./execute.ts"
import { isPriced, unpricedUnderCap } from "./expected.ts"
import { prepareRun, type RunOptions } from "./prepare.ts"
import { summaryOf } from "./summary.ts"

/** Replays and grades every setup of a suite, each judged at alpha; no search, no decision. */
export const replaySuite = Effect.fn("Runs.replay")(
  function* (suiteFile: string, options: RunOptions) {
    const prepared = yield* prepareRun(suiteFile, options)
    const level = prepared.suite.parity.alpha
    const priced = prepared.setups.filter((setup) => isPriced(prepared, setup))
    const tried = prepared.setups.filter((setup) => unpricedUnderCap(prepared, setup) === undefined)
    const result = yield* executeRun("replay", prepared, tried, (evaluator) =>
      Effect.map(
        Effect.forEach(tried, (setup) => evaluator.evaluate(setup, { from: 0, to: evaluator.sizes.length, level })),
        (standings) => ({
          standings,
          untried: prepared.setups
            .filter((setup) => !tried.includes(setup))
            .map((setup) => ({
              setup,
              reason: "no price is known for it, and a run with a budget asks nothing without a price"
            })),
          level,
          strategy: null,
          setupsPriced: priced.length
        })
      )
    )
    return {
      doc: result,
      text: summaryOf(result),
      code: exitCodeOf(result, options.inconclusive)
    }
  },
  Effect.provide(Answers.layer),
  Effect.scoped
)
