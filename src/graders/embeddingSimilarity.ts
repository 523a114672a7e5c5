import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import { embed } from "../calls/embed.ts"
import { grader } from "./contract.ts"
import { failureOf } from "./judge/ask.ts"
import { cannotTell, referenceText } from "./reference.ts"

/** The cosine of the angle between two vectors, in [-1,1]; `undefined` where it has none: their lengths differ, or one is all zeros. */
export const cosineOf = (one: ReadonlyArray<number>, other: ReadonlyArray<number>): number | undefined => {
  if (one.length !== other.length) return undefined
  const norm = Math.hypot(...one) * Math.hypot(...other)
  const cosine = one.reduce((sum, x, i) => sum + x * other[i]!, 0) / norm
  return Number.isFinite(cosine) ? Math.max(-1, Math.min(1, cosine)) : undefined
}

const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

const Options = Schema.Struct({
  provider: Schema.NonEmptyString,
  model: Schema.NonEmptyString,
  /** The cosine that scores 0. Unlike texts of one language are rarely below 0.2 with most models. */
  floor: Share.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
  /** The cosine that scores 1. */
  ceiling: Share.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1)))
}).check(Schema.makeFilter(({ ceiling, floor }) => floor < ceiling, { expected: "a floor that is below the ceiling" }))

/**
 * How near the output's text is to the expected one (else the original's) in the space of an embedding model: their cosine, from 0 at `floor`
 * to 1 at `ceiling`. The model is asked as a judge is, and each text once. It tells what a text is about and not what it says of it, so it is
 * never the only gate.
 */
export const embeddingSimilarity = grader({
  id: "embeddingSimilarity",
  kind: "comparison",
  about: "how near the texts are for an embedding model; never the only gate",
  options: Options,
  asks: ({ model, provider }) => [{ provider, model, ownFamily: true, embeds: true }],
  neverAlone: () =>
    "embeddingSimilarity is blind to negation ('refund issued' and 'refund denied' are alike): make it `report: true`, or add a gate",
  make({ ceiling, floor, ...model }) {
    return (input) => {
      const reference = referenceText(input)
      if (Result.isFailure(reference)) return cannotTell(reference.failure)
      const [one, other] = [reference.success.trim(), input.output.text.trim()]
      if (one === other) return { score: 1, why: "the same text" }
      if (one === "") return cannotTell("the expected answer has no text")
      if (other === "") return { score: 0, why: "the output has no text" }
      return Effect.all([embed(model, one, input.case.id), embed(model, other, input.case.id)], {
        concurrency: 2
      }).pipe(
        Effect.map(([a, b]) => {
          const cosine = cosineOf(a, b)
          if (cosine === undefined) return cannotTell(`the embeddings of ${model.model} have no angle between them`)
          const score = Math.max(0, Math.min(1, (cosine - floor) / (ceiling - floor)))
          return { score, why: `cosine ${cosine.toFixed(4)} by ${model.provider}/${model.model}` }
        }),
        Effect.catchTag("CallFailed", (failed) =>
          Effect.succeed({ score: null, why: failed.message, failure: failureOf(failed) })
        )
      )
    }
  }
})
