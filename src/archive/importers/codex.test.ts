import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import type { Found } from "../contract.ts"
import { makeLines } from "../lines.ts"
import { codex } from "./codex.ts"

type Row = Readonly<Record<string, unknown>>
type Call = Extract<Found, { _tag: "Call" }>

const thread = "0199aaaa-0000-7000-8000-000000000001"
const other = "0199aaaa-0000-7000-8000-000000000002"
const fileOf = (id: string, minute = "00") =>
  `/home/ana/.codex/sessions/2026/08/02/rollout-2026-08-02T09-${minute}-00-${id}.jsonl`

const readAll = (files: Readonly<Record<string, ReadonlyArray<unknown>>>): ReadonlyArray<Found> => {
  const session = codex.start({})
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
const callsOf = (...rows: ReadonlyArray<unknown>) => callsIn(readAll({ [fileOf(thread)]: rows }))
const shapeOf = (call: ArchivedCall): ReadonlyArray<string> =>
  call.request.messages.map(
    (message) =>
      `${message.role}:${message.blocks.map((block) => (block.type === "text" ? block.text : block.type)).join("+")}`
  )

let clock = 0
const at = (): string => new Date(Date.UTC(2026, 7, 2, 9) + 1000 * clock++).toISOString()
const row = (type: string, payload: Row, timestamp = at()): Row => ({ timestamp, type, payload })
const meta = (more: Row = {}): Row =>
  row("session_meta", {
    id: thread,
    timestamp: "2026-08-02T08:59:00.000Z",
    cwd: "/home/ana/shop",
    originator: "codex_cli_rs",
    cli_version: "0.144.1",
    source: "cli",
    model_provider: "openai",
    base_instructions: { text: "You are Codex." },
    git: { commit_hash: "abc", branch: "main", repository_url: "https://ana:secret@git.example/shop.git" },
    ...more
  })
const turn = (more: Row = {}): Row =>
  row("turn_context", { turn_id: "t1", cwd: "/home/ana/shop", model: "gpt-5.3-codex", effort: "high", ...more })
const said = (text: string, role = "user"): Row =>
  row("response_item", { type: "message", role, content: [{ type: "input_text", text }] })
const made = (text: string, more: Row = {}): Row =>
  row("response_item", { type: "message", role: "assistant", content: [{ type: "output_text", text }], ...more })
const thought = (id: string): Row =>
  row("response_item", {
    type: "reasoning",
    id,
    summary: [{ type: "summary_text", text: "Plan" }],
    content: null,
    encrypted_content: `enc-${id}`
  })
const called = (id: string, args: Row = { cmd: "npm test" }, name = "exec_command"): Row =>
  row("response_item", { type: "function_call", name, call_id: id, arguments: JSON.stringify(args) })
const output = (id: string, text: unknown, type = "function_call_output"): Row =>
  row("response_item", { type, call_id: id, output: text })
const tokens = (input: number, out: number, more: Row = {}): Row => ({
  input_tokens: input,
  cached_input_tokens: 0,
  output_tokens: out,
  reasoning_output_tokens: 0,
  total_tokens: input + out,
  ...more
})
const counted = (last: Row, total: Row, more: Row = {}): Row =>
  row("event_msg", { type: "token_count", info: { last_token_usage: last, total_token_usage: total, ...more } })

describe("a rollout", () => {
  it("is cut into calls where the model's items end, each with what was sent before it and its own counts", () => {
    const last = tokens(9000, 120, { cached_input_tokens: 8000, reasoning_output_tokens: 64 })
    const calls = callsOf(
      meta(),
      turn(),
      said("<environment_context>x</environment_context>"),
      said("run the tests"),
      thought("rs_1"),
      called("call_1"),
      counted(last, last),
      output("call_1", "ok"),
      made("All green."),
      counted(tokens(9300, 10), tokens(18_300, 130, { cached_input_tokens: 8000, reasoning_output_tokens: 64 }))
    )
    assert.deepStrictEqual(calls.map(shapeOf), [
      ["system:You are Codex.", "user:<environment_context>x</environment_context>", "user:run the tests"],
      [
        "system:You are Codex.",
        "user:<environment_context>x</environment_context>",
        "user:run the tests",
        "assistant:thinking+tool_use",
        "tool:tool_result"
      ]
    ])
    const [one, two] = calls
    assert.deepStrictEqual(
      one?.response.blocks.map(({ type }) => type),
      ["thinking", "tool_use"]
    )
    assert.strictEqual(one?.response.stopReason, "tool_use")
    assert.strictEqual(one?.request.messages[1]?.injectedBy, "harness")
    const { raw: _, ...usage } = one!.usage
    assert.deepStrictEqual(usage, {
      basis: "reported",
      input: { total: 9000, uncached: 1000, cacheRead: 8000, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 },
      output: { total: 120, text: 56, reasoning: 64 }
    })
    assert.strictEqual(two?.usage.input?.total, 9300)
    assert.strictEqual(one?.request.messages[2], two?.request.messages[2])
    for (const call of calls)
      assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
  })

  it("says whose it is: project, engineer, repository without a key in its address, program and effort", () => {
    const [one] = callsOf(meta(), turn(), said("x"), made("y"))
    assert.deepStrictEqual(one?.labels, {
      application: "codex",
      cwd: "/home/ana/shop",
      effort: "high",
      engineer: "ana",
      "engineer.basis": "inferred",
      gitBranch: "main",
      gitCommit: "abc",
      originator: "codex_cli_rs",
      project: "shop",
      repo: "https://git.example/shop.git",
      source: "cli",
      version: "0.144.1"
    })
    assert.strictEqual(one?.request.model, "gpt-5.3-codex")
    assert.deepStrictEqual(one?.request.params, { reasoning: { effort: "high" } })
    assert.deepStrictEqual(one?.grouping, {
      sessionId: thread,
      trajectoryId: thread,
      stepIndex: 0,
      agentRole: "main",
      attempt: 0
    })
  })

  it("holds the system prompt but not the built-in tools: grade B, and it says so", () => {
    const tool = { name: "ask", description: "asks", inputSchema: { type: "object" } }
    const [one] = callsOf(meta({ dynamic_tools: [tool, { name: 7 }] }), turn(), said("x"), made("y"))
    assert.strictEqual(one?.fidelity.grade, "B")
    assert.strictEqual(one?.fidelity.parts["system"], "verbatim")
    assert.strictEqual(one?.fidelity.parts["tools"], "partial")
    assert.deepStrictEqual(
      one?.request.tools?.map(({ name }) => name),
      ["ask"]
    )
    const [old] = callsOf(meta({ base_instructions: undefined }), turn(), said("x"), made("y"))
    assert.strictEqual(old?.request.tools, null)
    assert.strictEqual(old?.fidelity.parts["system"], "absent")
    assert.match(old?.fidelity.notes.join("\n") ?? "", /where a call begins[\s\S]*system prompt[\s\S]*built-in tools/)
  })

  it("has a turn's instructions where no message repeats them, and its schema of the answer", () => {
    const instructed = turn({
      developer_instructions: "be safe",
      user_instructions: "use tabs",
      final_output_json_schema: { type: "object" }
    })
    const [one] = callsOf(meta(), instructed, said("# AGENTS.md instructions\nuse tabs"), said("x"), made("y"))
    assert.deepStrictEqual(shapeOf(one!), [
      "system:You are Codex.",
      "developer:be safe",
      "user:# AGENTS.md instructions\nuse tabs",
      "user:x"
    ])
    assert.deepStrictEqual(one?.request.responseFormat, { type: "json_schema", schema: { type: "object" } })
  })

  it("keeps calls and results of every kind: custom tools, the local shell, searches, results as parts", () => {
    const [, two] = callsOf(
      meta(),
      turn(),
      said("x"),
      row("response_item", { type: "custom_tool_call", name: "apply_patch", call_id: "c1", input: "*** Begin Patch" }),
      row("response_item", { type: "local_shell_call", call_id: "c2", action: { type: "exec", command: ["ls"] } }),
      row("response_item", { type: "web_search_call", id: "ws_1", action: { type: "search", query: "q" } }),
      output("c1", "Done", "custom_tool_call_output"),
      output("c2", { content: "a.txt", success: false }),
      output("c3", [{ type: "input_text", text: "part" }]),
      made("y")
    )
    const answer = two?.request.messages.find(({ role }) => role === "assistant")
    assert.deepStrictEqual(
      answer?.blocks.map((block) => (block.type === "tool_use" ? [block.name, block.kind, block.id] : block.type)),
      [
        ["apply_patch", "custom", "c1"],
        ["local_shell", "function", "c2"],
        ["web_search", "provider", "ws_1"]
      ]
    )
    const results = two?.request.messages.find(({ role }) => role === "tool")
    assert.deepStrictEqual(
      results?.blocks.map((block) => (block.type === "tool_result" ? [block.toolUseId, block.isError] : block.type)),
      [
        ["c1", undefined],
        ["c2", true],
        ["c3", undefined]
      ]
    )
  })

  it("goes on from what a compaction put in place, from less where it does not say", () => {
    const compacted = (more: Row) =>
      callsOf(meta(), turn(), said("long"), made("story"), row("compacted", more), said("next"), made("y"))
    const replaced = compacted({
      message: "",
      replacement_history: [{ type: "message", role: "user", content: [{ type: "input_text", text: "summary" }] }]
    })
    assert.deepStrictEqual(shapeOf(replaced[1]!), ["system:You are Codex.", "user:summary", "user:next"])
    assert.strictEqual(replaced[1]?.fidelity.grade, "B")
    const old = compacted({ message: "summary" })
    assert.deepStrictEqual(shapeOf(old[1]!), ["system:You are Codex.", "user:long", "user:summary", "user:next"])
    assert.strictEqual(old[1]?.fidelity.parts["history"], "partial")
    assert.strictEqual(old[1]?.fidelity.grade, "C")
  })

  it("begins a branch where turns were rolled back", () => {
    const [, , three] = callsOf(
      meta(),
      turn(),
      said("one"),
      made("1"),
      said("two"),
      made("2"),
      row("event_msg", { type: "thread_rolled_back", num_turns: 1 }),
      said("other"),
      made("3")
    )
    assert.deepStrictEqual(shapeOf(three!), ["system:You are Codex.", "user:one", "assistant:1", "user:other"])
    assert.deepStrictEqual(
      [three?.grouping.trajectoryId, three?.grouping.branch, three?.grouping.stepIndex],
      [`${thread}/1`, "1", 0]
    )
  })

  it("of the first versions is read too: without envelopes, and as one document", () => {
    const bare = [
      { id: thread, timestamp: "2025-05-01T00:00:00.000Z", instructions: null, git: { branch: "main" } },
      { type: "message", role: "user", content: [{ type: "input_text", text: "x" }] },
      { record_type: "state" },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "y" }] }
    ]
    const found = readAll({ [fileOf(thread)]: bare })
    assert.deepStrictEqual(callsIn(found).map(shapeOf), [["user:x"]])
    assert.strictEqual(callsIn(found)[0]?.labels["gitBranch"], "main")
    assert.strictEqual(callsIn(found)[0]?.request.model, "unknown")
    const [head, ...items] = bare
    assert.deepStrictEqual(callsOf({ session: head, items }).map(shapeOf), [["user:x"]])
  })
})

