import type { ArchivedCall, CallRequest, CallResponse, Fidelity, Usage } from "../domain/Call.ts"
import type { BinaryRef, Block } from "../domain/Message.ts"
import { unreadableIn } from "./counts.ts"
import { type Mark, markIn } from "./marks.ts"

/** How well one part of a call was kept. */
export type State = Fidelity["parts"][string]

/** What a source recorded of a request beside its messages. */
export interface Recorded {
  readonly system: State
  readonly tools: State
  readonly params: State
  /**
   * Set where the messages themselves were not recorded, were flattened into text, are a part of what was sent, or were put together again
   * (`reconstructed`: from the order of lines or from earlier calls, nothing lost).
   */
  readonly history?: State
  /** Set where the answer was not recorded, or not whole. */
  readonly response?: State
  /** Set where it does not show in the blocks that pictures, documents or sounds are gone. */
  readonly media?: State
  /** Set where it does not show in the blocks that the model's thinking is gone. */
  readonly thinking?: State
  /** What a user is to know of the parts that are not verbatim. */
  readonly notes?: ReadonlyArray<string>
}

/** Everything was seen as it went over the wire. */
export const wholeBody: Recorded = { system: "verbatim", tools: "verbatim", params: "verbatim" }

/** Counts of a call and nothing else: no conversation, no settings. */
export const usageOnly: Recorded = {
  system: "absent",
  tools: "absent",
  params: "absent",
  history: "absent",
  response: "absent"
}

/** From bad to good. */
const order: ReadonlyArray<State> = [
  "absent",
  "redacted",
  "truncated",
  "partial",
  "unknown",
  "reconstructed",
  "verbatim"
]
const worst = (states: ReadonlyArray<State>): State => order.find((state) => states.includes(state)) ?? "verbatim"

/** Adds the marks of a block's texts. */
const mark = (block: Block, marks: Set<Mark>): void => {
  const see = (text: string) => {
    const found = markIn(text)
    if (found !== undefined) marks.add(found)
  }
  if (block.type === "text" || block.type === "refusal") see(block.text)
  else if (block.type === "thinking") see(block.text ?? "")
  else if (block.type === "tool_result") for (const inside of block.content) mark(inside, marks)
  else if (block.type === "tool_use") see(block.inputRaw ?? JSON.stringify(block.input))
  else if (block.type === "opaque") see(JSON.stringify(block.origin ?? null))
}

const marksOf = (blocks: ReadonlyArray<Block>): ReadonlySet<Mark> => {
  const marks = new Set<Mark>()
  for (const block of blocks) mark(block, marks)
  return marks
}

const stateOf = (marks: ReadonlySet<Mark>): State => worst([...marks].filter((mark) => mark !== "media"))

/** What is not base64 stands in its place. */
const isGone = (source: BinaryRef): boolean =>
  source.kind === "missing" ||
  (source.kind === "inline" && !/^[A-Za-z0-9+/_-]+[=\s]*$/.test(source.base64.slice(0, 256)))

/** What a request's blocks show, in one pass over them. */
interface Seen {
  readonly told: Set<Mark>
  readonly said: Set<Mark>
  readonly media: Array<Extract<Block, { readonly source: unknown }>["source"]>
  hidden: boolean
  thought: boolean
}

const isHidden = (block: Block): boolean =>
  block.type === "thinking" && (block.text === null || block.text === "" || block.redacted === true)

const look = (block: Block, seen: Seen): void => {
  if (block.type === "image" || block.type === "document" || block.type === "audio") seen.media.push(block.source)
  else if (block.type === "thinking") {
    seen.thought = true
    seen.hidden ||= isHidden(block)
  } else if (block.type === "tool_result") for (const inside of block.content) look(inside, seen)
}

const seenIn = (request: CallRequest): Seen => {
  const seen: Seen = { told: new Set(), said: new Set(), media: [], hidden: false, thought: false }
  for (const { blocks, role } of request.messages) {
    const marks = role === "system" || role === "developer" ? seen.told : seen.said
    for (const block of blocks) {
      mark(block, marks)
      look(block, seen)
    }
  }
  return seen
}

/** Images, documents and sounds of a request: `undefined` when it has none. */
const mediaOf = ({ media: sources }: Seen): State | undefined => {
  if (sources.length === 0) return undefined
  if (sources.some((source) => source.kind !== "text" && isGone(source))) return "absent"
  return sources.some((source) => source.kind === "url" || source.kind === "file") ? "unknown" : "verbatim"
}

/** Thinking in the conversation and before the answer: `undefined` where the model did not think, as far as is known. */
const thinkingOf = (seen: Seen, response: CallResponse, usage: Usage): State | undefined => {
  const told = response.blocks.some((block) => block.type === "thinking")
  if (seen.hidden || response.blocks.some(isHidden)) return "redacted"
  if (!told && (usage.output?.reasoning ?? 0) > 0) return "absent"
  return told || seen.thought ? "verbatim" : undefined
}

