import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"

import type { Calls } from "../calls/Calls.ts"
import type { Answer } from "../domain/Answer.ts"
import type { CallRequest } from "../domain/Call.ts"
import type { Fault } from "../domain/Fault.ts"
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
  /** What was measured of `output`, repair rounds in; left out where nothing was. */
  readonly measured?: Measured
  /** Which draw of a judge's this grade is, from 0: on its trial a judge is asked again. Left out: 0. */
  readonly draw?: number
}

/** What an answer took. `null`: not known. */
export interface Measured {
  readonly latencyMs: number | null
  /** US dollars, at the run's prices. */
  readonly usd: number | null
}

/** A model that a grader asks. */
export interface JudgeModel {
  /** A provider's name in the suite. */
  readonly provider: string
  readonly model: string
  /** It may judge setups of its own family of models. */
  readonly ownFamily: boolean
  /** It is asked for embeddings and passes no judgement. */
  readonly embeds?: true
  /** Calls for each answer that is graded, retries apart: for the estimate. Left out: 1. */
  readonly calls?: number
}

/** What {@link Grader.make} gives: it grades one output. A judge asks through `Calls`; `Fault` is only for what must stop the run. */
export type Grading = (input: GradeInput) => Grade | Promise<Grade> | Effect.Effect<Grade, Fault, Calls>

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
  /** The models it asks, which cost money and must be reachable; left out: none. */
  asks?(options: Options["Type"]): ReadonlyArray<JudgeModel>
  /** Why it must not be the only gate; left out, or `undefined`: it may. */
  neverAlone?(options: Options["Type"]): string | undefined
  /** A method, or the registry does not type-check. A thrown error becomes `{ score: null, why }` and is counted. */
  make(options: Options["Type"]): Grading
}

/** Checks a grader's shape and keeps its types. */
export const grader = <const Id extends string, Options extends Schema.Codec<unknown, unknown>>(
  self: Grader<Id, Options>
) => self
