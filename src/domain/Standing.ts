import type { GraderKind } from "./Grade.ts"
import type { NanoUsd } from "./Money.ts"
import type { Setup } from "./Setup.ts"
import type { JudgeGate } from "./Trials.ts"

export type Verdict = "parity" | "inferior" | "inconclusive"

/** An estimate with its interval, 2.5 % a side. */
export interface Interval {
  readonly estimate: number
  readonly lower: number
  readonly upper: number
}

/** One gate's judgement of a setup against the incumbent on the same cases. Differences are candidate minus reference, in score points of [0,1]. */
export interface GateResult {
  readonly grader: string
  readonly kind: GraderKind | "mixed"
  readonly verdict: Verdict
  readonly difference: Interval
  /** One-sided bound at the level that decided. */
  readonly bound: number
  readonly pParity: number
  readonly pInferior: number
  /** Mean scores of the setup and of what it is compared with. */
  readonly score: number
  readonly reference: number
  readonly cases: number
  readonly clusters: number
  /** Answered cases in which only one side, the setup's or the reference's, could be graded; where neither could, the grader has no say. */
  readonly ungraded: number
  /** Of a gate that judges decide; absent elsewhere. */
  readonly judge?: JudgeGate
}

export interface SliceResult {
  readonly slice: string
  readonly cases: number
  readonly clusters: number
  readonly score: number
  readonly reference: number
  readonly difference: Interval
  readonly verdict: Verdict
  readonly usdPerCase: NanoUsd | null
}

/** Columns by case, all of one length, in the run's session order. */
export interface Columns {
  readonly caseId: ReadonlyArray<string>
  readonly cluster: ReadonlyArray<string>
  readonly slice: ReadonlyArray<string>
  readonly weight: Float64Array
  /** Nano-dollars per case, failed attempts and repairs in; NaN: unpriced. Sums for money are taken from exact values, never from here. */
  readonly cost: Float64Array
  readonly incumbentCost: Float64Array
  /** One column a gate, by grader id; NaN: ungraded or missing. */
  readonly score: Readonly<Record<string, Float64Array>>
  readonly reference: Readonly<Record<string, Float64Array>>
}

/** How a setup's cases ended, counted; each is sorted from the commonest down. */
export interface Outcomes {
  /** Cases asked, by {@link Ending}. */
  readonly endings: Readonly<Record<string, number>>
  /** Cases that cannot be sent, by {@link Lack}. */
  readonly unsendable: Readonly<Record<string, number>>
  /** What the first case without an answer was told; left out where all have one, or nobody said why. */
  readonly told?: string
  /** Cases by what was lost in translation, or had to be left out for the target; a case counts under each of its losses. */
  readonly losses: Readonly<Record<string, number>>
  /** Cases asked again with a larger budget of output tokens. */
  readonly enlarged: number
}

/** Times in milliseconds over a number of cases. */
export interface Times {
  readonly p50: number
  readonly p95: number
  readonly cases: number
}

/** The times of a setup and of the incumbent on the same cases. */
export interface TimesBeside {
  readonly setup: Times
  readonly incumbent: Times
}

/**
 * Time to first token of the answers that were streamed: until the answer that counts began, repair rounds before it in. The archive's times were
 * taken on another network and under another load; the incumbent asked again is measured as the setup is.
 */
export interface FirstToken {
  readonly setup: Times
  /** Beside the archived originals; absent where the log tells none of these. */
  readonly archived?: TimesBeside
  /** Beside the incumbent asked again; absent where it was not, or not streamed. */
  readonly again?: TimesBeside
}

