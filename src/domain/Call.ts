import * as Schema from "effect/Schema"

import { Basis, Block, Message, Origin, Wire } from "./Message.ts"

/**
 * The canonical record of one archived call: one attempt at one model call, as it happened.
 * Every type here equals its JSON form, so a line of our own files is read with `JSON.parse` alone;
 * foreign input is decoded by these schemas once, at the edge.
 */
export const ToolDef = Schema.Struct({
  name: Schema.String,
  description: Schema.optionalKey(Schema.String),
  inputSchema: Schema.Json,
  strict: Schema.optionalKey(Schema.NullOr(Schema.Boolean)),
  kind: Schema.Literals(["function", "custom", "provider"]),
  providerType: Schema.optionalKey(Schema.String),
  origin: Schema.optionalKey(Origin),
  basis: Schema.Literals(["recorded", "reconstructed", "supplied"])
})
export type ToolDef = typeof ToolDef.Type

export const ToolChoice = Schema.Union([
  Schema.Struct({ mode: Schema.Literals(["auto", "none", "required"]) }),
  Schema.Struct({ mode: Schema.Literal("tool"), name: Schema.String }),
  Schema.Struct({ mode: Schema.Literal("allowed"), names: Schema.Array(Schema.String), require: Schema.Boolean })
])
export type ToolChoice = typeof ToolChoice.Type

export const ResponseFormat = Schema.Union([
  Schema.Struct({ type: Schema.Literals(["text", "json"]) }),
  Schema.Struct({
    type: Schema.Literal("json_schema"),
    name: Schema.optionalKey(Schema.String),
    schema: Schema.Json,
    strict: Schema.optionalKey(Schema.Boolean),
    via: Schema.optionalKey(Schema.Literals(["native", "tool"]))
  })
])
export type ResponseFormat = typeof ResponseFormat.Type

export const Params = Schema.Struct({
  maxOutputTokens: Schema.optionalKey(Schema.Int),
  /** The wire's own name for it, so that a call goes back as it came. */
  maxTokensField: Schema.optionalKey(Schema.String),
  temperature: Schema.optionalKey(Schema.Finite),
  topP: Schema.optionalKey(Schema.Finite),
  topK: Schema.optionalKey(Schema.Int),
  stop: Schema.optionalKey(Schema.Array(Schema.String)),
  seed: Schema.optionalKey(Schema.Int),
  n: Schema.optionalKey(Schema.Int),
  frequencyPenalty: Schema.optionalKey(Schema.Finite),
  presencePenalty: Schema.optionalKey(Schema.Finite),
  reasoning: Schema.optionalKey(
    Schema.Struct({
      effort: Schema.optionalKey(Schema.String),
      budgetTokens: Schema.optionalKey(Schema.Int),
      mode: Schema.optionalKey(Schema.Literals(["on", "off", "adaptive"]))
    })
  ),
  stream: Schema.optionalKey(Schema.Boolean),
  contextSize: Schema.optionalKey(Schema.Int),
  /** Parameters of the wire that have no canonical name, as they came. */
  extra: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json))
})
export type Params = typeof Params.Type

export const CallRequest = Schema.Struct({
  wire: Wire,
  endpoint: Schema.optionalKey(Schema.String),
  model: Schema.String,
  provider: Schema.optionalKey(Schema.String),
  messages: Schema.Array(Message),
  /** `null`: not recorded; `[]`: none were offered. */
  tools: Schema.NullOr(Schema.Array(ToolDef)),
  toolChoice: Schema.optionalKey(ToolChoice),
  parallelToolCalls: Schema.optionalKey(Schema.Boolean),
  responseFormat: Schema.optionalKey(ResponseFormat),
  params: Params,
  /** History that the provider kept; `resolved` where it was put together from the archive. */
  serverState: Schema.optionalKey(
    Schema.Struct({
      previousResponseId: Schema.optionalKey(Schema.String),
      conversationId: Schema.optionalKey(Schema.String),
      resolved: Schema.Boolean
    })
  ),
  /** The prompt's name and version in a prompt store, where the log names one. */
  promptTemplate: Schema.optionalKey(Schema.Struct({ name: Schema.String, version: Schema.optionalKey(Schema.String) }))
})
export type CallRequest = typeof CallRequest.Type

export const StopReason = Schema.Literals([
  "end",
  "length",
  "tool_use",
  "stop_sequence",
  "refusal",
  "content_filter",
  "pause",
  "context_window",
  "compaction",
  "error",
  "cancelled",
  "unknown"
])
export type StopReason = typeof StopReason.Type

export const CallResponse = Schema.Struct({
  id: Schema.optionalKey(Schema.String),
  /** The snapshot that answered, where the wire says so. */
  model: Schema.optionalKey(Schema.String),
  blocks: Schema.Array(Block),
  alternatives: Schema.optionalKey(Schema.Array(Schema.Array(Block))),
  stopReason: StopReason,
  stopReasonRaw: Schema.optionalKey(Schema.String),
  complete: Schema.Boolean,
  error: Schema.optionalKey(
    Schema.Struct({
      type: Schema.String,
      code: Schema.optionalKey(Schema.String),
      httpStatus: Schema.optionalKey(Schema.Int),
      message: Schema.String
    })
  )
})
export type CallResponse = typeof CallResponse.Type

