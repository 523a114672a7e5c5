import type * as Effect from "effect/Effect"

import type { Calls } from "../calls/Calls.ts"
import type { CaseRow } from "../domain/Case.ts"
import type { Fault } from "../domain/Fault.ts"
import type { Grade, GraderKind } from "../domain/Grade.ts"
import type { GradeInput, Grader, JudgeModel } from "../graders/contract.ts"

/** A grader of the suite, made and named. What a plug-in throws is an ungraded case with the reason. */
export interface ReadyGrader {
  readonly id: string
  readonly kind: Grader["kind"]
  /** Reported only, not a gate. */
  readonly report: boolean
  /** The models it asks; none for most. */
  readonly asks: ReadonlyArray<JudgeModel>
  /** `Fault` only for what must stop the run. */
  grade(input: GradeInput): Effect.Effect<Grade, Fault, Calls>
}

/** The kind a grader has at a case: comparing graders are `outcome` where the case has a reference and `agreement` where it has none. */
export const kindAt = (kind: Grader["kind"], row: Pick<CaseRow, "expected">): GraderKind =>
  kind === "comparison" ? (row.expected === undefined ? "agreement" : "outcome") : kind

/** The kind of a grader over cases, `mixed` where they differ. */
export const kindOver = (kind: Grader["kind"], rows: ReadonlyArray<CaseRow>): GraderKind | "mixed" => {
  const kinds = new Set(rows.map((row) => kindAt(kind, row)))
  return kinds.size === 1 ? [...kinds][0]! : "mixed"
}

/** Above this share of cases without a measured pair, for whatever reasons together, the data do not decide. */
export const missingAllowed = 0.02
