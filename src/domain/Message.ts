import * as Schema from "effect/Schema"

/** What calls are made of: messages of typed blocks. Every type equals its JSON form. */

/** Where a number comes from; a number without a basis is never stored. */
export const Basis = Schema.Literals(["reported", "derived", "estimated", "unreliable"])
export type Basis = typeof Basis.Type

/** The request and response shapes that calls are recorded in and sent in. */
export const Wire = Schema.Literals([
  "openai.chat",
  "openai.responses",
  "anthropic.messages",
  "google.generate",
  "ollama.chat",
  "bedrock.converse",
  "text",
  "unknown"
])
export type Wire = typeof Wire.Type

/** Wire-only details, used only when a call goes back to the wire family it came from. */
export const Origin = Schema.Struct({ wire: Wire, data: Schema.Json })

export const BinaryRef = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("inline"), base64: Schema.String }),
  Schema.Struct({ kind: Schema.Literal("blob"), sha256: Schema.String, bytes: Schema.Int }),
  Schema.Struct({ kind: Schema.Literal("url"), url: Schema.String }),
  Schema.Struct({ kind: Schema.Literal("file"), fileId: Schema.String, provider: Schema.String }),
  Schema.Struct({
    kind: Schema.Literal("missing"),
    reason: Schema.Literals(["redacted", "expired", "placeholder", "truncated"])
  })
])
export type BinaryRef = typeof BinaryRef.Type

const base = {
  origin: Schema.optionalKey(Origin),
  cacheControl: Schema.optionalKey(Schema.Struct({ ttl: Schema.Literals(["5m", "1h", "provider"]) })),
  truncated: Schema.optionalKey(Schema.Struct({ droppedChars: Schema.NullOr(Schema.Int) }))
}

const TextBlock = Schema.Struct({ ...base, type: Schema.Literal("text"), text: Schema.String })
const RefusalBlock = Schema.Struct({ ...base, type: Schema.Literal("refusal"), text: Schema.String })
const ImageBlock = Schema.Struct({
  ...base,
  type: Schema.Literal("image"),
  source: BinaryRef,
  mediaType: Schema.optionalKey(Schema.String),
  detail: Schema.optionalKey(Schema.String)
})
const DocumentBlock = Schema.Struct({
  ...base,
  type: Schema.Literal("document"),
  source: Schema.Union([BinaryRef, Schema.Struct({ kind: Schema.Literal("text"), text: Schema.String })]),
  mediaType: Schema.optionalKey(Schema.String),
  title: Schema.optionalKey(Schema.String)
})
const AudioBlock = Schema.Struct({
  ...base,
  type: Schema.Literal("audio"),
  source: BinaryRef,
  mediaType: Schema.optionalKey(Schema.String),
  transcript: Schema.optionalKey(Schema.String)
})
const ThinkingBlock = Schema.Struct({
  ...base,
  type: Schema.Literal("thinking"),
  text: Schema.NullOr(Schema.String),
  /** What the provider tells of thinking it keeps to itself. */
  summary: Schema.optionalKey(Schema.Array(Schema.String)),
  signature: Schema.optionalKey(Schema.String),
  encrypted: Schema.optionalKey(Schema.String),
  redacted: Schema.optionalKey(Schema.Boolean),
  producer: Schema.optionalKey(Schema.Struct({ provider: Schema.String, model: Schema.String }))
})
const ToolUseBlock = Schema.Struct({
  ...base,
  type: Schema.Literal("tool_use"),
  id: Schema.String,
  idSynthetic: Schema.optionalKey(Schema.Boolean),
  name: Schema.String,
  input: Schema.Json,
  /** The arguments as they were written, kept when they are JSON text on the wire. */
  inputRaw: Schema.optionalKey(Schema.String),
  /** Why `inputRaw` is not JSON; `input` is then `{}`. */
  inputError: Schema.optionalKey(Schema.String),
  kind: Schema.Literals(["function", "custom", "provider"])
})
const CompactionBlock = Schema.Struct({
  ...base,
  type: Schema.Literal("compaction"),
  summary: Schema.optionalKey(Schema.String),
  opaque: Schema.optionalKey(Schema.String)
})
/** What is not understood; the raw JSON is in `origin.data`. */
const OpaqueBlock = Schema.Struct({ ...base, type: Schema.Literal("opaque"), label: Schema.String })

const ToolResultBlock: Schema.Codec<ToolResultBlock> = Schema.Struct({
  ...base,
  type: Schema.Literal("tool_result"),
  toolUseId: Schema.String,
  name: Schema.optionalKey(Schema.String),
  content: Schema.Array(Schema.suspend((): Schema.Codec<Block> => Block)),
  isError: Schema.optionalKey(Schema.Boolean),
  executedBy: Schema.Literals(["client", "provider"])
})

export type TextBlock = typeof TextBlock.Type
export type ToolUseBlock = typeof ToolUseBlock.Type
export interface ToolResultBlock {
  readonly type: "tool_result"
  readonly toolUseId: string
  readonly name?: string
  readonly content: ReadonlyArray<Block>
  readonly isError?: boolean
  readonly executedBy: "client" | "provider"
  readonly origin?: typeof Origin.Type
  readonly cacheControl?: { readonly ttl: "5m" | "1h" | "provider" }
  readonly truncated?: { readonly droppedChars: number | null }
}
export type Block =
  | TextBlock
  | typeof RefusalBlock.Type
  | typeof ImageBlock.Type
  | typeof DocumentBlock.Type
  | typeof AudioBlock.Type
  | typeof ThinkingBlock.Type
  | ToolUseBlock
  | ToolResultBlock
  | typeof CompactionBlock.Type
  | typeof OpaqueBlock.Type

/** One typed piece of a message. */
export const Block: Schema.Codec<Block> = Schema.Union([
  TextBlock,
  RefusalBlock,
  ImageBlock,
  DocumentBlock,
  AudioBlock,
  ThinkingBlock,
  ToolUseBlock,
  ToolResultBlock,
  CompactionBlock,
  OpaqueBlock
])

export const Message = Schema.Struct({
  role: Schema.Literals(["system", "developer", "user", "assistant", "tool"]),
  placement: Schema.optionalKey(Schema.Literals(["top", "inline"])),
  name: Schema.optionalKey(Schema.String),
  blocks: Schema.Array(Block),
  injectedBy: Schema.optionalKey(Schema.Literals(["human", "harness", "simulator", "unknown"])),
  /** Was one wire message with the previous one (Anthropic: tool results, then text). */
  joinPrevious: Schema.optionalKey(Schema.Boolean),
  origin: Schema.optionalKey(Origin)
})
export type Message = typeof Message.Type
