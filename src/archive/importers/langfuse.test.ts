import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import { mutated } from "../../testing/mutations.ts"
import type { Found } from "../contract.ts"
import { langfuse } from "./langfuse.ts"

const readAll = (...rows: ReadonlyArray<unknown>): ReadonlyArray<Found> => {
  const session = langfuse.start({})
  const reader = session.open("export.jsonl")
  const found = rows.flatMap((json, index) => reader.line({ line: index + 1, json }))
  return [...found, ...reader.end(), ...session.end()]
}
const callsIn = (found: ReadonlyArray<Found>) => found.flatMap((one) => (one._tag === "Call" ? [one.call] : []))
const callOf = (...rows: ReadonlyArray<unknown>): ArchivedCall => {
  const [call] = callsIn(readAll(...rows))
  assert.isDefined(call)
  return call
}
const others = (found: ReadonlyArray<Found>) => {
  const counts: { [type: string]: number } = {}
  for (const one of found) if (one._tag === "Other") counts[one.type] = (counts[one.type] ?? 0) + (one.count ?? 1)
  return counts
}
const verdictsIn = (found: ReadonlyArray<Found>) => found.flatMap((one) => (one._tag === "Verdict" ? [one] : []))

/** A row of the exports, in snake case, its JSON as text. */
const row = (more: object = {}) => ({
  id: "o1",
  trace_id: "t1",
  project_id: "p1",
  environment: "prod",
  type: "GENERATION",
  parent_observation_id: null,
  start_time: "2026-08-01 10:00:00.000",
  end_time: "2026-08-01 10:00:02.100",
  completion_start_time: "2026-08-01 10:00:00.400",
  name: "triage",
  level: "DEFAULT",
  status_message: null,
  input: '[{"role":"system","content":"Be brief."},{"role":"user","content":"hi"}]',
  output: '{"role":"assistant","content":"hello"}',
  provided_model_name: "gpt-4o",
  model_parameters: '{"temperature":0.2,"max_tokens":50}',
  usage_details: { input: 36, input_cached_tokens: 64, output: 20, total: 120 },
  cost_details: { input: 0.00009, output: 0.0002, total: 0.00029 },
  total_cost: 0.00029,
  metadata: { team: "payments" },
  prompt_name: "triage-v2",
  prompt_version: 3,
  tool_definitions: {},
  tool_calls: [],
  updated_at: "2026-08-01 10:00:03.000",
  ...more
})
const trace = (more: object = {}) => ({
  id: "t1",
  project_id: "p1",
  timestamp: "2026-08-01 10:00:00.000",
  name: "ticket",
  user_id: "ana",
  session_id: "s1",
  tags: ["eu", "beta"],
  metadata: { region: "eu-1" },
  ...more
})
const score = (more: object = {}) => ({
  id: "sc1",
  trace_id: "t1",
  observation_id: "o1",
  name: "user-feedback",
  value: 1,
  data_type: "BOOLEAN",
  source: "API",
  comment: "good",
  timestamp: "2026-08-01 10:05:00.000",
  ...more
})

