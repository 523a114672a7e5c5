/** A score in [0,1] with the evidence for it. `null`: the grader cannot tell, which is counted and never a default. */
export interface Grade {
  readonly score: number | null
  readonly why: string
}

/**
 * What a score is measured against.
 * `outcome`: the answer by itself or against a reference; the original is scored the same way.
 * `agreement`: against the archived original; the incumbent is asked again for the noise floor.
 * `preference`: compared with the original in both orders; parity is one half.
 */
export type GraderKind = "outcome" | "agreement" | "preference"
