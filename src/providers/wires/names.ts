import type { CallRequest } from "../../domain/Call.ts"
import type { Answered } from "./wire.ts"

const escaped = /-x([0-9a-f]+)-/g
const refused = /[^a-zA-Z0-9_-]/gu

/**
 * A tool's name in the letters that OpenAI and Anthropic take (`[a-zA-Z0-9_-]`): any other one becomes `-xHEX-`.
 * `readName` is its inverse, so that an answer names the tools as the archive does.
 */
export const writeName = (name: string): string =>
  name
    .replace(escaped, (found) => `-x2d-${found.slice(1)}`)
    .replace(refused, (letter) => `-x${letter.codePointAt(0)!.toString(16)}-`)

/** The inverse of `writeName`. */
export const readName = (name: string): string =>
  name.includes("-x")
    ? name.replace(escaped, (found, hex: string) => {
        const code = Number.parseInt(hex, 16)
        return code <= 0x10ffff ? String.fromCodePoint(code) : found
      })
    : name

/** A request with all its names as OpenAI takes them: letters, digits, `_` and `-`. */
export const withNames = (request: CallRequest): CallRequest => ({
  ...request,
  tools: request.tools?.map((tool) => ({ ...tool, name: writeName(tool.name) })) ?? null,
  messages: request.messages.map((message) => ({
    ...message,
    ...(message.name === undefined ? {} : { name: message.name.replace(/[\s<|\\/>]/g, "_").slice(0, 64) }),
    blocks: message.blocks.map((block) =>
      block.type === "tool_use" ? { ...block, name: writeName(block.name) } : block
    )
  })),
  ...(request.toolChoice?.mode === "tool"
    ? { toolChoice: { mode: "tool", name: writeName(request.toolChoice.name) } }
    : request.toolChoice?.mode === "allowed"
      ? { toolChoice: { ...request.toolChoice, names: request.toolChoice.names.map(writeName) } }
      : {})
})

/** The first tool to be sent whose name has more than `most` characters. */
export const longToolName = (request: CallRequest, most: number): string | undefined =>
  request.tools?.find((tool) => tool.kind !== "provider" && tool.name.length > most)?.name

/**
 * Gives the tool calls of one request ids of a form that a wire takes, no two the same: ids may repeat in an archive, and an answer's made-up
 * ids repeat those of the history it is put behind.
 */
export class CallIds {
  /** What the calls with an id were given: those without a result yet, and the latest. */
  readonly #written = new Map<string, { readonly open: Array<string>; latest: string }>()
  readonly #taken = new Set<string>()

  /** The id of the next call. */
  called(id: string): string {
    const base = id.replace(refused, "_").slice(0, 56) || "call"
    let next = base
    for (let n = 2; this.#taken.has(next); n++) next = `${base}_${n}`
    this.#taken.add(next)
    const written = this.#written.get(id)
    if (written === undefined) this.#written.set(id, { open: [next], latest: next })
    else {
      written.open.push(next)
      written.latest = next
    }
    return next
  }

  /** The id that the first call with this one was given that has no result yet; where all have one, the latest's. */
  answered(id: string): string {
    const written = this.#written.get(id)
    return written === undefined ? this.called(id) : (written.open.shift() ?? written.latest)
  }
}

/** An answer with its tools named as the archive names them. */
export const readNames = (answered: Answered): Answered => {
  const { response, usage } = answered
  if (!response.blocks.some((block) => block.type === "tool_use" && block.name.includes("-x"))) return answered
  const blocks = response.blocks.map((block) =>
    block.type === "tool_use" ? { ...block, name: readName(block.name) } : block
  )
  return { response: { ...response, blocks }, usage }
}
