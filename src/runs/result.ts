import type { Spend } from "../calls/Calls.ts"
import { digestOf } from "../domain/digest.ts"
import { sumOf, usd } from "../domain/Money.ts"
import { isMachineRate } from "../domain/Price.ts"
import type { FloorDoc, RunResult } from "../domain/RunResult.ts"
import { targetsOf } from "../domain/Setup.ts"
import type { Simulated } from "../domain/simulated.ts"
import type { CheckDoc, JudgeDoc } from "../domain/Trials.ts"
import { sliceCounts } from "../evaluate/cases.ts"
import { assumptionsOf } from "./assumptions.ts"
import { savingPerYear, setupDoc, spanDays, standingDoc } from "./documents.ts"
import type { Estimate } from "./estimate.ts"
import { learntDocs } from "./learn.ts"
import type { Outcome } from "./outcome.ts"
import type { PreparedRun } from "./prepare.ts"
import { versions } from "./versions.ts"

/** What a finished run knows. */
export interface Finished {
  readonly run: string
  readonly command: RunResult["command"]
  readonly startedAt: string
  readonly endedAt: string
  readonly outcome: Outcome
  readonly estimate: Estimate
  readonly floor: FloorDoc
  readonly checks: ReadonlyArray<CheckDoc>
  readonly judges: ReadonlyArray<JudgeDoc>
  readonly spend: Spend
  readonly simulated: Simulated
  /** What its user was warned of while it went on. */
  readonly warnings: ReadonlyArray<string>
}

const stay = { estimate: 1, lower: 1, upper: 1 }

/** What the cases' archived calls cost at the run's prices, weighted back to the archive where they were sampled; `null`: no case is priced. */
const archiveCost = ({ incumbentCost, rows }: PreparedRun) => {
  const known = incumbentCost.flatMap((cost, at) => (cost === null ? [] : [{ cost, weight: rows[at]!.weight }]))
  if (known.length === 0) return null
  return known.every(({ weight }) => weight === 1)
    ? sumOf(known.map(({ cost }) => cost))
    : BigInt(Math.round(known.reduce((sum, { cost, weight }) => sum + Number(cost) * weight, 0)))
}

const pricesOf = (prepared: PreparedRun) => {
  const { accounts, incumbent, setups } = prepared
  const asked = [
    { provider: incumbent.provider, model: incumbent.model, price: incumbent.price ?? incumbent.machine },
    ...setups
      .flatMap((setup) => targetsOf(setup, incumbent))
      .map(({ model, provider }) => ({
        provider,
        model,
        price: accounts.find(({ name }) => name === provider)?.priceOf(model)
      }))
  ]
  const rows = asked.flatMap(({ model, price, provider }) =>
    price === undefined ? [] : [{ ...price, provider, model }]
  )
  const each = [...new Map(rows.map((row) => [`${row.provider}/${row.model}`, row])).values()]
  const machines = each.filter((row) => isMachineRate(row))
  return {
    prices: each.flatMap((row) => (isMachineRate(row) ? [] : [row])),
    ...(machines.length === 0 ? {} : { machines })
  }
}

const decisionDoc = (
  { decision }: Outcome,
  archive: { readonly cost: bigint | null; readonly days: number; readonly narrowed: boolean }
): Pick<RunResult, "decision"> => {
  if (decision === undefined) return {}
  const ratio = decision.costRatio ?? (decision.verdict === "parity" ? null : stay)
  return {
    decision: {
      verdict: decision.verdict,
      setup: decision.setup && setupDoc(decision.setup),
      policy: decision.policy.map(({ setup, slice }) => ({ slice, setup: setup && setupDoc(setup) })),
      costRatio: ratio?.estimate ?? null,
      costRatioInterval: ratio,
      saving: {
        usdPerYear: ratio === null || archive.narrowed ? null : savingPerYear(archive, ratio, decision.covered)
      },
      reason: decision.reason
    }
  }
}

