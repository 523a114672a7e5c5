import { existsSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import type { Found } from "../contract.ts"
import { callsIn, mutations, readFiles, readRows, skipsIn } from "../testReading.ts"
import { batch } from "./batch.ts"

const input = (id: string, question = "hi", more: object = {}) => ({
  custom_id: id,
  method: "POST",
  url: "/v1/chat/completions",
  body: { model: "gpt-4o-mini", messages: [{ role: "user", content: question }], ...more }
})
const answer = (id: string, text = "hello", model = "gpt-4o-mini-2024-07-18") => ({
  id,
  object: "chat.completion",
  created: 1785578400,
  model,
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: text } }],
  usage: { prompt_tokens: 8, completion_tokens: 1, total_tokens: 9 }
})
const output = (id: string, body: unknown = answer(`chatcmpl-${id}`), status = 200) => ({
  id: `batch_req_${id}`,
  custom_id: id,
  response: { status_code: status, request_id: `req_${id}`, body },
  error: null
})
const failed = (id: string) => ({
  id: `batch_req_${id}`,
  custom_id: id,
  response: null,
  error: { code: "batch_expired", message: "This request could not be executed before the completion window expired." }
})
const params = { model: "claude-sonnet-5", max_tokens: 10, messages: [{ role: "user", content: "hi" }] }
const message = {
  id: "msg_2",
  type: "message",
  role: "assistant",
  model: "claude-sonnet-5",
  content: [{ type: "text", text: "hello" }],
  stop_reason: "end_turn",
  usage: { input_tokens: 9, output_tokens: 3, service_tier: "batch" }
}
const read = (files: Readonly<Record<string, ReadonlyArray<unknown>>>) => readRows(batch, files)
const asked = (call: ArchivedCall | undefined) => {
  const block = call?.request.messages[0]?.blocks[0]
  return block?.type === "text" ? block.text : undefined
}
const duplicates = (found: ReadonlyArray<Found>) => found.filter((one) => one._tag === "Duplicate").length

