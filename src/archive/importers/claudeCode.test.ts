import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import type { Found } from "../contract.ts"
import { makeLines } from "../lines.ts"
import { claudeCode } from "./claudeCode.ts"

type Row = Readonly<Record<string, unknown>>
type Call = Extract<Found, { _tag: "Call" }>

const project = "/home/ana/.claude/projects/-home-ana-shop"
const main = `${project}/s1.jsonl`

/** What an import of these files finds, in the order of the files. */
const readAll = (files: Readonly<Record<string, ReadonlyArray<unknown>>>): ReadonlyArray<Found> => {
  const session = claudeCode.start({})
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
const callsOf = (...rows: ReadonlyArray<unknown>) => callsIn(readAll({ [main]: rows }))
const others = (found: ReadonlyArray<Found>): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const one of found) if (one._tag === "Other") counts[one.type] = (counts[one.type] ?? 0) + (one.count ?? 1)
  return counts
}
const textOf = (call: ArchivedCall): ReadonlyArray<string> =>
  call.request.messages.flatMap((message) =>
    message.blocks.map((block) =>
      block.type === "text"
        ? `${message.role}:${block.text}`
        : block.type === "tool_result"
          ? `${message.role}>${block.toolUseId}`
          : `${message.role}<${block.type === "tool_use" ? block.id : block.type}`
    )
  )

let clock = 0
const at = (): string => new Date(Date.UTC(2026, 7, 1, 10) + 1000 * clock++).toISOString()
const line = (uuid: string, parentUuid: string | null, more: Row): Row => ({
  uuid,
  parentUuid,
  isSidechain: false,
  userType: "external",
  cwd: "/home/ana/shop",
  sessionId: "s1",
  version: "2.1.150",
  gitBranch: "main",
  timestamp: at(),
  ...more
})
const user = (uuid: string, parent: string | null, content: unknown, more: Row = {}): Row =>
  line(uuid, parent, { type: "user", message: { role: "user", content }, ...more })
const result = (uuid: string, parent: string, id: string, content: unknown = "ok", more: Row = {}): Row =>
  user(uuid, parent, [{ type: "tool_result", tool_use_id: id, content }], { toolUseResult: {}, ...more })
const usage = {
  input_tokens: 3,
  cache_creation_input_tokens: 900,
  cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 700 },
  cache_read_input_tokens: 15_414,
  output_tokens: 211,
  output_tokens_details: { thinking_tokens: 11 },
  service_tier: "standard"
}
const answer = (
  uuid: string,
  parent: string | null,
  id: string,
  block: unknown,
  more: Row = {},
  message: Row = {}
): Row =>
  line(uuid, parent, {
    type: "assistant",
    requestId: `req_${id}`,
    message: {
      id,
      type: "message",
      role: "assistant",
      model: "claude-opus-4-6",
      content: [block],
      stop_reason: "end_turn",
      usage,
      ...message
    },
    ...more
  })
const text = (words: string) => ({ type: "text", text: words })
const call = (id: string, name = "Bash", input: unknown = { command: "ls" }) => ({ type: "tool_use", id, name, input })

