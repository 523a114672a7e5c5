import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** The options that say when two numbers count as equal. */
export const tolerance = {
  /** Largest difference forgiven. Default 1e-9, which forgives rounding only. */
  tolerance: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(1e-9))
  ),
  /** `absolute`: in the numbers' own units. `relative`: as a share of the reference. Default absolute. */
  scale: Schema.Literals(["absolute", "relative"]).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("absolute" as const))
  )
}

/** True when `value` is no further from `reference` than is forgiven. */
export const within = (
  reference: number,
  value: number,
  options: { readonly tolerance: number; readonly scale: "absolute" | "relative" }
): boolean =>
  Math.abs(value - reference) <= options.tolerance * (options.scale === "relative" ? Math.abs(reference) : 1)

/** How far a number may be off, in its own units or as a share of the reference; either is enough. */
export const allowance = {
  absolute: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))),
  relative: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)))
}
