import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"

import type { Calls } from "../calls/Calls.ts"
import type { Fault } from "../domain/Fault.ts"
import type { Grade } from "../domain/Grade.ts"
import type { GradeInput, Grader, Grading } from "./contract.ts"
import { type Extract, madeOf } from "./extract.ts"
import { runGrader } from "./grade.ts"

type Kind = Grader["kind"]

/** A grader inside another, as the suite writes it, decoded. */
export interface Part {
  readonly use: string
  readonly options: unknown
  /** What of the answers the part sees. Left out: the whole. */
  readonly extract?: Extract
  /** Of a weighted mean. */
  readonly weight?: number
}

/** The schema of a part with further fields; its options are read by the grader that it names. */
export type PartSchema = (more: Schema.Struct.Fields) => Schema.Codec<Part, unknown>

/** A part that is made: nothing is asked before `grade` is run. */
export interface MadePart {
  readonly use: string
  grade(input: GradeInput): Effect.Effect<Grade, Fault, Calls>
}

/** A grader that is made of others, which its options name. */
export interface Combiner<
  Id extends string = string,
  Options extends Schema.Codec<unknown, unknown> = Schema.Codec<unknown, unknown>
> {
  readonly id: Id
  readonly about: string
  optionsOf(part: PartSchema): Options
  /** The parts, in the order in which `make` gets them made. */
  partsOf(options: Options["Type"]): ReadonlyArray<Part>
  /** True where parts that must not be the only gate (`blind`, in their order) can decide a case alone. Left out: only where all parts are such. */
  isBlind?(options: Options["Type"], blind: ReadonlyArray<boolean>): boolean
  make(options: Options["Type"], parts: ReadonlyArray<MadePart>): Grading
}

/** Checks a combiner's shape and keeps its types. */
export const combiner = <const Id extends string, Options extends Schema.Codec<unknown, unknown>>(
  self: Combiner<Id, Options>
) => self

/**
 * The kind of a score that is made of scores of these kinds: `agreement` where one is, else `comparison` where one is, else
 * `outcome`. Throws where a preference, whose parity is one half, meets another kind.
 */
export const combinedKind = (parts: ReadonlyArray<{ readonly use: string; readonly kind: Kind }>): Kind => {
  const preference = parts.find(({ kind }) => kind === "preference")
  const other = parts.find(({ kind }) => kind !== "preference")
  if (preference !== undefined && other !== undefined) {
    throw new Error(
      `${preference.use} is a preference, which compares with one half and cannot be combined with ${other.use} (${other.kind}): list them as graders of their own`
    )
  }
  if (preference !== undefined) return "preference"
  return (["agreement", "comparison"] as const).find((kind) => parts.some((part) => part.kind === kind)) ?? "outcome"
}

/** A part's grade with the name of the part. */
export interface PartGrade extends Grade {
  readonly use: string
}

/** The evidence of the judge among the parts, where exactly one is. */
const evidenceOf = (grades: ReadonlyArray<Grade>): Pick<Grade, "evidence"> => {
  const [only, ...more] = grades.flatMap(({ evidence }) => (evidence === undefined ? [] : [evidence]))
  return only === undefined || more.length > 0 ? {} : { evidence: only }
}

/** A grade with this score that tells what every part said. */
export const scored = (score: number, grades: ReadonlyArray<PartGrade>): Grade => ({
  score,
  why: grades.map((one) => `${one.use} ${one.score ?? "cannot tell"}: ${one.why}`).join("; "),
  ...evidenceOf(grades)
})

/** No grade, since these parts gave none; an infrastructure failure among them is passed on. */
export const unscored = (grades: ReadonlyArray<PartGrade>): Grade => {
  const silent = grades.filter(({ score }) => score === null)
  const failure = silent.find((one) => one.failure !== undefined)?.failure
  return {
    score: null,
    why: silent.map(({ use, why }) => `${use} cannot tell: ${why}`).join("; "),
    ...evidenceOf(grades),
    ...(failure === undefined ? {} : { failure })
  }
}

/** Runs all parts and folds their grades. */
export const gathering =
  (parts: ReadonlyArray<MadePart>, fold: (grades: ReadonlyArray<PartGrade>) => Grade): Grading =>
  (input) =>
    Effect.map(
      Effect.forEach(parts, ({ grade, use }) => Effect.map(grade(input), (one): PartGrade => ({ ...one, use })), {
        concurrency: "unbounded"
      }),
      fold
    )

/** A combiner as a grader, whose parts are looked up by the names that the suite uses. */
export const graderOfCombiner = (
  self: Combiner,
  part: PartSchema,
  graderOf: (use: string) => Grader | undefined
): Grader => {
  const found = (options: unknown) =>
    self.partsOf(options).map((part) => {
      const grader = graderOf(part.use)
      if (grader === undefined) throw new Error(`there is no grader ${JSON.stringify(part.use)}`)
      return { ...part, grader }
    })
  const kindOf = (options: unknown) =>
    combinedKind(
      found(options).map(({ grader, options, use }) => ({ use, kind: grader.kindOf?.(options) ?? grader.kind }))
    )
  return {
    id: self.id,
    kind: "outcome",
    kindOf,
    about: self.about,
    options: self.optionsOf(part),
    asks: (options) => found(options).flatMap(({ grader, options }) => grader.asks?.(options) ?? []),
    neverAlone: (options) => {
      const parts = found(options).map(({ grader, options }) => grader.neverAlone?.(options))
      const blind = parts.map((why) => why !== undefined)
      const isBlind = self.isBlind?.(options, blind) ?? !blind.includes(false)
      const why = parts.find((one) => one !== undefined)
      return isBlind && why !== undefined && blind.includes(false)
        ? `in ${self.id} it can decide a case alone, and ${why}`
        : isBlind
          ? why
          : undefined
    },
    make(options) {
      kindOf(options)
      const parts = found(options).map(({ grader, use, ...part }): MadePart => {
        const made = madeOf(grader, part)
        return { use, grade: (input) => runGrader(made, input) }
      })
      return self.make(options, parts)
    }
  }
}
