import * as Result from "effect/Result"

import type { ArchivedCall, CallRequest, ToolDef } from "../domain/Call.ts"
import { Fault } from "../domain/Fault.ts"
import type { Message } from "../domain/Message.ts"
import { shapeOfRequest, translations } from "./importers/wires.ts"
import type { JsonObject } from "./json.ts"
import { arrayIn, objectIn, quotedIn, textIn } from "./json.ts"
import { openBody } from "./secrets.ts"

/** Gives a call what its log does not hold; the same call where there is nothing to give. */
export type Supply = (call: ArchivedCall) => ArchivedCall

/** Gives nothing. */
export const noSupply: Supply = (call) => call

/** What one entry of a supply file gives, and to which calls. */
interface Entry {
  readonly match: Readonly<Partial<Record<"importer" | "model" | "producer", RegExp>>>
  readonly system: ReadonlyArray<Message>
  readonly tools: ReadonlyArray<ToolDef> | null
}

const mend =
  'Give {"match"?: {"importer"?, "model"?, "producer"?}, "system"?: "…", "tools"?: […]}, an array of those, or a request body as it was captured.'

/** A pattern of a match: `*` stands for any characters. */
const pattern = (text: string) =>
  new RegExp(`^${text.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`, "s")

const matchable = ["importer", "model", "producer"] as const

const isSystem = ({ role }: Message) => role === "system" || role === "developer"

/** The system prompt and the tools of a request body. */
const partsOf = (body: JsonObject, refuse: (why: string) => Fault): Pick<Entry, "system" | "tools"> => {
  const shape = shapeOfRequest(body)
  if (shape === undefined || !("wire" in shape))
    throw refuse(shape === undefined ? "a request body of no known shape" : `${shape.unread}, which is not read`)
  const read = translations[shape.wire].readRequest(openBody(body))
  if (Result.isFailure(read)) throw refuse(`the request body cannot be read: ${read.failure}`)
  const { messages, tools }: CallRequest = read.success
  const asked = messages.findIndex((message) => !isSystem(message))
  return {
    system: messages
      .slice(0, asked === -1 ? messages.length : asked)
      .map((message) => ({ ...message, placement: "top" as const })),
    tools: tools === null || tools.length === 0 ? null : tools.map((tool) => ({ ...tool, basis: "supplied" as const }))
  }
}

/** A request body that holds these parts alone, in the shape that its tools are written in. */
const bodyOf = (system: string | undefined, tools: ReadonlyArray<unknown>): JsonObject => {
  const first = objectIn(tools[0])
  const model = "supplied"
  if (first !== undefined && first["type"] === "function" && objectIn(first["function"]) === undefined)
    return { model, input: "-", tools, ...(system === undefined ? {} : { instructions: system }) }
  const asked = { role: "user", content: "-" }
  if (first !== undefined && objectIn(first["function"]) !== undefined)
    return { model, messages: [...(system === undefined ? [] : [{ role: "system", content: system }]), asked], tools }
  return {
    model,
    max_tokens: 1,
    ...(system === undefined ? {} : { system }),
    messages: [asked],
    ...(tools.length === 0 ? {} : { tools })
  }
}

const entryOf = (value: unknown, at: string, file: string): Entry => {
  const refuse = (why: string) => new Fault({ kind: "input", file, sentence: `${at}${why}`, mend })
  const object = objectIn(value)
  if (object === undefined) throw refuse(`${quotedIn(value)} is no object`)
  if (["messages", "input", "contents", "prompt"].some((name) => name in object))
    return { match: {}, ...partsOf(object, refuse) }
  const strange = Object.keys(object).find((name) => !["match", "system", "tools"].includes(name))
  if (strange !== undefined) throw refuse(`there is no field "${strange}"`)
  const { match = {}, system, tools = [] } = object
  if (system !== undefined && textIn(system) === undefined) throw refuse(`system: ${quotedIn(system)} is no text`)
  const list = arrayIn(tools)
  if (list === undefined) throw refuse(`tools: ${quotedIn(tools)} is no array`)
  if (system === undefined && list.length === 0) throw refuse("it gives neither a system prompt nor tools")
  const patterns = objectIn(match)
  if (patterns === undefined) throw refuse(`match: ${quotedIn(match)} is no object`)
  for (const [name, text] of Object.entries(patterns)) {
    if (!matchable.some((one) => one === name)) throw refuse(`match: there is no field "${name}"`)
    if (textIn(text) === undefined) throw refuse(`match.${name}: ${quotedIn(text)} is no text`)
  }
  return {
    match: Object.fromEntries(Object.entries(patterns).map(([name, text]) => [name, pattern(String(text))])),
    ...partsOf(bodyOf(textIn(system), list), refuse)
  }
}

const isFor = ({ match }: Entry, { provenance, request }: ArchivedCall): boolean => {
  const { name = "", version } = provenance.producer ?? {}
  return (
    (match.importer?.test(provenance.importer) ?? true) &&
    (match.model?.test(request.model) ?? true) &&
    (match.producer?.test(version === undefined ? name : `${name} ${version}`) ?? true)
  )
}

/** What a call of a supplied part is noted with. */
export const suppliedNotes = { system: "the system prompt was supplied", tools: "the tools were supplied" } as const

const about = { system: /system prompt.*--supply/, tools: /tool.*--supply/ } as const

const lacksSystem = ({ fidelity, request }: ArchivedCall) =>
  ["absent", "unknown"].includes(fidelity.parts["system"] ?? "") && !request.messages.some(isSystem)

/** Tools that were put together from their uses are a guess: they give way to real ones. */
const lacksTools = ({ request: { tools } }: ArchivedCall) =>
  tools === null || (tools.length > 0 && tools.every(({ basis }) => basis === "reconstructed"))

const given = (call: ArchivedCall, part: "system" | "tools", request: CallRequest): ArchivedCall => ({
  ...call,
  request,
  fidelity: {
    ...call.fidelity,
    parts: { ...call.fidelity.parts, [part]: "reconstructed" },
    // What an importer says of a part that is there now is no longer true.
    notes: [...call.fidelity.notes.filter((note) => !about[part].test(note)), suppliedNotes[part]]
  }
})

/**
 * The content of a supply file as what it gives. Each call gets the system prompt and the tools of the first entry that fits it and has them,
 * where its log has none; what the log has is never changed, and the grade stays what it was: B at best. Throws a `Fault` with the
 * place and the mend.
 */
export const supplyOf = (text: string, file: string): Supply => {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (cause) {
    const line = /\(line (\d+) column/.exec(cause instanceof Error ? cause.message : "")?.[1]
    throw new Fault({
      kind: "input",
      file,
      ...(line === undefined ? {} : { line: Number(line) }),
      sentence: "this is not valid JSON",
      mend
    })
  }
  const list = arrayIn(content)
  const entries =
    list === undefined ? [entryOf(content, "", file)] : list.map((value, n) => entryOf(value, `entry ${n + 1}: `, file))
  return (call) => {
    let full = call
    const system = lacksSystem(call) ? entries.find((one) => one.system.length > 0 && isFor(one, call)) : undefined
    if (system !== undefined)
      full = given(full, "system", { ...full.request, messages: [...system.system, ...full.request.messages] })
    const tools = lacksTools(call) ? entries.find((one) => one.tools !== null && isFor(one, call)) : undefined
    if (tools !== undefined) full = given(full, "tools", { ...full.request, tools: tools.tools })
    return full
  }
}