describe("batch files", () => {
  it("of Anthropic's may be the body that was sent: its requests in one object", () => {
    const body = { requests: [{ custom_id: "a", params }, { custom_id: "b", params }, 7] }
    assert.isTrue(batch.sniff({ file: "in.json", first: [body] }))
    assert.isFalse(batch.sniff({ file: "in.json", first: [{ requests: [{ url: "/x" }] }] }))
    const result = (id: string) => ({
      custom_id: id,
      result: { type: "succeeded", message: { ...message, id: `msg_${id}` } }
    })
    const found = read({ "in.json": [body], "out.jsonl": [result("a"), result("b")] })
    assert.deepStrictEqual(
      callsIn(found).map((call) => [call.labels["custom_id"], call.fidelity.grade, asked(call)]),
      [
        ["a", "A", "hi"],
        ["b", "A", "hi"]
      ]
    )
    assert.deepStrictEqual(skipsIn(found), ["not a JSON object"])
  })

  it("are joined on custom_id in either order, each pair one call", () => {
    const inputs = [input("a", "first"), input("b", "second")]
    const outputs = [output("b"), output("a")]
    for (const files of [
      { "in.jsonl": inputs, "out.jsonl": outputs },
      { "out.jsonl": outputs, "in.jsonl": inputs }
    ]) {
      const found = read(files)
      assert.strictEqual(found.length, 2)
      const calls = callsIn(found)
      assert.deepStrictEqual(
        new Set(calls.map((call) => [call.labels["custom_id"], asked(call)].join())),
        new Set(["a,first", "b,second"])
      )
      for (const call of calls) {
        assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
        assert.strictEqual(call.fidelity.grade, "A")
        assert.deepStrictEqual(call.billed, { nanoUsd: null, basis: "none", billing: "batch" })
        assert.deepStrictEqual(call.timing, { startedAt: "2026-08-01T10:00:00.000Z", basis: "derived" })
        assert.strictEqual(call.provenance.file, "out.jsonl")
        assert.strictEqual(call.request.endpoint, "/v1/chat/completions")
      }
      assert.deepStrictEqual(calls.find((call) => call.labels["custom_id"] === "a")?.provenance, {
        importer: "batch",
        file: "out.jsonl",
        line: 2,
        native: { customId: "a", requestId: "req_a", responseId: "chatcmpl-a" },
        identity: "native"
      })
    }
  })

  it("of Anthropic are joined likewise; what was not answered is a call with an error", () => {
    const error = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }
    const found = read({
      "in.jsonl": ["a", "b", "c", "d"].map((custom_id) => ({ custom_id, params })),
      "results.jsonl": [
        { custom_id: "a", result: { type: "succeeded", message } },
        { custom_id: "b", result: { type: "errored", error } },
        { custom_id: "c", result: { type: "expired" } },
        { custom_id: "d", result: { type: "canceled" } }
      ]
    })
    const [whole, ...others] = callsIn(found)
    assert.strictEqual(whole?.request.wire, "anthropic.messages")
    assert.strictEqual(whole?.usage.output?.total, 3)
    assert.deepStrictEqual(
      others.map((call) => call.response.error?.type),
      ["overloaded_error", "expired", "canceled"]
    )
    assert.isTrue(others.every((call) => call.usage.input === null && call.response.stopReason === "error"))
  })

  it("with an input that has no output skip it, with an output that has no input know the answer alone", () => {
    const found = read({ "in.jsonl": [input("a"), input("b")], "out.jsonl": [output("b"), output("c"), failed("d")] })
    assert.deepStrictEqual(skipsIn(found), [
      "an output without its input, and without an answer: import both files together, in one command",
      "an input without its output: import both files together, in one command"
    ])
    const [pair, alone] = callsIn(found)
    assert.strictEqual(pair?.fidelity.grade, "A")
    assert.strictEqual(alone?.fidelity.grade, "D")
    assert.isNull(alone?.request.tools)
    assert.strictEqual(alone?.usage.input?.total, 8)
    assert.include(
      alone?.fidelity.notes ?? [],
      "the batch's input file was not read with it: import input and output together, in one command"
    )
    const skip = found.find((one) => one._tag === "Skip" && one.reason.startsWith("an input"))
    assert.isTrue(skip?._tag === "Skip" && skip.file === "in.jsonl" && skip.line === 1)
  })

  it("give a call the same id with and without its input, the fuller one with the higher rank", () => {
    const { id: _, ...nameless } = answer("")
    const unrequested = { ...output("a", nameless), response: { status_code: 200, body: nameless } }
    // By the answer's own id, the request's, or the answer itself.
    for (const row of [output("a"), output("a", nameless), unrequested]) {
      const [whole] = read({ "batch_68ab12cd34ef_input.jsonl": [input("a")], "out.jsonl": [row] })
      const [alone] = read({ "out.jsonl": [row] })
      assert.isTrue(whole?._tag === "Call" && alone?._tag === "Call")
      if (whole?._tag !== "Call" || alone?._tag !== "Call") return
      assert.strictEqual(whole.call.id, alone.call.id)
      assert.isAbove(whole.rank ?? 0, alone.rank ?? 0)
    }
  })

  it("of Responses without the input file know all of the request but the input", () => {
    const body = {
      id: "resp_1",
      object: "response",
      created_at: 1785578400,
      status: "completed",
      model: "gpt-5.2-2026-01-01",
      instructions: "Be brief.",
      tools: [],
      output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text: "hello" }] }],
      usage: { input_tokens: 8, output_tokens: 1, total_tokens: 9 }
    }
    const [call] = callsIn(read({ "out.jsonl": [output("a", body)] }))
    assert.strictEqual(call?.fidelity.grade, "D")
    assert.strictEqual(asked(call), "Be brief.")
    assert.deepStrictEqual(call?.request.tools, [])
    assert.strictEqual(call?.timing.startedAt, "2026-08-01T10:00:00.000Z")
  })

  it("an answer beats the error of the same request", () => {
    const found = read({ "in.jsonl": [input("a")], "errors.jsonl": [failed("a")], "out.jsonl": [output("a")] })
    assert.deepStrictEqual(
      callsIn(found).map((call) => call.response.error),
      [undefined]
    )
    assert.strictEqual(duplicates(found), 1)
    const [alone] = callsIn(read({ "errors.jsonl": [failed("a")], "in.jsonl": [input("a")] }))
    assert.strictEqual(alone?.response.error?.code, "batch_expired")
  })

  it("of several batches that use the same ids are told apart by their names", () => {
    const found = read({
      "june/requests-june.jsonl": [input("1", "in june")],
      "july/requests-july.jsonl": [input("1", "in july")],
      "july/results-july.jsonl": [output("1", answer("chatcmpl-july"))],
      "june/results-june.jsonl": [output("1", answer("chatcmpl-june"))]
    })
    assert.deepStrictEqual(
      callsIn(found).map((call) => [call.response.id, asked(call)]),
      [
        ["chatcmpl-july", "in july"],
        ["chatcmpl-june", "in june"]
      ]
    )
  })

  it("of several batches that nothing tells apart are not joined by guess", () => {
    const found = read({
      "x1.jsonl": [input("1", "one")],
      "x2.jsonl": [input("1", "two")],
      "y1.jsonl": [output("1", answer("chatcmpl-1"))],
      "y2.jsonl": [output("1", answer("chatcmpl-2"))]
    })
    assert.deepStrictEqual(
      callsIn(found).map((call) => call.fidelity.grade),
      ["D", "D"]
    )
    assert.strictEqual(
      skipsIn(found).filter((reason) => reason.includes("several batches use its custom_id")).length,
      2
    )
  })

  it("knows the batch's id where a file is named by it", () => {
    const [call] = callsIn(read({ "in.jsonl": [input("a")], "batch_68ab12cd34ef_output.jsonl": [output("a")] }))
    assert.strictEqual(call?.grouping.batchId, "batch_68ab12cd34ef")
  })

  it("of an endpoint that is not read are skipped with its name", () => {
    const embedding = { object: "list", data: [], model: "text-embedding-3-small", usage: {} }
    const found = read({
      "in.jsonl": [
        { custom_id: "a", method: "POST", url: "/v1/embeddings", body: { model: "text-embedding-3-small", input: "x" } }
      ],
      "out.jsonl": [output("a", embedding)]
    })
    assert.match(skipsIn(found).join(), /embeddings/)
  })

  it("of the wrong kinds everywhere never throw", () => {
    const rows = [
      input("a"),
      output("a"),
      failed("b"),
      { custom_id: "c", params },
      { custom_id: "c", result: { type: "succeeded", message } }
    ]
    for (const mutated of mutations(rows, 300, 3))
      assert.doesNotThrow(() => read({ "a.jsonl": Array.isArray(mutated) ? mutated : [mutated] }))
  })
})