describe("counts", () => {
  it("that are told again with the same totals are no other call", () => {
    const one = tokens(100, 10)
    const found = readAll({
      [fileOf(thread)]: [meta(), turn(), said("x"), made("y"), counted(one, one), counted(one, one)]
    })
    assert.deepStrictEqual(
      callsIn(found).map(({ usage }) => usage.input?.total),
      [100]
    )
    assert.strictEqual(found.filter((each) => each._tag === "Duplicate").length, 1)
  })

  it("without anything that the model made are a call of which nothing else is known", () => {
    const [one] = callsOf(meta(), turn(), counted(tokens(100, 10), tokens(100, 10), { model: "gpt-5.2-codex" }))
    assert.strictEqual(one?.fidelity.grade, "D")
    assert.strictEqual(one?.request.model, "gpt-5.2-codex")
    assert.deepStrictEqual(one?.request.messages, [])
  })

  it("of a record of its own name the response; the notice of the same counts is not another call", () => {
    const one = tokens(100, 10)
    const record = row("token_usage_record", { response_id: "resp_1", usage: one, thread_token_usage: one })
    const found = readAll({ [fileOf(thread)]: [meta(), turn(), said("x"), made("y"), record, counted(one, one)] })
    assert.deepStrictEqual(
      callsIn(found).map(({ response, usage }) => [response.id, usage.output?.total]),
      [["resp_1", 10]]
    )
    assert.strictEqual(found.filter((each) => each._tag === "Duplicate").length, 0)
  })

  it("of the request that compacted are marked as such", () => {
    const calls = callsOf(
      meta(),
      turn(),
      said("x"),
      made("y"),
      counted(tokens(100, 10), tokens(100, 10)),
      counted(tokens(90, 5), tokens(190, 15)),
      row("compacted", { message: "s" })
    )
    assert.deepStrictEqual(
      calls.map(({ grouping }) => grouping.agentRole),
      ["main", "compaction"]
    )
  })

  it("that come once for several calls are not lost: what is over belongs to those before", () => {
    const rows = [meta(), turn(), said("x"), made("1"), counted(tokens(100, 10), tokens(100, 10))]
    const totals = (...more: ReadonlyArray<Row>) =>
      callsOf(...rows, ...more).map(({ usage }) => [usage.input?.total, usage.output?.total, usage.basis])
    const two = [said("a"), called("c1"), output("c1", "ok"), made("2")]
    assert.deepStrictEqual(totals(...two, counted(tokens(120, 12), tokens(330, 42))), [
      [100, 10, "reported"],
      [110, 20, "derived"],
      [120, 12, "reported"]
    ])
    const three = [said("b"), called("c0"), output("c0", "ok"), ...two]
    assert.deepStrictEqual(totals(...three, counted(tokens(120, 12), tokens(330, 42))), [
      [100, 10, "reported"],
      [undefined, undefined, "unreliable"],
      [undefined, undefined, "unreliable"],
      [110, 20, "derived"],
      [120, 12, "reported"]
    ])
  })

  it("hold their partitions: cached within input, reasoning within output unless the total says beside it", () => {
    const usageOf = (last: Row) => callsOf(meta(), turn(), counted(last, last))[0]!.usage
    const beside = usageOf(
      tokens(1000, 125, { cached_input_tokens: 250, reasoning_output_tokens: 75, total_tokens: 1200 })
    )
    assert.deepStrictEqual([beside.output, beside.basis], [{ total: 200, text: 125, reasoning: 75 }, "derived"])
    assert.deepStrictEqual([beside.input?.uncached, beside.input?.cacheRead], [750, 250])
    const clamped = usageOf(tokens(100, 10, { cached_input_tokens: 300 }))
    assert.deepStrictEqual([clamped.input?.uncached, clamped.input?.cacheRead, clamped.input?.total], [0, 100, 100])
    assert.strictEqual(clamped.basis, "unreliable")
    assert.match(clamped.diagnostics?.join("") ?? "", /more cached input/)
    const written = usageOf(tokens(100, 10, { cached_input_tokens: 30, cache_write_input_tokens: 20 }))
    assert.deepStrictEqual(
      [written.input?.uncached, written.input?.cacheRead, written.input?.cacheWriteOther],
      [50, 30, 20]
    )
  })
})