describe("a GENERATION of Langfuse's exports", () => {
  it("becomes a call with its messages, usage, cost, times and labels, valid by the schema", () => {
    const call = callOf(row())
    assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
    assert.strictEqual(call.request.model, "gpt-4o")
    assert.deepStrictEqual(
      call.request.messages.map(({ role, blocks }) => [role, blocks]),
      [
        ["system", [{ type: "text", text: "Be brief." }]],
        ["user", [{ type: "text", text: "hi" }]]
      ]
    )
    assert.isNull(call.request.tools)
    assert.strictEqual(call.request.params.temperature, 0.2)
    assert.strictEqual(call.request.params.maxOutputTokens, 50)
    assert.deepStrictEqual(call.request.promptTemplate, { name: "triage-v2", version: "3" })
    assert.deepStrictEqual(call.response.blocks, [{ type: "text", text: "hello" }])
    assert.deepStrictEqual(call.timing, {
      startedAt: "2026-08-01T10:00:00.000Z",
      endedAt: "2026-08-01T10:00:02.100Z",
      latencyMs: 2100,
      ttftMs: 400,
      basis: "reported"
    })
    assert.deepStrictEqual(call.billed, { nanoUsd: "290000", basis: "client-estimate", billing: "metered" })
    assert.strictEqual(call.grouping.trajectoryId, "p1/t1")
    assert.deepInclude(call.labels, { team: "payments", environment: "prod", name: "triage", projectId: "p1" })
    assert.strictEqual(call.fidelity.grade, "B")
    assert.strictEqual(call.fidelity.parts["tools"], "absent")
  })

  it("is read alike from the API's camel case, and from the newer table's rows", () => {
    const camel = {
      id: "o1",
      projectId: "p1",
      traceId: "t1",
      type: "GENERATION",
      startTime: "2026-08-01T10:00:00.000Z",
      endTime: "2026-08-01T10:00:02.100Z",
      completionStartTime: "2026-08-01T10:00:00.400Z",
      model: "gpt-4o",
      modelParameters: { temperature: 0.2, max_tokens: 50 },
      input: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "hi" }
      ],
      output: { role: "assistant", content: "hello" },
      usageDetails: { input: 36, input_cached_tokens: 64, output: 20, total: 120 }
    }
    const event = {
      ...row({ id: undefined, parent_observation_id: undefined, metadata: undefined }),
      span_id: "o1",
      parent_span_id: "",
      user_id: "ana",
      session_id: "s1",
      metadata_names: ["team"],
      metadata_values: ["payments"]
    }
    const [a, b, c] = [callOf(row()), callOf(camel), callOf(event)]
    assert.deepStrictEqual(b.request.messages, a.request.messages)
    assert.deepStrictEqual(b.usage.input, a.usage.input)
    assert.deepStrictEqual(b.timing, a.timing)
    assert.deepStrictEqual([b.id, c.id], [a.id, a.id])
    assert.deepStrictEqual(c.labels["team"], "payments")
    assert.strictEqual(c.grouping.sessionId, "s1")
  })

  it("has session, user and tags of its trace, whichever row or file comes first", () => {
    const session = langfuse.start({})
    const observations = session.open("observations/1.jsonl")
    assert.deepStrictEqual(observations.line({ line: 1, json: row() }), [])
    const traces = session.open("traces/1.jsonl")
    traces.line({ line: 1, json: trace() })
    const [after] = callsIn(session.end())
    const before = callOf(trace(), row())
    for (const call of [after, before]) {
      assert.strictEqual(call?.grouping.sessionId, "s1")
      assert.deepInclude(call?.labels, { endUser: "ana", tags: "eu,beta", region: "eu-1", traceName: "ticket" })
    }
    assert.deepStrictEqual(after?.id, before.id)
  })

  it("is told apart from those of other projects, whose ids may be the same, and so are scores and traces", () => {
    const second = { project_id: "p2" }
    const found = readAll(
      row(),
      row({ ...second, output: '{"role":"assistant","content":"other"}' }),
      trace({ user_id: "ana" }),
      trace({ ...second, user_id: "bob" }),
      score({ project_id: "p2" }),
      score({ id: "sc2", project_id: "p1", observation_id: null, value: 0 })
    )
    const calls = found.flatMap((one) => (one._tag === "Call" ? [one] : []))
    assert.deepStrictEqual(
      calls.map(({ call, dedupeKey }) => [dedupeKey, call.grouping.trajectoryId, call.labels["endUser"]]),
      [
        ["langfuse:p1/t1:o1", "p1/t1", "ana"],
        ["langfuse:p2/t1:o1", "p2/t1", "bob"]
      ]
    )
    assert.deepStrictEqual(
      verdictsIn(found).map(({ of, signal }) => [of, signal.value]),
      [
        ["p1/t1", false],
        ["langfuse:p2/t1:o1", true]
      ]
    )
  })

  it("that names no project is of the one that its trace or its copies name", () => {
    const found = readAll(row({ project_id: undefined }), trace(), score())
    assert.strictEqual(found.find((one) => one._tag === "Call")?.dedupeKey, "langfuse:p1/t1:o1")
    assert.strictEqual(verdictsIn(found)[0]?.of, "langfuse:p1/t1:o1")
    const copies = readAll(row({ project_id: undefined }), row({ updated_at: "2026-08-02 00:00:00.000" }))
    assert.deepStrictEqual(copies.map(({ _tag }) => _tag).sort(), ["Call", "Duplicate"])
    assert.strictEqual(callOf(row({ project_id: undefined })).grouping.trajectoryId, "t1")
  })

  it("takes, with its trace's row, the place of the same one without", () => {
    const rankOf = (found: ReadonlyArray<Found>) => found.flatMap((one) => (one._tag === "Call" ? [one.rank ?? 0] : []))
    const [without = 0] = rankOf(readAll(row()))
    const [together = 0] = rankOf(readAll(row(), trace()))
    const [newer = 0] = rankOf(readAll(row({ updated_at: "2026-08-01 10:00:03.001" })))
    assert.isAbove(together, without)
    assert.isAbove(newer, together)
  })

  it("that comes in several versions counts once, by the latest; a deleted one not at all", () => {
    const newer = row({ output: '{"role":"assistant","content":"better"}', updated_at: "2026-08-01 11:00:00.000" })
    for (const rows of [
      [row(), newer],
      [newer, row()]
    ]) {
      const found = readAll(...rows)
      assert.deepStrictEqual(
        callsIn(found).map((call) => call.response.blocks),
        [[{ type: "text", text: "better" }]]
      )
      assert.lengthOf(
        found.filter((one) => one._tag === "Duplicate"),
        1
      )
    }
    const rank = (found: ReadonlyArray<Found>) =>
      found.flatMap((one) => (one._tag === "Call" ? [one.rank ?? 0] : []))[0]
    assert.isAbove(rank(readAll(newer)) ?? 0, rank(readAll(row())) ?? 0)
    const deleted = readAll(row(), row({ is_deleted: 1, updated_at: "2026-08-02 00:00:00.000" }))
    assert.deepStrictEqual(callsIn(deleted), [])
    assert.strictEqual(others(deleted)["deleted observation"], 1)
  })

  it("inside a generation with the same answer is one call, counted once, with the fuller content", () => {
    const outer = row({
      id: "outer",
      usage_details: { input: 999, output: 9, total: 1008 },
      cost_details: { total: 9 }
    })
    const inner = row({
      id: "inner",
      parent_observation_id: "step",
      input: "system: Be brief.\nuser: hi",
      output:
        '{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":"hello"}}],"usage":{"prompt_tokens":10,"completion_tokens":2,"total_tokens":12}}',
      provided_cost_details: { total: 0.001 }
    })
    const step = row({ id: "step", type: "SPAN", parent_observation_id: "outer" })
    const found = readAll(inner, step, outer)
    const [call, more] = callsIn(found)
    assert.isUndefined(more)
    assert.lengthOf(call?.request.messages ?? [], 2)
    assert.strictEqual(call?.usage.input?.total, 10)
    assert.strictEqual(call?.billed.nanoUsd, "1000000")
    assert.strictEqual(found.filter((one) => one._tag === "Duplicate").length, 1)
    // A score of either is the call's.
    const key = found.flatMap((one) => (one._tag === "Call" ? [one.dedupeKey] : []))[0]
    const [verdict] = verdictsIn(readAll(inner, step, outer, score({ observation_id: "outer" })))
    assert.strictEqual(verdict?.of, key)
  })

  it("around several others that it sums up is no call", () => {
    const call = (id: string, text: string, input: number) =>
      row({
        id,
        parent_observation_id: "outer",
        output: JSON.stringify({ role: "assistant", content: text }),
        usage_details: { input, output: 1, total: input + 1, input_cached_tokens: 0 }
      })
    const outer = row({
      id: "outer",
      output: '"all of it"',
      usage_details: { input: 30, output: 2, total: 32, input_cached_tokens: 0 }
    })
    const found = readAll(outer, call("a", "one", 10), call("b", "two", 20))
    assert.deepStrictEqual(
      callsIn(found).map(({ usage }) => usage.input?.total),
      [10, 20]
    )
    assert.deepStrictEqual(others(found), { "generation around others (triage)": 1 })
  })

  it("is read with input of any shape", () => {
    const messagesOf = (input: unknown) =>
      callOf(row({ input: typeof input === "string" ? input : JSON.stringify(input) })).request.messages.map(
        ({ role, blocks }) => [role, ...blocks.map((block) => block.type)].join(" ")
      )
    assert.deepStrictEqual(
      messagesOf({
        messages: [{ role: "user", content: "x" }],
        tools: [{ type: "function", function: { name: "f" } }]
      }),
      ["user text"]
    )
    assert.deepStrictEqual(
      messagesOf([
        {
          role: "user",
          content: [
            { type: "text", text: "x" },
            { type: "image", image: "https://a.b/c.png" }
          ]
        },
        { role: "assistant", content: [{ type: "tool-call", toolCallId: "c", toolName: "f", input: { a: 1 } }] },
        {
          role: "tool",
          content: [{ type: "tool-result", toolCallId: "c", toolName: "f", output: { type: "text", value: "y" } }]
        }
      ]),
      ["user text image", "assistant tool_use", "tool tool_result"]
    )
    assert.deepStrictEqual(
      messagesOf([
        {
          lc: 1,
          type: "constructor",
          id: ["langchain", "schema", "messages", "SystemMessage"],
          kwargs: { content: "s" }
        },
        {
          lc: 1,
          type: "constructor",
          id: ["langchain", "schema", "messages", "HumanMessage"],
          kwargs: { content: "x" }
        }
      ]),
      ["system text", "user text"]
    )
    assert.deepStrictEqual(messagesOf("just a text"), ["user text"])
    assert.deepStrictEqual(messagesOf(JSON.stringify(JSON.stringify([{ role: "user", content: "twice" }]))), [
      "user text"
    ])
    const anthropic = callOf(
      row({
        input: JSON.stringify({
          model: "claude-opus-4-6",
          max_tokens: 9,
          system: "s",
          messages: [{ role: "user", content: "x" }]
        })
      })
    )
    assert.strictEqual(anthropic.request.wire, "anthropic.messages")
    assert.strictEqual(anthropic.fidelity.grade, "A")
  })

  it("loses fidelity by what was logged: a bare text is C, no content is D", () => {
    const grade = (more: object) => callOf(row(more)).fidelity.grade
    assert.strictEqual(grade({ input: "system: Be brief.\nuser: hi" }), "C")
    assert.strictEqual(grade({ output: null }), "C")
    assert.strictEqual(grade({ input: undefined, output: undefined }), "D")
    const tools = {
      get_weather: '{"description":"d","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}'
    }
    const call = callOf(row({ tool_definitions: tools }))
    assert.strictEqual(call.request.tools?.[0]?.name, "get_weather")
    assert.strictEqual(call.fidelity.parts["tools"], "verbatim")
  })

  it("keeps tool definitions that LangChain's handler put among the messages as tools", () => {
    const definition = { type: "function", function: { name: "search", parameters: { type: "object" } } }
    const call = callOf(
      row({
        input: JSON.stringify([
          { role: "user", content: "x" },
          { role: "tool", content: definition }
        ])
      })
    )
    assert.deepStrictEqual(
      call.request.messages.map(({ role }) => role),
      ["user"]
    )
    assert.strictEqual(call.request.tools?.[0]?.name, "search")
  })

  it("counts cached input and reasoning beside or inside, as the names and the total tell", () => {
    const usage = (details: object) => callOf(row({ usage_details: details, cost_details: {} })).usage
    // Langfuse's own names stand beside input and output.
    assert.deepStrictEqual(
      usage({ input: 36, input_cached_tokens: 64, output: 20, output_reasoning_tokens: 30, total: 150 }),
      {
        basis: "reported",
        input: { total: 100, uncached: 36, cacheRead: 64, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 },
        output: { total: 50, text: 20, reasoning: 30 },
        raw: { input: 36, input_cached_tokens: 64, output: 20, output_reasoning_tokens: 30, total: 150 }
      }
    )
    const written = usage({
      input: 7,
      input_cache_creation_5m: 20,
      input_cache_creation_1h: 3,
      input_cache_creation: 0,
      output: 5
    })
    assert.deepInclude(written.input, { total: 30, cacheWrite5m: 20, cacheWrite1h: 3, cacheWriteOther: 0 })
    // OpenInference's stand inside.
    const inside = usage({
      input: 100,
      "prompt_details.cache_read": 64,
      output: 50,
      "completion_details.reasoning": 30,
      total: 150
    })
    assert.deepInclude(inside.input, { total: 100, uncached: 36, cacheRead: 64 })
    assert.deepStrictEqual(inside.output, { total: 50, text: 20, reasoning: 30 })
    // A total wins over the names.
    const told = usage({ input: 100, input_cached_tokens: 64, output: 20, total: 120 })
    assert.strictEqual(told.input?.total, 100)
    assert.match(told.diagnostics?.[0] ?? "", /the total shows/)
    // What Langfuse counted itself is an estimate.
    const counted = usage({ input: 36, output: 20, total: 56 })
    assert.strictEqual(counted.basis, "estimated")
    assert.isNull(callOf(row({ usage_details: {} })).usage.input)
  })

  it("is billed what the application said, else what Langfuse worked out of the same counts; 0 of nothing is no cost", () => {
    const billed = (more: object) => callOf(row(more)).billed.nanoUsd
    assert.strictEqual(billed({ provided_cost_details: { total: "0.0000000015" } }), "2")
    assert.strictEqual(billed({ cost_details: {}, total_cost: 0 }), null)
    assert.strictEqual(billed({ cost_details: { total: 0 } }), "0")
    const other = callOf(
      row({
        output:
          '{"choices":[{"message":{"role":"assistant","content":"x"}}],"usage":{"prompt_tokens":1,"completion_tokens":1}}'
      })
    )
    assert.strictEqual(other.billed.nanoUsd, null)
    assert.isTrue(other.fidelity.notes.some((note) => note.includes("other token counts")))
  })

  it("that failed is a call with its error", () => {
    const call = callOf(row({ level: "ERROR", status_message: "401 Incorrect key sk-abcdefgh1234", output: null }))
    assert.deepStrictEqual(call.response.error, { type: "error", message: "401 Incorrect key sk-abcdefgh1234" })
    assert.isFalse(call.response.complete)
    assert.strictEqual(call.fidelity.parts["response"], "verbatim")
  })

  it("has the agent that it lies in", () => {
    const agent = row({ id: "a", type: "AGENT", name: "planner" })
    assert.strictEqual(callOf(agent, row({ parent_observation_id: "a" })).grouping.agent, "planner")
  })
})

