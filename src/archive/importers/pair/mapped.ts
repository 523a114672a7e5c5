import type { Recorded } from "../../fidelity.ts"
import { usageOnly } from "../../fidelity.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn, unpacked } from "../../json.ts"
import { LabelSet } from "../../labels.ts"
import type { ReadWire } from "../wires.ts"
import { shapeOfRequest, shapeOfResponse } from "../wires.ts"
import { type Mapping, valueAt } from "./mapping.ts"
import type { Row } from "./row.ts"

const there = (value: unknown) => value !== undefined && value !== null

const filled = (entries: Readonly<Record<string, unknown>>): JsonObject =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => there(value)))

/** Reads rows by a mapping, and keeps count of which of its pointers ever found something. */
export class MappedRows {
  readonly #mapping: Mapping
  readonly #hits = new Map<string, number>()
  readonly #pointers: ReadonlyMap<string, string>
  #rows = 0

  constructor(mapping: Mapping) {
    this.#mapping = mapping
    const { labels = {}, usage = {}, wire: _, ...plain } = mapping
    const inner = (group: string, pointers: Readonly<Record<string, string | undefined>>) =>
      Object.entries(pointers).map(([name, pointer]) => [`${group}.${name}`, pointer] as const)
    this.#pointers = new Map(
      [...Object.entries(plain), ...inner("usage", usage), ...inner("labels", labels)].flatMap(([name, pointer]) =>
        pointer === undefined ? [] : [[name, pointer] as const]
      )
    )
  }

  /** Sentences for pointers that found nothing in any row. */
  get idle(): ReadonlyArray<string> {
    if (this.#rows === 0) return []
    return [...this.#pointers]
      .filter(([name]) => !this.#hits.has(name))
      .map(([name, pointer]) => `the mapping's ${name} ("${pointer}") finds nothing in any of the ${this.#rows} rows`)
  }

  /** What a row holds where the mapping says. */
  row(json: unknown): Row {
    this.#rows += 1
    const at = (name: string): unknown => {
      const pointer = this.#pointers.get(name)
      const value = pointer === undefined ? undefined : valueAt(json, pointer)
      if (there(value)) this.#hits.set(name, (this.#hits.get(name) ?? 0) + 1)
      return value
    }
    const labels = new LabelSet()
    for (const name of Object.keys(this.#mapping.labels ?? {})) labels.add(name, at(`labels.${name}`))
    const { request, response, ...told } = this.#bodies(at)
    return {
      request,
      response,
      ...told,
      id: at("id"),
      start: at("time"),
      end: at("end"),
      latency: at("latencyMs"),
      ttft: at("ttftMs"),
      session: at("session"),
      trajectory: at("trajectory"),
      step: at("step"),
      cost: at("cost"),
      error: at("error"),
      status: at("status"),
      user: at("user"),
      provider: at("provider"),
      url: at("url"),
      labels
    }
  }

  #bodies(at: (name: string) => unknown): Pick<Row, "request" | "response" | "recorded" | "wire"> {
    const { wire } = this.#mapping
    const told = wire === undefined ? {} : { wire }
    if (this.#mapping.request !== undefined) {
      const request = at("request")
      return { request, response: at(this.#mapping.response === undefined ? "answer" : "response"), ...told }
    }
    const logged = unpacked(at("messages"))
    const messages = arrayIn(logged) ?? (textIn(logged) === undefined ? undefined : [{ role: "user", content: logged }])
    const params = objectIn(unpacked(at("params")))
    const tools = arrayIn(unpacked(at("tools")))
    const system = unpacked(at("system"))
    const chosen = wire ?? this.#wireOf(messages, tools)
    const answer = this.#answer(at, chosen)
    const recorded: Partial<Recorded> =
      messages === undefined
        ? { ...usageOnly, ...(there(answer.said) ? { response: "verbatim" } : {}), notes: ["messages were not logged"] }
        : {
            system: chosen === "openai.chat" || chosen === "ollama.chat" || there(system) ? "verbatim" : "unknown",
            tools: tools === undefined ? "unknown" : "verbatim",
            params: params === undefined ? "unknown" : "verbatim",
            ...(there(answer.said) ? {} : { response: "absent" })
          }
    const request = {
      ...params,
      ...filled({ model: at("model"), tools }),
      ...promptIn(chosen, messages ?? [], system)
    }
    return { request, response: answer.body, recorded, wire: chosen }
  }

  #wireOf(messages: unknown, tools: unknown): ReadWire {
    const shape = shapeOfRequest(filled({ messages, tools }))
    return shape !== undefined && "wire" in shape ? shape.wire : "openai.chat"
  }

  #answer(at: (name: string) => unknown, wire: ReadWire): { readonly said: unknown; readonly body: unknown } {
    const logged = unpacked(this.#mapping.answer === undefined ? at("response") : at("answer"))
    const count = (name: string) => at(`usage.${name}`)
    const counts =
      this.#mapping.usage === undefined
        ? undefined
        : countsIn(wire, {
            input: count("input"),
            output: count("output"),
            cacheRead: count("cacheRead"),
            cacheWrite: count("cacheWrite"),
            reasoning: count("reasoning"),
            total: count("total")
          })
    const whole = objectIn(logged)
    const body =
      whole !== undefined && shapeOfResponse(whole) !== undefined ? whole : answerOf(wire, there(logged) ? logged : "")
    if (counts === undefined) return { said: logged, body: there(logged) ? body : undefined }
    return { said: logged, body: wire === "ollama.chat" ? { ...body, ...counts } : { ...body, usage: counts } }
  }
}

/** Messages and system prompt where each wire has them. */
const promptIn = (wire: ReadWire, messages: ReadonlyArray<unknown>, system: unknown): JsonObject => {
  if (wire === "openai.responses") return filled({ input: messages, instructions: system })
  if (wire === "anthropic.messages") return filled({ messages, system })
  return { messages: there(system) ? [{ role: "system", content: system }, ...messages] : messages }
}

/** An answer that was logged as a text or a message, as the wire's body. What it does not tell is left out. */
export const answerOf = (wire: ReadWire, answer: unknown): JsonObject => {
  const message = objectIn(answer)
  const said = message?.["role"] === undefined ? undefined : message
  const content = said === undefined ? answer : said["content"]
  if (wire === "anthropic.messages")
    return {
      type: "message",
      role: "assistant",
      content: arrayIn(content) ?? [{ type: "text", text: textIn(content) ?? "" }]
    }
  const plain = said ?? { role: "assistant", content: typeof answer === "string" ? answer : JSON.stringify(answer) }
  if (wire === "ollama.chat") return { message: plain, done: true }
  if (wire === "openai.chat") return { choices: [{ index: 0, message: plain }] }
  return { object: "response", output: arrayIn(answer) ?? [plain] }
}

interface Counts {
  readonly input: unknown
  readonly output: unknown
  readonly cacheRead: unknown
  readonly cacheWrite: unknown
  readonly reasoning: unknown
  readonly total: unknown
}

/** Counts under the wire's names, so that they mean what they mean there: OpenAI's input holds the cache, Anthropic's does not. */
export const countsIn = (
  wire: ReadWire,
  { cacheRead, cacheWrite, input, output, reasoning, total }: Counts
): JsonObject => {
  if (wire === "ollama.chat") return filled({ prompt_eval_count: input, eval_count: output })
  if (wire === "anthropic.messages")
    return filled({
      input_tokens: input,
      output_tokens: output,
      cache_read_input_tokens: cacheRead,
      cache_creation_input_tokens: cacheWrite,
      output_tokens_details: there(reasoning) ? { thinking_tokens: reasoning } : undefined
    })
  const ofInput = filled({ cached_tokens: cacheRead, cache_write_tokens: cacheWrite })
  const ofOutput = filled({ reasoning_tokens: reasoning })
  return wire === "openai.chat"
    ? filled({
        prompt_tokens: input,
        completion_tokens: output,
        total_tokens: total,
        prompt_tokens_details: ofInput,
        completion_tokens_details: ofOutput
      })
    : filled({
        input_tokens: input,
        output_tokens: output,
        total_tokens: total,
        input_tokens_details: ofInput,
        output_tokens_details: ofOutput
      })
}
