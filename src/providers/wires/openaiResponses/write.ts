import * as Result from "effect/Result"

import type { CallRequest } from "../../../domain/Call.ts"
import type { Block, Message, ToolResultBlock, ToolUseBlock } from "../../../domain/Message.ts"
import type { Prepared, Unsendable } from "../../contract.ts"
import { isArray, isObject, type Json, type JsonObject, kept, restKept } from "../json.ts"
import { Losses } from "../losses.ts"
import { CallIds, longToolName, withNames } from "../names.ts"
import { sameModel } from "../params.ts"
import { isDangling, settle } from "../turns.ts"
import { writeAsked } from "./params.ts"
import { writeContent, writePart } from "./parts.ts"

const wire = "openai.responses"

interface Context {
  readonly losses: Losses
  readonly own: boolean
  readonly model: string
  /** Ids of calls and results, mapped where they come from another wire. */
  readonly ids: { called(id: string): string; answered(id: string): string }
  /** Ids of calls whose input is free text: their results have a type of their own. */
  readonly custom: Set<string>
}

const headOf = (block: Block): JsonObject => {
  const { head } = kept(block, wire)
  return isObject(head) ? head : {}
}

const argumentsOf = (call: ToolUseBlock): string => call.inputRaw ?? JSON.stringify(call.input)

const writeCall = (call: ToolUseBlock, { custom, ids, losses }: Context): JsonObject => {
  losses.fields(call)
  const call_id = ids.called(call.id)
  const same = { call_id, name: call.name }
  if (call.kind === "custom" && typeof call.input === "string") {
    custom.add(call.id)
    return { type: "custom_tool_call", ...same, input: call.input, ...headOf(call), ...restKept(call, wire) }
  }
  return { type: "function_call", ...same, arguments: argumentsOf(call), ...headOf(call), ...restKept(call, wire) }
}

const writeThinking = (
  block: Block & { readonly type: "thinking" },
  { losses, model, own }: Context
): JsonObject | undefined => {
  const { encrypted, producer, summary, text } = block
  const here = block.origin?.wire === wire || (own && producer?.provider === "openai")
  if (!here || !sameModel(producer?.model ?? model, model)) {
    losses.add("thinking", "thinking of another model or wire is not sent")
    return undefined
  }
  const data = kept(block, wire)
  const said = text === null ? undefined : [{ type: "reasoning_text", text }]
  const told = (summary ?? []).map((one) => ({ type: "summary_text", text: one }))
  const content = Object.hasOwn(data, "content") ? data["content"] : said
  const summaries = Object.hasOwn(data, "summary") ? data["summary"] : told
  const cipher = encrypted ?? data["encrypted"]
  return {
    type: "reasoning",
    ...(data["unsummed"] === true || summaries === undefined ? {} : { summary: summaries }),
    ...(content === undefined ? {} : { content }),
    ...(cipher === undefined ? {} : { encrypted_content: cipher }),
    ...headOf(block),
    ...restKept(block, wire)
  }
}

/** Blocks that one message of the assistant held together. */
const writeAnswer = (blocks: ReadonlyArray<Block>, context: Context): JsonObject => {
  const [first] = blocks
  const data = first === undefined ? {} : kept(first, wire)
  const bare = blocks.map((block): Block => {
    const { content: _content, head: _head, inner: _inner, joined: _joined, ...part } = kept(block, wire)
    const { origin, ...rest } = block
    if (origin?.wire !== wire) return block
    return Object.keys(part).length === 0 ? rest : { ...rest, origin: { wire, data: part } }
  })
  const content = writeContent(bare, data["content"], "assistant", context)
  return {
    ...(isObject(data["head"]) ? data["head"] : {}),
    role: "assistant",
    content: content ?? "",
    ...(isObject(data["inner"]) ? data["inner"] : {})
  }
}

const writeAssistant = (message: Message, context: Context): ReadonlyArray<Json> => {
  const { losses } = context
  const items: Array<Json> = []
  let together: Array<Block> = []
  const close = () => {
    if (together.length > 0) items.push(writeAnswer(together, context))
    together = []
  }
  for (const block of message.blocks) {
    const { joined, raw } = kept(block, wire)
    if (joined !== true) close()
    if (block.type === "tool_use" && block.kind === "provider" && raw !== undefined) items.push(raw)
    else if (block.type === "tool_use" && block.kind !== "provider") items.push(writeCall(block, context))
    else if (block.type === "tool_use") losses.add(`hosted tool ${block.name}`, "only its own provider can run it")
    else if (block.type === "thinking")
      items.push(...[writeThinking(block, context)].filter((one) => one !== undefined))
    else if (block.type === "tool_result" && raw !== undefined) items.push(raw)
    else if (block.type === "tool_result") losses.add("hosted tool result", "only its own provider can run the tool")
    else if (block.type === "compaction") {
      if (block.opaque !== undefined && (block.origin === undefined ? context.own : block.origin.wire === wire))
        items.push({ type: "compaction", encrypted_content: block.opaque, ...headOf(block), ...restKept(block, wire) })
      else {
        losses.add("compaction", "only the wire it came by knows it")
        if (block.summary !== undefined) items.push({ role: "assistant", content: block.summary })
      }
    } else if (block.type === "opaque")
      items.push(...[writePart(block, "assistant", context)].filter((one) => one !== undefined))
    else if (context.own || block.type !== "text" || block.text !== "") together.push(block)
  }
  close()
  return items
}

