import type { ArchivedCall, CallRequest, CallResponse, Fidelity, Usage } from "../domain/Call.ts"
import type { Block } from "../domain/Message.ts"
import { unreadableIn } from "./counts.ts"

type State = Fidelity["parts"][string]

/** What a source recorded of a request beside its messages. */
export interface Recorded {
  readonly system: State
  readonly tools: State
  readonly params: State
  /** Set where the messages themselves were not recorded, or flattened into text. */
  readonly history?: State
  /** Set where the answer was not recorded. */
  readonly response?: State
  readonly notes?: ReadonlyArray<string>
}

/** Everything was seen as it went over the wire. */
export const wholeBody: Recorded = { system: "verbatim", tools: "verbatim", params: "verbatim" }

const isCut = (text: string) =>
  text.includes("(litellm_truncated") ||
  text.includes("truncated by litellm, this logger does not support large content")
const isHidden = (text: string) => text === "redacted-by-litellm" || text === "__REDACTED__"

function* textsOf(blocks: ReadonlyArray<Block>): Generator<string> {
  for (const block of blocks) {
    if (block.type === "text" || block.type === "refusal") yield block.text
    else if (block.type === "thinking") yield block.text ?? ""
    else if (block.type === "tool_result") yield* textsOf(block.content)
    else if (block.type === "tool_use") yield block.inputRaw ?? JSON.stringify(block.input)
    else if (block.type === "opaque") yield JSON.stringify(block.origin ?? null)
  }
}

/** How well a list of blocks was kept, by the marks that loggers leave where they cut or hide. */
const stateOf = (blocks: ReadonlyArray<Block>): State => {
  let state: State = "verbatim"
  for (const text of textsOf(blocks)) {
    if (isHidden(text)) return "redacted"
    if (isCut(text)) state = "truncated"
  }
  return state
}

const worst = (states: ReadonlyArray<State>): State =>
  states.find((state) => state === "redacted") ?? states.find((state) => state !== "verbatim") ?? "verbatim"

/** Images, documents and sounds of a request: `undefined` when it has none. */
const mediaOf = (request: CallRequest): State | undefined => {
  const sources = request.messages.flatMap((message) =>
    message.blocks.flatMap((block) => {
      const inside = block.type === "tool_result" ? [block, ...block.content] : [block]
      return inside.flatMap((b) =>
        b.type === "image" || b.type === "document" || b.type === "audio" ? [b.source] : []
      )
    })
  )
  if (sources.length === 0) return undefined
  if (sources.some((source) => source.kind === "missing")) return "absent"
  return sources.some((source) => source.kind === "url" || source.kind === "file") ? "unknown" : "verbatim"
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

/**
 * Grades a call. A: system, tools, parameters, history and answer are all there, letter by letter. B: history and answer
 * are, the rest is not. C: history or answer are cut, hidden, flattened or missing, or a picture is. D: no content.
 * Usage, cost and time are named but do not change the grade. A recorded error counts as the answer it was.
 */
export const fidelityOf = (
  call: Pick<ArchivedCall, "request" | "usage" | "billed" | "timing"> & { readonly response: CallResponse },
  recorded: Recorded
): Fidelity => {
  const of = (roles: (role: string) => boolean) =>
    worst(call.request.messages.filter((m) => roles(m.role)).map((m) => stateOf(m.blocks)))
  const isSystem = (role: string) => role === "system" || role === "developer"
  const history = recorded.history ?? of((role) => !isSystem(role))
  const marked = of(isSystem)
  const system = marked === "verbatim" ? recorded.system : marked
  const response = recorded.response ?? stateOf(call.response.blocks)
  const tools =
    recorded.tools === "verbatim" && call.request.tools?.some((tool) => isCut(tool.description ?? ""))
      ? "truncated"
      : recorded.tools
  const media = mediaOf(call.request)
  const gone = (state: State) => state === "absent" || state === "redacted"
  const grade =
    gone(history) && (gone(response) || history === "absent")
      ? "D"
      : history !== "verbatim" || response !== "verbatim" || marked !== "verbatim" || media === "absent"
        ? "C"
        : [system, tools, recorded.params].every((state) => state === "verbatim")
          ? "A"
          : "B"
  const notes = [...(recorded.notes ?? [])]
  if (media === "unknown") notes.push("media are addresses, which may have expired")
  if (call.response.error === undefined) notes.push(...usageNotes(call.usage))
  return {
    grade,
    parts: {
      system,
      tools,
      params: recorded.params,
      history,
      response,
      ...(media === undefined ? {} : { media }),
      usage: usageState(call.usage),
      cost: call.billed.nanoUsd === null ? "absent" : "verbatim",
      timing: call.timing.startedAt === null ? "absent" : "verbatim"
    },
    notes
  }
}
