import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import { writeRequest } from "../../providers/wires/anthropicMessages.ts"
import type { Found } from "../contract.ts"
import { claudeCode } from "./claudeCode.ts"
import { rawBodies } from "./rawBodies.ts"

type Row = Readonly<Record<string, unknown>>

const readAll = (files: Readonly<Record<string, ReadonlyArray<unknown>>>): ReadonlyArray<Found> => {
  const session = rawBodies.start({})
  const found: Array<Found> = []
  for (const [file, rows] of Object.entries(files)) {
    const reader = session.open(file)
    for (const [index, json] of rows.entries()) found.push(...reader.line({ line: index + 1, json }))
    found.push(...reader.end())
  }
  return [...found, ...session.end()]
}
const callsIn = (found: ReadonlyArray<Found>): ReadonlyArray<ArchivedCall> =>
  found.flatMap((one) => (one._tag === "Call" ? [one.call] : []))
const skips = (found: ReadonlyArray<Found>) =>
  found.flatMap((one) => (one._tag === "Skip" ? [[one.file, one.reason.split(":")[0]]] : []))

const said = { role: "user", content: [{ type: "text", text: "fix it", cache_control: { type: "ephemeral" } }] }
const request = (messages: ReadonlyArray<unknown> = [said], more: Row = {}) => ({
  model: "claude-opus-4-6",
  max_tokens: 32_000,
  system: [{ type: "text", text: "You are Claude Code." }],
  messages,
  tools: [{ name: "Bash", description: "runs", input_schema: { type: "object" } }],
  metadata: { user_id: `user_x_account_y_session_0f0f0f0f-0000-4000-8000-000000000001` },
  stream: true,
  ...more
})
const response = (id: string, more: Row = {}) => ({
  id,
  type: "message",
  role: "assistant",
  model: "claude-opus-4-6",
  content: [{ type: "text", text: "done" }],
  stop_reason: "end_turn",
  usage: { input_tokens: 5, output_tokens: 7, cache_read_input_tokens: 100, cache_creation_input_tokens: 0 },
  ...more
})
const indexed = (requestFile: string, responseFile: string, more: Row = {}) => ({
  timestamp: "2026-09-20T10:00:00.000Z",
  session_id: "s1",
  query_source: "repl_main_thread",
  model: "claude-opus-4-6",
  request_id: "req_1",
  message_id: "msg_1",
  message_uuid: "a1",
  request_file: requestFile,
  response_file: responseFile,
  ...more
})

const folder = {
  "/b/0a.request.json": [request()],
  "/b/0b.request.json": [request([said, { role: "assistant", content: "done" }, { role: "user", content: "more" }])],
  "/b/index.jsonl": [
    indexed("0a.request.json", "/b/req_1.response.json"),
    indexed("/b/0b.request.json", "req_2.response.json", { request_id: "req_2", query_source: "compact" })
  ],
  "/b/req_1.response.json": [response("msg_1")],
  "/b/req_2.response.json": [response("msg_2")]
}