describe("an answer of a transcript", () => {
  it("is one call, however many lines it has: all its blocks, its counts once", () => {
    const early = { usage: { ...usage, output_tokens: 7 }, stop_reason: null }
    const calls = callsOf(
      user("u1", null, "fix it"),
      answer("a1", "u1", "m1", { type: "thinking", thinking: "look", signature: "S" }, {}, early),
      answer("a2", "a1", "m1", text("on it"), {}, early),
      answer("a3", "a2", "m1", call("t1"), {}, { stop_reason: "tool_use" })
    )
    assert.strictEqual(calls.length, 1)
    const [one] = calls
    assert.deepStrictEqual(
      one?.response.blocks.map(({ type }) => type),
      ["thinking", "text", "tool_use"]
    )
    assert.strictEqual(one?.response.stopReason, "tool_use")
    assert.strictEqual(one?.response.complete, true)
    const { raw: _, ...counts } = one!.usage
    assert.deepStrictEqual(counts, {
      basis: "reported",
      input: {
        total: 3 + 900 + 15_414,
        uncached: 3,
        cacheRead: 15_414,
        cacheWrite5m: 200,
        cacheWrite1h: 700,
        cacheWriteOther: 0
      },
      output: { total: 211, text: 200, reasoning: 11 }
    })
    assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(one))), one)
  })

  it("has the conversation before it, results of parallel calls in one message after them, wherever their lines hang", () => {
    const calls = callsOf(
      user("u1", null, "look"),
      answer("a1", "u1", "m1", call("t1")),
      result("r1", "a1", "t1"),
      answer("a2", "r1", "m1", call("t2")),
      result("r2", "a2", "t2"),
      answer("a3", "r2", "m2", text("done"))
    )
    assert.deepStrictEqual(textOf(calls[1]!), ["user:look", "assistant<t1", "assistant<t2", "tool>t1", "tool>t2"])
    assert.deepStrictEqual(
      calls.map(({ grouping }) => [grouping.trajectoryId, grouping.stepIndex, grouping.branch]),
      [
        ["s1", 0, undefined],
        ["s1", 1, undefined]
      ]
    )
  })

  it("shares its history with the calls around it: each message is one object", () => {
    const [, two, three] = callsOf(
      user("u1", null, "one"),
      answer("a1", "u1", "m1", call("t1")),
      result("r1", "a1", "t1"),
      answer("a2", "r1", "m2", text("two")),
      user("u2", "a2", "three"),
      answer("a3", "u2", "m3", text("four"))
    )
    for (const index of [0, 1, 2]) assert.strictEqual(two?.request.messages[index], three?.request.messages[index])
  })

  it("takes at most the time since the line before it, by the log's own times", () => {
    clock = 0
    const [one] = callsOf(
      user("u1", null, "x"),
      answer("a1", "u1", "m1", text("y")),
      answer("a2", "a1", "m1", text("z"))
    )
    assert.deepStrictEqual(one?.timing, {
      startedAt: "2026-08-01T10:00:00.000Z",
      endedAt: "2026-08-01T10:00:02.000Z",
      latencyMs: 2000,
      basis: "derived"
    })
  })

  it("is labelled by project, folder, engineer, branch and version", () => {
    const [one] = callsOf(user("u1", null, "x"), answer("a1", "u1", "m1", text("y"), { effort: "high" }))
    assert.deepStrictEqual(one?.labels, {
      application: "claude-code",
      cwd: "/home/ana/shop",
      engineer: "ana",
      "engineer.basis": "inferred",
      gitBranch: "main",
      project: "shop",
      version: "2.1.150"
    })
    assert.deepStrictEqual(one?.request.params, { reasoning: { effort: "high" } })
  })

  it("has no system prompt and no tools that are not in the log: grade B, and it says why", () => {
    const [one] = callsOf(user("u1", null, "x"), answer("a1", "u1", "m1", text("y")))
    assert.strictEqual(one?.request.tools, null)
    assert.strictEqual(one?.fidelity.grade, "B")
    assert.strictEqual(one?.fidelity.parts["system"], "absent")
    assert.match(one?.fidelity.notes.join("\n") ?? "", /no system prompt[\s\S]*tool definitions are not recorded/)
  })

  it("has the system prompt and the tools of the last snapshot before it, where newer versions write one", () => {
    const snapshot = (uuid: string, parent: string | null, systemPrompt: unknown, tools?: unknown) =>
      line(uuid, parent, { type: "attachment", attachment: { type: "prompt_snapshot", systemPrompt, tools } })
    const tool = { name: "Read", description: "reads", schema: { type: "object" } }
    const [one] = callsOf(
      snapshot("p0", null, ["old"]),
      snapshot("p1", "p0", ["You are an agent.", "Be brief."], [tool]),
      user("u1", "p1", "x"),
      answer("a1", "u1", "m1", text("y"))
    )
    assert.deepStrictEqual(textOf(one!), ["system:You are an agent.", "system:Be brief.", "user:x"])
    assert.deepStrictEqual(one?.request.tools, [
      { name: "Read", description: "reads", inputSchema: { type: "object" }, kind: "function", basis: "recorded" }
    ])
    assert.strictEqual(one?.fidelity.parts["system"], "reconstructed")
    assert.strictEqual(one?.fidelity.grade, "B")
  })

  it("has unreliable counts before 2.1.97, which wrote placeholders; none where none were written", () => {
    const basis = (version: string | undefined) =>
      callsOf(user("u1", null, "x", { version }), answer("a1", "u1", "m1", text("y"), { version }))[0]?.usage.basis
    assert.deepStrictEqual(["2.1.96", "1.0.17", "2.1.97", "2.2.0", "3.0.1"].map(basis), [
      "unreliable",
      "unreliable",
      "reported",
      "reported",
      "reported"
    ])
    const [one] = callsOf(user("u1", null, "x"), answer("a1", "u1", "m1", text("y"), {}, { usage: undefined }))
    assert.strictEqual(one?.usage.input, null)
    assert.strictEqual(one?.usage.output, null)
  })

  it("in fast mode is labelled so; what very old files say it cost is the client's own estimate", () => {
    const fast = { usage: { ...usage, speed: "fast" } }
    const [one] = callsOf(user("u1", null, "x"), answer("a1", "u1", "m1", text("y"), { costUSD: 0.0125 }, fast))
    assert.strictEqual(one?.labels["speed"], "fast")
    assert.strictEqual(one?.labels["model"], "claude-opus-4-6-fast")
    assert.strictEqual(one?.request.model, "claude-opus-4-6")
    assert.deepStrictEqual(one?.billed, { nanoUsd: "12500000", basis: "client-estimate", billing: "unknown" })
  })

  it("that an advisor took part in is two calls: the advisor's counts are not in its own", () => {
    const iterations = [
      { type: "message", ...usage },
      { type: "advisor_message", model: "claude-opus-5", input_tokens: 50, output_tokens: 9 }
    ]
    const calls = callsOf(
      user("u1", null, "x"),
      answer("a1", "u1", "m1", text("y"), {}, { usage: { ...usage, iterations } })
    )
    assert.deepStrictEqual(
      calls.map(({ fidelity, request, usage: { output } }) => [request.model, output?.total, fidelity.grade]),
      [
        ["claude-opus-4-6", 211, "B"],
        ["claude-opus-5", 9, "D"]
      ]
    )
  })
})

