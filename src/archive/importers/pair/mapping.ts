import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"

import { Fault } from "../../../domain/Fault.ts"
import { arrayIn, objectIn, unpacked } from "../../json.ts"

/** A JSON pointer (RFC 6901): where in a row something stands. */
const Pointer = Schema.String.check(
  Schema.makeFilter((text: string) => /^(?:\/(?:[^~/]|~[01])*)*$/.test(text), {
    expected: 'a JSON pointer: each step after a "/", such as "/data/request"; "/" in a key is ~1, "~" is ~0'
  })
)

const at = Schema.optionalKey(Pointer)

/** Where the rows of a team's own log hold what. */
const Mapping = Schema.Struct({
  request: at,
  response: at,
  model: at,
  messages: at,
  system: at,
  tools: at,
  params: at,
  answer: at,
  usage: Schema.optionalKey(
    Schema.Struct({ input: at, output: at, cacheRead: at, cacheWrite: at, reasoning: at, total: at })
  ),
  id: at,
  time: at,
  end: at,
  latencyMs: at,
  ttftMs: at,
  session: at,
  trajectory: at,
  step: at,
  cost: at,
  error: at,
  status: at,
  user: at,
  provider: at,
  url: at,
  labels: Schema.optionalKey(Schema.Record(Schema.String, Pointer)),
  /** The shape of bodies, messages, tools and counts, where they do not show it. */
  wire: Schema.optionalKey(Schema.Literals(["openai.chat", "openai.responses", "anthropic.messages", "ollama.chat"]))
}).check(
  Schema.makeFilter(({ answer, messages, request, response, usage }) => {
    if (request !== undefined && (messages !== undefined || answer !== undefined))
      return "Expected either `request` and `response`, of whole bodies, or `messages` and `answer`, of parts of them"
    return request === undefined && response === undefined && messages === undefined && usage === undefined
      ? "Expected `request` and `response`, or `messages` and `answer`, or `usage` alone"
      : undefined
  })
)
export type Mapping = typeof Mapping.Type

const format = SchemaIssue.makeFormatterStandardSchemaV1({
  leafHook: (issue) =>
    issue._tag === "UnexpectedKey" && SchemaAST.isObjects(issue.ast)
      ? `unknown key; allowed here: ${issue.ast.propertySignatures.map(({ name }) => String(name)).join(", ")}`
      : SchemaIssue.defaultLeafHook(issue)
})

const decode = Schema.decodeUnknownResult(Mapping, { errors: "all", onExcessProperty: "error" })

/** Checks a mapping. Throws one `Fault` that names every place where it is wrong, and what would be right. */
export const mappingOf = (raw: unknown): Mapping => {
  const read = decode(raw)
  if (Result.isSuccess(read)) return read.success
  const wrongs = format(read.failure.issue).issues.map(({ message, path = [] }) => {
    const place = path.map((part) => String(typeof part === "object" ? part.key : part)).join(".")
    return `${place === "" ? "the mapping" : place}: ${message}`
  })
  throw new Fault({
    kind: "input",
    sentence:
      wrongs.length === 1
        ? `the mapping is wrong: ${wrongs.join()}`
        : ["the mapping is wrong:", ...wrongs].join("\n  "),
    mend: 'A mapping is JSON such as { "request": "/data/request", "response": "/data/response", "labels": { "team": "/meta/team" } }.'
  })
}

/** The value that a pointer leads to; JSON that was written into a text is gone into. `undefined` where it leads nowhere. */
export const valueAt = (row: unknown, pointer: string): unknown => {
  let value = row
  for (const step of pointer.split("/").slice(1)) {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~")
    const inside = unpacked(value)
    const list = arrayIn(inside)
    const object = objectIn(inside)
    if (list !== undefined) value = /^(0|[1-9]\d*)$/.test(key) ? list[Number(key)] : undefined
    else if (object !== undefined && Object.hasOwn(object, key)) value = object[key]
    else return undefined
  }
  return value
}
