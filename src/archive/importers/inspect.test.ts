import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import type { Found } from "../contract.ts"
import { inspect } from "./inspect.ts"

const read = (...documents: ReadonlyArray<unknown>): ReadonlyArray<Found> => {
  const reader = inspect.start({}).open("log.eval")
  return [...documents.flatMap((json, index) => reader.line({ line: 1, member: `m${index}`, json })), ...reader.end()]
}
const calls = (found: ReadonlyArray<Found>) => found.flatMap((one) => (one._tag === "Call" ? [one.call] : []))
const skips = (found: ReadonlyArray<Found>) => found.flatMap((one) => (one._tag === "Skip" ? [one.reason] : []))
const texts = (call: ArchivedCall | undefined) =>
  call?.request.messages.map(({ blocks }) => blocks.map((block) => (block.type === "text" ? block.text : block.type)))

const header = { version: 2, status: "success", eval: { eval_id: "e1", task: "triage", model: "openai/gpt-4o" } }
const hash = "0123456789abcdef0123456789abcdef"
const model = (more: object = {}) => ({
  event: "model",
  timestamp: "2026-08-01T10:00:00+00:00",
  completed: "2026-08-01T10:00:02+00:00",
  model: "openai/gpt-4o",
  input: [
    { role: "system", content: `attachment://${hash}` },
    { role: "user", content: "hi" }
  ],
  tools: [],
  tool_choice: "none",
  config: { temperature: 0.5 },
  output: {
    model: "gpt-4o-2024-08-06",
    choices: [{ message: { role: "assistant", content: "hello" }, stop_reason: "stop" }],
    usage: { input_tokens: 10, output_tokens: 3, total_tokens: 13 }
  },
  ...more
})
const sample = (events: ReadonlyArray<unknown>, more: object = {}) => ({
  id: 7,
  epoch: 1,
  messages: [],
  events,
  attachments: { [hash]: "a long system prompt" },
  scores: { match: { value: "C", answer: "hello" } },
  ...more
})

describe("a model event of an Inspect log", () => {
  it("is a call, its attachments put back", () => {
    const [call] = calls(read(header, sample([model()])))
    assert.deepStrictEqual(texts(call), [["a long system prompt"], ["hi"]])
    assert.strictEqual(call?.request.provider, "openai")
    assert.strictEqual(call?.request.params.temperature, 0.5)
    assert.deepStrictEqual(call?.request.tools, [])
    assert.deepStrictEqual([call?.usage.input?.total, call?.usage.output?.total], [10, 3])
    assert.strictEqual(call?.timing.latencyMs, 2000)
    assert.strictEqual(call?.fidelity.grade, "A")
    assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
  })

  it("whose attachment the log does not hold is told so", () => {
    const [call] = calls(read(header, sample([model()], { attachments: {} })))
    assert.strictEqual(call?.fidelity.grade, "C")
  })

  it("that kept the exchange as it went over the wire is read from it, unless pictures were taken out of it", () => {
    const response = {
      id: "chatcmpl-1",
      model: "gpt-4o-2024-08-06",
      object: "chat.completion",
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "raw" } }],
      usage: { prompt_tokens: 11, completion_tokens: 4, total_tokens: 15 }
    }
    const request = { model: "gpt-4o", messages: [{ role: "user", content: "raw?" }], seed: 3, tools: null }
    const [call] = calls(read(header, sample([model({ call: { request, response } })])))
    assert.deepStrictEqual(
      [call?.response.id, call?.request.params.seed, call?.usage.input?.total],
      ["chatcmpl-1", 3, 11]
    )
    const cut = { ...request, messages: [{ role: "user", content: "<base64-data-removed>" }] }
    const [own] = calls(read(header, sample([model({ call: { request: cut, response } })])))
    assert.strictEqual(own?.response.id, undefined)
  })

  it("that refers to shared messages is put together; one that refers to nothing is skipped", () => {
    const message_pool = [
      { role: "user", content: "one" },
      { role: "assistant", content: "two" },
      { role: "user", content: "three" }
    ]
    const pooled = (refs: unknown) => sample([model({ input: [], input_refs: refs })], { message_pool })
    const found = read(
      header,
      pooled([
        [0, 1],
        [2, 3]
      ])
    )
    assert.deepStrictEqual(texts(calls(found)[0]), [["one"], ["three"]])
    assert.include(skips(read(header, pooled([[0, 9]])))[0], "does not hold")
    const newer = sample([model({ input: [], input_refs: [[0, 3]] })], {
      events_data: { messages: message_pool, calls: [] }
    })
    assert.strictEqual(calls(read(header, newer))[0]?.request.messages.length, 3)
  })

  it("of a scorer is a judge's, in old logs and new ones", () => {
    const old = [
      model(),
      { event: "step", action: "begin", type: "scorer", name: "fact" },
      model(),
      { event: "step", action: "end", type: "scorer", name: "fact" },
      model()
    ]
    assert.deepStrictEqual(
      calls(read(header, sample(old))).map(({ grouping }) => grouping.agentRole),
      ["main", "judge", "main"]
    )
    const spans = [
      { event: "span_begin", id: "a", type: "agent", name: "planner" },
      model(),
      { event: "span_end", id: "a" },
      { event: "span_begin", id: "s", type: "scorers", name: "scorers" },
      model(),
      { event: "span_end", id: "s" }
    ]
    assert.deepStrictEqual(
      calls(read(header, sample(spans))).map(({ grouping }) => [grouping.agentRole, grouping.agent]),
      [
        ["main", "planner"],
        ["judge", undefined]
      ]
    )
  })

  it("that Inspect answered from its cache is no call; one that failed is a call with its error", () => {
    const found = read(header, sample([model({ cache: "read" }), model({ error: "rate limit", output: {} })]))
    assert.strictEqual(calls(found).length, 1)
    assert.strictEqual(calls(found)[0]?.response.error?.message, "rate limit")
    assert.isFalse(calls(found)[0]?.response.complete)
  })

  it("counts input beside the cache, as Inspect does, unless the total says that it is inside", () => {
    const used = (usage: object) =>
      calls(read(header, sample([model({ output: { ...model().output, usage } })])))[0]?.usage
    const cached = { input_tokens: 12, input_tokens_cache_read: 2000, input_tokens_cache_write: 300, output_tokens: 8 }
    assert.deepStrictEqual(used({ ...cached, total_tokens: 2320, reasoning_tokens: 5 }), {
      basis: "reported",
      input: { total: 2312, uncached: 12, cacheRead: 2000, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 300 },
      output: { total: 8, text: 3, reasoning: 5 }
    })
    assert.strictEqual(
      used({ input_tokens: 2000, input_tokens_cache_read: 1500, output_tokens: 8, total_tokens: 2008 })?.input?.total,
      2000
    )
  })
})