describe("what is no answer of the model", () => {
  it("is counted by its type, never silent", () => {
    const found = readAll({
      [main]: [
        { type: "summary", summary: "s", leafUuid: "x" },
        { type: "mode", mode: "plan", sessionId: "s1" },
        { type: "never-seen-before", sessionId: "s1" },
        line("y1", null, { type: "system", subtype: "turn_duration", durationMs: 5 }),
        line("h1", "y1", { type: "attachment", attachment: { type: "hook_success", stdout: "x" } }),
        user("u1", "h1", "hi"),
        line("z1", "u1", {
          type: "assistant",
          message: { id: "x", role: "assistant", model: "<synthetic>", content: [text("No response requested.")] }
        }),
        answer("a1", "z1", "m1", text("y"))
      ]
    })
    assert.deepStrictEqual(others(found), {
      summary: 1,
      mode: 1,
      "never-seen-before": 1,
      "system/turn_duration": 1,
      "attachment/hook_success": 1,
      user: 1,
      "assistant/synthetic": 1
    })
    assert.deepStrictEqual(callsIn(found).map(textOf), [["user:hi"]])
  })

  it("is a skip where it should have been one", () => {
    const found = readAll({ [main]: ["text", 7, line("a1", null, { type: "assistant", message: "oops" })] })
    assert.deepStrictEqual(
      found.map((one) => (one._tag === "Skip" ? [one.line, one.reason] : one._tag)),
      [
        [1, "not a JSON object"],
        [2, "not a JSON object"],
        [3, "an answer without its message"]
      ]
    )
  })

  it("is a failed call where the API refused, and no part of what was sent later", () => {
    const said = "API Error: 529 Overloaded, key sk-ant-abcdefgh12345678"
    const failed = { model: "<synthetic>", usage: { input_tokens: 0, output_tokens: 0 }, stop_reason: "stop_sequence" }
    const [one, two] = callsOf(
      user("u1", null, "x"),
      answer(
        "e1",
        "u1",
        "m0",
        text(said),
        { isApiErrorMessage: true, error: "overloaded", requestId: undefined },
        failed
      ),
      user("u2", "e1", "again"),
      answer("a1", "u2", "m1", text("y"))
    )
    assert.strictEqual(one?.response.stopReason, "error")
    assert.strictEqual(one?.response.error?.httpStatus, 529)
    assert.strictEqual(one?.response.error?.type, "overloaded")
    assert.notInclude(one?.response.error?.message ?? "", "sk-ant")
    assert.strictEqual(one?.usage.input, null)
    assert.deepStrictEqual(textOf(two!), ["user:x", "user:again"])
  })
})

describe("what Claude Code adds to a conversation", () => {
  it("stays in it, marked as not the person's", () => {
    const [one] = callsOf(
      user("u0", null, "Caveat: The messages below were generated by the user while running local commands."),
      user("u1", "u0", "<local-command-stdout>ok</local-command-stdout>"),
      user("u2", "u1", "rules", { isMeta: true }),
      user("u3", "u2", [text("please"), text("<system-reminder>x</system-reminder>")]),
      answer("a1", "u3", "m1", text("y"))
    )
    assert.deepStrictEqual(
      one?.request.messages.map(({ injectedBy }) => injectedBy),
      ["harness", "harness", "harness", undefined]
    )
  })

  it("as attachments stands as the model saw it; in older versions in its bare words, or is named as missing", () => {
    const attached = (uuid: string, parent: string, attachment: Row, more: Row = {}) =>
      line(uuid, parent, { type: "attachment", attachment, ...more })
    const seen = { rendered: [{ content: "<system-reminder>\nedited\n</system-reminder>" }], version: "2.1.280" }
    const [one] = callsOf(
      user("u1", null, "x", { version: "2.1.280" }),
      attached("t1", "u1", { type: "edited_text_file", snippet: "edited" }, seen),
      attached("t2", "t1", { type: "date", date: "today" }, { version: "2.1.280" }),
      answer("a1", "t2", "m1", text("y"), { version: "2.1.280" })
    )
    assert.deepStrictEqual(textOf(one!), ["user:x", "user:<system-reminder>\nedited\n</system-reminder>"])
    assert.strictEqual(one?.fidelity.parts["history"], "verbatim")
    const [old] = callsOf(
      user("u1", null, "x"),
      attached("t1", "u1", { type: "queued_command", prompt: "and this" }),
      attached("t2", "t1", { type: "diagnostics", files: [] }),
      answer("a1", "t2", "m1", text("y"))
    )
    assert.deepStrictEqual(textOf(old!), ["user:x", "user:and this"])
    assert.strictEqual(old?.request.messages[1]?.injectedBy, undefined)
    assert.strictEqual(old?.fidelity.parts["history"], "reconstructed")
    assert.strictEqual(old?.fidelity.grade, "B")
    assert.match(old?.fidelity.notes.join("\n") ?? "", /own words[^\n]*queued_command[\s\S]*missing[^\n]*diagnostics/)
  })
})

