import type { ArchivedCall, CallRequest } from "../../domain/Call.ts"
import type { Message } from "../../domain/Message.ts"
import type { Template } from "../../store/Archives.ts"
import { type Part, pathOf, rungs } from "./path.ts"
import { firstWords, lastWords, masked } from "./words.ts"

/** Characters of the tools' names that a template shows. */
const lineChars = 160

/** How a text begins and ends: to read, and as paths. */
interface Ends {
  readonly shown: string
  readonly paths: string
}

const most = (part: Part) => Math.max(...rungs[part])

const endsOf = (text: string, headPart: Part, tailPart: Part): Ends => {
  const read = firstWords(text, most(headPart) + 1)
  const head = read.slice(0, most(headPart))
  const isAll = read.length === head.length && most(tailPart) <= most(headPart)
  const tail = isAll ? head : lastWords(text, most(tailPart))
  const between = head.at(-1) === masked || tail[0] === masked ? " " : ` ${masked} `
  return {
    shown: isAll ? head.join(" ") : `${head.join(" ")}${between}${tail.join(" ")}`,
    // The last word first: prompts that end alike have paths that begin alike.
    paths: `${pathOf(read, headPart)}.${pathOf([...tail].reverse(), tailPart)}`
  }
}

const isSystem = ({ role }: Message) => role === "system" || role === "developer"

/** What a program puts beside the words of a person or a template. */
const aside = /^\s*<(system-reminder|environment_context|user_instructions|local-command-caveat)\b/

const textOf = ({ blocks }: Message): string => {
  const texts = blocks.flatMap((block) => (block.type === "text" ? [block.text] : []))
  const own = texts.length > 1 ? texts.filter((text) => !aside.test(text)) : texts
  return (own.length > 0 ? own : texts).join("\n")
}

/** The messages before the conversation that tell the model what it is to do. */
const systemOf = (messages: ReadonlyArray<Message>): ReadonlyArray<Message> => {
  const begin = messages.findIndex((message) => !isSystem(message))
  return begin === -1 ? messages : messages.slice(0, begin)
}

/** The message that asks: the first one of a user that says something of its own. */
const userOf = (messages: ReadonlyArray<Message>): Message | undefined => {
  const users = messages.filter(({ role }) => role === "user")
  const says = (message: Message) => {
    const text = textOf(message)
    return text.trim() !== "" && !aside.test(text)
  }
  return users.find((message) => message.injectedBy !== "harness" && says(message)) ?? users.find(says) ?? users[0]
}

/** A function of texts that remembers those it saw last: a system prompt comes with every call, a first message with every call of a conversation. */
const remembering = <A>(make: (text: string) => A) => {
  const known = new Map<string, A>()
  return (text: string): A => {
    const there = known.get(text)
    if (there !== undefined) return there
    const made = make(text)
    if (known.size >= 256) known.clear()
    known.set(text, made)
    return made
  }
}

const systemEnds = remembering((text) => endsOf(text, "systemHead", "systemTail"))
const userTexts = remembering((text) => endsOf(text, "userHead", "userTail"))
const users = new WeakMap<Message, Ends>()

const userEnds = (message: Message | undefined): Ends => {
  if (message === undefined) return userTexts("")
  const known = users.get(message)
  if (known !== undefined) return known
  const ends = userTexts(textOf(message))
  users.set(message, ends)
  return ends
}

const withoutNumbers = remembering((name: string) => name.replace(/[\s_-]*\p{N}[\p{L}\p{N}_.:-]*/gu, "").trim() || name)

/** The tools on offer by name, empty where there are none; `undefined` where they were not recorded, or only put together from their uses. */
const toolNames = ({ tools }: CallRequest): string | undefined => {
  if (tools === null || tools.some(({ basis }) => basis === "reconstructed")) return undefined
  return tools
    .map(({ name }) => withoutNumbers(name))
    .sort()
    .join(", ")
}

/** Roles of an agent that are tasks of their own. */
const tasks: ReadonlySet<string> = new Set(["subagent", "compaction", "title", "judge", "user-simulator"])

/** Who asks, as far as the log itself says; where it keeps neither a system prompt nor tools, the program that wrote it is all there is. */
const whoOf = ({ grouping, provenance, request }: ArchivedCall, told: boolean): ReadonlyArray<string> => {
  const { agent, agentRole } = grouping
  const form = request.responseFormat?.type === "json_schema" ? request.responseFormat.name : undefined
  return [
    ...(request.promptTemplate === undefined ? [] : [`prompt ${request.promptTemplate.name}`]),
    ...(agent === undefined ? [] : [`agent ${withoutNumbers(agent)}`]),
    ...(agentRole !== undefined && tasks.has(agentRole) ? [`role ${agentRole}`] : []),
    ...(form === undefined ? [] : [`answer ${withoutNumbers(form)}`]),
    ...(told ? [] : [`log ${provenance.producer?.name ?? provenance.importer}`])
  ]
}

const kindPath = remembering((text) => pathOf(text.split("\n"), "kind"))

/**
 * The template of a call's prompt: who asks with which tools, how the system prompt begins and ends, how the first user message begins and
 * ends, all with what changes from call to call masked (see `words.ts`). Depends on the call alone, so importing again gives the same.
 */
export const templateOf = (call: ArchivedCall): Template => {
  const { request } = call
  const system = systemEnds(systemOf(request.messages).map(textOf).join("\n"))
  const user = userEnds(userOf(request.messages))
  const tools = toolNames(request)
  const who = whoOf(call, system.shown !== "" || tools !== undefined)
  const line = [...who, ...(tools === undefined || tools === "" ? [] : [`tools ${tools}`])].join("; ")
  return {
    key: `${kindPath(`${who.join("; ")}\n${tools ?? "?"}`)}.${system.paths}.${user.paths}`,
    tools: line.length > lineChars ? `${line.slice(0, lineChars - 1).toWellFormed()}…` : line,
    system: system.shown,
    user: user.shown
  }
}
