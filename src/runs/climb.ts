import * as Effect from "effect/Effect"

import { chainsOf } from "../climb/chains.ts"
import { climb } from "../climb/climb.ts"
import type { Strategy } from "../climb/contract.ts"
import { decide, standingsOf, untriedOf } from "../climb/decide.ts"
import { pathOf } from "../climb/path.ts"
import type { Untried } from "../domain/Decision.ts"
import { type NanoUsd, sumOf } from "../domain/Money.ts"
import { type Setup, targetsOf } from "../domain/Setup.ts"
import { Answers } from "../store/Answers.ts"
import { exitCodeOf } from "./documents.ts"
import { executeRun, strategyOf } from "./execute.ts"
import { expectedCost, priceOfTarget } from "./expected.ts"
import { type PreparedRun, prepareRun, type RunOptions } from "./prepare.ts"
import { summaryOf } from "./summary.ts"

/** Mean dollars a case over those whose cost is known; `null`: none is. */
const meanCost = (costs: ReadonlyArray<NanoUsd | null>) => {
  const known = costs.filter((cost) => cost !== null)
  return known.length === 0 ? null : Number(sumOf(known)) / 1e9 / known.length
}

/** Which setups a climb may try: those with a price that is below the incumbent's on the archived tokens. The rest, with the reason. */
const candidates = (prepared: PreparedRun) => {
  const incumbent = meanCost(prepared.incumbentCost)
  const priced: Array<{ readonly setup: Setup; readonly usdPerCase: number }> = []
  const left: Array<Untried> = []
  const unpriced: Array<Setup> = []
  for (const setup of prepared.setups) {
    const usdPerCase = expectedCost(prepared, setup)
    if (usdPerCase === null || incumbent === null) {
      const lacking = targetsOf(setup, prepared.incumbent).find(
        (target) => priceOfTarget(prepared, target) === undefined
      )
      const reason =
        lacking !== undefined
          ? `no price is known for ${lacking.provider}/${lacking.model}`
          : prepared.incumbent.machine === undefined
            ? "what the incumbent costs is not known (no price, or no usage in the archive), so no saving can be shown"
            : "what the incumbent costs is not known (its machine is paid by the hour, and the archive does not tell its time), so no saving can be shown"
      left.push({ setup, reason })
      unpriced.push(setup)
    } else if (usdPerCase >= incumbent) left.push({ setup, reason: "dearer than the incumbent on the archived tokens" })
    else priced.push({ setup, usdPerCase })
  }
  return { priced, left, unpriced }
}

/** Runs the suite's climb on a prepared run and keeps the result. */
export const climbPrepared = Effect.fn("Runs.climbPrepared")(function* (prepared: PreparedRun) {
  const { alpha, margin } = prepared.suite.parity
  const { left, priced, unpriced } = candidates(prepared)
  const strategy = strategyOf(prepared) as Strategy
  const tried = priced.map(({ setup }) => setup)
  return yield* executeRun("climb", prepared, tried, (evaluator) =>
    Effect.gen(function* () {
      const input = {
        setups: chainsOf(priced),
        sizes: evaluator.sizes,
        alpha,
        margin,
        incumbentUsdPerCase: meanCost(prepared.incumbentCost) ?? 0,
        slice: prepared.rows.map((row) => row.slice),
        shares: evaluator.shares
      }
      const climbed = yield* climb(strategy.make(prepared.suite.climb.options, input), input, evaluator.evaluate)
      const slices = [...new Set(prepared.rows.map((row) => row.slice))].sort()
      return {
        standings: standingsOf(climbed),
        untried: untriedOf(prepared.setups, left, climbed),
        path: pathOf(climbed.looks),
        decision: decide(climbed, slices, unpriced),
        level: climbed.level,
        strategy: strategy.id,
        setupsPriced: priced.length
      }
    })
  )
})

/** Finds the cheapest setup of a suite that is shown to be at parity. */
export const climbSuite = Effect.fn("Runs.climb")(
  function* (suiteFile: string, options: RunOptions) {
    const result = yield* climbPrepared(yield* prepareRun(suiteFile, options))
    return {
      doc: result,
      text: summaryOf(result),
      code: exitCodeOf(result, options.inconclusive)
    }
  },
  Effect.provide(Answers.layer),
  Effect.scoped
)