describe("a conversation", () => {
  it("begins anew at a compaction and at /clear", () => {
    const [, two, three] = callsOf(
      user("u1", null, "long"),
      answer("a1", "u1", "m1", text("story")),
      line("c1", null, { type: "system", subtype: "compact_boundary", logicalParentUuid: "a1" }),
      user("u2", "c1", "summary", { isCompactSummary: true }),
      answer("a2", "u2", "m2", text("go on")),
      user("u3", "a2", "<command-name>/clear</command-name>"),
      user("u4", "u3", "new"),
      answer("a3", "u4", "m3", text("fresh"))
    )
    assert.deepStrictEqual(textOf(two!), ["user:summary"])
    assert.strictEqual(two?.request.messages[0]?.injectedBy, "harness")
    assert.deepStrictEqual([two?.grouping.trajectoryId, two?.grouping.stepIndex], ["s1", 1])
    assert.deepStrictEqual(textOf(three!), ["user:new"])
    assert.deepStrictEqual([three?.grouping.trajectoryId, three?.grouping.stepIndex], ["s1/a3", 0])
  })

  it("keeps what a compaction kept", () => {
    const kept = { preservedSegment: { headUuid: "u2", anchorUuid: "u3", tailUuid: "a2" } }
    const [, , three] = callsOf(
      user("u1", null, "old"),
      answer("a1", "u1", "m1", text("gone")),
      user("u2", "a1", "kept"),
      answer("a2", "u2", "m2", text("kept too")),
      line("c1", null, { type: "system", subtype: "compact_boundary", compactMetadata: kept }),
      user("u3", "c1", "summary", { isCompactSummary: true }),
      user("u4", "a2", "next"),
      answer("a3", "u4", "m3", text("y"))
    )
    assert.deepStrictEqual(textOf(three!), ["user:summary", "user:kept", "assistant:kept too", "user:next"])
  })

  it("asked again from an earlier point is a branch, a trajectory of its own", () => {
    const calls = callsOf(
      user("u1", null, "x"),
      answer("a1", "u1", "m1", text("y")),
      user("u2", "a1", "left"),
      answer("a2", "u2", "m2", text("l")),
      user("u3", "a1", "right"),
      answer("a3", "u3", "m3", text("r")),
      user("u4", "a3", "more"),
      answer("a4", "u4", "m4", text("m"))
    )
    assert.deepStrictEqual(
      calls.map(({ grouping: { branch, stepIndex, trajectoryId } }) => [trajectoryId, stepIndex, branch]),
      [
        ["s1", 0, undefined],
        ["s1", 1, undefined],
        ["s1/a3", 0, "a3"],
        ["s1/a3", 1, "a3"]
      ]
    )
    assert.deepStrictEqual(textOf(calls[2]!), ["user:x", "assistant:y", "user:right"])
  })

  it("whose lines name no parent is put together by the order of the file; one that begins elsewhere is partial", () => {
    const [one] = callsOf(user("u1", null, "x"), user("u2", null, "y"), answer("a1", null, "m1", text("z")))
    assert.deepStrictEqual(textOf(one!), ["user:x", "user:y"])
    assert.strictEqual(one?.fidelity.parts["history"], "reconstructed")
    assert.strictEqual(one?.fidelity.grade, "B")
    const [cut] = callsOf(user("u1", "elsewhere", "x"), answer("a1", "u1", "m1", text("z")))
    assert.strictEqual(cut?.fidelity.parts["history"], "partial")
    assert.strictEqual(cut?.fidelity.grade, "C")
  })

  it("that names itself as its parent ends all the same", () => {
    const [one] = callsOf(user("u1", "u2", "x"), user("u2", "u1", "y"), answer("a1", "u2", "m1", text("z")))
    assert.deepStrictEqual(textOf(one!), ["user:x", "user:y"])
  })

  it("keeps two different lines of one name, and says so", () => {
    const [one] = callsOf(user("u1", null, "x"), user("u1", null, "other"), answer("a1", null, "m1", text("z")))
    assert.deepStrictEqual(textOf(one!), ["user:x", "user:other"])
    assert.include(one?.fidelity.notes ?? [], "two different lines have one uuid: both are kept")
  })
})

