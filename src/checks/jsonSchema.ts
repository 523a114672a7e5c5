import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import type { CallRequest } from "../domain/Call.ts"
import { type Checked, type CheckInput, check } from "./contract.ts"
import { makeDerivation } from "./derive.ts"
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

const judged = (
  validate: Validate,
  { case: { request }, output }: Pick<CheckInput, "case" | "output">,
  schema: string
): Checked => {
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
    message: `The answer does not fit ${schema}: ${faults.slice(0, shown).join("; ")}${more}`
  }
}

/** Learns from past answers, slice by slice; `describe` gives what was learnt. */
const learnt = () => {
  const derivation = makeDerivation()
  const compiled = new Map<string, { readonly of: number; readonly validate: Validate }>()
  return {
    learn({ case: { request, slice }, output }: CheckInput) {
      const value = jsonOf(output, request)
      derivation.add(slice, Result.isSuccess(value) ? { json: value.success } : undefined)
    },
    describe: derivation.describe,
    check(input: CheckInput): Checked {
      const { slice } = input.case
      const derived = derivation.of(slice)
      if (derived.schema === undefined) return { pass: true, message: derived.why, applies: false }
      const known = compiled.get(slice)
      const { learnt: count } = derived
      const validate = known?.of === count ? known.validate : compileSchema(derived.schema)
      compiled.set(slice, { of: count, validate })
      return judged(validate, input, "the JSON Schema that all past answers fit")
    }
  }
}

/**
 * Passes when the answer is JSON, plain or in a fenced block, that fits a JSON Schema: the one in `schema`; the one that
 * the archived request asked for (`from: "request"`, the default); or the one that all past answers of the slice fit
 * (`from: "archive"`). Where there is no schema a case passes, with `applies: false`.
 */
export const jsonSchema = check({
  id: "jsonSchema",
  about:
    "the answer is JSON that fits a JSON Schema: the request's own, one learnt from past answers, or one given in the suite",
  options: Schema.Struct({
    schema: Schema.optionalKey(Schema.Union([Schema.Boolean, Schema.Record(Schema.String, Schema.Json)])),
    from: Schema.Literals(["request", "archive"]).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("request" as const))
    )
  }),
  make({ from, schema }) {
    if (from === "archive") {
      if (schema !== undefined) throw new Error('schema and from: "archive": only one can be given')
      return learnt()
    }
    const given = schema === undefined ? undefined : compileSchema(schema)
    const validateOf = remembering()
    return (input: CheckInput): Checked => {
      const wanted = requested(input.case.request)
      if (given === undefined && wanted === undefined) {
        return { pass: true, message: "the request asks for no schema", applies: false }
      }
      return judged(given ?? validateOf(wanted), input, "its JSON Schema")
    }
  }
})
