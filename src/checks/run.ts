import type { CheckResult } from "../domain/Output.ts"
import type { Check, CheckInput } from "./contract.ts"

/**
 * Runs one made check on one output. Never throws: a check that does gives a failed result that is marked `broken`, so that
 * it can be told from a wrong answer and is not worth a repair round.
 */
export const runCheck = async (
  use: string,
  made: ReturnType<Check["make"]>,
  input: CheckInput
): Promise<CheckResult> => {
  try {
    const { message, pass } = await made(input)
    return { use, pass, message }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    return { use, pass: false, message: `The check ${use} itself failed: ${why}`, broken: true }
  }
}