/** `unknown`: logged, but as nothing that is a count; `absent`: not logged; `partial`: one side of it. */
const usageState = (usage: Usage): State => {
  if (usage.input !== null && usage.output !== null) return "verbatim"
  if (usage.input !== null || usage.output !== null) return "partial"
  return unreadableIn(usage).length > 0 ? "unknown" : "absent"
}

/** What is to be known of counts that are not there: absent is not zero. */
const usageNotes = (usage: Usage): ReadonlyArray<string> => {
  const unreadable = unreadableIn(usage)
  const missing = (["input", "output"] as const).filter((side) => usage[side] === null)
  return unreadable.length >= missing.length
    ? unreadable
    : [...unreadable, missing.length === 2 ? "token counts were not logged" : `${missing[0]} tokens were not logged`]
}

/** What a mark in a part of the call means. */
const markNote = (what: string, state: State): ReadonlyArray<string> =>
  state === "truncated"
    ? [`the log cut ${what} short`]
    : state === "redacted"
      ? [`the log hides ${what}`]
      : state === "partial"
        ? [`the log keeps a part of ${what} elsewhere`]
        : []

const mediaNotes: Partial<Record<State, string>> = {
  absent: "pictures, documents or sounds were not kept",
  unknown: "media are addresses, which may have expired"
}
const thinkingNotes: Partial<Record<State, string>> = {
  redacted: "thinking is hidden or encrypted: only the model that wrote it can read it, another one sees less",
  absent: "the model thought before it answered; what it thought was not given out"
}

const noteOf = (notes: Partial<Record<State, string>>, state: State | undefined): ReadonlyArray<string> => {
  const note = state === undefined ? undefined : notes[state]
  return note === undefined ? [] : [note]
}

const whole = new Set<State>(["verbatim", "reconstructed"])

/**
 * Grades a call. A: system, tools, parameters, history and answer are all there, letter by letter. B: history and answer
 * are, or could be put together without a loss; the rest is not. C: history or answer are cut, hidden, flattened or missing, or a picture is.
 * D: no content. Thinking, usage, cost and time are named but do not change the grade. A recorded error counts as the answer it was.
 */
export const fidelityOf = (
  call: Pick<ArchivedCall, "request" | "usage" | "billed" | "timing"> & { readonly response: CallResponse },
  recorded: Recorded
): Fidelity => {
  const { request, response: answer, usage } = call
  const seen = seenIn(request)
  const { said, told } = seen
  const answered = marksOf(answer.blocks)
  // A prompt that the provider keeps under a name may be all of the request.
  const isBlank = request.messages.length === 0 && request.promptTemplate === undefined
  const history = worst([recorded.history ?? (isBlank ? "absent" : "verbatim"), stateOf(said)])
  const marked = stateOf(told)
  const system = marked === "verbatim" ? recorded.system : marked
  const response = worst([recorded.response ?? "verbatim", stateOf(answered)])
  const cutTool = request.tools?.some((tool) => markIn(tool.description ?? "") === "truncated") === true
  const tools = recorded.tools === "verbatim" && cutTool ? "truncated" : recorded.tools
  const lost = said.has("media") || told.has("media") ? "absent" : undefined
  const media = lost ?? recorded.media ?? mediaOf(seen)
  const thinking = recorded.thinking ?? thinkingOf(seen, answer, usage)
  const gone = (state: State) => state === "absent" || state === "redacted"
  const grade =
    gone(history) && (gone(response) || history === "absent")
      ? "D"
      : !whole.has(history) || !whole.has(response) || marked !== "verbatim" || media === "absent"
        ? "C"
        : [system, tools, recorded.params, history, response].every((state) => state === "verbatim")
          ? "A"
          : "B"
  const notes = [
    ...(recorded.notes ?? []),
    ...(isBlank && recorded.history === undefined ? ["the request holds no messages"] : []),
    ...markNote("the system prompt", marked),
    ...markNote("the conversation", stateOf(said)),
    ...markNote("the answer", stateOf(answered)),
    ...(cutTool ? ["the log cut a tool's description short"] : []),
    ...noteOf(mediaNotes, media),
    ...noteOf(thinkingNotes, thinking),
    ...(answer.error === undefined ? usageNotes(usage) : []),
    ...(usage.basis === "unreliable" && usage.input !== null && usage.output !== null
      ? ["the token counts contradict themselves, or are known to be wrong"]
      : [])
  ]
  return {
    grade,
    parts: {
      system,
      tools,
      params: recorded.params,
      history,
      response,
      ...(media === undefined ? {} : { media }),
      ...(thinking === undefined ? {} : { thinking }),
      usage: usageState(usage),
      cost: call.billed.nanoUsd === null ? "absent" : "verbatim",
      timing:
        call.timing.startedAt === null ? "absent" : call.timing.basis === "reported" ? "verbatim" : "reconstructed"
    },
    notes: [...new Set(notes)]
  }
}
