import type { Block, Message } from "../../domain/Message.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, objectIn, textIn, unpacked } from "../json.ts"
import { blockIn, blocksIn, resultContent, toolCallIn } from "./parts.ts"

type ToolUse = Extract<Block, { type: "tool_use" }>
type ToolResult = Extract<Block, { type: "tool_result" }>

/** A conversation as it was read from a log. */
export interface Conversation {
  readonly messages: ReadonlyArray<Message>
  /** Tool definitions that stood among the messages, as they came. */
  readonly tools: ReadonlyArray<unknown>
  /** Messages that were not recorded, or are none. */
  readonly gaps: number
  /** What was rebuilt and how, for the reader of a report. */
  readonly notes: ReadonlyArray<string>
}

const roles: Readonly<Record<string, Message["role"]>> = {
  system: "system",
  developer: "developer",
  user: "user",
  human: "user",
  assistant: "assistant",
  ai: "assistant",
  model: "assistant",
  bot: "assistant",
  tool: "tool",
  function: "tool"
}

const roleNamed = (name: string | undefined): Message["role"] | undefined =>
  name !== undefined && Object.hasOwn(roles, name.toLowerCase()) ? roles[name.toLowerCase()] : undefined

/** LangChain's name of a message's kind: `HumanMessageChunk` is `human`. */
const kindOf = (id: unknown): string | undefined => {
  const last = textIn(arrayIn(id)?.at(-1))
  return last === undefined ? undefined : /^([A-Za-z]+?)Message(Chunk)?$/.exec(last)?.[1]?.toLowerCase()
}

/** A message without the envelopes that libraries put around it; its role under `role`. */
export const plainMessage = (raw: unknown): JsonObject | undefined => {
  const pair = arrayIn(raw)
  if (pair?.length === 2 && typeof pair[0] === "string" && roleNamed(pair[0]) !== undefined)
    return { role: pair[0], content: pair[1] }
  // Python's own text of an object is no message.
  if (typeof raw === "string") return raw === "" || /^\w+='/.test(raw) ? undefined : { role: "user", content: raw }
  const object = objectIn(raw)
  if (object === undefined) return undefined
  const kwargs = objectIn(object["kwargs"])
  if (kwargs !== undefined && "lc" in object) {
    const kind = kindOf(object["id"]) ?? textIn(kwargs["type"])
    return { ...kwargs, role: textIn(kwargs["role"]) ?? kind }
  }
  const data = objectIn(object["data"])
  if (data !== undefined && roleNamed(textIn(object["type"])) !== undefined) return { ...data, role: object["type"] }
  const inner = objectIn(object["message"])
  if (inner !== undefined && (textIn(object["role"]) === undefined || textIn(inner["role"]) !== undefined))
    return plainMessage(inner)
  if (textIn(object["role"]) !== undefined) return object
  const named = /^gen_ai\.(system|user|assistant|tool)\.message$/.exec(textIn(object["event.name"]) ?? "")?.[1]
  const type = textIn(object["type"])
  if (named !== undefined) return { ...object, role: named }
  return roleNamed(type) !== undefined && ("content" in object || "tool_calls" in object)
    ? { ...object, role: type }
    : object
}

/** Items of OpenAI's Responses API that are no messages: each stands for a message of one block. */
const itemRoles: Readonly<Record<string, Message["role"]>> = {
  function_call: "assistant",
  custom_tool_call: "assistant",
  reasoning: "assistant",
  function_call_output: "tool",
  custom_tool_call_output: "tool"
}

/** Koog writes tool calls as the JSON of a list into the content. */
const callsInText = (content: unknown): ReadonlyArray<ToolUse> | undefined => {
  if (typeof content !== "string" || !content.startsWith('[{"')) return undefined
  const list = arrayIn(unpacked(content)) ?? []
  const calls = list.flatMap((one) => {
    const object = objectIn(one)
    return object?.["type"] === "function" && objectIn(object["function"])?.["arguments"] !== undefined
      ? (toolCallIn(object) ?? [])
      : []
  })
  return calls.length > 0 && calls.length === list.length ? calls : undefined
}

