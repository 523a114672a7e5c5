import type { Sample } from "./contract.ts"
import type { JsonObject } from "./json.ts"
import { arrayIn, objectIn, textIn } from "./json.ts"

/** A format that can be told by its first objects but is not read yet. */
export interface KnownFormat {
  readonly id: string
  /** With its article: "a Langfuse trace". */
  readonly name: string
  /** The value as an object (empty when it is none), and as it is. */
  is(object: JsonObject, value: unknown): boolean
}

const has = (object: JsonObject, ...keys: ReadonlyArray<string>) => keys.every((key) => key in object)
const hasAny = (object: JsonObject, ...keys: ReadonlyArray<string>) => keys.some((key) => key in object)
const typed = (object: JsonObject, ...types: ReadonlyArray<string>) => types.includes(textIn(object["type"]) ?? "")

/** In the order in which they are asked: special shapes before the ones they look like. */
export const knownFormats: ReadonlyArray<KnownFormat> = [
  {
    id: "sdk-calls",
    name: "a log of recorded SDK calls",
    is: (_, value) => textIn(arrayIn(value)?.[0])?.startsWith("client.") === true
  },
  { id: "weave", name: "a Weave export", is: (o) => textIn(o["op_name"])?.startsWith("weave:///") === true },
  { id: "braintrust", name: "a Braintrust export", is: (o) => has(o, "span_attributes", "root_span_id") },
  { id: "atif", name: "an ATIF trajectory", is: (o) => textIn(o["schema_version"])?.startsWith("ATIF") === true },
  {
    id: "openhands",
    name: "an OpenHands trajectory",
    is: (o) => o["kind"] === "ActionEvent" || (hasAny(o, "action", "observation") && has(o, "source"))
  },
  { id: "codex-exec", name: "the output of `codex exec --json`", is: (o) => typed(o, "thread.started") },
  {
    id: "claude-print",
    name: "the output of `claude -p --output-format json` or `stream-json`",
    is: (o) =>
      has(o, "session_id") && (has(o, "total_cost_usd", "num_turns") || (typed(o, "system") && o["subtype"] === "init"))
  },
  { id: "cloudflare", name: "a log of Cloudflare's AI Gateway", is: (o) => has(o, "request_head_complete") },
  { id: "phoenix", name: "a Phoenix export", is: (o) => has(o, "context", "span_kind") },
  {
    id: "copilot-cli",
    name: "a Copilot CLI session",
    is: (o) =>
      has(o, "parentId", "data") && typed(o, "session.start", "assistant.message", "user.message", "hook.start")
  },
  { id: "continue", name: "a log of Continue", is: (o) => has(o, "modelProvider", "completion", "prompt") },
  { id: "chatgpt", name: "a ChatGPT account's export", is: (o) => has(o, "mapping", "current_node") },
  { id: "claude-ai", name: "a claude.ai account's export", is: (o) => has(o, "chat_messages") },
  { id: "bfcl", name: "a BFCL result", is: (o) => has(o, "result", "input_token_count", "output_token_count") },
  {
    id: "chunks",
    name: "a stream of answer chunks",
    is: (o) =>
      o["object"] === "chat.completion.chunk" ||
      arrayIn(o["choices"])?.some((c) => objectIn(c)?.["delta"] !== undefined) === true
  },
  {
    id: "answers",
    name: "a list of answers without their requests",
    is: (o) => arrayIn(o["choices"]) !== undefined || o["object"] === "response"
  },
  {
    id: "conversations",
    name: "a list of conversations without requests",
    is: (o) => arrayIn(o["messages"]) !== undefined
  }
]

/** The known format of a sample, if one of its first values shows one. */
export const knownFormatOf = (sample: Sample): KnownFormat | undefined =>
  knownFormats.find((format) => sample.first.some((value) => format.is(objectIn(value) ?? {}, value)))
