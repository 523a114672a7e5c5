import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import type { CallRequest } from "../domain/Call.ts"
import { check } from "./contract.ts"
import { jsonOf } from "./json.ts"
import { compileSchema } from "./schemas.ts"

/** Faults named in a message; a model mends a few at a time. */
const shown = 5
/** Compiled schemas kept; an archive has few, but one that makes a schema a call must not fill the memory. */
const kept = 256

type Validate = ReturnType<typeof compileSchema>

const requested = (request: CallRequest): unknown =>
  request.responseFormat?.type === "json_schema" ? request.responseFormat.schema : undefined

const remembering = () => {
  const known = new Map<string, Validate>()
  return (schema: unknown): Validate => {
    const key = JSON.stringify(schema)
    const validate = known.get(key) ?? compileSchema(schema)
    known.delete(key)
    known.set(key, validate)
    for (const oldest of known.keys()) {
      if (known.size <= kept) break
      known.delete(oldest)
    }
    return validate
  }
}

/**
 * Passes when the answer is JSON, plain or in a fenced block, that fits a JSON Schema: the one in `schema`, or the one that
 * the archived request asked for (`from: "request"`, the default). A case whose request asks for none passes,
 * with `applies: false`.
 */
export const jsonSchema = check({
  id: "jsonSchema",
  about: "the answer is JSON that fits a JSON Schema: the request's own, or one given in the suite",
  options: Schema.Struct({
    schema: Schema.optionalKey(Schema.Union([Schema.Boolean, Schema.Record(Schema.String, Schema.Json)])),
    from: Schema.Literal("request").pipe(Schema.withDecodingDefaultKey(Effect.succeed("request" as const)))
  }),
  make({ schema }) {
    const given = schema === undefined ? undefined : compileSchema(schema)
    const validateOf = remembering()
    return ({ case: { request }, output }) => {
      const wanted = requested(request)
      if (given === undefined && wanted === undefined) {
        return { pass: true, message: "the request asks for no schema", applies: false }
      }
      const validate = given ?? validateOf(wanted)
      const value = jsonOf(output, request)
      if (Result.isFailure(value)) {
        const cut = output.finish === "length" ? " (it was cut off by the token limit)" : ""
        return { pass: false, message: `The answer ${value.failure}${cut}` }
      }
      const faults = validate(value.success)
      if (faults.length === 0) return { pass: true, message: "fits the schema" }
      const more = faults.length > shown ? `; and ${faults.length - shown} more` : ""
      return {
        pass: false,
        message: `The answer does not fit its JSON Schema: ${faults.slice(0, shown).join("; ")}${more}`
      }
    }
  }
})
