import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import type { CallRow } from "../store/Archives.ts"
import { Since, Until } from "./times.ts"
import { isLabel, type Label, Labels, listOf, oneOrMore } from "./values.ts"

type SliceOf = (call: CallRow) => string

const Slice = Schema.declare(
  (value): value is Label | "template" | SliceOf =>
    isLabel(value) || value === "template" || typeof value === "function",
  { expected: '"label:NAME", "template", or a function of the call' }
)

const clusters = ["session", "trajectory", "call"] as const
const Cluster = Schema.declare(
  (value): value is (typeof clusters)[number] | Label => isLabel(value) || clusters.some((name) => name === value),
  { expected: '"session" | "trajectory" | "call" | "label:NAME"' }
)

const Key = Schema.declare((value): value is "id" | Label => value === "id" || isLabel(value), {
  expected: '"id" | "label:NAME"'
})

const Where = Schema.Struct({
  since: Schema.optionalKey(Since),
  until: Schema.optionalKey(Until),
  fidelity: listOf(Schema.Literals(["A", "B", "C"])).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(["A", "B"] as const))
  ),
  models: Schema.optionalKey(oneOrMore(Schema.NonEmptyString)),
  labels: Schema.optionalKey(Labels)
}).check(
  Schema.makeFilter(({ since, until }) =>
    since !== undefined && until !== undefined && since >= until
      ? { path: ["until"], issue: "Expected a time after `since`" }
      : undefined
  )
)

const Stratum = Schema.Literals(["slice", "time", "cost"])

const Sample = Schema.Struct({
  size: Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)),
  by: Schema.optionalKey(Schema.Union([Stratum, listOf(Stratum)])),
  seed: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(7))),
  /** `once`: of prompts that are nearly equal one is taken, with the weight of all. */
  nearDuplicates: Schema.optionalKey(Schema.Literals(["keep", "once"]))
})

/** Which archived calls become cases. */
export const Cases = Schema.Struct({
  where: Where.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  slice: Schema.optionalKey(Slice),
  cluster: Cluster.pipe(Schema.withDecodingDefaultKey(Effect.succeed("session" as const))),
  sample: Schema.optionalKey(Sample),
  references: Schema.optionalKey(
    Schema.Struct({
      path: Schema.NonEmptyString,
      key: Key.pipe(Schema.withDecodingDefaultKey(Effect.succeed("id" as const)))
    })
  )
})