describe("scores of Langfuse", () => {
  it("become signals of the call, the trace or the session, by whom they are", () => {
    const key = "langfuse:p1/t1:o1"
    const found = readAll(
      row(),
      score(),
      score({ id: "2", source: "EVAL", name: "toxicity", value: "0.2", data_type: "NUMERIC" }),
      score({ id: "3", source: "ANNOTATION", name: "tone", value: 0, string_value: "warm", data_type: "CATEGORICAL" }),
      score({ id: "4", source: "API", name: "schema-valid", value: 0, data_type: "BOOLEAN" }),
      score({ id: "5", observation_id: null }),
      score({ id: "6", observation_id: null, trace_id: null, session_id: "s9" }),
      score({ id: "7", data_type: "CORRECTION", long_string_value: "better" })
    )
    assert.deepStrictEqual(
      verdictsIn(found).map(({ of, signal: { name, scope, source, value } }) => [of, scope, name, value, source]),
      [
        [key, "call", "user-feedback", true, "human"],
        [key, "call", "toxicity", 0.2, "llm-judge"],
        [key, "call", "tone", "warm", "human"],
        [key, "call", "schema-valid", false, "system"],
        ["p1/t1", "trajectory", "user-feedback", true, "human"],
        ["s9", "session", "user-feedback", true, "human"]
      ]
    )
    assert.strictEqual(found.find((one) => one._tag === "Call")?.dedupeKey, key)
    assert.deepStrictEqual(others(found), { score: 6, "score without a judgement": 1 })
  })
})

