/** The columns of `calls`, with DuckDB's types. NULL: not known, which is not zero. */
export const callColumns = {
  id: "VARCHAR",
  /** The log's own id. */
  nativeId: "VARCHAR",
  model: "VARCHAR",
  provider: "VARCHAR",
  wire: "VARCHAR",
  sessionId: "VARCHAR",
  trajectoryId: "VARCHAR",
  stepIndex: "BIGINT",
  branch: "VARCHAR",
  parentCallId: "VARCHAR",
  parentTrajectoryId: "VARCHAR",
  agent: "VARCHAR",
  agentRole: "VARCHAR",
  attempt: "BIGINT",
  attemptOf: "VARCHAR",
  /** Whether the log told the trajectory (`told`) or it was found (`derived`). */
  structure: "VARCHAR",
  startedAt: "VARCHAR",
  latencyMs: "DOUBLE",
  ttftMs: "DOUBLE",
  fidelity: "VARCHAR",
  /** `fidelity.parts` and `fidelity.notes`. */
  parts: "JSON",
  notes: "JSON",
  stopReason: "VARCHAR",
  complete: "BOOLEAN",
  errorType: "VARCHAR",
  requestDigest: "VARCHAR",
  questionDigest: "VARCHAR",
  contentDigest: "VARCHAR",
  usageBasis: "VARCHAR",
  inputTokens: "BIGINT",
  uncachedTokens: "BIGINT",
  cacheReadTokens: "BIGINT",
  cacheWrite5mTokens: "BIGINT",
  cacheWrite1hTokens: "BIGINT",
  cacheWriteOtherTokens: "BIGINT",
  /** `promptTokens + contextTokens = inputTokens`. */
  promptTokens: "BIGINT",
  contextTokens: "BIGINT",
  sourceBasis: "VARCHAR",
  outputTokens: "BIGINT",
  textTokens: "BIGINT",
  reasoningTokens: "BIGINT",
  /** Uses of the provider's own tools. */
  serverTools: "JSON",
  billedNanoUsd: "HUGEINT",
  billedBasis: "VARCHAR",
  billing: "VARCHAR",
  labels: "JSON",
  /** Copies of the well-known labels. */
  engineer: "VARCHAR",
  team: "VARCHAR",
  project: "VARCHAR",
  environment: "VARCHAR",
  repo: "VARCHAR",
  taskType: "VARCHAR",
  /** Key of `templates`. */
  template: "VARCHAR",
  secretsRemoved: "BIGINT",
  importer: "VARCHAR",
  file: "VARCHAR",
  line: "BIGINT",
  dedupeKey: "VARCHAR",
  rank: "DOUBLE",
  import: "INTEGER",
  /** Where the call's line lies, and that of what was derived of it. */
  byteOffset: "BIGINT",
  byteLength: "BIGINT",
  derivedOffset: "BIGINT",
  derivedLength: "BIGINT",
  /** 53 bits of what the request says, and of what it says before each of its last assistant messages. */
  historyHash: "BIGINT",
  historyBounds: "BIGINT[]",
  /** How many of these are all before the last answer. */
  historyRun: "INTEGER",
  /** True where the log told the call that this one goes on from. */
  parentTold: "BOOLEAN",
  /** True where `contextTokens` is from the call that this one goes on from. */
  contextFound: "BOOLEAN"
} as const

export type CallColumn = keyof typeof callColumns

/** Columns that serve the archive alone: views leave them out. */
export const innerColumns = [
  "byteOffset",
  "byteLength",
  "derivedOffset",
  "derivedLength",
  "historyHash",
  "historyBounds",
  "historyRun",
  "parentTold",
  "contextFound"
] as const satisfies ReadonlyArray<CallColumn>
