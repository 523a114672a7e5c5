import type { CallRequest, Usage } from "../domain/Call.ts"
import type { Block } from "../domain/Message.ts"
import type { Lack } from "../domain/Output.ts"

/** What a model can take. What is left out is not known, and is tried. Sizes are tokens. */
export interface Capabilities {
  /** Input and output together. */
  readonly context?: number
  /** Output at most, reasoning in it. */
  readonly maxOutput?: number
  readonly vision?: boolean
  readonly tools?: boolean
  /** Answers held to a JSON schema by the provider. */
  readonly jsonSchema?: boolean
}

/** Why a request cannot be sent: the word it is counted by, and a sentence. */
export interface Unfit {
  readonly why: Lack
  readonly message: string
}

/** No tokenizer in use makes fewer tokens of ordinary text than one for so many bytes (English prose has four to five). */
const bytesPerToken = 6

/** Tokenizers differ: another one makes at least this share of the tokens that the archive counted. */
const leastShare = 0.75

const bytesOf = (text: string) => Buffer.byteLength(text)
const jsonBytes = (value: unknown) => bytesOf(JSON.stringify(value) ?? "")

const blockBytes = (block: Block): number => {
  switch (block.type) {
    case "text":
    case "refusal":
      return bytesOf(block.text)
    case "tool_use":
      return bytesOf(block.name) + (block.inputRaw === undefined ? jsonBytes(block.input) : bytesOf(block.inputRaw))
    case "tool_result":
      return block.content.reduce((sum, part) => sum + blockBytes(part), 0)
    case "document":
      return block.source.kind === "text" ? bytesOf(block.source.text) : 0
    default:
      return 0 // media are not text, and thinking is not carried over to other models
  }
}

const count = (blocks: ReadonlyArray<Block>, wanted: (block: Block) => boolean): number =>
  blocks.reduce(
    (sum, block) => sum + (wanted(block) ? 1 : 0) + (block.type === "tool_result" ? count(block.content, wanted) : 0),
    0
  )

const isPicture = (block: Block) => block.type === "image" && block.source.kind !== "missing"
const isMedium = (block: Block) =>
  isPicture(block) ||
  ((block.type === "audio" || block.type === "document") &&
    block.source.kind !== "missing" &&
    block.source.kind !== "text")

/**
 * Tokens that a request has at least, for whichever model, and the basis of that: three quarters of what the archive counted for it, but where
 * nothing was counted, or media count otherwise, one for six bytes of its texts, tools and schema. It errs on the low side: what is said not
 * to fit does not fit, and what may fit is tried.
 */
export const leastInput = (
  request: CallRequest,
  archived: Usage | null
): { readonly tokens: number; readonly basis: string } => {
  const messages = request.messages.reduce(
    (sum, { blocks }) => sum + blocks.reduce((total, block) => total + blockBytes(block), 0),
    0
  )
  const tools = (request.tools ?? []).reduce(
    (sum, { description = "", inputSchema, name }) =>
      sum + bytesOf(name) + bytesOf(description) + jsonBytes(inputSchema),
    0
  )
  const schema = request.responseFormat?.type === "json_schema" ? jsonBytes(request.responseFormat.schema) : 0
  const bytes = messages + tools + schema
  const counted = archived?.input?.total ?? null
  const whole = request.serverState === undefined || request.serverState.resolved
  const plain = request.messages.every(({ blocks }) => count(blocks, isMedium) === 0)
  // A count above one token a byte is of something that is not in the request.
  return counted !== null && counted > 0 && whole && plain && counted <= bytes + 2_000
    ? {
        tokens: Math.floor(counted * leastShare),
        basis: `three quarters of the ${counted} that the archive counted`
      }
    : { tokens: Math.floor(bytes / bytesPerToken), basis: `${bytes} bytes, ${bytesPerToken} to a token` }
}

/** Output tokens that a context has room for beside a request, by its least size; `undefined`: the context is not known. */
export const roomFor = (request: CallRequest, archived: Usage | null, { context }: Capabilities): number | undefined =>
  context === undefined ? undefined : context - leastInput(request, archived).tokens

/**
 * Why a model cannot take a request, known before anything is spent; `undefined`: it can, or nobody knows. `archived` is the usage that the
 * archive has for it, and `null` for a request that is not the archived one's. Pure.
 */
export const unfitFor = (request: CallRequest, archived: Usage | null, can: Capabilities): Unfit | undefined => {
  const { context, maxOutput } = can
  const limit = request.params.maxOutputTokens ?? 1
  if (can.vision === false) {
    const pictures = request.messages.reduce((sum, { blocks }) => sum + count(blocks, isPicture), 0)
    if (pictures > 0)
      return {
        why: "vision",
        message: `the request has ${pictures} image${pictures === 1 ? "" : "s"}, and ${request.model} takes none`
      }
  }
  const tools = request.tools?.length ?? 0
  if (can.tools === false && tools > 0)
    return {
      why: "tools",
      message: `the request offers ${tools} tool${tools === 1 ? "" : "s"}, and ${request.model} takes none`
    }
  const format = request.responseFormat
  if (can.jsonSchema === false && format?.type === "json_schema" && format.via !== "tool")
    return {
      why: "JSON schema",
      message: `the request wants an answer held to a JSON schema, and ${request.model} gives none`
    }
  if (maxOutput !== undefined && limit > maxOutput)
    return {
      why: "output limit",
      message: `the request asks for up to ${limit} output tokens, and ${request.model} gives ${maxOutput} at most: set the setup's maxTokens to ask for fewer`
    }
  if (context !== undefined) {
    const { basis, tokens } = leastInput(request, archived)
    if (tokens + limit > context)
      return {
        why: "context length",
        message: `at least ${tokens} input tokens (${basis}) and up to ${limit} of output do not fit into the ${context} of ${request.model}`
      }
  }
  return undefined
}
