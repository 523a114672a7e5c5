import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"

import { Fault } from "../domain/Fault.ts"

/** What is wrong at one place of a file's value, and what would be right. */
export interface Wrong {
  readonly path: ReadonlyArray<PropertyKey>
  readonly message: string
}

const format = SchemaIssue.makeFormatterStandardSchemaV1({
  leafHook: (issue) => {
    if (issue._tag === "UnexpectedKey" && SchemaAST.isObjects(issue.ast)) {
      return `unknown key; allowed here: ${issue.ast.propertySignatures.map(({ name }) => String(name)).join(", ")}`
    }
    return issue._tag === "MissingKey" ? "is missing" : SchemaIssue.defaultLeafHook(issue)
  }
})

const isSecretName = (name: PropertyKey) =>
  /api[-_]?key|secret|password|authorization|^(access[-_]?|auth[-_]?)?token$/i.test(String(name))
/** Long runs of letters and digits, and the usual beginnings of keys. */
const looksSecret = (text: string) => /\b((sk|pk|rk)[-_]|gh[a-z]_|xox[a-z]-|AIza|AKIA)[\w-]{6}|[\w-]{32}/.test(text)

/** A value for a message: scalars as they are, unless they may be a secret; nothing of what is inside an object. */
const shown = (value: unknown): string => {
  if (typeof value === "string") {
    if (looksSecret(value)) return "a text that is not shown, for it may be a key"
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value)
  }
  if (Array.isArray(value)) return "an array"
  if (typeof value === "object" && value !== null) return "an object"
  return typeof value === "function" ? "a function" : String(value)
}

const step = (value: unknown, key: PropertyKey): unknown =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<PropertyKey, unknown>>)[key] : undefined

const withValue = ({ message, path }: Wrong, raw: unknown): string => {
  if (!message.startsWith("Expected ") || path.some(isSecretName) || path.at(-1) === "baseURL") return message
  const value = path.reduce(step, raw)
  return value === undefined ? message : `${message}, got ${shown(value)}`
}

const place = (path: ReadonlyArray<PropertyKey>): string =>
  path
    .map((key) => (typeof key === "number" || /^\d+$/.test(String(key)) ? `[${String(key)}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "")

/** One sentence a wrong, with its place in the value that `raw` is. Keys and what may be keys are not repeated. */
export const sentences = (wrongs: ReadonlyArray<Wrong>, raw: unknown, what: string): ReadonlyArray<string> =>
  wrongs.map((wrong) => {
    const at = place(wrong.path)
    return `${at === "" ? `the ${what}` : at}: ${withValue(wrong, raw)}`
  })

/** The one fault of a file that holds all that is wrong in it. */
export const faultOf = (file: string, lines: ReadonlyArray<string>, what: string): Fault =>
  new Fault({
    kind: "input",
    file,
    sentence: lines.length === 1 ? lines.join() : [`${lines.length} faults in this ${what}:`, ...lines].join("\n  ")
  })

/** A copy without the keys whose value is `undefined`: to write one is to leave it out. */
const withoutUndefined = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutUndefined)
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inside]) => (inside === undefined ? [] : [[key, withoutUndefined(inside)]]))
  )
}

/** Decodes a file's value; all that is wrong is found at once. */
export const decoded = <A>(schema: Schema.Codec<A, unknown>, raw: unknown): Effect.Effect<A, ReadonlyArray<Wrong>> =>
  Schema.decodeUnknownEffect(schema, { errors: "all", onExcessProperty: "error" })(withoutUndefined(raw)).pipe(
    Effect.mapError(({ issue }) =>
      format(issue).issues.map(({ message, path = [] }) => ({
        message,
        path: path.map((part) => (typeof part === "object" ? part.key : part))
      }))
    )
  )
