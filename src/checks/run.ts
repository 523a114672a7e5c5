import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"

import type { CheckResult } from "../domain/Output.ts"
import type { CheckInput, Checking, Learning } from "./contract.ts"

/**
 * Runs one made check on one output. Never fails: a check that does gives a failed result that is marked `broken`, so that
 * it can be told from a wrong answer and is not worth a repair round. Interruption reaches what it runs.
 */
export const runCheck = (use: string, made: Checking | Learning, input: CheckInput): Effect.Effect<CheckResult> =>
  Effect.suspend(() => {
    const got = (typeof made === "function" ? made : made.check)(input)
    return Effect.isEffect(got) ? got : got instanceof Promise ? Effect.promise(() => got) : Effect.succeed(got)
  }).pipe(
    Effect.map(
      ({ applies, message, pass }): CheckResult => ({ use, pass, message, ...(applies === false ? { applies } : {}) })
    ),
    Effect.catchCause((cause) => {
      if (Cause.hasInterruptsOnly(cause)) return Effect.failCause(cause)
      const failed = Cause.squash(cause)
      const why = failed instanceof Error ? failed.message : String(failed)
      return Effect.succeed<CheckResult>({
        use,
        pass: false,
        message: `The check ${use} itself failed: ${why}`,
        broken: true
      })
    })
  )
