import * as Schema from "effect/Schema"

import { digestOf } from "./digest.ts"

/**
 * The axes of a setup's configuration. A key that is absent has its default, so a new axis changes no existing id.
 * To add one: a line here, and the place that obeys it.
 */
export const Axes = Schema.Struct({
  /** Default: as recorded in the archived request. */
  temperature: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 2 }))),
  topP: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))),
  /** Output tokens at most. Default: as recorded; where the original names none, max(4096, 4 x its output), and once four times that where it cuts the answer. */
  maxTokens: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0))),
  reasoningEffort: Schema.optionalKey(Schema.Literals(["none", "minimal", "low", "medium", "high", "xhigh"])),
  /** Repair rounds after failed checks, at most. Default 0. */
  repairs: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10 })))
})
export type Axes = typeof Axes.Type

/** Values of axes that mean the same as leaving them out. */
const defaults: { readonly [K in keyof Axes]?: Axes[K] } = { repairs: 0 }

/** Provider, model and configuration: what is tried. */
export interface Setup {
  readonly id: string
  /** For people: `fleet/small temperature=0 repairs=2`. */
  readonly label: string
  /** The provider's name in the suite, not its kind. */
  readonly provider: string
  readonly model: string
  readonly axes: Axes
}

/** Builds a setup; its id is a digest (16 hex digits) of provider, model and the axes that differ from their defaults. */
export const setupOf = (provider: string, model: string, axes: Axes): Setup => {
  const named = Object.entries(axes).filter(
    ([key, value]) => value !== undefined && value !== defaults[key as keyof Axes]
  )
  return {
    id: digestOf({ provider, model, ...Object.fromEntries(named) }).slice(0, 16),
    label: [`${provider}/${model}`, ...named.map(([key, value]) => `${key}=${value}`)].join(" "),
    provider,
    model,
    axes
  }
}