describe("a folder of raw bodies", () => {
  it("gives whole calls: each answer with the request that the index names, grade A", () => {
    const found = readAll(folder)
    const calls = callsIn(found)
    assert.deepStrictEqual(
      calls.map(({ fidelity, grouping, provenance }) => [
        fidelity.grade,
        grouping.sessionId,
        grouping.agentRole,
        provenance.native
      ]),
      [
        ["A", "s1", "main", { messageId: "msg_1", requestId: "req_1", uuid: "a1" }],
        ["A", "s1", "compaction", { messageId: "msg_2", requestId: "req_2", uuid: "a1" }]
      ]
    )
    assert.deepStrictEqual(
      calls.map(({ usage }) => [usage.input?.total, usage.output?.total]),
      [
        [105, 7],
        [105, 7]
      ]
    )
    assert.strictEqual(calls[0]?.timing.endedAt, "2026-09-20T10:00:00.000Z")
    assert.deepStrictEqual(skips(found), [])
    for (const call of calls)
      assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
  })

  it("sends a request back as it was, and holds what requests share once", () => {
    const [one, two] = callsIn(readAll(folder))
    const written = writeRequest(one!.request)
    assert.strictEqual(written._tag, "Success")
    const { stream: _, ...sent } = request()
    if (written._tag === "Success") assert.deepStrictEqual(written.success.body, sent)
    assert.strictEqual(one?.request.messages[0], two?.request.messages[0])
    assert.strictEqual(one?.request.messages[1], two?.request.messages[1])
    assert.strictEqual(one?.request.tools, two?.request.tools)
  })

  it("pairs halves of one name where there is no index, with the session that the request names", () => {
    const [one] = callsIn(readAll({ "/b/x.request.json": [request()], "/b/x.response.json": [response("msg_1")] }))
    assert.strictEqual(one?.grouping.sessionId, "0f0f0f0f-0000-4000-8000-000000000001")
    assert.strictEqual(one?.timing.startedAt, null)
  })

  it("skips halves without the other, each with its reason", () => {
    const found = readAll({
      "/b/0a.request.json": [request()],
      "/b/index.jsonl": [indexed("gone.request.json", "req_9.response.json")],
      "/b/req_1.response.json": [response("msg_1")],
      "/c/0c.request.json": [{ model: 7, messages: [] }, "text"]
    })
    assert.deepStrictEqual(skips(found), [
      ["/b/0a.request.json", "a request without its answer"],
      ["/b/req_1.response.json", "an answer without its request"],
      ["/b/index.jsonl", "index.jsonl names a file that is not there"],
      [undefined, "the request cannot be read"],
      [undefined, "not a JSON object"]
    ])
  })

  it("takes the place of the same call in a transcript", () => {
    const line = { sessionId: "s1", timestamp: "2026-09-20T09:59:59.000Z", version: "2.1.280" }
    const reader = claudeCode.start({}).open("/p/s1.jsonl")
    const answered = { ...line, type: "assistant", uuid: "a1", requestId: "req_1", message: response("msg_1") }
    reader.line({ line: 1, json: { ...line, type: "user", uuid: "u1", message: { role: "user", content: "fix it" } } })
    reader.line({ line: 2, json: answered })
    const [transcript] = reader.end()
    const [raw] = readAll(folder).filter((one) => one._tag === "Call")
    assert.strictEqual(
      transcript?._tag === "Call" ? transcript.dedupeKey : "",
      raw?._tag === "Call" ? raw.dedupeKey : "x"
    )
    const rank = (one: Found | undefined) => (one?._tag === "Call" ? (one.rank ?? 0) : 0)
    assert.isAbove(rank(raw), rank(transcript))
  })
})

describe("sniffing", () => {
  const is = (file: string, ...first: ReadonlyArray<unknown>) => rawBodies.sniff({ file, first })
  it("knows bodies by their names and shapes, and the index by its fields", () => {
    assert.isTrue(is("/b/0a.request.json", request()))
    assert.isTrue(is("/b/req_1.response.json.gz", response("m")))
    assert.isTrue(is("/b/index.jsonl", indexed("a", "b")))
    assert.isFalse(is("/b/request.json", request()))
    assert.isFalse(is("/b/x.request.json", { messages: 7 }))
    assert.isFalse(is("/b/x.response.json", request(), null))
  })
})

/** Numbers in [0, 1), the same each time. */
const chance = (seed: number) => () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
  return seed / 2 ** 31
}

describe("bodies of wrong kinds", () => {
  const odd = [null, 7, -1, "", "x", true, [], {}, [null], { a: [] }, ["\ud800"]]
  const mutated = (value: unknown, random: () => number): unknown => {
    if (random() < 0.05) return odd[Math.floor(random() * odd.length)]
    if (Array.isArray(value)) return value.map((one) => mutated(one, random))
    if (typeof value !== "object" || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mutated(one, random)]))
  }

  it("never throw, and every one is a call or a skip", () => {
    const random = chance(3)
    for (let round = 0; round < 300; round++) {
      const files = Object.fromEntries(
        Object.entries(folder).map(([file, rows]) => [file, rows.map((row) => mutated(row, random))])
      )
      const found = readAll(files)
      for (const one of callsIn(found)) Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(one)))
      const bodies = 2 * callsIn(found).length + found.filter((one) => one._tag === "Skip").length
      assert.isAtLeast(bodies, 4)
    }
  })
})