/** What a setup costs on a machine of one's own, from the time that its cases were measured to take of it: all of it, by the answered cases. */
export interface SelfHosted {
  /** US dollars an hour and the share of paid hours in which the machine is taken to be at work, decimal texts. The share is assumed, not measured. */
  readonly usdPerHour: string
  readonly utilisation: string
  /** Answered cases whose time is known, and those whose answers come from a version that did not measure it. Everything below is of the former; `null`: not known. */
  readonly cases: number
  readonly unknown: number
  /**
   * Cases that took of its time in this run and ended without an answer, how many milliseconds of it, and dollars: they are in all figures below and
   * in the setup's cost. What cases took in earlier runs without an answer is in neither. Left out where there is none.
   */
  readonly unanswered?: { readonly cases: number; readonly machineMs: number; readonly usd: string }
  /** Milliseconds of the machine's busy time; tries in flight at one time share it. */
  readonly machineMsPerCase: number | null
  /** Of a machine that is never idle, with as many tries in flight as were. */
  readonly casesPerHour: number | null
  /** Tries in flight at the machine on average while it worked on these, other setups' among them. */
  readonly inFlight: number | null
  /** Output tokens of these a second of the machine's time. */
  readonly tokensPerSecond: number | null
  /** What a case costs in dollars, by utilisation in per cent; decimal texts. */
  readonly usdPerCaseAt: Readonly<Record<"25" | "50" | "100", string | null>>
}

/** One round of a test loop over its cases. */
export interface LoopRound {
  /** Place of the setup in its cascade, from 0. */
  readonly rung: number
  /** 0: the first answers, samples in; then repair rounds. */
  readonly round: number
  /** Cases that came to it, and of them those with an answer in it that passes all checks. */
  readonly cases: number
  readonly passed: number
  /** What it cost in all; `null`: unpriced. */
  readonly cost: NanoUsd | null
  /** Median over its cases of the time it took; `null`: not known. */
  readonly latencyMs: number | null
}

/** What came of the suite's checks: cases that have none are not in it. */
export interface TestLoop {
  readonly cases: number
  /** Answered cases whose final answer passes all its checks. */
  readonly passed: number
  /** All that was paid for all these cases, by those that passed; `null`: unpriced, or none passed. */
  readonly costPerPassed: NanoUsd | null
  readonly rounds: ReadonlyArray<LoopRound>
}

/** What is known of one setup on one set of cases. */
export interface Standing {
  readonly setup: Setup
  readonly verdict: Verdict
  /** Why the verdict is what it is, as a sentence. */
  readonly reason: string
  /** What keeps the data from deciding whatever the gates say: missing answers above 2 %, the budget, or cases that cannot be sent or graded. */
  readonly blocked?: {
    readonly by: "infrastructure" | "budget" | "cases"
    readonly why: string
    /** Of `budget`: the run has money left, the setup or its provider has none. */
    readonly own?: true
  }
  /** The gate with the largest p decides. */
  readonly gates: ReadonlyArray<GateResult>
  /** Graders with `report: true`. */
  readonly reported: ReadonlyArray<GateResult>
  /** By the gate that decides. */
  readonly slices: ReadonlyArray<SliceResult>
  /** Cases asked for, and of them: graded pairs, failed for infrastructure, not sendable, stopped by the budget. */
  readonly asked: number
  readonly paired: number
  /**
   * Answered cases whose cost is known on both sides; `cost`, `incumbentCost` and `costRatio` are theirs, and what was paid for cases without an answer
   * is in the setup's. Above 2 % unknown: unpriced.
   */
  readonly priced: number
  readonly failed: { readonly infrastructure: number; readonly unsendable: number; readonly budget: number }
  /** Absent in results of versions that did not count it. */
  readonly outcomes?: Outcomes
  readonly cost: NanoUsd | null
  readonly incumbentCost: NanoUsd | null
  /** Means over the priced cases, weighted as the cases are. */
  readonly costPerCase: NanoUsd | null
  readonly incumbentCostPerCase: NanoUsd | null
  /** Setup over incumbent on the same cases, with its jackknife interval over clusters; `null`: unpriced. */
  readonly costRatio: Interval | null
  readonly latencyMs: { readonly p50: number; readonly p95: number } | null
  /** Absent where no answer was streamed. */
  readonly timeToFirstToken?: FirstToken
  /** Absent where the setup is not priced by its machine's time. */
  readonly selfHosted?: SelfHosted
  readonly repaired: number
  /** Absent where no case had a check, and in results of versions that did not count it. */
  readonly loop?: TestLoop
  /** Cases in which a check of the suite itself failed to run; no repair round was made for that. */
  readonly checksBroken: number
  readonly columns: Columns
}
