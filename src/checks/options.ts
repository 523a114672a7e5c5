import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"
import type { StandardSchemaV1 } from "effect/StandardSchema"

/** What a plug-in may give as the schema of its options: an Effect Schema, or any Standard Schema (zod, valibot, arktype …). */
export type OptionsSchema<Options> = Schema.Codec<Options, unknown> | StandardSchemaV1<unknown, Options>

const issueOf = (issues: ReadonlyArray<StandardSchemaV1.Issue>): SchemaIssue.Issue => {
  const [first, ...rest] = issues.map(
    ({ message, path = [] }) =>
      new SchemaIssue.Pointer(
        path.map((part) => (typeof part === "object" ? part.key : part)),
        new SchemaIssue.InvalidValue({ message })
      )
  )
  return first === undefined
    ? new SchemaIssue.InvalidValue({ message: "not valid" })
    : new SchemaIssue.Composite(Schema.Unknown.ast, [first, ...rest])
}

const isStandard = (schema: OptionsSchema<unknown>): schema is StandardSchemaV1<unknown, unknown> =>
  "~standard" in schema

/** What all nodes of this copy of Effect's schemas descend from. */
const Node: unknown = Object.getPrototypeOf(Schema.String.ast.constructor)

/** Why a value cannot be the schema of options; `undefined` when it can. A schema works within its own copy of Effect only. */
export const refusedOptions = (schema: unknown): string | undefined => {
  const right = "right is an Effect Schema or a Standard Schema (zod, valibot, arktype …)"
  if (schema === undefined) return undefined
  if ((typeof schema !== "object" && typeof schema !== "function") || schema === null)
    return `its options are no schema; ${right}`
  if ("~standard" in schema) return undefined
  if (!Schema.isSchema(schema)) return `its options are no schema; ${right}`
  return typeof Node === "function" && schema.ast instanceof Node
    ? undefined
    : "its options are a schema of another copy of Effect; right is Schema.toStandardSchemaV1(schema)"
}

/** A plug-in's options schema as a codec; without one, options are taken as they are written. */
export const optionsOf = (schema: OptionsSchema<unknown> | undefined): Schema.Codec<unknown, unknown> => {
  if (schema === undefined) return Schema.Unknown
  if (!isStandard(schema)) return schema
  const { validate } = schema["~standard"]
  return Schema.Unknown.pipe(
    Schema.decodeTo(
      Schema.Unknown,
      SchemaTransformation.transformEffect({
        decode: (input: unknown) =>
          Effect.promise(async () => validate(input)).pipe(
            Effect.flatMap((got) =>
              got.issues === undefined ? Effect.succeed(got.value) : Effect.fail(issueOf(got.issues))
            )
          ),
        encode: (value: unknown) => Effect.succeed(value)
      })
    )
  )
}
