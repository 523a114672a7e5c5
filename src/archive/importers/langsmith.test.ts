import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import { mutated } from "../../testing/mutations.ts"
import type { Found } from "../contract.ts"
import { sniff } from "../sniff.ts"
import { langsmith } from "./langsmith.ts"

const readAll = (...lines: ReadonlyArray<unknown>): ReadonlyArray<Found> => {
  const session = langsmith.start({})
  const reader = session.open("runs.jsonl")
  const found = lines.flatMap((json, index) => reader.line({ line: index + 1, json }))
  return [...found, ...reader.end(), ...session.end()]
}
const callsIn = (found: ReadonlyArray<Found>) => found.flatMap((one) => (one._tag === "Call" ? [one.call] : []))
const callOf = (...lines: ReadonlyArray<unknown>): ArchivedCall => {
  const [call] = callsIn(readAll(...lines))
  assert.isDefined(call)
  return call
}
const others = (found: ReadonlyArray<Found>) => {
  const counts: { [type: string]: number } = {}
  for (const one of found) if (one._tag === "Other") counts[one.type] = (counts[one.type] ?? 0) + (one.count ?? 1)
  return counts
}

const lc = (kind: string, kwargs: object) => ({
  lc: 1,
  type: "constructor",
  id: ["langchain", "schema", "messages", kind],
  kwargs
})
const tools = [{ type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } }]
/** A run as the API lists it. */
const run = (more: object = {}) => ({
  id: "r1",
  trace_id: "r0",
  parent_run_id: "r0",
  dotted_order: "20260801T100000000000Zr0.20260801T100000100000Zr1",
  session_id: "project-1",
  name: "ChatOpenAI",
  run_type: "llm",
  start_time: "2026-08-01T10:00:00.100",
  end_time: "2026-08-01T10:00:02.100",
  first_token_time: "2026-08-01T10:00:00.500",
  inputs: {
    messages: [[lc("SystemMessage", { content: "Be brief." }), lc("HumanMessage", { content: "hi", type: "human" })]]
  },
  outputs: {
    generations: [
      [
        {
          text: "hello",
          message: lc("AIMessage", {
            content: "hello",
            tool_calls: [],
            id: "run-1",
            usage_metadata: {
              input_tokens: 8,
              output_tokens: 5,
              total_tokens: 13,
              input_token_details: { cache_read: 6 },
              output_token_details: { reasoning: 3 }
            },
            response_metadata: { model_name: "gpt-4o-2024-08-06", finish_reason: "stop", id: "chatcmpl-1" }
          })
        }
      ]
    ]
  },
  extra: {
    invocation_params: { model: "gpt-4o", temperature: 0.2, stop: null, _type: "openai-chat", tools },
    metadata: {
      ls_provider: "openai",
      ls_model_name: "gpt-4o",
      session_id: "chat-1",
      user_id: "ana",
      team: "payments"
    },
    runtime: { sdk: "langsmith-py", sdk_version: "0.1.131" }
  },
  status: "success",
  error: null,
  prompt_tokens: 8,
  completion_tokens: 5,
  total_tokens: 13,
  total_cost: 0.00003,
  feedback_stats: {
    user_score: { n: 1, avg: 1 },
    tone: { n: 1, avg: null, values: { warm: 1 } },
    empty: { n: 0, avg: null }
  },
  tags: ["triage", "seq:step:1"],
  ...more
})

