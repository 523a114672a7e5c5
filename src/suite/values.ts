import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

/** A list that is not empty. */
export const listOf = <S extends Schema.Codec<unknown, unknown>>(one: S) =>
  Schema.Array(one).check(
    Schema.makeFilter((list: ReadonlyArray<unknown>) => list.length > 0, { expected: "one at least" })
  )

/** One value or several, read as several. */
export const oneOrMore = <S extends Schema.Codec<unknown, unknown>>(one: S) =>
  Schema.Union([one, listOf(one)]).pipe(
    Schema.decodeTo(
      Schema.Array(Schema.toType(one)),
      SchemaTransformation.transform({
        decode: (value): ReadonlyArray<S["Type"]> => (Array.isArray(value) ? value : [value]),
        encode: (values): S["Type"] | ReadonlyArray<S["Type"]> => values
      })
    )
  )

/** A name that may become part of a path. */
export const Name = Schema.String.check(
  Schema.makeFilter((name: string) => /^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u.test(name), {
    expected: 'a name of letters, digits, ".", "_" and "-"'
  })
)

/** Allowed values by label. */
export const Labels = Schema.Record(Schema.String, oneOrMore(Schema.String))

const Dollars = Schema.Finite.check(
  Schema.makeFilter((usd: number) => usd >= 0, { expected: "US dollars, zero or more" })
)

/** What a run may spend: in all, of it with judges, and with each setup. */
export const Budget = Schema.Struct({
  usd: Dollars,
  judgeUsd: Schema.optionalKey(Dollars),
  perSetupUsd: Schema.optionalKey(Dollars)
})

/** What a run may spend with one provider. */
export const ProviderBudget = Schema.Struct({ usd: Dollars })

/** `label:NAME`, a label of the archived call. */
export type Label = `label:${string}`
/** True for `label:NAME`. */
export const isLabel = (value: unknown): value is Label => typeof value === "string" && /^label:./.test(value)