describe("the reading of a Langfuse export", () => {
  it("takes documents of a trace and pages of the API, and settles a document at once", () => {
    const session = langfuse.start({})
    const reader = session.open("trace.json")
    const document = {
      trace: { ...trace(), observations: [{ ...row(), input: null, output: null }] },
      observations: [row()]
    }
    const found = reader.line({ line: 1, json: document })
    assert.lengthOf(callsIn(found), 1)
    assert.lengthOf(callsIn(found)[0]?.request.messages ?? [], 2)
    assert.deepStrictEqual(session.end(), [])
    assert.lengthOf(callsIn(readAll({ data: [row(), row({ id: "o2" })], meta: { page: 1 } })), 2)
    assert.lengthOf(callsIn(readAll({ ...trace(), observations: [{ ...row(), trace_id: undefined }] })), 1)
  })

  it("counts what is no call, and skips with a reason what should have been one", () => {
    const found = readAll(
      row({ id: "s", type: "SPAN" }),
      { type: "generation-create", body: {}, id: "e" },
      row({ id: null }),
      row({ id: "e", input: null, output: null, usage_details: {} }),
      7,
      { odd: 1 }
    )
    assert.deepStrictEqual(others(found), { span: 1, "other row": 1 })
    assert.deepStrictEqual(
      found.flatMap((one) => (one._tag === "Skip" ? [one.line] : [])),
      [2, 3, 5, 4]
    )
  })

  it("says of traces without an observation that they add nothing alone", () => {
    const lone = { ...trace({ id: "t9" }), project_id: undefined }
    assert.isTrue(langfuse.sniff({ file: "traces.jsonl", first: [lone] }))
    const found = readAll(lone, trace(), row())
    assert.deepStrictEqual(others(found), { trace: 1, "trace without its calls: import both together": 1 })
    assert.isFalse(langfuse.sniff({ file: "a.jsonl", first: [{ id: "1", timestamp: "2026-08-01", tags: [] }] }))
  })

  it("holds only so much: what was quiet for longest is settled first", () => {
    const session = langfuse.start({})
    const reader = session.open("big.jsonl")
    const text = "x".repeat(15_000_000)
    const big = (at: number) => row({ id: `o${at}`, trace_id: `t${at}`, input: text })
    assert.deepStrictEqual(callsIn(reader.line({ line: 1, json: big(1) })), [])
    const settled = callsIn(reader.line({ line: 2, json: big(2) }))
    assert.deepStrictEqual(
      settled.map((call) => call.grouping.trajectoryId),
      ["p1/t1"]
    )
    // A trace that was read before them keeps its row, however much comes in between; one that comes too late is counted as such.
    assert.deepStrictEqual(reader.line({ line: 3, json: trace({ id: "t1" }) }), [
      { _tag: "Other", type: "trace that came after its calls" }
    ])
    reader.line({ line: 4, json: trace({ id: "t3" }) })
    reader.line({ line: 5, json: big(3) })
    const last = callsIn(session.end())
    assert.deepStrictEqual(
      last.map((call) => [call.grouping.trajectoryId, call.grouping.sessionId]),
      [["p1/t3", "s1"]]
    )
  })

  it("never throws on rows of the wrong kinds, and pollutes nothing", () => {
    const rows = [row(), trace(), score(), { trace: trace(), observations: [row(), row({ id: "s", type: "SPAN" })] }]
    for (let seed = 0; seed < 600; seed++) {
      const found = readAll(...rows.map((one, index) => mutated(one, seed * 7 + index)))
      for (const call of callsIn(found)) Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call)))
    }
    assert.isUndefined(({} as { polluted?: unknown }).polluted)
  })
})