describe("a run of LangSmith", () => {
  it("becomes a call with messages, tools, parameters, usage, cost and feedback, valid by the schema", () => {
    const call = callOf(run())
    assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
    assert.deepStrictEqual(
      call.request.messages.map(({ blocks, role }) => [role, blocks]),
      [
        ["system", [{ type: "text", text: "Be brief." }]],
        ["user", [{ type: "text", text: "hi" }]]
      ]
    )
    assert.strictEqual(call.request.model, "gpt-4o")
    assert.strictEqual(call.request.provider, "openai")
    assert.deepStrictEqual(call.request.params, { temperature: 0.2 })
    assert.strictEqual(call.request.tools?.[0]?.name, "f")
    assert.deepStrictEqual(call.response.blocks, [{ type: "text", text: "hello" }])
    assert.strictEqual(call.response.id, "chatcmpl-1")
    assert.strictEqual(call.response.model, "gpt-4o-2024-08-06")
    assert.strictEqual(call.response.stopReason, "end")
    assert.deepInclude(call.usage.input, { total: 8, uncached: 2, cacheRead: 6 })
    assert.deepStrictEqual(call.usage.output, { total: 5, text: 2, reasoning: 3 })
    assert.deepStrictEqual(call.billed, { nanoUsd: "30000", basis: "client-estimate", billing: "metered" })
    assert.deepStrictEqual(call.timing, {
      startedAt: "2026-08-01T10:00:00.100Z",
      endedAt: "2026-08-01T10:00:02.100Z",
      latencyMs: 2000,
      ttftMs: 400,
      basis: "reported"
    })
    assert.deepStrictEqual(call.signals, [
      { name: "user_score", value: 1, source: "human", scope: "call" },
      { name: "tone", value: "warm", source: "human", scope: "call" }
    ])
    assert.deepStrictEqual(call.grouping, { sessionId: "chat-1", trajectoryId: "r0", stepIndex: 0, attempt: 0 })
    assert.deepInclude(call.labels, {
      endUser: "ana",
      team: "payments",
      tags: "triage",
      projectId: "project-1",
      name: "ChatOpenAI"
    })
    assert.deepStrictEqual(call.provenance.producer, { name: "langsmith-py", version: "0.1.131" })
    assert.strictEqual(call.fidelity.grade, "A")
  })

  it("comes in two parts, in either order, a patch without its id too", () => {
    const { end_time, outputs, ...beginning } = run({ id: "r1" })
    const ending = { end_time, outputs, dotted_order: beginning.dotted_order, trace_id: "r0" }
    for (const lines of [
      [{ post: [beginning], patch: [ending] }],
      [{ post: [beginning] }, { patch: [ending] }],
      [{ patch: [ending] }, { post: [beginning] }],
      [beginning, ending]
    ]) {
      const found = readAll(...lines)
      const [call, more] = callsIn(found)
      assert.isUndefined(more)
      assert.deepStrictEqual(
        call?.response.blocks,
        [{ type: "text", text: "hello" }],
        JSON.stringify(lines).slice(0, 60)
      )
      assert.strictEqual(call?.id, callOf(run()).id)
      assert.strictEqual(found.length, 1)
    }
  })

  it("of which only the end is there is skipped with the reason", () => {
    const [found] = readAll({ patch: [{ id: "r1", end_time: 1785578402000, outputs: {}, trace_id: "r0" }] })
    assert.deepStrictEqual(
      found?._tag === "Skip" ? found.reason : "",
      "a part of a run whose beginning is in none of the files"
    )
  })

  it("that is no call is counted by its type: parents carry the sums of what lies in them", () => {
    const parent = run({
      id: "r0",
      parent_run_id: null,
      dotted_order: "20260801T100000000000Zr0",
      run_type: "chain",
      name: "LangGraph",
      prompt_tokens: 900
    })
    const tool = run({ id: "r2", run_type: "tool", name: "search" })
    const found = readAll(parent, tool, run())
    assert.lengthOf(callsIn(found), 1)
    assert.deepStrictEqual(others(found), { "run: chain": 1, "run: tool": 1 })
    assert.strictEqual(callsIn(found)[0]?.grouping.agent, "LangGraph")
  })

  it("inside a run with the same answer, or exported twice, counts once", () => {
    const inner = run({
      id: "r2",
      parent_run_id: "r1",
      inputs: { model: "gpt-4o", messages: [{ role: "user", content: "hi" }] },
      outputs: {
        id: "chatcmpl-1",
        choices: [{ message: { role: "assistant", content: "hello" }, finish_reason: "stop" }],
        usage_metadata: { input_tokens: 8, output_tokens: 5, total_tokens: 13 }
      }
    })
    const found = readAll(run(), inner, run())
    assert.lengthOf(callsIn(found), 1)
    assert.strictEqual(callsIn(found)[0]?.provenance.native["runId"], "r2")
    assert.lengthOf(
      found.filter((one) => one._tag === "Duplicate"),
      2
    )
  })

  it("of a wrapped client is the body as it was sent", () => {
    const openai = callOf(
      run({
        extra: { metadata: { ls_provider: "openai" } },
        inputs: {
          model: "gpt-4o",
          messages: [{ role: "user", content: "hi" }],
          temperature: 0.1,
          extra_headers: null,
          seed: 7
        },
        outputs: {
          choices: [
            { message: { role: "assistant", content: "hello", tool_calls: null, refusal: null }, finish_reason: "stop" }
          ],
          usage_metadata: { input_tokens: 8, output_tokens: 5 }
        }
      })
    )
    assert.strictEqual(openai.request.wire, "openai.chat")
    assert.deepStrictEqual(openai.request.params, { temperature: 0.1, seed: 7 })
    assert.deepStrictEqual(openai.request.tools, [])
    assert.strictEqual(openai.usage.input?.total, 8)
    assert.strictEqual(openai.fidelity.grade, "A")
    const anthropic = callOf(
      run({
        extra: { metadata: { ls_provider: "anthropic" } },
        inputs: {
          model: "claude-opus-4-6",
          max_tokens: 9,
          system: "Be brief.",
          messages: [{ role: "user", content: "hi" }]
        },
        outputs: {
          id: "msg_1",
          type: "message",
          role: "assistant",
          content: [{ type: "text", text: "hello" }],
          stop_reason: "end_turn",
          usage: { input_tokens: 3, cache_read_input_tokens: 20, output_tokens: 5 }
        }
      })
    )
    assert.strictEqual(anthropic.request.wire, "anthropic.messages")
    assert.strictEqual(anthropic.usage.input?.total, 23)
    const message = callOf(
      run({
        outputs: {
          message: { role: "assistant", content: [{ type: "text", text: "hello" }], stop_reason: "max_tokens" }
        }
      })
    )
    assert.strictEqual(message.response.stopReason, "length")
    const gemini = callOf(
      run({ extra: {}, inputs: { model: "gemini-2.5-flash", contents: [{ role: "user", parts: [{ text: "hi" }] }] } })
    )
    assert.strictEqual(gemini.request.wire, "google.generate")
  })

  it("whose counts stand elsewhere is counted all the same; zeroes of a run that knows nothing are no counts", () => {
    const usage = (outputs: object, more: object = {}) => callOf(run({ outputs, ...more })).usage
    const generations = [[{ text: "hello" }]]
    const llm = usage({
      generations,
      llm_output: { token_usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } }
    })
    assert.deepStrictEqual([llm.input?.total, llm.output?.total], [7, 3])
    const js = usage({
      generations,
      llmOutput: { tokenUsage: { promptTokens: 7, completionTokens: 3, totalTokens: 10 } }
    })
    assert.deepStrictEqual([js.input?.total, js.output?.total], [7, 3])
    const own = usage(
      { generations },
      { prompt_token_details: { cache_read: 6 }, completion_token_details: { reasoning: 3 } }
    )
    assert.deepStrictEqual([own.input?.total, own.input?.cacheRead, own.output?.reasoning], [8, 6, 3])
    assert.isNull(usage({ generations }, { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }).input)
  })

  it("puts pieces of a stream together", () => {
    const piece = (content: string) => ({
      object: "chat.completion.chunk",
      choices: [{ index: 0, delta: { content } }]
    })
    const call = callOf(run({ outputs: { output: [piece("hel"), piece("lo")] } }))
    assert.deepStrictEqual(call.response.blocks, [{ type: "text", text: "hello" }])
    assert.strictEqual(call.fidelity.parts["response"], "reconstructed")
  })

  it("that failed is a call with its error, without traceback", () => {
    const error = "RateLimitError('Error code: 429 for sk-abcdefgh1234')Traceback (most recent call last):\n  File x.py"
    const call = callOf(run({ error, outputs: null, status: "error" }))
    assert.deepStrictEqual(call.response.error, {
      type: "RateLimitError",
      message: "RateLimitError('Error code: 429 for sk-abcdefgh1234')"
    })
  })

  it("says where LangSmith keeps what the export does not hold, and has tables' JSON columns read", () => {
    const call = callOf(run({ inputs: {}, inputs_s3_urls: { ROOT: { s3_url: "x" } } }))
    assert.strictEqual(call.fidelity.grade, "D")
    assert.isTrue(call.fidelity.notes.some((note) => note.includes("file of its own")))
    const table = Object.fromEntries(
      Object.entries(run()).map(([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : value])
    )
    const written = callOf(table)
    assert.deepStrictEqual(written.request, callOf(run()).request)
    assert.deepStrictEqual(written.signals, callOf(run()).signals)
  })
})