describe("forks and sub-agents", () => {
  const parent = [
    meta(),
    turn(),
    said("x"),
    thought("rs_1"),
    made("y", { id: "msg_1" }),
    counted(tokens(100, 10), tokens(100, 10))
  ]
  const spawn = { subagent: { thread_spawn: { parent_thread_id: thread, depth: 1, agent_role: "explorer" } } }
  const child = (more: Row, rows: ReadonlyArray<Row>) => {
    const began = "2026-08-02T10:00:00.000Z"
    return [
      { ...meta({ id: other, timestamp: began, ...more }), timestamp: began },
      ...parent.slice(1).map((one) => ({ ...one, timestamp: began })),
      ...rows.map((one, index) => ({ ...one, timestamp: `2026-08-02T10:00:${30 + index}.000Z` }))
    ]
  }
  const own = [said("mine"), made("z", { id: "msg_2" }), counted(tokens(150, 7), tokens(250, 17))]

  it("begin with a copy of their parent's calls, which are counted once", () => {
    const found = readAll({ [fileOf(thread)]: parent, [fileOf(other, "30")]: child({ forked_from_id: thread }, own) })
    assert.deepStrictEqual(
      callsIn(found).map(({ grouping, usage }) => [grouping.sessionId, grouping.trajectoryId, usage.input?.total]),
      [
        [thread, thread, 100],
        [thread, other, 150]
      ]
    )
    assert.strictEqual(found.filter((one) => one._tag === "Duplicate").length, 1)
    assert.deepStrictEqual(shapeOf(callsIn(found)[1]!).slice(1), ["user:x", "assistant:thinking+y", "user:mine"])
  })

  it("keep the same ids for the copies where the parent is not there", () => {
    const key = (rows: ReadonlyArray<unknown>) =>
      (readAll({ [fileOf(other)]: rows }).find((one) => one._tag === "Call") as Call).call.id
    assert.strictEqual(key(child({ forked_from_id: thread }, own)), key(parent))
  })

  it("say who started them", () => {
    const started = { agent_id: other }
    const rows = [...parent, called("c9", { message: "go" }, "spawn_agent"), output("c9", JSON.stringify(started))]
    const found = readAll({ [fileOf(thread)]: rows, [fileOf(other, "30")]: child({ source: spawn }, own) })
    const last = callsIn(found).at(-1)
    assert.deepStrictEqual(
      [
        last?.grouping.agentRole,
        last?.grouping.agent,
        last?.grouping.parentTrajectoryId,
        last?.grouping.parentToolUseId
      ],
      ["subagent", "explorer", thread, "c9"]
    )
    assert.include(
      callsIn(found).map(({ id }) => id),
      last?.grouping.parentCallId
    )
  })

  it("that do not say whose lose what they counted in the second they began, if it was more than once", () => {
    const nameless = { source: { subagent: "thread_spawn" } }
    const replay = [...parent.slice(1), said("2"), made("b"), counted(tokens(110, 11), tokens(210, 21))]
    const began = "2026-08-02T10:00:00.000Z"
    const found = readAll({
      [fileOf(other)]: [
        meta({ id: other, timestamp: began, ...nameless }),
        ...replay.map((one) => ({ ...one, timestamp: began })),
        ...own.map((one, index) => ({ ...one, timestamp: `2026-08-02T10:01:0${index}.000Z` }))
      ]
    })
    assert.deepStrictEqual(
      callsIn(found).map(({ usage }) => usage.input?.total),
      [150]
    )
    assert.strictEqual(found.filter((one) => one._tag === "Duplicate").length, 2)
  })

  it("that count the same by chance stay two calls", () => {
    const sub = (id: string, text: string) => [
      meta({ id, source: spawn, session_id: thread, timestamp: "2026-08-02T08:00:00.000Z" }),
      turn(),
      said("x"),
      made(text, { id: `msg_${text}` }),
      counted(tokens(100, 10), tokens(100, 10))
    ]
    const third = "0199aaaa-0000-7000-8000-000000000003"
    assert.strictEqual(
      callsIn(readAll({ [fileOf(other)]: sub(other, "a"), [fileOf(third)]: sub(third, "b") })).length,
      2
    )
  })
})

