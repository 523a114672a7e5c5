import { existsSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import type { Found } from "../contract.ts"
import { callsIn, mutations, othersIn, readFiles, readRows, skipsIn } from "../testReading.ts"
import { tensorzero } from "./tensorzero.ts"

const inferenceId = "01989e1a-4000-7000-8000-000000000000" // 2025-08-12T10:43:13.920Z
const modelId = "01989e1a-4330-7000-8000-000000000001" // 816 ms later
const episode = "01989e1a-3000-7000-8000-0000000000ee"

const question = { model: "gpt-4o", temperature: 0.2, messages: [{ role: "user", content: "hi" }] }
const answer = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1785578400,
  model: "gpt-4o-2024-08-06",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hello" } }],
  usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 }
}
const model = (more: object = {}) => ({
  id: modelId,
  inference_id: inferenceId,
  raw_request: JSON.stringify(question),
  raw_response: JSON.stringify(answer),
  model_name: "gpt_4o",
  model_provider_name: "openai",
  input_tokens: "100",
  output_tokens: "20",
  cost: "0.00045",
  response_time_ms: 812,
  ttft_ms: null,
  cached: false,
  system: "Be brief.",
  input_messages: '[{"role":"user","content":[{"type":"text","text":"hi"}]}]',
  output: '[{"type":"text","text":"hello"}]',
  finish_reason: "stop",
  timestamp: "2025-08-12 10:43:14",
  ...more
})
const inference = (more: object = {}) => ({
  id: inferenceId,
  function_name: "triage",
  variant_name: "v2",
  episode_id: episode,
  input: JSON.stringify({ messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }] }),
  output: '[{"type":"text","text":"hello"}]',
  tool_params: "",
  inference_params: '{"chat_completion":{"temperature":0.2,"max_tokens":50}}',
  processing_time_ms: 820,
  timestamp: "2025-08-12 10:43:13",
  tags: { user_id: "ana", team: "payments" },
  ...more
})
const read = (...rows: ReadonlyArray<unknown>) => readRows(tensorzero, { "tables.jsonl": rows })
const onlyCall = (...rows: ReadonlyArray<unknown>): ArchivedCall => {
  const found = read(...rows)
  const calls = callsIn(found)
  assert.strictEqual(calls.length, 1, JSON.stringify(found))
  return calls[0]!
}
const verdictsIn = (found: ReadonlyArray<Found>) =>
  found.flatMap((one) => (one._tag === "Verdict" ? [[one.of, one.signal] as const] : []))
const keysIn = (found: ReadonlyArray<Found>) => found.flatMap((one) => (one._tag === "Call" ? [one.dedupeKey] : []))

describe("a row of ModelInference", () => {
  it("becomes a call by its raw bodies, valid by the schema", () => {
    const call = onlyCall(model())
    assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
    assert.strictEqual(call.fidelity.grade, "A")
    assert.strictEqual(call.request.wire, "openai.chat")
    assert.strictEqual(call.request.model, "gpt-4o")
    assert.strictEqual(call.request.provider, "openai")
    assert.strictEqual(call.usage.input?.total, 100)
    assert.deepStrictEqual(call.billed, { nanoUsd: "450000", basis: "gateway", billing: "metered" })
    assert.deepStrictEqual(call.timing, {
      startedAt: new Date(0x01989e1a4330 - 812).toISOString(),
      endedAt: new Date(0x01989e1a4330).toISOString(),
      latencyMs: 812,
      basis: "derived"
    })
    assert.strictEqual(call.labels["modelName"], "gpt_4o")
  })

  it("with a recorded stream is put together from its lines", () => {
    const chunk = (delta: object, finish_reason: string | null = null) =>
      JSON.stringify({
        ...{ id: "c1", object: "chat.completion.chunk", model: "gpt-4o" },
        choices: [{ index: 0, delta, finish_reason }]
      })
    const call = onlyCall(
      model({ raw_response: [chunk({ content: "hel" }), chunk({ content: "lo" }), chunk({}, "stop")].join("\n") })
    )
    assert.deepStrictEqual(call.response.blocks, [{ type: "text", text: "hello" }])
    assert.strictEqual(call.usage.input?.total, 100)
  })

  it("without raw bodies, or with bodies that are not read, is told as TensorZero read it: grade B", () => {
    for (const more of [{ raw_request: null, raw_response: null }, { raw_request: '{"weird":1}' }]) {
      const call = onlyCall(model(more))
      assert.strictEqual(call.fidelity.grade, "B")
      assert.deepStrictEqual(
        call.request.messages.map(({ role }) => role),
        ["system", "user"]
      )
      assert.strictEqual(call.request.tools, null)
      assert.strictEqual(call.request.model, "gpt_4o")
      assert.deepStrictEqual(call.response.blocks, [{ type: "text", text: "hello" }])
      assert.strictEqual(call.response.stopReason, "end")
      assert.strictEqual(call.usage.output?.total, 20)
    }
    const half = onlyCall(model({ raw_response: null }))
    assert.strictEqual(half.fidelity.parts["response"], "reconstructed")
    assert.strictEqual(half.fidelity.grade, "B")
  })

  it("counts the cache inside the input, and takes an answer from the gateway's cache as not billed", () => {
    const bare = { raw_request: "", raw_response: "" }
    const counts = { provider_cache_read_input_tokens: 60, provider_cache_write_input_tokens: "10" }
    const call = onlyCall(model({ ...bare, ...counts }))
    assert.strictEqual(call.usage.input?.total, 100)
    assert.strictEqual(call.usage.input?.uncached, 30)
    assert.strictEqual(onlyCall(model({ cached: true })).billed.billing, "cached-response")
    assert.strictEqual(onlyCall(model({ cost: null })).billed.nanoUsd, null)
  })
})

