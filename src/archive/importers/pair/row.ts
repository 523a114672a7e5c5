import type { Recorded } from "../../fidelity.ts"
import type { JsonObject } from "../../json.ts"
import { objectIn } from "../../json.ts"
import { LabelSet } from "../../labels.ts"
import { addTags } from "../wires/tags.ts"
import type { ReadWire } from "../wires.ts"

/** What a row of a log holds of a call, wherever it held it. */
export interface Row {
  readonly request: unknown
  readonly response: unknown
  readonly error: unknown
  readonly status: unknown
  readonly wire?: ReadWire
  readonly id: unknown
  readonly start: unknown
  readonly end: unknown
  readonly latency: unknown
  readonly ttft: unknown
  readonly session: unknown
  readonly trajectory: unknown
  readonly step: unknown
  readonly cost: unknown
  readonly provider: unknown
  readonly url: unknown
  /** Labels beside those that the request gives itself. */
  readonly labels: LabelSet
  readonly user: unknown
  /** What of the request the row does not hold; left out where it holds the body whole. */
  readonly recorded?: Partial<Recorded>
}

/** Names under which home-made logs keep the same thing. */
const names = {
  id: ["id", "request_id", "requestId", "uuid"],
  start: ["created_at", "createdAt", "started_at", "startedAt", "start_time", "startTime", "timestamp", "time", "ts"],
  end: ["ended_at", "endedAt", "end_time", "endTime", "completed_at"],
  latency: ["latency_ms", "latencyMs", "duration_ms", "durationMs"],
  ttft: ["ttft_ms", "ttftMs"],
  session: ["session", "session_id", "sessionId", "conversation_id", "conversationId", "thread_id", "threadId"],
  trajectory: ["trajectory", "trajectory_id", "trajectoryId"],
  step: ["step", "step_index", "stepIndex"],
  cost: ["cost_usd", "costUsd", "response_cost"],
  status: ["status_code", "statusCode", "http_status"],
  user: ["user", "engineer", "user_id", "userId"],
  url: ["url", "endpoint", "api_base", "base_url", "baseURL"]
} as const

const found = (row: JsonObject, which: keyof typeof names): unknown => {
  for (const name of names[which]) {
    const value = row[name]
    if (value !== undefined && value !== null) return value
  }
  return undefined
}

/** Keys of a row that are read as something, and so are no labels. */
const spoken = new Set<string>([
  ...Object.values(names).flat(),
  "request",
  "response",
  "error",
  "labels",
  "metadata",
  "provider"
])

/** A row of `{ request, response }` with what a team wrote beside them; what is read as nothing else is a label. */
export const plainRow = (row: JsonObject): Row => {
  const labels = new LabelSet()
  labels.addAll(row["labels"], "labels").addAll(row["metadata"], "metadata")
  if (Object.keys(row).some((name) => !spoken.has(name)))
    labels.addAll(Object.fromEntries(Object.entries(row).filter(([name]) => !spoken.has(name))), "row")
  const answer = objectIn(row["response"])
  return {
    request: row["request"],
    response: row["response"],
    error: row["error"],
    status: found(row, "status") ?? (answer === undefined ? undefined : found(answer, "status")),
    id: found(row, "id"),
    start: found(row, "start"),
    end: found(row, "end"),
    latency: found(row, "latency"),
    ttft: found(row, "ttft"),
    session: found(row, "session") ?? found(objectIn(row["metadata"]) ?? {}, "session"),
    trajectory: found(row, "trajectory"),
    step: found(row, "step"),
    cost: found(row, "cost"),
    provider: row["provider"],
    url: found(row, "url"),
    user: found(row, "user"),
    labels
  }
}

/** The labels of a row with those of its request. */
export const labelsOf = ({ labels, user }: Row, asked: JsonObject): Readonly<Record<string, string>> =>
  addTags(labels, asked).add("engineer", user).all