describe("signals", () => {
  const verdicts = (...rows: ReadonlyArray<Row>) =>
    readAll({ [fileOf(thread)]: [meta(), turn(), said("x"), ...rows] }).flatMap((one) =>
      one._tag === "Verdict" ? [[one.signal.name, one.signal.value, one.signal.source]] : []
    )

  it("tell how a turn ended", () => {
    assert.deepStrictEqual(verdicts(made("y"), row("event_msg", { type: "task_complete" })), [
      ["task_complete", true, "system"]
    ])
    assert.deepStrictEqual(verdicts(made("y"), row("event_msg", { type: "turn_aborted", reason: "interrupted" })), [
      ["turn_aborted", "interrupted", "system"]
    ])
    const [one] = callsOf(
      meta(),
      turn(),
      said("x"),
      made("y"),
      row("event_msg", { type: "turn_aborted", reason: "interrupted" })
    )
    assert.strictEqual(one?.response.stopReason, "cancelled")
  })

  it("of tests come from the exit status of shell calls, in all the forms it had", () => {
    const shell = (args: Row, text: string) => verdicts(called("c1", args, "shell"), output("c1", text))
    const passed = [["tests", true, "test"]]
    const failed = [["tests", false, "test"]]
    assert.deepStrictEqual(
      shell({ command: ["bash", "-lc", "npm test"] }, '{"output":"ok","metadata":{"exit_code":0}}'),
      passed
    )
    assert.deepStrictEqual(
      shell({ command: "npm test" }, "Exit code: 1\nWall time: 2 seconds\nOutput:\nExit code: 0\n"),
      failed
    )
    assert.deepStrictEqual(shell({ cmd: "npm test" }, "Wall time: 1\nProcess exited with code 0\nOutput:\nok"), passed)
    assert.deepStrictEqual(shell({ cmd: "npm test" }, "still running"), [])
    assert.deepStrictEqual(shell({ cmd: "ls" }, "Exit code: 0\nOutput:\n"), [])
  })
})