describe("a sample of an Inspect log", () => {
  it("has its scores: letters as numbers, several values one by one", () => {
    const scores = { match: { value: "P" }, model_graded_fact: { value: "I" }, both: { value: { a: 1, b: false } } }
    const found = read(header, sample([model()], { scores }))
    assert.deepStrictEqual(
      found.flatMap((one) =>
        one._tag === "Verdict" ? [[one.of, one.signal.name, one.signal.value, one.signal.source]] : []
      ),
      [
        ["inspect:e1:7:1", "match", 0.5, "test"],
        ["inspect:e1:7:1", "model_graded_fact", 0, "llm-judge"],
        ["inspect:e1:7:1", "both.a", 1, "test"],
        ["inspect:e1:7:1", "both.b", false, "test"]
      ]
    )
  })

  it("whose events were not logged, or whose header is missing, is skipped", () => {
    assert.include(skips(read(header, sample([])))[0], "not logged")
    assert.include(skips(read(sample([model()])))[0], "header")
  })

  it("that holds anything else never throws", () => {
    for (const odd of [
      7,
      null,
      "x",
      [],
      {},
      { event: 7 },
      model({ input: 7 }),
      model({ output: 7 }),
      model({ tools: [7] })
    ]) {
      for (const found of read(header, sample([odd]), sample([odd], { attachments: 7, scores: 7, events_data: 7 }))) {
        assert.notStrictEqual(found._tag, undefined)
      }
    }
  })
})

const samples = join(import.meta.dirname, "../../../../shared/data/formats/inspect")

describe.skipIf(!existsSync(samples))("Inspect's own logs in JSON [needs ../shared]", () => {
  const log = (file: string) => read(JSON.parse(readFileSync(join(samples, file), "utf8")))

  it("one sample of llama3.1", () => {
    // jq -c '[.samples[].transcript.events[]|select(.event=="model")|.output.usage]' log_formats.json
    // [{"input_tokens":66,"output_tokens":2,"total_tokens":68}]
    const found = log("log_formats.json")
    assert.deepStrictEqual(
      calls(found).map(({ fidelity, usage }) => [fidelity.grade, usage.input?.total, usage.output?.total]),
      [["A", 66, 2]]
    )
    assert.deepStrictEqual(skips(found), [])
  })

  it("one sample with a picture, which only Inspect's own record still holds", () => {
    // jq -c '[.samples[].transcript.events[]|select(.event=="model")|.output.usage]' log_images_tc.json
    // [{"input_tokens":323,"output_tokens":5,"total_tokens":328}]
    const [call] = calls(log("log_images_tc.json"))
    const picture = call?.request.messages[1]?.blocks[1]
    assert.strictEqual(picture?.type === "image" && picture.source.kind, "inline")
    assert.deepStrictEqual([call?.usage.input?.total, call?.usage.output?.total], [323, 5])
    assert.strictEqual(call?.fidelity.grade, "A")
  })
})