describe("copies", () => {
  const head = [user("u1", null, "x"), answer("a1", "u1", "m1", text("y"))]
  const goneOn = (more: Row = {}): ReadonlyArray<Row> => [
    ...head.map((row) => ({ ...row, sessionId: "s2", ...more })),
    user("u2", "a1", "go on", { sessionId: "s2" }),
    answer("a2", "u2", "m2", text("z"), { sessionId: "s2" })
  ]
  const ranksOf = (found: ReadonlyArray<Found>) =>
    found.flatMap((one) => (one._tag === "Call" ? [[one.call.provenance.native["messageId"], one.rank ?? 0]] : []))

  it("in another session's file are the same calls again, of a lower rank; the file goes on from them", () => {
    for (const copied of [goneOn(), goneOn({ forkedFrom: { sessionId: "s1", messageUuid: "a1" } })]) {
      const found = readAll({ [main]: head, [`${project}/s2.jsonl`]: copied })
      const [made, copy, own] = callsIn(found)
      assert.strictEqual(callsIn(found).length, 3)
      assert.strictEqual(copy?.id, made?.id)
      assert.deepStrictEqual(textOf(own!), ["user:x", "assistant:y", "user:go on"])
      // Held once.
      assert.strictEqual(own?.request.messages[0], made?.request.messages[0])
      const [[, first], [, second]] = ranksOf(found) as [[string, number], [string, number]]
      assert.isAbove(first, second)
      // Each file alone tells the same.
      const alone = [...ranksOf(readAll({ [main]: head })), ...ranksOf(readAll({ [`${project}/s2.jsonl`]: copied }))]
      assert.deepStrictEqual(ranksOf(found), alone)
    }
  })

  it("of lines that keep their session's name are that session's wherever they lie; the other goes on from them as a trajectory of its own", () => {
    const [one, two] = ["aaaaaaaa", "bbbbbbbb"].map((name) => `${name}-0000-4000-8000-000000000000`) as [string, string]
    const made = head.map((row) => ({ ...row, sessionId: one }))
    const own = [user("u2", "a1", "go on", { sessionId: two }), answer("a2", "u2", "m2", text("z"), { sessionId: two })]
    const files = [[`${project}/${one}.jsonl`, made] as const, [`${project}/${two}.jsonl`, [...made, ...own]] as const]
    const placesOf = (found: ReadonlyArray<Found>) =>
      callsIn(found).map(({ grouping, provenance }) => [
        provenance.native["messageId"],
        grouping.sessionId,
        grouping.trajectoryId,
        grouping.stepIndex,
        provenance.file
      ])
    for (const order of [files, [...files].reverse()]) {
      const found = readAll(Object.fromEntries(order))
      // Of a call that comes again with a higher rank the last one holds.
      const last = new Map(placesOf(found).map((place) => [place[0], place]))
      assert.deepStrictEqual(
        [...last.values()],
        [
          ["m1", one, one, 0, files[0]![0]],
          ["m2", two, two, 1, files[1]![0]]
        ]
      )
    }
    assert.deepStrictEqual(placesOf(readAll({ [files[1]![0]]: files[1]![1] }))[0]?.slice(1, 4), [one, one, 0])
  })

  it("of an answer by id: with a request's id wherever they lie, without one only within their session", () => {
    const key = (more: Row, session = "s1") =>
      (
        readAll({
          [`${project}/${session}.jsonl`]: [
            user("u1", null, "x", { sessionId: session }),
            answer("a1", "u1", "m1", text("y"), { sessionId: session, ...more })
          ]
        }).find((one) => one._tag === "Call") as Call
      ).call.id
    assert.strictEqual(key({}), key({}, "s2"))
    assert.notStrictEqual(key({ requestId: undefined }), key({ requestId: undefined }, "s2"))
    assert.notStrictEqual(key({ requestId: "r1" }), key({ requestId: "r2" }))
  })

  it("replayed by a side chain under a new request's id are the parent's", () => {
    const side = { isSidechain: true, agentId: "b", requestId: "req_other" }
    const found = readAll({
      [main]: [user("u1", null, "x"), answer("a1", "u1", "m1", text("y"))],
      [`${project}/s1/subagents/agent-b.jsonl`]: [
        user("v1", null, "x", { isSidechain: true, agentId: "b" }),
        answer("b1", "v1", "m1", text("y"), side)
      ]
    })
    assert.strictEqual(callsIn(found).length, 1)
    assert.strictEqual(callsIn(found)[0]?.grouping.agentRole, "main")
    assert.strictEqual(found.filter((one) => one._tag === "Duplicate").length, 1)
  })

  it("replayed by a side chain of the same file count as one duplicate each, however many lines they have", () => {
    const side = { isSidechain: true, requestId: "req_other" }
    const found = readAll({
      [main]: [
        user("u1", null, "x"),
        answer("a1", "u1", "m1", text("y")),
        answer("a2", "a1", "m1", text("z")),
        user("v1", null, "by the way", { isSidechain: true }),
        answer("b1", "v1", "m1", text("y"), side),
        answer("b2", "b1", "m1", text("z"), side)
      ]
    })
    assert.strictEqual(callsIn(found).length, 1)
    assert.strictEqual(found.filter((one) => one._tag === "Duplicate").length, 1)
  })
})

describe("a large project", () => {
  it("is let go of file by file; a file that is still read goes on from its own lines", () => {
    const session = claudeCode.start({})
    const take = (file: string, ...rows: ReadonlyArray<unknown>) => {
      const reader = session.open(`${project}/${file}.jsonl`)
      const more = (...next: ReadonlyArray<unknown>) => {
        const found = next.flatMap((json, index) => reader.line({ line: index + 1, json }))
        return [...found, ...reader.end()]
      }
      return { found: more(...rows), more }
    }
    const head = [user("u1", null, "x".repeat(40_000_000)), answer("a1", "u1", "m1", call("t1"))]
    const one = take("s1", ...head)
    take("s2", user("v1", null, "y".repeat(40_000_000), { sessionId: "s2" }))
    const three = take("s3", ...head.map((row) => ({ ...row, sessionId: "s3" })))
    // The first file is gone: what copies it is a call again, with the same key.
    const keys = [one, three].map(({ found }) => found.find((each): each is Call => each._tag === "Call")?.dedupeKey)
    assert.strictEqual(keys[0], keys[1])
    const [grown] = callsIn(one.more(result("r1", "a1", "t1"), answer("a2", "r1", "m2", text("done"))))
    assert.deepStrictEqual(
      grown?.request.messages.map(({ role }) => role),
      ["user", "assistant", "tool"]
    )
    assert.strictEqual(grown?.fidelity.parts["history"], "verbatim")
  })
})