/** Blocks of what an assistant said: thinking, content in its order, then the calls beside it. Ids that are missing are "". */
export const assistantBlocks = (message: JsonObject): ReadonlyArray<Block> => {
  const content = message["parts"] ?? message["contents"] ?? message["content"]
  const calls = callsInText(content)
  const blocks = calls ?? blocksIn(content)
  const more = objectIn(message["additional_kwargs"]) ?? {}
  const thought = [message["reasoning_content"], message["reasoning"], more["reasoning_content"]].find(
    (value) => typeof value === "string" && value !== ""
  )
  const thinking: ReadonlyArray<Block> =
    typeof thought === "string" && !blocks.some((block) => block.type === "thinking")
      ? [{ type: "thinking", text: thought }]
      : []
  const beside = [message["tool_calls"], message["toolCalls"], more["tool_calls"]]
    .map((list) => arrayIn(unpacked(list)))
    .find((list) => list !== undefined && list.length > 0)
  const function_ = objectIn(message["function_call"]) ?? objectIn(more["function_call"])
  const named = textIn(message["function_call_name"])
  const older =
    function_ ?? (named === undefined ? undefined : { name: named, arguments: message["function_call_arguments_json"] })
  const refusal = textIn(message["refusal"])
  const seen = new Set(blocks.flatMap((block) => (block.type === "tool_use" && block.id !== "" ? [block.id] : [])))
  const invalid = arrayIn(message["invalid_tool_calls"]) ?? []
  const added = [...(beside ?? (older === undefined ? [] : [older])), ...invalid].flatMap(
    (one): ReadonlyArray<Block> => {
      const call = toolCallIn(one)
      return call === undefined ? [blockIn(one)] : seen.has(call.id) ? [] : [call]
    }
  )
  return [
    ...thinking,
    ...blocks,
    ...(refusal === undefined ? [] : [{ type: "refusal" as const, text: refusal }]),
    ...added
  ]
}

/** True for a tool's definition that a logger put among the messages. */
const isDefinition = (message: JsonObject) => {
  const content = objectIn(message["content"])
  return content?.["type"] === "function" && objectIn(content["function"]) !== undefined && !("tool_call_id" in message)
}

/** Puts a conversation together: ids that are missing are filled in, results find their calls. */
class Assembly {
  readonly messages: Array<Message> = []
  readonly tools: Array<unknown> = []
  readonly notes = new Set<string>()
  gaps = 0
  #open: Array<ToolUse> = []
  readonly #called = new Set<string>()
  #made = 0

  add(raw: unknown): void {
    const message = plainMessage(raw)
    if (message === undefined) {
      this.gaps += 1
      return
    }
    const type = textIn(message["type"]) ?? ""
    const named = textIn(message["role"])
    const role = roleNamed(named) ?? (Object.hasOwn(itemRoles, type) ? itemRoles[type] : undefined)
    if (role === "tool" && isDefinition(message)) this.tools.push(message["content"])
    else if (named === undefined && role !== undefined) this.#say(role, [blockIn(message)])
    else if (role === "assistant") this.#say(role, assistantBlocks(message), message)
    else if (role === "tool") this.#answer(message)
    else if (role !== undefined)
      this.#say(role, blocksIn(message["parts"] ?? message["contents"] ?? message["content"]), message)
    else if (named !== undefined && this.#open.some((call) => call.name === named))
      this.#answer({ ...message, name: named })
    else if (named !== undefined || "content" in message || "parts" in message) {
      if (named !== undefined) this.notes.add("a message has a role that is not known; it is taken as the user's")
      this.#say("user", blocksIn(message["parts"] ?? message["content"]), message)
    } else this.gaps += 1
  }

  #answer(message: JsonObject): void {
    const content = message["parts"] ?? message["contents"] ?? message["content"]
    // Koog writes the assistant's calls under the role of the tool.
    const calls = callsInText(content)
    const blocks = blocksIn(content)
    if (calls !== undefined && !("tool_call_id" in message)) this.#say("assistant", calls)
    else if (blocks.some((block) => block.type === "tool_result")) this.#say("tool", blocks)
    else this.#say("tool", [this.#resultOf(message, content)])
  }

  #resultOf(message: JsonObject, content: unknown): ToolResult {
    const named = textIn(message["tool_call_id"]) ?? textIn(message["toolCallId"])
    // A message's own id is no call's id: it counts where it is one, and in OpenTelemetry's events.
    const own = textIn(message["id"])
    const id = named ?? (own !== undefined && ("event.name" in message || this.#isOpen(own)) ? own : "")
    const given = resultContent(content)
    const isError = given.isError ?? (message["status"] === "error" ? true : undefined)
    const name = textIn(message["name"])
    return {
      type: "tool_result",
      toolUseId: id,
      ...(name === undefined ? {} : { name }),
      content: given.content,
      ...(isError === undefined ? {} : { isError }),
      executedBy: "client"
    }
  }

  #isOpen(id: string): boolean {
    return this.#open.some((call) => call.id === id)
  }

