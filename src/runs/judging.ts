import type { Usage } from "../domain/Call.ts"
import type { CaseRow } from "../domain/Case.ts"
import { isMachineRate, type Rate } from "../domain/Price.ts"
import { foilsWanted } from "../evaluate/foils.ts"
import { kindAt, type ReadyGrader } from "../evaluate/gates.ts"
import { costOf } from "../pricing/cost.ts"
import type { LoadedSuite } from "../suite/load.ts"
import type { Estimate } from "./estimate.ts"
import { nominal } from "./expected.ts"

/** Tokens of a judge's own instructions and of its verdict with its reasons: rough, since prompts and models differ. */
const instructions = 600
const verdict = 200

/** Foils put before each judge of a suite: none where it asks for no trial. */
export const foilsOf = ({ judgeTrial }: Pick<LoadedSuite, "judgeTrial">): number =>
  judgeTrial.repeats === 0 ? 0 : foilsWanted

/** A judge reads the request and two answers of the archived length, and writes a verdict. */
const usageOf = ({ usage }: Pick<CaseRow, "usage">): Usage => {
  const read = usage.input?.total ?? nominal.input?.total ?? 0
  const wrote = usage.output?.total ?? nominal.output?.total ?? 0
  const total = read + 2 * wrote + instructions
  return {
    basis: "estimated",
    input: { total, uncached: total, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 },
    output: { total: verdict, text: verdict, reasoning: 0 }
  }
}

/**
 * What judging is expected to cost, nano-dollars: every answer of `setups` setups, every original that a judge scores by itself, and every
 * answer of the incumbent asked again (`again` a case on average), and the `foils` put before each judge, by the calls that each judge makes for one. Half of it is the low end, twice the high.
 */
export const judgingOf = (
  rows: ReadonlyArray<Pick<CaseRow, "usage" | "expected">>,
  graders: ReadonlyArray<ReadyGrader>,
  { again, foils, setups }: { readonly setups: number; readonly again: number; readonly foils: number },
  priceOf: (judge: { readonly provider: string; readonly model: string }) => Rate | undefined
): Estimate => {
  let usd = 0n
  for (const { asks, kind } of graders) {
    for (const judge of asks) {
      const rate = priceOf(judge)
      if (rate === undefined || isMachineRate(rate)) continue
      const tried = judge.embeds === true || rows.length === 0 ? 0 : Math.min(1, foils / rows.length)
      for (const row of rows) {
        const answers = setups + again + (kindAt(kind, row) === "outcome" ? 1 : 0) + tried
        const each = costOf(usageOf(row), rate)?.total ?? 0n
        usd += (each * BigInt(Math.round(answers * (judge.calls ?? 1) * 1000))) / 1000n
      }
    }
  }
  return { usd, low: usd / 2n, high: usd * 2n }
}