describe("sub-agents", () => {
  const started = (id: string, agent: string) => [
    user("u1", null, "x"),
    answer("a1", "u1", "m1", call(id, "Task", { prompt: "explore" })),
    result("r1", "a1", id, "found it", { toolUseResult: { agentId: agent, status: "completed" } }),
    answer("a2", "r1", "m2", text("done"))
  ]
  const agent = (id: string) => [
    user(`${id}1`, null, "explore", { isSidechain: true, agentId: id }),
    answer(`${id}2`, `${id}1`, `m-${id}`, text("found it"), { isSidechain: true, agentId: id })
  ]
  const parentOf = (found: ReadonlyArray<Found>) => {
    const one = callsIn(found).find(({ grouping }) => grouping.agentRole === "subagent")
    const { agent: name, parentToolUseId, parentTrajectoryId, trajectoryId } = one?.grouping ?? {}
    const by = callsIn(found).find(({ id }) => id === one?.grouping.parentCallId)
    return { name, parentToolUseId, parentTrajectoryId, trajectoryId, by: by?.provenance.native["messageId"] }
  }
  const linked = { name: "b", parentToolUseId: "t1", parentTrajectoryId: "s1", trajectoryId: "s1/b", by: "m1" }

  it("are trajectories of their own that know who started them: by the result, in either place, or by their metadata", () => {
    const below = `${project}/s1/subagents/agent-b.jsonl`
    assert.deepStrictEqual(parentOf(readAll({ [main]: started("t1", "b"), [below]: agent("b") })), linked)
    // Older versions keep them beside the session's file, which is read after them.
    assert.deepStrictEqual(
      parentOf(readAll({ [`${project}/agent-b.jsonl`]: agent("b"), [main]: started("t1", "b") })),
      linked
    )
    const told = readAll({
      [main]: started("t1", "unknown"),
      [`${project}/s1/subagents/agent-b.meta.json`]: [{ agentType: "Explore", toolUseId: "t1" }],
      [below]: agent("b")
    })
    assert.deepStrictEqual(parentOf(told), linked)
    assert.strictEqual(callsIn(told).find(({ grouping }) => grouping.agent === "b")?.labels["agentType"], "Explore")
  })

  it("within their session's file are found by what they were told", () => {
    const rows = started("t1", "b")
    const inline = agent("b").map(({ agentId: _, ...row }) => row)
    const found = readAll({ [main]: [...rows.slice(0, 2), ...inline, ...rows.slice(2)] })
    assert.deepStrictEqual(parentOf(found), { ...linked, name: undefined, trajectoryId: "s1/b1" })
    assert.deepStrictEqual(
      callsIn(found)
        .filter(({ grouping }) => grouping.agentRole === "main")
        .map(({ grouping }) => grouping.stepIndex),
      [0, 1]
    )
  })

  it("of a workflow belong to the call that ran it", () => {
    const found = readAll({
      [main]: [
        user("u1", null, "x"),
        answer("a1", "u1", "m1", call("t1", "Workflow", { script: "…" })),
        result("r1", "a1", "t1", "started", { toolUseResult: { runId: "wf_9", transcriptDir: "/x/workflows/wf_9" } })
      ],
      [`${project}/s1/subagents/workflows/wf_9/agent-b.jsonl`]: agent("b"),
      [`${project}/s1/subagents/workflows/wf_9/journal.jsonl`]: [{ type: "started", agentId: "b" }]
    })
    assert.strictEqual(parentOf(found).parentToolUseId, "t1")
    assert.strictEqual(others(found)["workflow journal"], 1)
  })

  it("that nobody is known to have started are imported when the project has been read", () => {
    const found = readAll({ [`${project}/agent-z.jsonl`]: agent("z"), "/elsewhere/s9.jsonl": started("t9", "q") })
    assert.strictEqual(callsIn(found).length, 3)
  })
})

describe("signals", () => {
  const ran = (command: string, content: string, more: Row = {}) =>
    readAll({
      [main]: [
        user("u1", null, "x"),
        answer("a1", "u1", "m1", call("t1", "Bash", { command })),
        user("r1", "a1", [{ type: "tool_result", tool_use_id: "t1", content, ...more }])
      ]
    }).flatMap((one) =>
      one._tag === "Verdict" ? [[one.of, one.signal.name, one.signal.value, one.signal.source]] : []
    )

  it("of tests come from commands that run them, and their exit status", () => {
    assert.deepStrictEqual(ran("npm test", "ok"), [["s1", "tests", true, "test"]])
    assert.deepStrictEqual(ran("npm test", "Exit code 1\n2 failing", { is_error: true }), [
      ["s1", "tests", false, "test"]
    ])
    assert.deepStrictEqual(ran("npm test", "The user doesn't want to proceed", { is_error: true }), [])
    assert.deepStrictEqual(ran("npm run build", "ok"), [])
  })

  it("of the user stopping it come once, however often the file is looked at", () => {
    const reader = claudeCode.start({}).open(main)
    const rows = [
      user("u1", null, "x"),
      answer("a1", "u1", "m1", text("y"), {}, { stop_reason: null }),
      user("u2", "a1", [text("[Request interrupted by user]")])
    ]
    for (const [index, json] of rows.entries()) reader.line({ line: index + 1, json })
    const found = [...reader.end(), ...reader.end()]
    assert.deepStrictEqual(
      found.map((one) => (one._tag === "Verdict" ? one.signal.name : one._tag)),
      ["Call", "interrupted"]
    )
    const [first] = callsIn(found)
    assert.strictEqual(first?.response.stopReason, "cancelled")
    assert.strictEqual(first?.response.complete, false)
  })
})

describe("a transcript that grows", () => {
  it("gives what has become fuller again, with a higher rank and the same id, and nothing else", () => {
    const reader = claudeCode.start({}).open(main)
    const rows = [
      user("u1", null, "x"),
      answer("a1", "u1", "m1", text("y")),
      user("u2", "a1", "more"),
      answer("a2", "u2", "m2", text("part"), {}, { stop_reason: null, usage: { ...usage, output_tokens: 1 } }),
      answer("a3", "a2", "m2", call("t1"), {}, { stop_reason: "tool_use" })
    ]
    const take = (from: number, to: number) => {
      for (let index = from; index < to; index++) reader.line({ line: index + 1, json: rows[index] })
      return reader.end().filter((one): one is Call => one._tag === "Call")
    }
    const first = take(0, 4)
    const second = take(4, 5)
    assert.deepStrictEqual([first.length, second.length, take(5, 5).length], [2, 1, 0])
    assert.strictEqual(second[0]?.call.id, first[1]?.call.id)
    assert.isAbove(second[0]?.rank ?? 0, first[1]?.rank ?? 0)
    assert.isTrue(Number.isSafeInteger((second[0]?.rank ?? 0) * 2 ** 16)) // no bit of it is lost
    assert.strictEqual(first[1]?.call.response.complete, false)
    assert.strictEqual(second[0]?.call.response.complete, true)
  })
})

