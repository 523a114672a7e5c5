import * as Result from "effect/Result"

import type { CallRequest } from "../../../domain/Call.ts"
import type { Message } from "../../../domain/Message.ts"
import type { Prepared, Unsendable } from "../../contract.ts"
import { isArray, isObject, type Json, type JsonObject, kept, restKept, same } from "../json.ts"
import { Losses } from "../losses.ts"
import { CallIds, longToolName } from "../names.ts"
import { isDangling, settle } from "../turns.ts"
import { adapted } from "./adapt.ts"
import { type BlocksContext, writeBlock, writeContent } from "./blocks.ts"
import { writeAsked } from "./params.ts"

const wire = "anthropic.messages"

const roleOf = (message: Message): "user" | "assistant" | "system" =>
  message.role === "tool" ? "user" : message.role === "developer" ? "system" : message.role

const writeGroup = (group: ReadonlyArray<Message>, context: BlocksContext): ReadonlyArray<JsonObject> => {
  const [first] = group
  if (first === undefined) return []
  for (const message of group) context.losses.fields(message)
  const blocks = group.flatMap((message) => message.blocks)
  const recorded = first.role === "tool" || group.length > 1 ? "parts" : kept(first, wire)["content"]
  const content = writeContent(blocks, recorded, context)
  if (blocks.length > 0 && same(content, [])) return [] // all of it was dropped
  return [{ role: roleOf(first), ...(content === undefined ? {} : { content }), ...restKept(first, wire) }]
}

const text = (words: string): JsonObject => ({ type: "text", text: words })

/** Messages of another wire: those of one side in a row become one, as the API would merge them; the user begins and is the last to speak. */
const writeTurns = (messages: ReadonlyArray<Message>, context: BlocksContext): ReadonlyArray<JsonObject> => {
  const { losses } = context
  const turns: Array<{ readonly role: string; readonly content: Array<Json> }> = []
  for (const message of messages) {
    losses.fields(message)
    const content = message.blocks.flatMap((block) => writeBlock(block, context) ?? [])
    if (content.length === 0) continue
    const last = turns.at(-1)
    if (last?.role === roleOf(message)) last.content.push(...content)
    else turns.push({ role: roleOf(message), content })
  }
  if (turns[0]?.role === "assistant") {
    losses.add("first message", "Anthropic wants the user to begin; a message of the user was put before")
    turns.unshift({ role: "user", content: [text("(The conversation begins with your message.)")] })
  }
  if (turns.at(-1)?.role === "assistant") {
    losses.add("prefill", "newer Claude models do not go on with a message of their own; they are asked to")
    turns.push({ role: "user", content: [text("Go on from where your last message ends.")] })
  }
  return turns.map(({ content, role }) => ({ role, content: plainly(content) }))
}

/** One plain text stands by itself. */
const plainly = (content: ReadonlyArray<Json>): Json => {
  const [only] = content
  const plain = content.length === 1 && isObject(only) && only["type"] === "text" && Object.keys(only).length === 2
  return plain ? only["text"]! : content
}

const groupsOf = (messages: ReadonlyArray<Message>): ReadonlyArray<ReadonlyArray<Message>> => {
  const groups: Array<Array<Message>> = []
  for (const message of messages) {
    const last = groups.at(-1)
    if (last !== undefined && message.joinPrevious === true) last.push(message)
    else groups.push([message])
  }
  return groups
}

const writeSystem = (
  messages: ReadonlyArray<Message>,
  told: string | undefined,
  context: BlocksContext
): Json | undefined => {
  const [first] = messages
  const blocks = messages.flatMap((message) => message.blocks)
  if (context.own && told === undefined) {
    if (first === undefined) return undefined
    return writeContent(blocks, messages.length === 1 ? kept(first, wire)["content"] : "parts", context)
  }
  const written = blocks.flatMap((block) => writeBlock(block, context) ?? [])
  const content = told === undefined ? written : [...written, text(told)]
  return content.length === 0 ? undefined : plainly(content)
}

/** True when the last turn before open tool results does not begin with thinking, which Anthropic wants while it thinks by budget. */
const lacksThinking = (messages: ReadonlyArray<JsonObject>): boolean => {
  const content = messages.at(-1)?.["content"]
  const open = isArray(content) && content.some((block) => isObject(block) && block["type"] === "tool_result")
  const turn = messages.at(-2)
  if (!open || turn?.["role"] !== "assistant") return false
  const begins = isArray(turn["content"]) ? turn["content"][0] : undefined
  return !(isObject(begins) && (begins["type"] === "thinking" || begins["type"] === "redacted_thinking"))
}

const verbatim: BlocksContext["ids"] = { called: (id) => id, answered: (id) => id }

const mapped = (losses: Losses): BlocksContext["ids"] => {
  const ids = new CallIds()
  return {
    called: (id) => {
      const written = ids.called(id)
      if (written !== id)
        losses.add("tool id", "Anthropic takes each once, in letters, digits, _ and -; ids are mapped")
      return written
    },
    answered: (id) => ids.answered(id)
  }
}

/**
 * Writes a messages request. One that came by this wire comes back as it was (but for `stream`, which is of the transport and which the sender adds; thinking of another
 * model is left out, and calls that go on without a result get one). From another wire everything that Anthropic cannot take is named as a loss.
 */
export const writeRequest = (request: CallRequest): Result.Result<Prepared, Unsendable> => {
  const losses = new Losses(wire)
  const own = request.wire === wire
  const settled = own && !isDangling(request.messages) ? request.messages : settle(request.messages, losses)
  const asked = own ? { ...request, messages: settled } : adapted({ ...request, messages: settled }, losses)
  const long = own ? undefined : longToolName(asked, 128)
  if (long !== undefined) {
    return Result.fail({ message: `the tool name ${long} has ${long.length} characters; Anthropic takes 128` })
  }
  const context: BlocksContext = { losses, own, model: request.model, ids: own ? verbatim : mapped(losses) }
  const { fields, told } = writeAsked(asked, own, losses)
  const system = writeSystem(
    asked.messages.filter((message) => message.placement === "top"),
    told,
    context
  )
  const spoken = asked.messages.filter((message) => message.placement !== "top")
  const messages = own ? groupsOf(spoken).flatMap((group) => writeGroup(group, context)) : writeTurns(spoken, context)
  if (messages.length === 0) return Result.fail({ message: "the request has no message but the system prompt" })
  const { thinking } = fields
  const dropped = losses.all.some((loss) => loss.what === "thinking")
  if ((dropped || !own) && isObject(thinking) && thinking["type"] === "enabled" && lacksThinking(messages)) {
    losses.add("reasoning", "Anthropic does not begin to think in the middle of a turn with tools")
    delete fields["thinking"]
  }
  return Result.succeed({
    body: { ...fields, model: request.model, ...(system === undefined ? {} : { system }), messages },
    losses: losses.all
  })
}