describe("an inference with the calls of its models", () => {
  it("is one call with its function, variant, episode and tags, in either order of the tables", () => {
    const forth = onlyCall(inference(), model())
    const back = onlyCall(model(), inference())
    assert.deepStrictEqual({ ...back, provenance: forth.provenance }, forth)
    assert.deepStrictEqual(forth.request.promptTemplate, { name: "triage", version: "v2" })
    assert.deepStrictEqual(forth.grouping, { sessionId: episode, trajectoryId: episode, attempt: 0 })
    assert.deepStrictEqual(forth.labels, {
      modelName: "gpt_4o",
      taskType: "triage",
      team: "payments",
      user_id: "ana",
      variant: "v2"
    })
    assert.strictEqual(forth.id, onlyCall(model()).id)
    assert.strictEqual(forth.id, onlyCall(inference()).id)
  })

  it("that asked several models keeps every call; the one whose answer it gave is its own", () => {
    const other = model({ id: "01989e1a-4331-7000-8000-000000000002", output: '[{"type":"text","text":"2"}]' })
    const found = read(model(), other, inference())
    assert.deepStrictEqual(keysIn(found), [
      `tensorzero:${inferenceId}`,
      `tensorzero:${inferenceId}:01989e1a-4331-7000-8000-000000000002`
    ])
  })

  it("has feedback as verdicts of its call or its episode", () => {
    const told = (target_id: string, more: object = {}) => ({
      id: modelId,
      target_id,
      metric_name: "solved",
      value: true,
      tags: {},
      ...more
    })
    const found = read(
      told(inferenceId, { tags: { "tensorzero::human_feedback": "true" } }),
      told(episode, { metric_name: "turns", value: "3.5" }),
      { id: modelId, target_id: episode, target_type: "episode", value: "well done", tags: {} },
      { id: modelId, inference_id: inferenceId, value: '[{"type":"text","text":"hello there"}]', tags: {} },
      told("01989e1a-9999-7000-8000-000000000009"),
      inference(),
      model()
    )
    const at = new Date(0x01989e1a4330).toISOString()
    assert.deepStrictEqual(verdictsIn(found), [
      [`tensorzero:${inferenceId}`, { name: "solved", value: true, source: "human", at, scope: "call" }],
      [episode, { name: "turns", value: 3.5, source: "system", at, scope: "trajectory" }],
      [episode, { name: "comment", value: "well done", source: "human", at, scope: "trajectory" }],
      [
        `tensorzero:${inferenceId}`,
        { name: "demonstration", value: "hello there", source: "human", at, scope: "call" }
      ],
      ...(["call", "trajectory"] as const).map(
        (scope) =>
          [
            scope === "call"
              ? "tensorzero:01989e1a-9999-7000-8000-000000000009"
              : "01989e1a-9999-7000-8000-000000000009",
            { name: "solved", value: true, source: "system" as const, at, scope }
          ] as const
      )
    ])
  })
})