/** Numbers in [0, 1), the same each time. */
const chance = (seed: number) => () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
  return seed / 2 ** 31
}

describe("lines of wrong kinds", () => {
  const odd = [null, 7, -1, "", "x", true, [], {}, [null], { a: [] }, Number.MAX_SAFE_INTEGER, ["\ud800"]]
  const mutated = (value: unknown, random: () => number): unknown => {
    if (random() < 0.06) return odd[Math.floor(random() * odd.length)]
    if (Array.isArray(value)) return value.map((one) => mutated(one, random))
    if (typeof value !== "object" || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mutated(one, random)]))
  }
  const rows = [
    user("u1", null, [text("x"), { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } }]),
    line("p1", "u1", { type: "attachment", attachment: { type: "prompt_snapshot", systemPrompt: ["s"], tools: [{}] } }),
    answer("a1", "p1", "m1", call("t1", "Task", { prompt: "x" }), { costUSD: 1, effort: "high" }),
    result("r1", "a1", "t1", [text("agentId: b")], { toolUseResult: { agentId: "b" } }),
    line("c1", null, {
      type: "system",
      subtype: "compact_boundary",
      compactMetadata: { preservedSegment: { headUuid: "u1", anchorUuid: "a1" } }
    }),
    answer("a2", "r1", "m2", text("y"), { isApiErrorMessage: true, error: "x" }),
    answer("a3", "a2", "m3", text("z"), { isSidechain: true })
  ]

  it("never throw, and each call is as the schema says", () => {
    const random = chance(7)
    for (let round = 0; round < 300; round++) {
      const found = readAll({
        [main]: rows.map((row) => mutated(row, random)),
        [`${project}/s1/subagents/agent-b.meta.json`]: [mutated({ agentType: "x", toolUseId: "t1" }, random)],
        [`${project}/s1/subagents/agent-b.jsonl`]: rows.map((row) => mutated(row, random))
      })
      for (const one of callsIn(found)) {
        Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(one)))
        const { input } = one.usage
        if (input !== null && one.usage.basis !== "unreliable")
          assert.strictEqual(
            input.uncached + input.cacheRead + input.cacheWrite5m + input.cacheWrite1h + input.cacheWriteOther,
            input.total
          )
      }
    }
  })

  it("with hostile keys do no harm", () => {
    const hostile = JSON.parse(
      '{"__proto__":{"polluted":1},"type":"assistant","uuid":"__proto__","parentUuid":"__proto__","sessionId":"__proto__","message":{"role":"assistant","id":"__proto__","content":[{"type":"tool_use","id":"__proto__","name":"constructor","input":{"__proto__":1}}],"usage":{"server_tool_use":{"__proto__":3}}}}'
    )
    assert.strictEqual(callsOf(hostile, hostile).length, 1)
    assert.isUndefined(({} as Record<string, unknown>)["polluted"])
  })
})

const samples = join(import.meta.dirname, "../../../../shared/data/formats/claude-code")
const linesOf = (file: string) => {
  const lines = makeLines()
  return [...lines.push(readFileSync(file)), ...lines.end()]
}
const readFiles = (...files: ReadonlyArray<string>): ReadonlyArray<Found> => {
  const session = claudeCode.start({})
  const found = files.flatMap((file) => {
    const reader = session.open(file)
    return [...linesOf(file).flatMap((one) => reader.line(one)), ...reader.end()]
  })
  return [...found, ...session.end()]
}

describe("sniffing", () => {
  const is = (file: string, ...first: ReadonlyArray<unknown>) => claudeCode.sniff({ file, first })
  it("knows a transcript by its lines, and leaves what looks like one", () => {
    assert.isTrue(is("x", { type: "summary", summary: "s", leafUuid: "l" }))
    assert.isTrue(is("x", { sessionId: "s", parentUuid: null }))
    assert.isTrue(is("x", { sessionId: "s", message: { role: "assistant", usage: {} } }))
    assert.isTrue(is(`${project}/s1/subagents/agent-b.meta.json`, { agentType: "Explore" }))
    assert.isFalse(is("x", { sessionId: "s", projectHash: "p", type: "user" }))
    assert.isFalse(is("x", { type: "assistant", session_id: "s", message: {} }))
    assert.isFalse(is("x", { type: "user", text: "hi" }, 7, null))
  })

  it.skipIf(!existsSync(samples))("knows every sample [needs ../shared]", () => {
    for (const name of readdirSync(samples).filter((one) => one.endsWith(".jsonl"))) {
      const first = linesOf(join(samples, name)).flatMap((one) => ("json" in one ? [one.json] : []))
      assert.isTrue(claudeCode.sniff({ file: name, first: first.slice(0, 50) }), name)
    }
  })
})

