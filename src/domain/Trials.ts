import type { Interval } from "./Standing.ts"

/** What people said of a pair: which answer is better. */
export type Said = "output" | "original" | "tie"

/** How an original was spoilt: no answer at all, another case's, the first half of its text, its calls dropped, another's calls. */
export type MutantKind = "blank" | "another" | "truncated" | "callsDropped" | "anothersCalls"

/** What became of one check on its trial: the originals, which should pass it, and mutants of them, which should not. */
export interface CheckDoc {
  readonly use: string
  /** `tried`: passed, failed and broken (the check itself failed to run). `notApplicable`: there was nothing to check. */
  readonly originals: {
    readonly tried: number
    readonly passed: number
    readonly failed: number
    readonly broken: number
    readonly notApplicable: number
  }
  /** Cases whose original fails it: there it drives no repairs. */
  readonly quarantined: number
  readonly mutants: ReadonlyArray<{ readonly kind: MutantKind; readonly tried: number; readonly caught: number }>
  /** How often an answer of a setup failed it in this run, repair rounds counted. */
  readonly answersFailed: number
  /** It failed not one mutant and no answer: nothing shows that it can fail. */
  readonly worthless: boolean
}

/** What a check was taught by past answers, by slice. */
export interface LearntDoc {
  /** The check's id; it may be listed as a check, as a grader, or as both. */
  readonly use: string
  readonly slices: ReadonlyArray<{
    readonly slice: string
    /** Past answers that it was learnt from, and those that are no JSON. */
    readonly learnt: number
    readonly notJson: number
    /** The JSON Schema, without what is shaped like a key; left out: there is none, and `why` says why. */
    readonly schema?: unknown
    readonly why?: string
  }>
}

/** What a grader's judges made of foils: originals put before them as answers to other requests. */
export interface FoilsDoc {
  /** Foils that got a verdict, and of those the ones found worse than the original. */
  readonly tried: number
  readonly caught: number
  /** Why fewer were tried than there should be, where it is so. */
  readonly why?: string
}

/** How far a gate's judges can be trusted on the pairs of one setup. */
export interface JudgeGate {
  /** Models, `provider/model`. */
  readonly models: ReadonlyArray<string>
  /** Pairs of the setup that people labelled. */
  readonly labels: number
  /** `calibrated`: the judges' error is in the difference, its interval and its p values. `uncalibrated`: the figures are according to the judges. */
  readonly status: "calibrated" | "uncalibrated"
  /** Cohen's kappa of the judges' verdicts and the labels, weighted for better, tie, worse; `null`: not defined. */
  readonly kappa: number | null
  /** Share of pairs judged in both orders whose orders name different winners; `null`: none was judged in both. */
  readonly inconsistency: number | null
  /** Answers that got no verdict, and of all answers those that talked to the judge and were not put before it. */
  readonly ungraded: number
  readonly screened: number
  /** Its judges on foils; left out: by a version that asked about none. */
  readonly foils?: FoilsDoc
  /** Why the judges cannot be used: the gate then decides nothing. */
  readonly unfit?: string
}

/** Who put the same pairs into better, tie and worse: `counts[judge][other]`, classes in this order. */
export interface JudgeAgreement {
  readonly pairs: number
  /** Weighted for three ordered classes; `null`: not defined. */
  readonly kappa: number | null
  readonly classes: ReadonlyArray<string>
  readonly counts: ReadonlyArray<ReadonlyArray<number>>
}

/** What became of one judge on its trial, over all setups. */
export interface JudgeDoc {
  readonly grader: string
  readonly judge: string
  /** Answers with a verdict, and without one. */
  readonly judged: number
  readonly ungraded: number
  /** Of pairs judged in both orders: how many, the share whose orders name different winners, and how often the answer put first wins (1/2: no order bias; with its 95 % interval). */
  readonly orders: { readonly pairs: number; readonly inconsistency: number; readonly firstWins: Interval } | null
  /** With each deterministic gate that scored the same cases, setup against reference. */
  readonly agreement: ReadonlyArray<JudgeAgreement & { readonly gate: string }>
  /** With people's labels; `null`: there are none. */
  readonly labels: JudgeAgreement | null
  /** The answers with a verdict by what was said: better, tie, worse; left out: by a version that did not count. */
  readonly said?: ReadonlyArray<number>
  /** This judge's own verdicts on foils; left out: by a version that asked about none. */
  readonly foils?: FoilsDoc
  /** Asked again about the same answers: how many, and how many got the same score. `null`: it was not. */
  readonly repeats: { readonly cases: number; readonly same: number } | null
}