describe("a rollout that grows", () => {
  it("gives a call again when it has become fuller, with the same id and a higher rank", () => {
    const reader = codex.start({}).open(fileOf(thread))
    const rows = [meta(), turn(), said("x"), thought("rs_1"), called("c1"), counted(tokens(100, 10), tokens(100, 10))]
    const take = (from: number, to: number) => {
      const found: Array<Found> = []
      for (let index = from; index < to; index++) found.push(...reader.line({ line: index + 1, json: rows[index] }))
      return [...found, ...reader.end()].filter((one): one is Call => one._tag === "Call")
    }
    const steps = [take(0, 4), take(4, 5), take(5, 6), take(6, 6)]
    assert.deepStrictEqual(
      steps.map((calls) => calls.length),
      [1, 1, 1, 0]
    )
    const calls = steps.flat()
    assert.strictEqual(new Set(calls.map(({ call }) => call.id)).size, 1)
    assert.deepStrictEqual(
      calls.map(({ rank = 0 }) => rank),
      calls.map(({ rank = 0 }) => rank).toSorted((a, b) => a - b)
    )
    assert.strictEqual(calls[2]?.call.usage.input?.total, 100)
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
    meta({
      dynamic_tools: [{ name: "t", inputSchema: {} }],
      source: { subagent: { thread_spawn: { parent_thread_id: other } } }
    }),
    turn({ developer_instructions: "d", final_output_json_schema: {} }),
    said("x"),
    thought("rs_1"),
    called("c1"),
    row("response_item", { type: "custom_tool_call", name: "apply_patch", call_id: "c2", input: "p" }),
    row("response_item", { type: "local_shell_call", call_id: "c3", action: { command: ["ls"] } }),
    output("c1", '{"output":"ok","metadata":{"exit_code":0}}'),
    output("c2", [{ type: "input_text", text: "x" }], "custom_tool_call_output"),
    row("compacted", { message: "m", replacement_history: [{ type: "message", role: "user", content: "x" }] }),
    row("event_msg", { type: "thread_rolled_back", num_turns: 1 }),
    made("y"),
    counted(tokens(100, 10), tokens(100, 10)),
    row("token_usage_record", { response_id: "r", usage: tokens(5, 5), thread_token_usage: tokens(105, 15) }),
    { session: { id: "x", instructions: "" }, items: [{ type: "message", role: "user", content: [] }] }
  ]

  it("never throw, and each call is as the schema says", () => {
    const random = chance(11)
    for (let round = 0; round < 300; round++) {
      const found = readAll({
        [fileOf(thread)]: rows.map((one) => mutated(one, random)),
        [fileOf(other)]: rows.map((one) => mutated(one, random))
      })
      for (const one of callsIn(found)) Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(one)))
    }
  })

  it("are skips where they are no objects, and counted by type where they are unknown", () => {
    const found = readAll({ [fileOf(thread)]: ["text", { type: "new_thing", payload: {} }, row("world_state", {})] })
    assert.deepStrictEqual(
      found.map((one) => (one._tag === "Other" ? one.type : one._tag)),
      ["Skip", "new_thing", "world_state"]
    )
  })
})