const folder = join(import.meta.dirname, "../../../../shared/data/formats/openai-batch")
const files = ["batch_input.jsonl", "batch_output.jsonl"].map((name) => join(folder, name))

describe("the sample", () => {
  it.skipIf(!existsSync(folder))("is three calls of grade A [needs ../shared]", () => {
    // jq -s -c 'map({(.custom_id): [.response.body.usage.prompt_tokens,.response.body.usage.completion_tokens]})|add' batch_output.jsonl
    // jq -s -c 'map(.custom_id)' batch_input.jsonl = ["request-1","request-2","request-3"]
    const counts = { "request-1": [48, 12], "request-2": [55, 76], "request-3": [75, 2003] }
    for (const paths of [files, files.toReversed()]) {
      const found = readFiles(batch, paths)
      assert.strictEqual(found.length, 3)
      const calls = callsIn(found)
      assert.deepStrictEqual(
        Object.fromEntries(
          calls.map((call) => [call.labels["custom_id"], [call.usage.input?.total, call.usage.output?.total]])
        ),
        counts
      )
      assert.isTrue(calls.every((call) => call.fidelity.grade === "A" && call.billed.billing === "batch"))
      // jq -s -r '.[2].body.messages[0].content' batch_input.jsonl; jq -s '.[1].response.body.created' batch_output.jsonl = 1742500035
      const third = calls.find((call) => call.labels["custom_id"] === "request-3")
      assert.strictEqual(asked(third), "You are a helpful assistant.")
      assert.strictEqual(third?.timing.startedAt, "2025-03-20T19:47:15.000Z")
    }
  })
})
