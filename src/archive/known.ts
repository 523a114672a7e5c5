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
  { id: "har", name: "a HAR capture", is: (o) => arrayIn(objectIn(o["log"])?.["entries"]) !== undefined },
  {
    id: "otlp",
    name: "an OpenTelemetry (OTLP) export",
    is: (o) => hasAny(o, "resourceSpans", "resourceLogs", "resource_spans")
  },
  {
    id: "langfuse",
    name: "a Langfuse export",
    is: (o) =>
      has(o, "trace", "observations") ||
      (hasAny(o, "trace_id", "traceId") &&
        (typed(o, "GENERATION", "SPAN", "EVENT") || hasAny(o, "usage_details", "usageDetails")))
  },
  {
    id: "langsmith",
    name: "a LangSmith export",
    is: (o) =>
      hasAny(o, "run_type", "dotted_order") ||
      [o["post"], o["patch"]].some((runs) => arrayIn(runs)?.some((run) => objectIn(run)?.["run_type"] !== undefined))
  },
  { id: "helicone", name: "a Helicone export", is: (o) => has(o, "request_body", "response_body") && !has(o, "uri") },
  {
    id: "vcr",
    name: "a recorded HTTP cassette",
    is: (o) => has(o, "method", "uri", "request_body") || has(o, "interactions")
  },
  {
    id: "batch",
    name: "an OpenAI or Anthropic batch file",
    is: (o) => has(o, "custom_id") && hasAny(o, "body", "params", "response", "result", "error")
  },
  {
    id: "tensorzero",
    name: "a TensorZero export",
    is: (o) =>
      has(o, "function_name", "episode_id") ||
      has(o, "inference_id", "model_name", "raw_request") ||
      has(o, "episode_id", "variant_name")
  },
  {
    id: "sdk-calls",
    name: "a log of recorded SDK calls",
    is: (_, value) => textIn(arrayIn(value)?.[0])?.startsWith("client.") === true
  },
  { id: "weave", name: "a Weave export", is: (o) => textIn(o["op_name"])?.startsWith("weave:///") === true },
  { id: "braintrust", name: "a Braintrust export", is: (o) => has(o, "span_attributes", "root_span_id") },
  {
    id: "inspect",
    name: "an Inspect evaluation log",
    is: (o) => has(o, "eval", "status") && hasAny(o, "version", "samples", "plan")
  },
  { id: "promptfoo", name: "a promptfoo result", is: (o) => has(o, "evalId", "results") },
  { id: "tau-bench", name: "a tau-bench result", is: (o) => has(o, "task_id", "traj") || has(o, "messages_display") },
  { id: "tau2-bench", name: "a tau2-bench result", is: (o) => has(o, "info") && hasAny(o, "simulations", "tasks") },
  { id: "atif", name: "an ATIF trajectory", is: (o) => textIn(o["schema_version"])?.startsWith("ATIF") === true },
  { id: "swe-agent", name: "a SWE-agent trajectory", is: (o) => has(o, "trajectory", "history") },
  {
    id: "openhands",
    name: "an OpenHands trajectory",
    is: (o) => o["kind"] === "ActionEvent" || (hasAny(o, "action", "observation") && has(o, "source"))
  },
  { id: "codex-exec", name: "the output of `codex exec --json`", is: (o) => typed(o, "thread.started") },
  {
    id: "codex",
    name: "a Codex rollout",
    is: (o) => has(o, "payload") && typed(o, "session_meta", "response_item", "event_msg", "turn_context", "compacted")
  },
  { id: "gemini-cli", name: "a Gemini CLI session", is: (o) => has(o, "projectHash") },
  {
    id: "claude-code",
    name: "a Claude Code transcript",
    is: (o) =>
      has(o, "sessionId") &&
      (has(o, "parentUuid") ||
        typed(o, "user", "assistant", "system", "summary", "attachment", "file-history-snapshot", "queue-operation") ||
        objectIn(objectIn(o["message"])?.["usage"]) !== undefined)
  },
  {
    id: "opencode",
    name: "an opencode export",
    is: (o) =>
      has(o, "info", "messages") && arrayIn(o["messages"])?.some((m) => objectIn(m)?.["parts"] !== undefined) === true
  },
  {
    id: "claude-trace",
    name: "a claude-trace log",
    is: (o) =>
      objectIn(o["request"])?.["body"] !== undefined &&
      ["body", "body_raw", "events"].some((key) => objectIn(o["response"])?.[key] !== undefined)
  },
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
