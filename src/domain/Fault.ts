import * as Schema from "effect/Schema"

/** Exit codes of the command, by kind of fault; verdicts have their own (see `cli`). */
const exitCodes = { internal: 1, usage: 2, input: 2, infrastructure: 5, budget: 6, interrupted: 130 } as const

/**
 * Something a user must know and can mend: one sentence, the place, and the mend.
 * `usage`: wrong flags. `input`: a file or value that is not what it should be. `infrastructure`: a provider or the machine failed.
 * `budget`: the cap stopped the run. `internal`: a bug.
 */
export class Fault extends Schema.TaggedError<Fault>()("Fault", {
  kind: Schema.Literals(["internal", "usage", "input", "infrastructure", "budget", "interrupted"]),
  /** What is wrong, as one sentence without the place. */
  sentence: Schema.String,
  file: Schema.optionalKey(Schema.String),
  line: Schema.optionalKey(Schema.Int),
  /** What would be right, or what to do. */
  mend: Schema.optionalKey(Schema.String)
}) {
  override get message() {
    const place = this.file === undefined ? "" : `${this.file}${this.line === undefined ? "" : `:${this.line}`}: `
    return `${place}${this.sentence}${this.mend === undefined ? "" : `\n  ${this.mend}`}`
  }
  get exitCode(): number {
    return exitCodes[this.kind]
  }
}