describe("an inference alone", () => {
  it("is a call of an unknown model, valid by the schema, and says where the model is", () => {
    const call = onlyCall(inference())
    assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
    assert.strictEqual(call.request.model, "unknown")
    assert.strictEqual(call.fidelity.grade, "B")
    assert.match(call.fidelity.notes.join(), /ModelInference/)
    assert.strictEqual(call.request.params.maxOutputTokens, 50)
    assert.strictEqual(call.usage.input, null)
    assert.strictEqual(call.timing.startedAt, new Date(0x01989e1a4000).toISOString())
  })

  it("gives way to its model's call, whenever that comes", () => {
    const ranks = [read(inference()), read(model()), read(inference(), model())].map((found) =>
      found.flatMap((one) => (one._tag === "Call" ? [one.rank] : []))
    )
    assert.deepStrictEqual(ranks, [[0], [1], [2]])
  })

  it("of templates is C, for their text is not in it", () => {
    const input = {
      system: { tone: "dry" },
      messages: [{ role: "user", content: [{ type: "template", name: "user", arguments: { topic: "x" } }] }]
    }
    const call = onlyCall(inference({ input: JSON.stringify(input) }))
    assert.strictEqual(call.fidelity.grade, "C")
    assert.strictEqual(call.fidelity.parts["history"], "partial")
    assert.deepStrictEqual(call.request.messages[1]?.blocks, [{ type: "text", text: '{"topic":"x"}' }])
  })

  it("reads tools, calls, results, thinking, files and the answer of a JSON function", () => {
    const input = {
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "hi" },
            { type: "file", mime_type: "image/png", storage_path: {} }
          ]
        },
        {
          role: "assistant",
          content: [
            { type: "thought", text: "hm", signature: "s" },
            { type: "tool_call", id: "c1", name: "find", arguments: '{"q":1}' }
          ]
        },
        { role: "user", content: [{ type: "tool_result", id: "c1", name: "find", result: "none" }] }
      ]
    }
    const params = {
      tools_available: [
        { name: "find", description: "Finds.", parameters: { type: "object", properties: { q: {} } }, strict: true }
      ],
      tool_choice: { specific: "find" },
      parallel_tool_calls: false
    }
    const output = [
      { type: "tool_call", id: "c2", raw_name: "find", raw_arguments: '{"q":2}', name: "find", arguments: { q: 2 } }
    ]
    const call = onlyCall(
      inference({ input: JSON.stringify(input), tool_params: JSON.stringify(params), output: JSON.stringify(output) })
    )
    assert.deepStrictEqual(
      call.request.messages.map(({ blocks, role }) => [role, blocks.map(({ type }) => type)]),
      [
        ["user", ["text", "image"]],
        ["assistant", ["thinking", "tool_use"]],
        ["tool", ["tool_result"]]
      ]
    )
    assert.strictEqual(call.fidelity.parts["media"], "absent")
    assert.strictEqual(call.request.tools?.[0]?.name, "find")
    assert.deepStrictEqual(call.request.toolChoice, { mode: "tool", name: "find" })
    assert.strictEqual(call.request.parallelToolCalls, false)
    assert.deepStrictEqual(call.response.blocks, [
      { type: "tool_use", id: "c2", name: "find", input: { q: 2 }, inputRaw: '{"q":2}', kind: "function" }
    ])
    const json = onlyCall(
      inference({ output: '{"raw":"{\\"a\\":1}","parsed":{"a":1}}', output_schema: '{"type":"object"}' })
    )
    assert.deepStrictEqual(json.response.blocks, [{ type: "text", text: '{"a":1}' }])
    assert.deepStrictEqual(json.request.responseFormat, { type: "json_schema", schema: { type: "object" } })
  })
})

describe("other rows of TensorZero's", () => {
  it("are no calls: datapoints are skipped with the reason, tables of its own counted", () => {
    const found = read(
      { dataset_name: "d", function_name: "f", id: "1", episode_id: "e", input: "{}", output: null, tags: {} },
      { batch_id: "b", inference_id: "i", model_name: "m", function_name: "f", raw_request: "{}" },
      { hash: "1", config: "x", tensorzero_version: "2026.1" },
      { id: "1", target_id: "t", metric_name: "m", value: null, tags: {} }
    )
    assert.match(skipsIn(found)[0] ?? "", /a datapoint of a dataset/)
    assert.deepStrictEqual(othersIn(found), [
      "TensorZero batch request",
      "TensorZero row of another table",
      "TensorZero feedback without a value"
    ])
  })

  it("come twice and count once", () => {
    const found = read(model(), model(), inference(), inference())
    assert.strictEqual(callsIn(found).length, 1)
    assert.strictEqual(found.filter(({ _tag }) => _tag === "Duplicate").length, 2)
  })

  it("may stand in a document of ClickHouse's", () => {
    assert.strictEqual(callsIn(read({ meta: [], data: [model(), inference()], rows: 2 })).length, 1)
  })

  it("of the wrong kinds everywhere never throw", () => {
    const rows = [model(), inference(), { id: "1", target_id: inferenceId, metric_name: "m", value: 1, tags: {} }]
    for (const mutated of mutations(rows, 300, 16))
      assert.doesNotThrow(() => read(...(Array.isArray(mutated) ? mutated : [mutated])))
    const opened = model({
      ...{ raw_request: null, input_messages: JSON.parse(model().input_messages), output: JSON.parse(model().output) }
    })
    for (const mutated of mutations(opened, 200, 17)) assert.doesNotThrow(() => read(mutated))
  })
})

const samples = join(import.meta.dirname, "../../../../shared/data/formats/tensorzero")

describe("the samples", () => {
  it.skipIf(!existsSync(samples))("are datapoints, none of which is a call [needs ../shared]", () => {
    // jq -c 'select(.dataset_name and .function_name)' chat_datapoint_fixture.jsonl | wc -l = 41; json_datapoint_fixture.jsonl: 28
    // jq -c 'select(.model_name or .raw_request or .variant_name)' *_datapoint_fixture.jsonl | wc -l = 0
    const expected = { "chat_datapoint_fixture.jsonl": 41, "json_datapoint_fixture.jsonl": 28 }
    for (const [name, count] of Object.entries(expected)) {
      const path = join(samples, name)
      const found = readFiles(tensorzero, [path])
      assert.strictEqual(found.length, count)
      assert.strictEqual(skipsIn(found).length, count)
      assert.isTrue(skipsIn(found).every((reason) => reason.startsWith("a datapoint of a dataset")))
    }
  })
})
