import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"

import { Fault } from "../domain/Fault.ts"

/** Ends the command with an exit code; everything there was to say has been printed. */
export class Ended extends Schema.TaggedError<Ended>()("Ended", { code: Schema.Int }) {
  override readonly [Runtime.errorExitCode] = this.code
  override readonly [Runtime.errorReported] = false
}

/** What a command has to say: a document for `--json`, text for people, and its exit code. */
export interface Answer {
  readonly doc: unknown
  readonly text: string
  readonly code?: number
}

/** The JSON document of a failure. */
export const faultDoc = (fault: Fault) => ({
  error: {
    kind: fault.kind,
    message: fault.sentence,
    ...(fault.file === undefined ? {} : { file: fault.file }),
    ...(fault.line === undefined ? {} : { line: fault.line }),
    ...(fault.mend === undefined ? {} : { mend: fault.mend })
  }
})

const faultOf = (cause: Cause.Cause<Fault>): Fault => {
  const error = Cause.squash(cause)
  return error instanceof Fault
    ? error
    : new Fault({
        kind: "internal",
        sentence: error instanceof Error ? (error.stack ?? error.message) : String(error),
        mend: "This is a bug in Understudy; nothing that was paid for is lost. Please report it with the lines above."
      })
}

const interrupted = (json: boolean) =>
  json
    ? Console.log(
        JSON.stringify({
          error: {
            kind: "interrupted",
            message: "interrupted; what was paid for is kept",
            mend: "Run the same command again to go on."
          }
        })
      )
    : Console.error("Interrupted. What was paid for is kept: run the same command again to go on.")

/** Prints what a command answers: one JSON document, or text; a fault as a sentence on stderr (with `--json` as a document) and its exit code. */
export const answer = <R>(json: boolean, effect: Effect.Effect<Answer, Fault, R>): Effect.Effect<void, Ended, R> =>
  Effect.gen(function* () {
    const exit = yield* effect.pipe(
      Effect.onInterrupt(() => interrupted(json)),
      Effect.exit
    )
    if (Exit.isSuccess(exit)) {
      const { code = 0, doc, text } = exit.value
      yield* Console.log(json ? JSON.stringify(doc, null, 2) : text)
      if (code !== 0) return yield* new Ended({ code })
      return
    }
    const fault = faultOf(exit.cause)
    yield* json ? Console.log(JSON.stringify(faultDoc(fault), null, 2)) : Console.error(fault.message)
    return yield* new Ended({ code: fault.exitCode })
  })
