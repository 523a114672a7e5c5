import type * as Schema from "effect/Schema"

import type { Answer } from "../domain/Answer.ts"
import type { CallRequest } from "../domain/Call.ts"

/** What a check sees: no original and no reference. */
export interface CheckInput {
  readonly output: Answer
  readonly case: {
    readonly id: string
    readonly slice: string
    readonly labels: Readonly<Record<string, string>>
    readonly request: CallRequest
  }
}

/** `message` is what a repair round tells the model, and what a report shows. */
export interface Checked {
  readonly pass: boolean
  readonly message: string
  /** False where there was nothing to check: such a pass is none where the check is used as a grader, which then gives no score. */
  readonly applies?: false
}

/** A pass/fail test of an output that needs no model: a plain value. */
export interface Check<
  Id extends string = string,
  Options extends Schema.Codec<unknown, unknown> = Schema.Codec<unknown, unknown>
> {
  readonly id: Id
  readonly about: string
  readonly options: Options
  /** A method, or the registry does not type-check. */
  make(options: Options["Type"]): (input: CheckInput) => Checked | Promise<Checked>
}

/** Checks a check's shape and keeps its types. */
export const check = <const Id extends string, Options extends Schema.Codec<unknown, unknown>>(
  self: Check<Id, Options>
) => self
