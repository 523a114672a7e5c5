import * as Effect from "effect/Effect"

import { type Check, type CheckContext, type Checked, type Foreman, madeCheck } from "../checks/contract.ts"
import type { Grade } from "../domain/Grade.ts"
import type { Grader } from "./contract.ts"
import { cannotTell } from "./reference.ts"

const gradeOf = ({ applies, message, pass }: Checked): Grade =>
  applies === false ? cannotTell(message) : { score: pass ? 1 : 0, why: message }

/**
 * A check listed as a grader: it gates with 1 for a pass and 0 for a fail, and gives no score where there was nothing to check;
 * an outcome, for the original is checked as well. The foreman is told when it is made.
 */
export const graderOfCheck = (check: Check, context: CheckContext, foreman: Foreman): Grader => ({
  id: check.id,
  kind: "outcome",
  about: check.about,
  options: check.options,
  make(options) {
    const checking = madeCheck(check, options, context, foreman)
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