export const Usage = Schema.Struct({
  basis: Basis,
  /** What was billed how: the parts add up to `total`. `null`: not known, which is not zero. */
  input: Schema.NullOr(
    Schema.Struct({
      total: Schema.Int,
      uncached: Schema.Int,
      cacheRead: Schema.Int,
      cacheWrite5m: Schema.Int,
      cacheWrite1h: Schema.Int,
      cacheWriteOther: Schema.Int
    })
  ),
  /**
   * Where the same input came from: this exchange (`prompt`), or history carried along (`context`: everything up to the last
   * answer in the request). Derived when a call is added to an archive; importers leave it out.
   */
  inputBySource: Schema.optionalKey(Schema.Struct({ prompt: Schema.Int, context: Schema.Int, basis: Basis })),
  /** `text + reasoning = total` where both are known. */
  output: Schema.NullOr(
    Schema.Struct({ total: Schema.Int, text: Schema.NullOr(Schema.Int), reasoning: Schema.NullOr(Schema.Int) })
  ),
  /** Uses of the provider's own tools, by name. */
  serverTools: Schema.optionalKey(Schema.Record(Schema.String, Schema.Int)),
  diagnostics: Schema.optionalKey(Schema.Array(Schema.String)),
  raw: Schema.optionalKey(Schema.Json)
})
export type Usage = typeof Usage.Type

/** What the archive says the call was billed: integer nano-dollars as text; `null`: the archive does not say. */
export const Billed = Schema.Struct({
  nanoUsd: Schema.NullOr(Schema.String),
  basis: Schema.Literals(["invoice", "gateway", "provider-reported", "client-estimate", "none"]),
  billing: Schema.Literals([
    "metered",
    "batch",
    "flex",
    "priority",
    "subscription",
    "byok",
    "cached-response",
    "unknown"
  ])
})
export type Billed = typeof Billed.Type

/** Times are ISO 8601 in UTC, durations milliseconds. */
export const Timing = Schema.Struct({
  startedAt: Schema.NullOr(Schema.String),
  endedAt: Schema.optionalKey(Schema.String),
  latencyMs: Schema.optionalKey(Schema.Finite),
  ttftMs: Schema.optionalKey(Schema.Finite),
  basis: Basis
})
export type Timing = typeof Timing.Type

export const Provenance = Schema.Struct({
  /** The importer's id. */
  importer: Schema.String,
  file: Schema.String,
  line: Schema.optionalKey(Schema.Int),
  /** The file inside a packed file. */
  member: Schema.optionalKey(Schema.String),
  /** What wrote the log: a program and its version. */
  producer: Schema.optionalKey(Schema.Struct({ name: Schema.String, version: Schema.optionalKey(Schema.String) })),
  /** Secrets that were replaced by placeholders. */
  secretsRemoved: Schema.optionalKey(Schema.Int),
  native: Schema.Record(Schema.String, Schema.String),
  identity: Schema.Literals(["native", "location", "content", "synthetic"])
})

export const Grouping = Schema.Struct({
  sessionId: Schema.optionalKey(Schema.String),
  /** The calls of one agent run. Where a log does not tell, it is derived when the call is added: calls that go on from one another. */
  trajectoryId: Schema.optionalKey(Schema.String),
  /** From 0. */
  stepIndex: Schema.optionalKey(Schema.Int),
  /** Names a branch: what was asked again from an earlier point. */
  branch: Schema.optionalKey(Schema.String),
  parentCallId: Schema.optionalKey(Schema.String),
  /** Of a sub-agent: the trajectory that started it, and the tool call by which it did. */
  parentTrajectoryId: Schema.optionalKey(Schema.String),
  parentToolUseId: Schema.optionalKey(Schema.String),
  agent: Schema.optionalKey(Schema.String),
  agentRole: Schema.optionalKey(
    Schema.Literals(["main", "subagent", "compaction", "title", "judge", "user-simulator", "unknown"])
  ),
  batchId: Schema.optionalKey(Schema.String),
  attempt: Schema.Int,
  attemptOf: Schema.optionalKey(Schema.String)
})
export type Grouping = typeof Grouping.Type

/** How something went, by somebody's judgement: a test, a reward, a person's feedback. */
export const Signal = Schema.Struct({
  name: Schema.String,
  value: Schema.Union([Schema.Boolean, Schema.Finite, Schema.String]),
  source: Schema.Literals(["test", "env-reward", "human", "llm-judge", "heuristic", "system"]),
  /** What it judges; left out: the call. */
  scope: Schema.optionalKey(Schema.Literals(["call", "trajectory", "session"])),
  comment: Schema.optionalKey(Schema.String),
  /** ISO 8601. */
  at: Schema.optionalKey(Schema.String)
})
export type Signal = typeof Signal.Type

/** How exactly the call can be replayed. A: re-send as it was. B: with supplied or missing parts. C: content incomplete. D: no content. */
export const Fidelity = Schema.Struct({
  grade: Schema.Literals(["A", "B", "C", "D"]),
  /** By part: system, tools, params, history, media, response, thinking, usage, cost, timing. */
  parts: Schema.Record(
    Schema.String,
    Schema.Literals(["verbatim", "reconstructed", "truncated", "redacted", "partial", "absent", "unknown"])
  ),
  notes: Schema.Array(Schema.String)
})
export type Fidelity = typeof Fidelity.Type

export const ArchivedCall = Schema.Struct({
  schema: Schema.Literal("archived-call/1"),
  /** Deterministic: re-importing the same files gives the same ids. */
  id: Schema.String,
  request: CallRequest,
  response: CallResponse,
  usage: Usage,
  billed: Billed,
  timing: Timing,
  provenance: Provenance,
  grouping: Grouping,
  /** All metadata, tags and attributes of the row, flat. Well-known names: engineer, team, org, project, repo, environment, application, endUser, taskType, tags (comma-separated). */
  labels: Schema.Record(Schema.String, Schema.String),
  signals: Schema.Array(Signal),
  fidelity: Fidelity
})
export type ArchivedCall = typeof ArchivedCall.Type
