import type { ArchivedCall } from "../domain/Call.ts"
import type { Message } from "../domain/Message.ts"

/** A user's message of one text. */
export const userMessage = (text: string): Message => ({ role: "user", blocks: [{ type: "text", text }] })

/** A small whole call; what a test is about is given. */
export const archivedCall = (
  id: string,
  given: {
    readonly messages?: ReadonlyArray<Message>
    readonly answer?: string
    readonly request?: Partial<ArchivedCall["request"]>
    readonly call?: Partial<ArchivedCall>
  } = {}
): ArchivedCall => ({
  schema: "archived-call/1",
  id,
  request: {
    wire: "openai.chat",
    model: "gpt-4o-2024-08-06",
    provider: "openai",
    messages: given.messages ?? [userMessage(`question of ${id}`)],
    tools: [],
    params: { temperature: 0 },
    ...given.request
  },
  response: {
    blocks: [{ type: "text", text: given.answer ?? `answer to ${id}` }],
    stopReason: "end",
    complete: true
  },
  usage: {
    basis: "reported",
    input: { total: 100, uncached: 60, cacheRead: 40, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 },
    output: { total: 20, text: 15, reasoning: 5 },
    raw: { prompt_tokens: 100 }
  },
  billed: { nanoUsd: "123456", basis: "gateway", billing: "metered" },
  timing: { startedAt: "2026-05-01T10:00:00.000Z", latencyMs: 250, basis: "reported" },
  provenance: { importer: "litellm", file: "a.jsonl", line: 1, native: {}, identity: "native" },
  grouping: { sessionId: "session-1", attempt: 0 },
  labels: { team: "support" },
  signals: [],
  fidelity: { grade: "A", parts: { system: "verbatim" }, notes: [] },
  ...given.call
})
