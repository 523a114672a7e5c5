import * as Effect from "effect/Effect"

import type { Check, CheckContext, Checked, Learning } from "../checks/contract.ts"
import type { Grade } from "../domain/Grade.ts"
import type { Grader } from "./contract.ts"
import { cannotTell } from "./reference.ts"

const gradeOf = ({ applies, message, pass }: Checked): Grade =>
  applies === false ? cannotTell(message) : { score: pass ? 1 : 0, why: message }

/**
 * A check listed as a grader: it gates with 1 for a pass and 0 for a fail, and gives no score where there was nothing to check;
 * an outcome, for the original is checked as well. `learning` is told of a check that has to be taught before it grades.
 */
export const graderOfCheck = (
  check: Check,
  context: CheckContext,
  learning: (learn: Learning["learn"]) => void
): Grader => ({
  id: check.id,
  kind: "outcome",
  about: check.about,
  options: check.options,
  make(options) {
    const made = check.make(options, context)
    if (typeof made !== "function") learning((past) => made.learn(past))
    const checking = typeof made === "function" ? made : made.check
    return (input) => {
      const checked = checking({ output: input.output, case: input.case })
      return Effect.isEffect(checked)
        ? Effect.map(checked, gradeOf)
        : checked instanceof Promise
          ? checked.then(gradeOf)
          : gradeOf(checked)
    }
  }
})
