import { type NanoUsd, usd } from "../domain/Money.ts"
import type { RunResult, SetupDoc, StandingDoc } from "../domain/RunResult.ts"
import type { Setup } from "../domain/Setup.ts"
import type { Interval, Standing } from "../domain/Standing.ts"

/** A setup as documents show it: every axis with its value, `as recorded` where it is left as the archive had it. */
export const setupDoc = (setup: Setup): SetupDoc => ({
  ...setup,
  configuration: {
    temperature: setup.axes.temperature ?? "as recorded",
    topP: setup.axes.topP ?? "as recorded",
    maxTokens: setup.axes.maxTokens ?? "as recorded, else max(4096, 4 x the original's)",
    reasoningEffort: setup.axes.reasoningEffort ?? "as recorded",
    repairs: setup.axes.repairs ?? 0,
    samples: setup.axes.samples ?? 1
  }
})

/** A standing as documents show it. `difference` and `bound` are those of the gate with the largest p. */
export const standingDoc = (standing: Standing): StandingDoc => {
  const {
    columns: _columns,
    cost,
    costPerCase,
    incumbentCost: _i,
    incumbentCostPerCase,
    loop,
    setup,
    slices,
    ...rest
  } = standing
  const worst = standing.gates.reduce((a, b) => (b.pParity > a.pParity ? b : a))
  return {
    ...rest,
    setup: setupDoc(setup),
    cases: standing.paired,
    difference: worst.difference,
    bound: worst.bound,
    usd: usd(cost),
    usdPerCase: usd(costPerCase),
    incumbentUsdPerCase: usd(incumbentCostPerCase),
    slices: slices.map(({ usdPerCase, ...slice }) => ({ ...slice, usdPerCase: usd(usdPerCase) })),
    ...(loop === undefined
      ? {}
      : {
          loop: {
            cases: loop.cases,
            passed: loop.passed,
            usdPerPassed: usd(loop.costPerPassed),
            rounds: loop.rounds.map(({ cost, ...round }) => ({ ...round, usd: usd(cost) }))
          }
        })
  }
}

/** What a policy saves a year: the archive's cost a year at the run's prices times the share of that cost which the policy's answers cover, times one minus the cost ratio; all dollars as decimal texts. */
export const savingPerYear = (
  archive: { readonly cost: NanoUsd | null; readonly days: number },
  ratio: Interval,
  covered: number
): { readonly estimate: string; readonly lower: string; readonly upper: string } | null => {
  if (archive.cost === null || archive.days < 1) return null
  const year = (Number(archive.cost) * 365.25) / archive.days
  const saved = (share: number) => usd(BigInt(Math.round(year * covered * (1 - share))))
  return Number.isFinite(ratio.upper)
    ? { estimate: saved(ratio.estimate), lower: saved(ratio.upper), upper: saved(ratio.lower) }
    : null
}

const day = 86_400_000

/** Days between the first and the last archived call. */
export const spanDays = (from: string | null, to: string | null): number =>
  from === null || to === null ? 0 : (Date.parse(to) - Date.parse(from)) / day

/** The exit code of a finished run; where several apply: 5 (infrastructure), 6 (budget), 3 (worse), 4 (inconclusive). */
export const exitCodeOf = (
  { decision, standings }: Pick<RunResult, "decision" | "standings">,
  inconclusive: "pass" | "fail" = "fail"
): number => {
  if (decision?.verdict === "parity") return 0
  const blocked = new Set(standings.map((standing) => standing.blocked?.by))
  if (blocked.has("infrastructure")) return 5
  if (blocked.has("budget")) return 6
  const worse =
    decision === undefined ? standings.some(({ verdict }) => verdict === "inferior") : decision.verdict === "none"
  if (worse) return 3
  const open =
    decision !== undefined || standings.length === 0 || standings.some(({ verdict }) => verdict === "inconclusive")
  return open && inconclusive === "fail" ? 4 : 0
}
