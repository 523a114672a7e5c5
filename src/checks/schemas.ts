import { Ajv, type ErrorObject, type Options } from "ajv"
import { Ajv2020 } from "ajv/dist/2020.js"
import formats from "ajv-formats"

/** JSON Schema says a pattern is Unicode-aware; patterns written for Python (`\d{3}\-\d{4}`) often are not, and still mean something. */
const regExp = Object.assign(
  (pattern: string, flags: string) => {
    try {
      return new RegExp(pattern, flags)
    } catch {
      return new RegExp(pattern)
    }
  },
  { code: "new RegExp" }
)

const options: Options = {
  allErrors: true,
  strict: false,
  logger: false,
  addUsedSchema: false,
  // Else what every object inherits (`toString`) is taken for a key of the answer.
  ownProperties: true,
  code: { regExp }
}

const made = new Map<string, Ajv>()
const ajvOf = (dialect: "draft-07" | "2020-12"): Ajv => {
  const known = made.get(dialect)
  if (known !== undefined) return known
  const ajv = dialect === "draft-07" ? new Ajv(options) : new Ajv2020(options)
  formats.default(ajv)
  made.set(dialect, ajv)
  return ajv
}

const segment = (key: string) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`)

/** `/items/0/sku` as `items[0].sku`. */
const place = (pointer: string, more?: string): string => {
  const keys = pointer
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"))
  const path = [...keys, ...(more === undefined ? [] : [more])].map(segment).join("").replace(/^\./, "")
  return path === "" ? "the answer" : path
}

const sentence = ({ instancePath, keyword, message, params }: ErrorObject): string => {
  switch (keyword) {
    case "required":
      return `${place(instancePath, params["missingProperty"])} is missing`
    case "additionalProperties":
      return `${place(instancePath, params["additionalProperty"])} is not allowed`
    case "unevaluatedProperties":
      return `${place(instancePath, params["unevaluatedProperty"])} is not allowed`
    case "enum":
      return `${place(instancePath)} must be one of ${JSON.stringify(params["allowedValues"]).slice(1, -1)}`
    case "const":
      return `${place(instancePath)} must be ${JSON.stringify(params["allowedValue"])}`
    default:
      return `${place(instancePath)} ${message ?? `breaks "${keyword}"`}`
  }
}

/**
 * Compiles a JSON Schema (draft-07 where its `$schema` says so, else read as 2020-12) with the usual formats.
 * The function it gives lists what is wrong with a value, one sentence a fault with its path; nothing when it fits.
 * Throws when the schema itself is no JSON Schema.
 */
export const compileSchema = (schema: unknown): ((value: unknown) => ReadonlyArray<string>) => {
  if (typeof schema === "boolean") return (value) => (schema ? [] : [`${JSON.stringify(value)} is not allowed`])
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
    throw new Error("a JSON Schema is an object or a boolean")
  }
  const { $schema: dialect, ...rest } = { $schema: "", ...schema }
  const ajv = ajvOf(/draft-0[67]/.test(dialect) ? "draft-07" : "2020-12")
  // `$async` would turn the verdict into a promise, which is always truthy.
  const own = { ...rest, $async: false as const }
  const validate = ajv.compile(own)
  ajv.removeSchema(own)
  return (value) => (validate(value) ? [] : [...new Set((validate.errors ?? []).map(sentence))])
}