describe("the reading of a LangSmith export", () => {
  it("skips with a reason what is no run", () => {
    const found = readAll(["client.beta.sessions.create", {}], 7, run({ id: null, dotted_order: null }), { odd: 1 })
    assert.deepStrictEqual(
      found.flatMap((one) => (one._tag === "Skip" ? [one.reason] : [])),
      ["a recorded call of an SDK, which is no run of LangSmith", "not a JSON object", "a run without an id"]
    )
    assert.deepStrictEqual(others(found), { "other object": 1 })
  })

  it("never throws on runs of the wrong kinds, and pollutes nothing", () => {
    const lines = [
      run(),
      { post: [run({ id: "r2" })], patch: [run({ id: "r2" })] },
      run({ id: "r0", run_type: "chain" })
    ]
    for (let seed = 0; seed < 500; seed++) {
      const found = readAll(...lines.map((one, index) => mutated(one, seed * 5 + index)))
      for (const call of callsIn(found)) Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call)))
    }
    assert.isUndefined(({} as { polluted?: unknown }).polluted)
  })
})

const samples = join(import.meta.dirname, "../../../../shared/data/formats/langsmith")
const read = (path: string) => readFileSync(join(samples, path), "utf8")

describe.skipIf(!existsSync(samples))("recorded runs of LangSmith [needs ../shared]", () => {
  it("Python's wrapped client: one call of a post and a patch", () => {
    const json: unknown = JSON.parse(read("langsmith_py_wrap_openai_.json"))
    assert.isTrue(langsmith.sniff({ file: "x", first: [json] }))
    const found = readAll(json)
    const [call, more] = callsIn(found)
    assert.isUndefined(more)
    assert.lengthOf(found, 1)
    // jq -c '.patch[0].outputs|[.usage_metadata.input_tokens,.usage_metadata.output_tokens,.model,.choices[0].message.content,.choices[0].finish_reason]'
    //   → [9,9,"gpt-4o-mini-2024-07-18","Howdy! How can I assist you today?","stop"]
    assert.deepStrictEqual([call?.usage.input?.total, call?.usage.output?.total], [9, 9])
    assert.strictEqual(call?.response.model, "gpt-4o-mini-2024-07-18")
    assert.deepStrictEqual(call?.response.blocks, [{ type: "text", text: "Howdy! How can I assist you today?" }])
    assert.strictEqual(call?.response.stopReason, "end")
    // jq -c '[.post[0].inputs|keys,.post[0].start_time,.patch[0].end_time]' → messages, model, stream (false) and three nulls; 20:58:23.298773, 20:58:24.417106
    assert.deepStrictEqual(call?.request.params, { stream: false })
    assert.strictEqual(call?.timing.latencyMs, 1118.333)
    assert.strictEqual(call?.fidelity.grade, "A")
  })

  it("JavaScript's wrapped stream: times in milliseconds, a patch without its id, a choice for a reason", () => {
    const [call, more] = callsIn(readAll(JSON.parse(read("langsmith_js_wrap_openai_stream.json"))))
    assert.isUndefined(more)
    // jq -c '[.post[0].id,.patch[0].id,.post[0].start_time,.patch[0].end_time,(.patch[0].outputs.choices[0].finish_reason|type)]'
    //   → ["33c08c32-435c-4788-b973-b5bee4a31f87",null,1728803135809,1728803136663,"object"]
    assert.strictEqual(call?.provenance.native["runId"], "33c08c32-435c-4788-b973-b5bee4a31f87")
    assert.strictEqual(call?.timing.latencyMs, 1728803136663 - 1728803135809)
    // python3 -c 'import datetime; print(datetime.datetime.fromtimestamp(1728803135.809, datetime.UTC).isoformat())' → 2024-10-13T07:05:35.809000+00:00
    assert.strictEqual(call?.timing.startedAt, "2024-10-13T07:05:35.809Z")
    assert.strictEqual(call?.response.stopReasonRaw, "stop")
    // jq -c '.patch[0].outputs.usage_metadata|[.input_tokens,.output_tokens,.output_token_details.reasoning]' → [9,9,0]
    assert.deepStrictEqual(
      [call?.usage.input?.total, call?.usage.output?.total, call?.usage.output?.reasoning],
      [9, 9, 0]
    )
    assert.strictEqual(call?.request.params.stream, true)
    assert.strictEqual(call?.fidelity.grade, "A")
  })

  it("calls of Anthropic's SDK that were recorded beside them are named, and skipped", () => {
    const lines: ReadonlyArray<unknown> = read("anthropic_managed_custom_tools.jsonl")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line))
    const sniffed = sniff({ file: "x.jsonl", first: lines })
    assert.strictEqual(sniffed._tag, "Unread")
    assert.include(sniffed._tag === "Unread" ? sniffed.reason : "", "SDK calls")
    // wc -l → 19 lines
    const found = readAll(...lines)
    assert.strictEqual(found.filter((one) => one._tag === "Skip").length, 19)
  })
})
