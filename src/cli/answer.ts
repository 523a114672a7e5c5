import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"

import { Fault } from "../domain/Fault.ts"
import { begin, bug, end, endWith } from "./ending.ts"

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

const faultOf = (cause: Cause.Cause<Fault>): Fault => {
  const error = Cause.squash(cause)
  return error instanceof Fault ? error : bug(error)
}

const interrupted = new Fault({
  kind: "interrupted",
  sentence: "interrupted; what was paid for is kept",
  mend: "Run the same command again to go on."
})
const interruptedText = "Interrupted. What was paid for is kept: run the same command again to go on."
const readingInterrupted = new Fault({ kind: "interrupted", sentence: "interrupted; nothing was changed" })
const readingInterruptedText = "Interrupted. Nothing was changed."
const importInterrupted = new Fault({
  kind: "interrupted",
  sentence: "interrupted; an import is kept whole or not at all",
  mend: "Run the same command again."
})
const importInterruptedText =
  "Interrupted. An import is kept whole or not at all: what was not done left nothing in the archive. Run the same command again."

/** What is said of a command that is interrupted, by what it does. */
const interruptedBy = {
  run: [interrupted, interruptedText],
  reads: [readingInterrupted, readingInterruptedText],
  imports: [importInterrupted, importInterruptedText]
} as const

/** A run that ends early once its calls have come back says what one says that is interrupted. */
const saying = (fault: Fault, json: boolean) =>
  fault.kind === "interrupted" ? endWith(fault, json, interruptedText) : endWith(fault, json)

/**
 * Prints what a command answers: one JSON document, or text; a fault as a sentence on stderr (with `--json` as a document) and its
 * exit code. Nothing else reaches stdout, but where the command `asks` at the terminal. One that only `reads` buys nothing and keeps nothing:
 * interrupted, it says so; so does one that `imports`, which pays for nothing.
 */
export const answer = <R>(
  json: boolean,
  effect: Effect.Effect<Answer, Fault, R>,
  {
    asks = false,
    imports = false,
    reads = false
  }: { readonly asks?: boolean; readonly imports?: boolean; readonly reads?: boolean } = {}
): Effect.Effect<void, Ended, R> =>
  Effect.gen(function* () {
    begin({ asks, json })
    const [fault, text] = interruptedBy[reads ? "reads" : imports ? "imports" : "run"]
    const exit = yield* effect.pipe(
      Effect.onInterrupt(() => Effect.ignore(endWith(fault, json, text))),
      Effect.exit
    )
    const { code, said } = Exit.isSuccess(exit)
      ? { code: exit.value.code ?? 0, said: end(json ? JSON.stringify(exit.value.doc, null, 2) : exit.value.text) }
      : { code: faultOf(exit.cause).exitCode, said: saying(faultOf(exit.cause), json) }
    const lost = yield* Effect.exit(said)
    if (Exit.isFailure(lost)) {
      const fault = faultOf(lost.cause)
      yield* Console.error(fault.message)
      return yield* new Ended({ code: fault.exitCode })
    }
    if (code !== 0) return yield* new Ended({ code })
  })
