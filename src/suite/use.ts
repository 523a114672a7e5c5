import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** A plug-in as far as choosing it and reading its options goes. */
export interface Plugin {
  readonly id: string
  readonly options: Schema.Codec<unknown, unknown>
}

/** True for what is a path to a plug-in of one's own, not a plug-in's id. */
export const isPath = (use: string): boolean => /^(\.\.?)?\//.test(use)

/** A choice of a plug-in as it is written, and decoded by that plug-in's schema. */
type Written<K extends string, Extra extends Schema.Struct.Fields> = {
  readonly [key in K]: string
} & { readonly options?: unknown } & Schema.Struct.Encoded<Extra>
type Chosen<K extends string, Extra extends Schema.Struct.Fields> = {
  readonly [key in K]: string
} & { readonly options: unknown } & Schema.Struct.Type<Extra>

const quoted = (plugins: ReadonlyArray<Plugin>) =>
  plugins.flatMap(({ id }) => (isPath(id) ? [] : [JSON.stringify(id)])).join(" | ")

/**
 * The schema of `{ [key]: id, options?, …extra }`. The id is checked first, then the options by the plug-in it names, so
 * that a fault names one plug-in and not all.
 */
export const choiceOf = <K extends string, Extra extends Schema.Struct.Fields>(
  key: K,
  plugins: ReadonlyArray<Plugin>,
  extra: Extra,
  or = ""
): Schema.Codec<Chosen<K, Extra>, Written<K, Extra>> => {
  const ids = new Set(plugins.map(({ id }) => id))
  const Id = Schema.String.check(
    Schema.makeFilter((id: string) => ids.has(id), { expected: `${quoted(plugins)}${or}` })
  )
  const chosen = plugins.map((plugin) =>
    Schema.Struct({
      [key]: Schema.Literal(plugin.id),
      options: plugin.options.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
      ...extra
    })
  )
  return Schema.Struct({ [key]: Id, options: Schema.optionalKey(Schema.Unknown), ...extra }).pipe(
    Schema.decodeTo(Schema.Union(chosen))
  ) as unknown as Schema.Codec<Chosen<K, Extra>, Written<K, Extra>> // a computed key has no name in the type of a struct
}
