import { type OptionsSchema, optionsOf } from "../checks/options.ts"
import type { Limit } from "../checks/own.ts"
import type { Grade, GraderKind } from "../domain/Grade.ts"
import type { GradeInput, Grader } from "./contract.ts"
import { gradeOf } from "./grade.ts"

/** What a user's own grader is: the argument of `defineGrader`. */
export interface OwnGrader<Options = unknown> {
  /** Its name in results and reports. */
  readonly id: string
  /**
   * What a score is measured against. `outcome`: the answer by itself or against the reference, the original is scored the
   * same way. `agreement`: against the archived original. `preference`: compared with the original, one half is parity.
   */
  readonly kind: GraderKind
  /** A schema of the options in the suite; left out, they come as they are written (`{}` when there are none). */
  readonly options?: OptionsSchema<Options>
  /**
   * A score in [0,1], alone or with the reason for it. An unreadable output scores 0; `{ score: null, why }` says that the
   * grader cannot tell, which is counted as ungraded.
   */
  grade(input: GradeInput, options: Options): Graded | Promise<Graded>
}
type Graded = number | { readonly score: number | null; readonly why?: string }

/** A user's grader as a {@link Grader}. */
export const graderOf = (own: OwnGrader, limit: Limit): Grader => ({
  id: own.id,
  kind: own.kind,
  about: "a grader of one's own",
  options: optionsOf(own.options),
  make:
    (options) =>
    (input): Promise<Grade> =>
      limit(() => own.grade(input, options)).then(gradeOf)
})