describe.skipIf(!existsSync(samples))("the samples of transcripts [needs ../shared]", () => {
  // calls, uncached, cache read, cache written, output:
  // jq -s -c '[.[]|objects|select((.message|objects|.usage) != null)]|group_by(.message.id)|map(max_by(.message.usage|.input_tokens+.output_tokens).message.usage)
  //   |[length,(map(.input_tokens)|add),(map(.cache_read_input_tokens//0)|add),(map(.cache_creation_input_tokens//0)|add),(map(.output_tokens)|add)]' FILE
  const counted: ReadonlyArray<readonly [file: string, counts: ReadonlyArray<number>, grades: string]> = [
    ["ba79134d-b6e9-4867-af0c-6941038c9e4b.jsonl", [24, 91, 503_769, 16_072, 2266], "B".repeat(24)],
    ["fed8ce56-bc79-401f-a83e-af084253362f.jsonl", [4, 88, 44_544, 16_000, 278], "BBBB"],
    // no line has content: grep -c '"content"' FILE gives 0
    ["handmade_ccusage_alpha.jsonl", [3, 600, 70, 75, 250], "DDD"],
    // the last one goes on from assistant_003, which is in no line: grep -c '"uuid":"assistant_003"' FILE gives 0
    ["handmade_edge_cases.jsonl", [4, 488, 0, 0, 435], "BBBC"],
    ["handmade_representative_messages.jsonl", [5, 218, 0, 0, 445], "BBBBB"],
    ["handmade_session_b.jsonl", [1, 20, 0, 0, 35], "B"],
    ["handmade_todowrite_examples.jsonl", [6, 883, 0, 0, 328], "BBBBBB"]
  ]
  for (const [file, counts, grades] of counted)
    it(`${file} [needs ../shared]`, () => {
      const calls = callsIn(readFiles(join(samples, file)))
      const sum = (of: (call: ArchivedCall) => number | undefined) =>
        calls.reduce((total, one) => total + (of(one) ?? 0), 0)
      assert.deepStrictEqual(
        [
          calls.length,
          sum(({ usage: { input } }) => input?.uncached),
          sum(({ usage: { input } }) => input?.cacheRead),
          sum(
            ({ usage: { input } }) =>
              (input?.cacheWrite5m ?? 0) + (input?.cacheWrite1h ?? 0) + (input?.cacheWriteOther ?? 0)
          ),
          sum(({ usage: { output } }) => output?.total)
        ],
        counts
      )
      assert.strictEqual(calls.map(({ fidelity }) => fidelity.grade).join(""), grades)
      // all are of versions before 2.1.97: jq -r '.version // empty' *.jsonl | sort -u gives 1.0.0, 1.0.17, 1.0.24, 1.1.0
      for (const one of calls) assert.strictEqual(one.usage.basis, "unreliable")
    })

  it("handmade_simonw_sample_session.jsonl: answers without model, id and counts [needs ../shared]", () => {
    // jq -s '[.[]|select(.type=="assistant")]|length' FILE gives 3; none has .message.id, .message.model or .message.usage
    const calls = callsIn(readFiles(join(samples, "handmade_simonw_sample_session.jsonl")))
    assert.deepStrictEqual(
      calls.map(({ fidelity, provenance, usage: { input, output } }) => [
        fidelity.grade,
        provenance.native["uuid"],
        input,
        output
      ]),
      [
        ["B", "msg-002", null, null],
        ["B", "msg-004", null, null],
        ["B", "msg-007", null, null]
      ]
    )
  })

  it("broken lines are skips with their line, all else is counted [needs ../shared]", () => {
    // jq -c 'select(type!="object")' handmade_edge_cases.jsonl | wc -l gives 3 (lines 13, 15, 16: grep -n '^[^{]')
    const found = readFiles(join(samples, "handmade_edge_cases.jsonl"))
    assert.deepStrictEqual(
      found.flatMap((one) => (one._tag === "Skip" ? [one.line] : [])),
      [13, 15, 16]
    )
    // python3 -c "import json;[print(d.get('type','?'), isinstance(d.get('message'),dict) and 'content' in d['message']) for l in open(FILE) for d in [json.loads(l)] if isinstance(d,dict)]" | sort | uniq -c
    assert.deepStrictEqual(others(found), { user: 8, "user without content": 2, "unknown object": 1, summary: 1 })
  })

  it("the interruption of a real session is a signal of it [needs ../shared]", () => {
    // jq -c 'select(.message.content|tostring|test("Request interrupted"))|.timestamp' FILE gives "2025-06-10T12:36:51.863Z"
    const found = readFiles(join(samples, "fed8ce56-bc79-401f-a83e-af084253362f.jsonl"))
    assert.deepStrictEqual(
      found.flatMap((one) => (one._tag === "Verdict" ? [[one.of, one.signal.name, one.signal.at]] : [])),
      [["fed8ce56-bc79-401f-a83e-af084253362f", "interrupted", "2025-06-10T12:36:51.863Z"]]
    )
  })

  it("what each client said it cost is kept as its estimate [needs ../shared]", () => {
    // jq -c .costUSD handmade_ccusage_alpha.jsonl gives 0.12, 0.34, 0.56
    const calls = callsIn(readFiles(join(samples, "handmade_ccusage_alpha.jsonl")))
    assert.deepStrictEqual(
      calls.map(({ billed }) => [billed.nanoUsd, billed.basis]),
      [
        ["120000000", "client-estimate"],
        ["340000000", "client-estimate"],
        ["560000000", "client-estimate"]
      ]
    )
  })
})
