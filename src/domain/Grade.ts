import type { Failure } from "./Output.ts"

/** A score in [0,1] with the evidence for it. `null`: the grader cannot tell, which is counted and never a default. */
export interface Grade {
  readonly score: number | null
  readonly why: string
  /** What a judge said, order by order, for its trial: kept beside the grade. */
  readonly evidence?: Evidence
  /** Where the grade was not paid for or not answered: a judge's call that failed. Only with `score: null`. */
  readonly failure?: Failure
}

/** What judges said of one pair: `evidence` of a grade. */
export interface Evidence {
  /** One entry a judge of the panel. */
  readonly judges: ReadonlyArray<{
    readonly judge: string
    /**
     * What it scored, in [0,1]: of a pairwise judge one score an order, the output first and then second, from the output's side
     * (1: the output is better, 1/2: a tie); of others one score. `null`: no readable verdict after one retry.
     */
    readonly scores: ReadonlyArray<number | null>
  }>
  /** The answer talked to the judge and was not put before it. */
  readonly screened?: string
}

/**
 * What a score is measured against.
 * `outcome`: the answer by itself or against a reference; the original is scored the same way.
 * `agreement`: against the archived original; the incumbent is asked again for the noise floor.
 * `preference`: compared with the original in both orders; parity is one half.
 */
export type GraderKind = "outcome" | "agreement" | "preference"
