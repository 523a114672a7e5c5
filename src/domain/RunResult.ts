import type { MachineRate, Price } from "./Price.ts"
import type { Setup } from "./Setup.ts"
import type { Interval, LoopRound, SliceResult, Standing, TestLoop, Verdict } from "./Standing.ts"
import type { CheckDoc, JudgeDoc, LearntDoc } from "./Trials.ts"

/** A setup as it stands in documents. */
export interface SetupDoc extends Setup {
  /** Every axis with its value, defaults included. */
  readonly configuration: Readonly<Record<string, string | number>>
}

/** A standing as it stands in documents: money as decimal texts of dollars, no columns. */
export interface StandingDoc
  extends Omit<
    Standing,
    "setup" | "columns" | "cost" | "incumbentCost" | "costPerCase" | "incumbentCostPerCase" | "slices" | "loop"
  > {
  readonly setup: SetupDoc
  readonly cases: number
  readonly difference: Interval
  readonly bound: number
  readonly usdPerCase: string | null
  readonly usd: string | null
  readonly incumbentUsdPerCase: string | null
  readonly slices: ReadonlyArray<Omit<SliceResult, "usdPerCase"> & { readonly usdPerCase: string | null }>
  readonly loop?: Omit<TestLoop, "costPerPassed" | "rounds"> & {
    readonly usdPerPassed: string | null
    readonly rounds: ReadonlyArray<Omit<LoopRound, "cost"> & { readonly usd: string | null }>
  }
}

/** How the noise floor was come by. `none`: not needed (outcome graders). */
export interface FloorDoc {
  readonly mode: "measured" | "none" | "skipped"
  /** Agreement of the incumbent, asked again, with its own archived answers; by gate. */
  readonly gates: ReadonlyArray<{
    readonly grader: string
    readonly floor: Interval
    readonly cases: number
    readonly clusters: number
  }>
  /** The archive kept only accepted answers: the re-run is then the reference everywhere. `null`: not tested. */
  readonly selected: boolean | null
  /** Cases in which the incumbent was asked again, by how its answers ended ({@link Ending}); absent where it was not asked. */
  readonly endings?: Readonly<Record<string, number>>
  readonly usd: string | null
  readonly why: string
}

/** One step of a climb: a setup judged on a stretch of the run's session order. */
export interface PathStep {
  readonly setup: string
  readonly label: string
  /** Why the strategy took it. */
  readonly why: string
  /** Sessions from this one on, from 0, up to and without that one; cases in them that were asked. */
  readonly from: number
  readonly to: number
  readonly cases: number
  /** Level at which parity could be claimed at this step; 0: nothing was to be claimed, as in development. */
  readonly level: number
  /** What the data said at this step, of the gate with the largest p. */
  readonly verdict: Verdict
  readonly difference: Interval
  readonly pParity: number
}

/** The document a run ends in: `result.json` of the run, the source of `--json`, and what a report is made of. */
export interface RunResult {
  readonly v: 1
  readonly run: string
  readonly command: "climb" | "replay"
  readonly startedAt: string
  readonly endedAt: string
  readonly suite: { readonly name: string; readonly file: string; readonly digest: string }
  readonly archive: {
    readonly name: string
    readonly digest: string
    readonly calls: number
    readonly cases: number
    readonly clusters: number
    readonly slices: ReadonlyArray<{ readonly slice: string; readonly cases: number; readonly clusters: number }>
    /** Calls that became no case, by reason. */
    readonly left: Readonly<Record<string, number>>
    /** Archived time span, and what the archive's calls cost at the run's prices and as billed. */
    readonly from: string | null
    readonly to: string | null
    readonly usdAtRunPrices: string | null
    readonly usdBilled: string | null
    /** Of how many cases the archive says what was billed. */
    readonly casesBilled: number
    /** Answers came from the bundled fleet, not from real models. */
    readonly simulated: boolean
    /** The providers whose answers did, where others' did not; absent: all did, or none. */
    readonly simulatedProviders?: ReadonlyArray<string>
  }
  readonly incumbent: { readonly provider: string; readonly model: string; readonly usdPerCase: string | null }
  readonly method: {
    readonly margin: number
    readonly alpha: number
    /** Level at which parity is claimed. */
    readonly level: number
    readonly strategy: string | null
    readonly setupsPriced: number
    readonly gates: ReadonlyArray<string>
    readonly reportedOnly: ReadonlyArray<string>
    readonly checks: ReadonlyArray<string>
    readonly cluster: string
    readonly slice: string
    readonly seed: number
    readonly fixedAt: string
  }
  readonly floor: FloorDoc
  /** The suite's checks on trial; absent where there are none, or nothing was evaluated. */
  readonly checks?: ReadonlyArray<CheckDoc>
  /** What checks were taught by past answers; absent where none is. */
  readonly learnt?: ReadonlyArray<LearntDoc>
  /** The judges on trial; absent where no model is asked to grade. */
  readonly judges?: ReadonlyArray<JudgeDoc>
  /** Absent for `replay`. */
  readonly decision?: {
    readonly verdict: "parity" | "none" | "inconclusive"
    readonly setup: SetupDoc | null
    readonly policy: ReadonlyArray<{ readonly slice: string; readonly setup: SetupDoc | null }>
    readonly costRatio: number | null
    readonly costRatioInterval: Interval | null
    readonly saving: {
      readonly usdPerYear: { readonly estimate: string; readonly lower: string; readonly upper: string } | null
    }
    readonly reason: string
  }
  /** The climb step by step, in the order in which it was walked; absent for `replay`, and in results of versions that did not keep it. */
  readonly path?: ReadonlyArray<PathStep>
  readonly standings: ReadonlyArray<StandingDoc>
  readonly untried: ReadonlyArray<{ readonly setup: SetupDoc; readonly reason: string }>
  /** What it was expected to cost before its first call, from archived token counts: dollars, with how little and how much it might come to. */
  readonly estimate: { readonly usd: string; readonly low: string; readonly high: string }
  readonly spend: {
    /** Of this run: answers from the cache cost nothing again. */
    readonly usd: string
    readonly judgeUsd: string
    readonly floorUsd: string
    readonly calls: number
    readonly cached: number
    /** Calls without a price; their money is not in `usd`. */
    readonly unpriced: number
    /** Tries without an answer that a provider may have billed all the same; what they cost is not known and not in `usd`. */
    readonly lost: number
    /** Tries without an answer at machines that are paid by the hour, and what their time cost, which is in `usd`. Absent where there was none. */
    readonly unanswered?: { readonly tries: number; readonly usd: string }
  }
  readonly providers: ReadonlyArray<{ readonly name: string; readonly kind: string; readonly host: string }>
  /** The price rows of the run: dollars per million tokens as decimal texts, with their source and date. */
  readonly prices: ReadonlyArray<Price & { readonly provider: string; readonly model: string }>
  /** Of machines of one's own: dollars an hour and the assumed utilisation, decimal texts. */
  readonly machines?: ReadonlyArray<MachineRate & { readonly provider: string; readonly model: string }>
  /** Sentences: everything the verdict takes for granted. */
  readonly assumptions: ReadonlyArray<string>
  readonly versions: Readonly<Record<string, string>>
  readonly digests: Readonly<Record<string, string>>
}
