import type { Check } from "../checks/contract.ts"
import type { Grader } from "./contract.ts"

/** A check listed as a grader: it gates with 1 for a pass and 0 for a fail; an outcome, for the original is checked as well. */
export const graderOfCheck = (check: Check): Grader => ({
  id: check.id,
  kind: "outcome",
  about: check.about,
  options: check.options,
  make(options) {
    const made = check.make(options)
    return (input) => {
      const checked = made({ output: input.output, case: input.case })
      return checked instanceof Promise
        ? checked.then(({ message, pass }) => ({ score: pass ? 1 : 0, why: message }))
        : { score: checked.pass ? 1 : 0, why: checked.message }
    }
  }
})