  /** Adds blocks under a role; tool results become messages of their own, whichever role they came under. */
  #say(role: Message["role"], blocks: ReadonlyArray<Block>, message: JsonObject = {}): void {
    const name = textIn(message["name"])
    const placed = role === "system" || role === "developer" ? { placement: "inline" as const } : {}
    let joined = false
    for (const run of runsOf(blocks)) {
      const result = run[0]?.type === "tool_result" && run[0].executedBy === "client"
      const said = run.map((block) => this.#settled(block))
      const before = this.messages.at(-1)
      if (result && before?.role === "tool" && !joined)
        this.messages[this.messages.length - 1] = { ...before, blocks: [...before.blocks, ...said] }
      else if (!result && role === "assistant" && before?.role === "assistant" && (joined || continues(message)))
        this.messages[this.messages.length - 1] = { ...before, blocks: [...before.blocks, ...said] }
      else
        this.messages.push({
          role: result ? "tool" : role === "tool" ? "user" : role,
          ...(result ? {} : placed),
          ...(result || name === undefined ? {} : { name }),
          blocks: said,
          ...(joined ? { joinPrevious: true } : {})
        })
      joined = true
    }
    if (blocks.length === 0 && role !== "tool") this.messages.push({ role, ...placed, blocks: [] })
  }

  #settled(block: Block): Block {
    if (block.type === "tool_use") {
      const call = block.id === "" ? { ...block, id: this.#nextId(), idSynthetic: true } : block
      this.#called.add(call.id)
      if (call.kind !== "provider") this.#open.push(call)
      return call
    }
    return block.type === "tool_result" && block.executedBy === "client" ? this.#matched(block) : block
  }

  #matched(result: ToolResult): ToolResult {
    const { name, toolUseId } = result
    const call =
      toolUseId === ""
        ? (this.#open.find((one) => one.name === name) ?? (name === undefined ? this.#open[0] : undefined))
        : this.#open.find((one) => one.id === toolUseId)
    if (call !== undefined) this.#open = this.#open.filter((one) => one !== call)
    if (toolUseId !== "" && (call !== undefined || this.#called.has(toolUseId))) return result
    if (toolUseId !== "") {
      this.notes.add("a tool result answers a call that is not among the messages")
      if (this.gaps === 0) this.gaps = 1
      return result
    }
    this.notes.add(
      call === undefined
        ? "a tool result names no call and no call waits for one"
        : "tool results without a call's id were matched with the calls by name and order"
    )
    // Where a message is missing already, the call was in it.
    if (call === undefined && this.gaps === 0) this.gaps = 1
    return { ...result, toolUseId: call?.id ?? this.#nextId() }
  }

  #nextId(): string {
    this.#made += 1
    return `call_${this.#made}`
  }
}

/** True for an item of OpenAI's Responses API, several of which make one turn. */
const continues = (message: JsonObject) => message["role"] === undefined || message["type"] === "message"

/** Runs of tool results and of other blocks, in order. */
const runsOf = (blocks: ReadonlyArray<Block>): ReadonlyArray<ReadonlyArray<Block>> => {
  const runs: Array<Array<Block>> = []
  const isResult = (block: Block) => block.type === "tool_result" && block.executedBy === "client"
  for (const block of blocks) {
    const last = runs.at(-1)
    if (last !== undefined && isResult(last[0]!) === isResult(block)) last.push(block)
    else runs.push([block])
  }
  return runs
}

/**
 * Reads a list of messages, whichever library wrote it: OpenAI chat messages and Responses items, Anthropic, Gemini, LangChain (constructors, dicts,
 * tuples), the AI SDK, OpenTelemetry's messages and events, OpenInference. Tool results without an id are matched with the open calls by name,
 * then by order. Places that hold no message are counted as gaps.
 */
export const conversationIn = (list: ReadonlyArray<unknown>): Conversation => {
  const assembly = new Assembly()
  for (const raw of list) assembly.add(raw)
  const { gaps, messages, notes, tools } = assembly
  return { messages, tools, gaps, notes: [...notes] }
}

/** Fills in the ids of an answer's calls that have none: `call_1`, `call_2` … */
export const withCallIds = (blocks: ReadonlyArray<Block>): ReadonlyArray<Block> => {
  let made = 0
  return blocks.map((block) => {
    if (block.type !== "tool_use" || block.id !== "") return block
    made += 1
    return { ...block, id: `call_${made}`, idSynthetic: true }
  })
}