/** The document of a finished run. Pure: the same suite, archive and answers give the same document, but for run, spend and times. */
export const resultOf = (prepared: PreparedRun, finished: Finished): RunResult => {
  const { accounts, archive, incumbent, incumbentCost, rows, suite } = prepared
  const { floor, outcome, spend } = finished
  const times = rows.flatMap((row) => (row.startedAt === null ? [] : [row.startedAt])).sort()
  const from = times[0] ?? null
  const to = times.at(-1) ?? null
  const cost = archiveCost(prepared)
  const known = incumbentCost.filter((one) => one !== null)
  const learnt = learntDocs(suite.learners)
  const own = known.length === 0 ? null : sumOf(known)
  return {
    v: 1,
    run: finished.run,
    command: finished.command,
    startedAt: finished.startedAt,
    endedAt: finished.endedAt,
    suite: { name: suite.name, file: prepared.suiteFile, digest: suite.digest },
    archive: {
      name: archive.name,
      digest: archive.digest,
      calls: archive.calls,
      cases: rows.length,
      clusters: new Set(rows.map((row) => row.cluster)).size,
      slices: sliceCounts(rows),
      left: prepared.left,
      from,
      to,
      usdAtRunPrices: usd(cost),
      ...archive.billed,
      ...finished.simulated
    },
    incumbent: {
      provider: incumbent.provider,
      model: incumbent.model,
      usdPerCase: own === null ? null : usd(own / BigInt(known.length))
    },
    method: {
      margin: suite.parity.margin,
      alpha: suite.parity.alpha,
      level: outcome.level,
      strategy: outcome.strategy,
      setupsPriced: outcome.setupsPriced,
      gates: suite.graders.filter(({ report }) => !report).map(({ id }) => id),
      reportedOnly: suite.graders.filter(({ report }) => report).map(({ id }) => id),
      checks: suite.checks.map(({ use }) => use),
      cluster: suite.cases.cluster,
      slice:
        typeof suite.cases.slice === "function"
          ? "a function of the suite"
          : (suite.cases.slice ?? "all calls are one slice"),
      seed: prepared.seed,
      fixedAt: prepared.fixedAt
    },
    floor,
    ...(finished.checks.length === 0 ? {} : { checks: finished.checks }),
    ...(learnt.length === 0 ? {} : { learnt }),
    ...(finished.judges.length === 0 ? {} : { judges: finished.judges }),
    ...decisionDoc(outcome, { cost, days: spanDays(from, to), narrowed: prepared.narrowed }),
    ...(outcome.path === undefined ? {} : { path: outcome.path }),
    standings: outcome.standings.map(standingDoc),
    untried: outcome.untried.map(({ reason, setup }) => ({ setup: setupDoc(setup), reason })),
    estimate: { usd: usd(finished.estimate.usd), low: usd(finished.estimate.low), high: usd(finished.estimate.high) },
    spend: {
      usd: usd(spend.usd),
      judgeUsd: usd(spend.judgeUsd),
      floorUsd: usd(spend.floorUsd),
      calls: spend.calls,
      cached: spend.cached,
      unpriced: spend.unpriced,
      lost: spend.lost,
      ...(spend.unanswered === undefined
        ? {}
        : { unanswered: { tries: spend.unanswered.tries, usd: usd(spend.unanswered.usd) } })
    },
    providers: accounts.map(({ host, kind, name }) => ({ name, kind, host })),
    ...pricesOf(prepared),
    assumptions: [
      ...finished.warnings,
      ...assumptionsOf(prepared, floor, outcome, { from, to, lost: spend.lost }, finished.simulated)
    ],
    versions,
    digests: {
      suite: suite.digest,
      archive: archive.digest,
      cases: digestOf(rows.map((row) => row.id)),
      ...(suite.config === null ? {} : { config: suite.config.digest })
    }
  }
}
