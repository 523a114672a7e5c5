import { emptyShape, type Shape, schemaOf, see } from "./shape.ts"

/** Past answers that a schema needs to be derived. */
const least = 5
/** The share of past answers that may be no JSON. */
const tolerated = 0.05

/** What the past answers of one slice tell. */
export type Derived = {
  /** Past answers that were JSON, and that were not. */
  readonly learnt: number
  readonly notJson: number
} & (
  | { readonly schema: Readonly<Record<string, unknown>> }
  /** No schema, and why. */
  | { readonly schema: undefined; readonly why: string }
)

/** Schemas derived from past answers, slice by slice. */
export interface Derivation {
  /** One past answer of a slice; `undefined`: it is no JSON. */
  readonly add: (slice: string, answer: { readonly json: unknown } | undefined) => void
  readonly of: (slice: string) => Derived
  /** All slices, for a report. */
  readonly describe: () => Readonly<Record<string, Derived>>
}

interface Seen {
  readonly shape: Shape
  notJson: number
  derived: Derived | undefined
}

const derivedOf = ({ notJson, shape }: Seen): Derived => {
  const learnt = shape.count
  const all = learnt + notJson
  if (all < least) {
    return {
      learnt,
      notJson,
      schema: undefined,
      why: `${all} past answers are too few to derive a schema (${least} are needed)`
    }
  }
  if (notJson > tolerated * all) {
    return {
      learnt,
      notJson,
      schema: undefined,
      why: `${notJson} of ${all} past answers are not JSON: there is no schema`
    }
  }
  const schema = { $schema: "https://json-schema.org/draft/2020-12/schema", ...schemaOf(shape) }
  return { learnt, notJson, schema }
}

/**
 * Derives, for each slice, the JSON Schema that all its past answers fit. What always was is required; what never was is
 * forbidden only where there were 30 examples: other keys, other values of a text that has at most 12, each seen twice, fractions.
 * Bounds of numbers and lengths are not derived.
 */
export const makeDerivation = (): Derivation => {
  const slices = new Map<string, Seen>()
  const of = (slice: string): Derived => {
    const seen = slices.get(slice)
    if (seen === undefined) {
      return { learnt: 0, notJson: 0, schema: undefined, why: "there are no past answers to derive a schema from" }
    }
    seen.derived ??= derivedOf(seen)
    return seen.derived
  }
  return {
    of,
    add(slice, answer) {
      const seen = slices.get(slice) ?? { shape: emptyShape(), notJson: 0, derived: undefined }
      slices.set(slice, seen)
      seen.derived = undefined
      if (answer === undefined) seen.notJson++
      else see(seen.shape, answer.json)
    },
    describe: () => Object.fromEntries([...slices.keys()].sort().map((slice) => [slice, of(slice)]))
  }
}
