import type * as Effect from "effect/Effect"
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

/** Where a check stands: what its options may name by relative paths, and how commands are kept apart from the machine. */
export interface CheckContext {
  /** Absolute: the folder of the suite's file. */
  readonly folder: string
  /** Of commands. `required`: they run in a sandbox or not at all. `none`: the suite says that they may run without. */
  readonly isolation: Isolation
  /** What checks that cost time said before. */
  readonly memory: Memory
}

/** Results by a digest of all that goes into them: a check that drives repairs and is a grader too runs once for an answer, and a later run says the same. */
export interface Memory {
  get(key: string): Effect.Effect<Checked | undefined>
  /** Keeps a result; beyond this process where it is `lasting`. Gives the one that counts: of two under one key the first. */
  keep(key: string, checked: Checked, lasting: boolean): Effect.Effect<Checked>
}

export type Isolation =
  | "required"
  | "none"
  | { readonly container: { readonly runtime: string; readonly image: string } }

/** What {@link Check.make} gives: it checks one output. */
export type Checking = (input: CheckInput) => Checked | Promise<Checked> | Effect.Effect<Checked>

/** What a check gives that is learnt from past answers: it is told all of them, and then checks. */
export interface Learning {
  /** One archived answer of the cases at hand. */
  learn(past: CheckInput): void
  readonly check: Checking
  /** What was learnt, by slice, for a report. */
  describe?(): Readonly<Record<string, Learnt>>
}

/** What past answers of a slice taught. */
export interface Learnt {
  /** Past answers that it was learnt from, and that could not be read as JSON. */
  readonly learnt: number
  readonly notJson: number
  /** Left out: there is none, and `why` says why. */
  readonly schema?: Readonly<Record<string, unknown>> | undefined
  readonly why?: string
}

/** A check that is taught, by its id. */
export type Learner = Pick<Learning, "learn" | "describe"> & { readonly use: string }

/** Told, when a check is made, what has to be done before it may run. */
export interface Foreman {
  /** It must be taught past answers. */
  learning(learner: Learner): void
  /** It needs something of the machine: a sentence says that this is not there. */
  needing(lack: Effect.Effect<string | undefined>): void
}

/** A check made with its options, and its foreman told. */
export const madeCheck = (check: Check, options: unknown, context: CheckContext, foreman: Foreman): Checking => {
  const made = check.make(options, context)
  if (check.needs !== undefined) foreman.needing(check.needs(context))
  if (typeof made === "function") return made
  foreman.learning({
    use: check.id,
    learn: (past) => made.learn(past),
    ...(made.describe === undefined ? {} : { describe: () => made.describe?.() ?? {} })
  })
  return made.check
}

/** A pass/fail test of an output that needs no model: a plain value. */
export interface Check<
  Id extends string = string,
  Options extends Schema.Codec<unknown, unknown> = Schema.Codec<unknown, unknown>
> {
  readonly id: Id
  readonly about: string
  readonly options: Options
  /** What the machine lacks for it, as a sentence; `undefined`: nothing. Asked before money is spent. Left out: it needs nothing. */
  needs?(context: CheckContext): Effect.Effect<string | undefined>
  /** A method, or the registry does not type-check. Throws where the options cannot be used, with a sentence. */
  make(options: Options["Type"], context: CheckContext): Checking | Learning
}

/** Checks a check's shape and keeps its types. */
export const check = <const Id extends string, Options extends Schema.Codec<unknown, unknown>>(
  self: Check<Id, Options>
) => self
