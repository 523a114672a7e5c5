import type * as Schema from "effect/Schema"

import type { Answer } from "../domain/Answer.ts"
import type { CallRequest } from "../domain/Call.ts"
import type { Grade, GraderKind } from "../domain/Grade.ts"

/** What a grader sees. */
export interface GradeInput {
  readonly output: Answer
  readonly original: Answer
  /** From the suite's references; `undefined` where the case has none. */
  readonly expected: unknown
  readonly case: {
    readonly id: string
    readonly slice: string
    readonly labels: Readonly<Record<string, string>>
    readonly request: CallRequest
  }
}

/**
 * A grader is a plain value: its id in a suite, the schema of its options, and what they make.
 * `kind: "comparison"` is for the built-in comparing graders: they compare `output` with `expected` where the case has one
 * (outcome) and with `original` where it has none (agreement), case by case. A user's grader says its kind.
 */
export interface Grader<
  Id extends string = string,
  Options extends Schema.Codec<unknown, unknown> = Schema.Codec<unknown, unknown>
> {
  readonly id: Id
  readonly kind: GraderKind | "comparison"
  /** Where the kind depends on the options; default: `kind`. */
  kindOf?(options: Options["Type"]): GraderKind | "comparison"
  /** One line for the help. */
  readonly about: string
  readonly options: Options
  /** A method, or the registry does not type-check. A thrown error becomes `{ score: null, why }` and is counted. */
  make(options: Options["Type"]): (input: GradeInput) => Grade | Promise<Grade>
}

/** Checks a grader's shape and keeps its types. */
export const grader = <const Id extends string, Options extends Schema.Codec<unknown, unknown>>(
  self: Grader<Id, Options>
) => self