describe("sniffing", () => {
  const is = (file: string, ...first: ReadonlyArray<unknown>) => codex.sniff({ file, first })
  it("knows rollouts in all shapes, and nothing that only looks like one", () => {
    assert.isTrue(is("x.jsonl", row("turn_context", { model: "m" })))
    assert.isTrue(is("x.jsonl", { id: "1", timestamp: "2025-05-01T00:00:00Z", instructions: null }))
    assert.isTrue(is(fileOf(thread), { type: "function_call", name: "shell", call_id: "c", arguments: "{}" }))
    assert.isTrue(is("x.json", { session: { id: "1", instructions: "" }, items: [] }))
    assert.isFalse(is("x.jsonl", { type: "thread.started", thread_id: "1" }))
    assert.isFalse(is("x.jsonl", { type: "message", role: "user", content: "hi" }))
    assert.isFalse(is("x.jsonl", { type: "response_item", payload: "no" }, null, 7))
  })
})

const sample = join(import.meta.dirname, "../../../../shared/data/formats/codex/handmade_ccusage_codex.jsonl")

describe.skipIf(!existsSync(sample))("the sample of a rollout [needs ../shared]", () => {
  it("is two calls of which only counts are known; the total says that reasoning stands beside the output [needs ../shared]", () => {
    const lines = makeLines()
    const rows = [...lines.push(readFileSync(sample)), ...lines.end()]
    const reader = codex.start({}).open(sample)
    const found = [...rows.flatMap((one) => reader.line(one)), ...reader.end()]
    assert.isTrue(codex.sniff({ file: sample, first: rows.flatMap((one) => ("json" in one ? [one.json] : [])) }))
    // jq -s -c 'map(select(.payload.type=="token_count").payload.info|[.model,.last_token_usage.input_tokens,.last_token_usage.cached_input_tokens,
    //   .last_token_usage.total_tokens-.last_token_usage.input_tokens,.last_token_usage.reasoning_output_tokens])' FILE
    const expected = [
      ["gpt-5.2-codex", 1000, 250, 200, 75],
      ["gpt-5.3-codex", 2500, 500, 500, 200]
    ]
    assert.deepStrictEqual(
      callsIn(found).map(({ request, usage: { input, output } }) => [
        request.model,
        input?.total,
        input?.cacheRead,
        output?.total,
        output?.reasoning
      ]),
      expected
    )
    assert.deepStrictEqual(
      callsIn(found).map(({ fidelity, usage }) => [fidelity.grade, usage.basis, usage.diagnostics?.length]),
      [
        ["D", "derived", 1],
        ["D", "derived", 1]
      ]
    )
    assert.strictEqual(found.filter((one) => one._tag === "Skip" || one._tag === "Duplicate").length, 0)
  })
})