const samples = join(import.meta.dirname, "../../../../shared/data/formats")
const read = (path: string) => readAll(JSON.parse(readFileSync(join(samples, path), "utf8")))
const usageOf = (calls: ReadonlyArray<ArchivedCall>) =>
  calls.map(({ usage }) => [usage.input?.total, usage.output?.total, usage.output?.reasoning])
const gradesOf = (calls: ReadonlyArray<ArchivedCall>) => calls.map(({ fidelity }) => fidelity.grade).join("")

describe.skipIf(!existsSync(samples))("recorded traces from Langfuse [needs ../shared]", () => {
  it("agno: two calls, each logged by two libraries", () => {
    const found = read("langfuse/agno-2025-06-11.trace.json")
    const calls = callsIn(found)
    // jq -c '[.observations[].type]|group_by(.)|map({(.[0]):length})|add' → {"GENERATION":4,"SPAN":2}; each `chat gpt-4o-mini` lies in an `OpenAIChat.invoke`:
    // jq -c '[.observations[]|select(.name=="chat gpt-4o-mini")|[.startTime,.id,.parentObservationId,.providedCostDetails.total]]|sort'
    //   → ["…32.606Z","1f883bb9668167c0","ca136de468e156c9",3.645e-05], ["…34.296Z","fc7f61b57ecebbaf","b38a82eaa62b551e",0.000234449999]
    assert.deepStrictEqual(
      calls.map(({ provenance }) => [provenance.native["observationId"], provenance.native["outerObservationId"]]),
      [
        ["1f883bb9668167c0", "ca136de468e156c9"],
        ["fc7f61b57ecebbaf", "b38a82eaa62b551e"]
      ]
    )
    assert.strictEqual(found.filter((one) => one._tag === "Duplicate").length, 2)
    assert.deepStrictEqual(others(found), { span: 2, trace: 1 })
    // jq -c '[.observations[]|select(.name=="OpenAIChat.invoke")|.output|fromjson|.usage|[.prompt_tokens,.completion_tokens,.completion_tokens_details.reasoning_tokens]]' → [[663,225,0],[163,20,0]]
    assert.deepStrictEqual(usageOf(calls), [
      [163, 20, 0],
      [663, 225, 0]
    ])
    assert.deepStrictEqual(
      calls.map(({ billed }) => billed.nanoUsd),
      ["36450", "234450"]
    )
    // jq -c '[.observations[]|select(.name=="OpenAIChat.invoke")|.metadata|fromjson|.attributes|[to_entries[]|select(.key|test("input_messages.*role"))|[.key,.value]]]'
    //   → the second has 0 system, 1 user, 3 tool: the assistant's message, number 2, was not recorded.
    assert.strictEqual(gradesOf(calls), "BC")
    assert.strictEqual(calls[1]?.fidelity.parts["history"], "partial")
    assert.deepStrictEqual(
      calls.map(({ request }) => request.tools?.map(({ name }) => name)),
      [
        ["duckduckgo_search", "duckduckgo_news"],
        ["duckduckgo_search", "duckduckgo_news"]
      ]
    )
    assert.strictEqual(calls[0]?.response.stopReason, "tool_use")
    assert.strictEqual(calls[0]?.grouping.sessionId, "35cc6c90-b657-4819-b66c-c931c03ad569")
  })

  it("Claude's agent SDK: a span a block, its history lost", () => {
    const found = read("langfuse/claude-agent-2025-12-22.trace.json")
    const calls = callsIn(found)
    // jq -c '[.observations[]|select(.type=="GENERATION")|[.startTime,(.input|fromjson|.content),(.output|fromjson|.content[0].type),.usageDetails.input,.usageDetails.output]]|sort'
    //   → […"What's the weather…","text",19,29], […"role","tool_use",5,53], […"role","tool_use",5,56], […"role","text",5,94]; no attribute has usage
    assert.deepStrictEqual(usageOf(calls), [
      [19, 29, null],
      [5, 53, null],
      [5, 56, null],
      [5, 94, null]
    ])
    assert.isTrue(calls.every(({ usage }) => usage.basis === "estimated"))
    assert.strictEqual(gradesOf(calls), "CDDD")
    assert.deepStrictEqual(
      calls.map(({ request }) => request.messages.length),
      [1, 0, 0, 0]
    )
    assert.deepStrictEqual(others(found), { span: 1, tool: 2, trace: 1, score: 3 })
    // jq '.trace.scores|length' → 3, all of the trace
    assert.strictEqual(verdictsIn(found).length, 3)
    assert.isTrue(
      verdictsIn(found).every(
        ({ of, signal }) => of.endsWith("/097f1d8982fa909b8cffb14a166ec272") && signal.source === "llm-judge"
      )
    )
  })

  it("LangGraph for JavaScript: a tool's answer under its name finds its call", () => {
    const found = read("langfuse/langgraph-js-2025-10-30.trace.json")
    const calls = callsIn(found)
    // jq -c '[.observations[]|select(.type=="GENERATION")|[.startTime,(.input|fromjson|map(.role)),.usageDetails.input,.usageDetails.output_reasoning,.usageDetails.output,.usageDetails.total]]|sort'
    //   → [["user"],142,0,24,166], [["user","assistant","get_weather"],179,64,35,278]: 278 = 179 + 35 + 64, so reasoning stands beside the output
    assert.deepStrictEqual(usageOf(calls), [
      [142, 24, 0],
      [179, 99, 64]
    ])
    assert.strictEqual(gradesOf(calls), "BB")
    assert.strictEqual(calls[1]?.fidelity.parts["history"], "reconstructed")
    const result = calls[1]?.request.messages[2]?.blocks[0]
    assert.strictEqual(result?.type === "tool_result" ? result.toolUseId : "", "call_VEZJgIQLgzcb80IIyQJm7JCi")
    // jq -c '[.observations[].type]|group_by(.)|map({(.[0]):length})|add' → {"GENERATION":2,"SPAN":18}; jq '.trace.scores|length' → 2
    assert.deepStrictEqual(others(found), { span: 18, trace: 1, score: 2 })
  })

  it("OpenAI's agents: the answer gives instructions, tools and parameters back", () => {
    const found = read("langfuse/openai-agents-2025-09-30.trace.json")
    const calls = callsIn(found)
    // jq -c '[.observations[]|select(.type=="GENERATION")|[.startTime,(.output|fromjson|[.usage.input_tokens,.usage.output_tokens,(.tools|map(.name)),.instructions,(.output|map(.type))])]]|sort'
    //   → [55,15,["get_weather"],"You are a helpful agent.",["function_call"]], [85,29,["get_weather"],"You are a helpful agent.",["message"]]
    assert.deepStrictEqual(usageOf(calls), [
      [55, 15, 0],
      [85, 29, 0]
    ])
    assert.strictEqual(gradesOf(calls), "BB")
    for (const call of calls) {
      assert.strictEqual(call.fidelity.parts["params"], "reconstructed")
      assert.strictEqual(call.request.tools?.[0]?.strict, true)
      assert.deepStrictEqual(call.request.messages[0]?.blocks, [{ type: "text", text: "You are a helpful agent." }])
      assert.strictEqual(call.grouping.agent, "Hello world")
    }
    assert.deepStrictEqual(
      calls[1]?.request.messages.map(({ role }) => role),
      ["system", "user", "assistant", "tool"]
    )
    assert.deepStrictEqual(others(found), { agent: 2, tool: 1, trace: 1, score: 2 })
  })

  it("koog: tool calls inside the content are calls made at once", () => {
    const found = read("otel-genai/koog-2025-08-26.trace.json")
    const calls = callsIn(found)
    // jq -c '[.observations[]|select(.type=="GENERATION")|[.startTime,.usageDetails.input,.usageDetails.output,(.metadata|fromjson|.attributes|[to_entries[]|select(.key|test("completion.*content"))|.value|fromjson? // "text"|if type=="array" then .[0].function.name else . end])]]|sort'
    //   → [47,106,["HelloTool","ByeTool"]], [168,19,["text"]]; no attribute has usage, so Langfuse counted
    assert.deepStrictEqual(usageOf(calls), [
      [47, 106, null],
      [168, 19, null]
    ])
    assert.isTrue(calls.every(({ usage }) => usage.basis === "estimated"))
    assert.deepStrictEqual(
      calls[0]?.response.blocks.map((block) => (block.type === "tool_use" ? block.name : block.type)),
      ["HelloTool", "ByeTool"]
    )
    assert.isUndefined(calls[0]?.response.alternatives)
    assert.deepStrictEqual(
      calls[1]?.request.messages.map(({ role }) => role),
      ["system", "user", "assistant", "tool", "assistant", "tool"]
    )
    assert.strictEqual(gradesOf(calls), "BB")
    assert.deepStrictEqual(others(found), { agent: 2, span: 7, trace: 1 })
  })

  it("Pydantic AI: events in an attribute; the agent around it is not counted", () => {
    const found = read("otel-genai/pydantic-ai-2025-06-06.trace.json")
    const calls = callsIn(found)
    // jq -c '.observations[]|select(.type=="GENERATION")|.metadata|fromjson|.attributes|[."gen_ai.usage.input_tokens",."gen_ai.usage.output_tokens",."gen_ai.response.model"]' → ["31","96","gpt-4o-2024-08-06"]
    assert.deepStrictEqual(usageOf(calls), [[31, 96, null]])
    assert.strictEqual(calls[0]?.usage.basis, "reported")
    assert.strictEqual(calls[0]?.response.model, "gpt-4o-2024-08-06")
    assert.deepStrictEqual(calls[0]?.request.tools, [])
    assert.strictEqual(gradesOf(calls), "B")
    // jq -c '.trace|[.sessionId,.userId,.tags]' → ["session_abc","user_123",["dev","pydantic-ai"]]
    assert.strictEqual(calls[0]?.grouping.sessionId, "session_abc")
    assert.deepInclude(calls[0]?.labels, { endUser: "user_123", tags: "dev,pydantic-ai" })
    assert.deepStrictEqual(others(found), { span: 2, trace: 1 })
  })

  it("Google's Gemini through OpenInference: the whole request, thinking beside the answer", () => {
    const found = read("openinference/google-gemini-2025-08-01.trace.json")
    const calls = callsIn(found)
    // jq -c '.observations[]|(.output|fromjson|.usage_metadata|[.prompt_token_count,.candidates_token_count,.thoughts_token_count,.total_token_count])' → [6,951,1104,2061]
    assert.deepStrictEqual(usageOf(calls), [[6, 951 + 1104, 1104]])
    // jq -c '.observations[].input' → {"model": "gemini-2.5-flash", "contents": "What is Langfuse?"}: all that was asked
    assert.strictEqual(gradesOf(calls), "A")
    assert.strictEqual(calls[0]?.request.wire, "google.generate")
    assert.deepStrictEqual(calls[0]?.request.messages, [
      { role: "user", blocks: [{ type: "text", text: "What is Langfuse?" }] }
    ])
    assert.strictEqual(calls[0]?.response.stopReason, "end")
    assert.deepStrictEqual(others(found), { trace: 1, score: 2 })
  })

  it("the AI SDK: doGenerate counts, generateText around it does not", () => {
    const found = read("vercel-ai-sdk/vercel-aisdk-2025-11-17.trace.json")
    const calls = callsIn(found)
    // jq -c '.observations[]|select(.name|endswith("doGenerate"))|.metadata|fromjson|.attributes|[."gen_ai.usage.input_tokens",."gen_ai.usage.output_tokens",."ai.response.id"]' → ["62","85","resp_097184780dc1e1bc00691b3756e6848195a954cd789a29c378"]
    assert.deepStrictEqual(usageOf(calls), [[62, 85, null]])
    assert.strictEqual(calls[0]?.response.id, "resp_097184780dc1e1bc00691b3756e6848195a954cd789a29c378")
    assert.strictEqual(calls[0]?.response.stopReason, "tool_use")
    assert.strictEqual(calls[0]?.request.tools?.[0]?.name, "getWeather")
    assert.deepStrictEqual(calls[0]?.request.toolChoice, { mode: "auto" })
    assert.strictEqual(calls[0]?.request.provider, "openai")
    assert.strictEqual(gradesOf(calls), "B")
    assert.deepStrictEqual(others(found), { "ai.generateText": 1, tool: 1, trace: 1, score: 2 })
  })
})