const writeResult = (result: ToolResultBlock, context: Context): JsonObject => {
  const { custom, ids, losses } = context
  const data = kept(result, wire)
  losses.fields(result)
  if (result.isError === true)
    losses.add("tool error flag", "OpenAI's Responses wire does not mark failed tool results")
  const output = writeContent(result.content, data["content"], "user", context)
  const isCustom = data["custom"] === true || custom.has(result.toolUseId)
  const call_id = ids.answered(result.toolUseId)
  return {
    type: isCustom ? "custom_tool_call_output" : "function_call_output",
    call_id,
    ...(output === undefined ? {} : { output: isArray(output) && output.length === 0 && !context.own ? "" : output }),
    ...headOf(result),
    ...restKept(result, wire)
  }
}

const writeMessage = (message: Message, context: Context): ReadonlyArray<Json> => {
  const { losses, own } = context
  losses.fields(message)
  if (message.name !== undefined) losses.add("name", "OpenAI's Responses wire carries no name of who speaks")
  if (message.role === "assistant") return writeAssistant(message, context)
  if (message.role === "tool") {
    return message.blocks.flatMap((block): ReadonlyArray<Json> => {
      if (block.type === "tool_result") return [writeResult(block, context)]
      return [{ role: "user", content: writeContent([block], undefined, "user", context) ?? "" }]
    })
  }
  const data = kept(message, wire)
  const content = writeContent(message.blocks, data["content"], "user", context)
  if (!own && (content === "" || (isArray(content) && content.length === 0))) return []
  return [
    {
      ...(isObject(data["head"]) ? data["head"] : {}),
      role: message.role,
      ...(content === undefined ? {} : { content }),
      ...restKept(message, wire)
    }
  ]
}

/** The system messages at the top as one text. */
const writeInstructions = (messages: ReadonlyArray<Message>, context: Context): string | undefined => {
  const { losses } = context
  const texts = messages.flatMap((message) => {
    losses.fields(message)
    return message.blocks.flatMap((block) => {
      const part = writePart(block, "user", context)
      if (isObject(part) && typeof part["text"] === "string") return [part["text"]]
      if (part !== undefined) losses.add(block.type, "OpenAI's instructions are text alone")
      return []
    })
  })
  return texts.length === 0 ? undefined : texts.join("\n\n")
}

/** An input that was one text, where it still is. */
const asText = (messages: ReadonlyArray<Message>): string | undefined => {
  const [only] = messages
  const block = only?.blocks[0]
  return messages.length === 1 &&
    only?.blocks.length === 1 &&
    block?.type === "text" &&
    kept(only, wire)["input"] === "text"
    ? block.text
    : undefined
}

const verbatim: Context["ids"] = { called: (id) => id, answered: (id) => id }

const mapped = (losses: Losses): Context["ids"] => {
  const ids = new CallIds()
  return {
    called: (id) => {
      const written = ids.called(id)
      if (written !== id) losses.add("tool id", "OpenAI takes each once, in letters, digits, _ and -; ids are mapped")
      return written
    },
    answered: (id) => ids.answered(id)
  }
}

/**
 * Writes a Responses request. One that came by this wire comes back as it was (but for `stream` and its options, which are of the transport and which the sender adds;
 * thinking of another model is left out, and calls that go on without a result get one). History that was put together from the archive is
 * sent instead of the id it was kept under. From another wire everything that the wire cannot take is named as a loss.
 */
export const writeRequest = (request: CallRequest): Result.Result<Prepared, Unsendable> => {
  const losses = new Losses(wire)
  const own = request.wire === wire
  const asked = own ? request : withNames(request)
  const long = own ? undefined : longToolName(asked, 64)
  if (long !== undefined)
    return Result.fail({ message: `the tool name ${long} has ${long.length} characters; OpenAI takes 64` })
  const messages = own && !isDangling(asked.messages) ? asked.messages : settle(asked.messages, losses)
  const context: Context = {
    losses,
    own,
    model: request.model,
    ids: own ? verbatim : mapped(losses),
    custom: new Set()
  }
  const instructions = writeInstructions(
    messages.filter((message) => message.placement === "top"),
    context
  )
  const spoken = messages.filter((message) => message.placement !== "top")
  if (!own && spoken.at(-1)?.role === "assistant")
    losses.add("prefill", "OpenAI answers with a message of its own instead of going on with the last one")
  const fields = writeAsked(asked, own, losses)
  const input = asText(spoken) ?? spoken.flatMap((message) => writeMessage(message, context))
  const nothing = typeof input !== "string" && input.length === 0
  const elsewhere = own && (request.serverState?.resolved === false || request.promptTemplate !== undefined)
  if (nothing && !elsewhere && !Object.hasOwn(fields, "input"))
    return Result.fail({ message: "the request has no message but the system prompt" })
  return Result.succeed({
    body: {
      ...fields,
      model: request.model,
      ...(instructions === undefined ? {} : { instructions }),
      ...(nothing ? {} : { input })
    },
    losses: losses.all
  })
}
