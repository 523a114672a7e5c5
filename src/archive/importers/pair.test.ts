import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import type { Found } from "../contract.ts"
import { callsIn, mutations, readRows } from "../testReading.ts"
import { pair } from "./pair.ts"

const read = (row: unknown): Found => pair.start({}).open("log.jsonl").line({ line: 3, json: row })[0]!
const callOf = (row: unknown): ArchivedCall => {
  const found = read(row)
  assert.strictEqual(found._tag, "Call", JSON.stringify(found))
  return (found as Extract<Found, { _tag: "Call" }>).call
}
const textOf = (call: ArchivedCall | undefined) =>
  call?.response.blocks.map((block) => (block.type === "text" ? block.text : block.type)).join("|")
const skipOf = (row: unknown): string => {
  const found = read(row)
  return found._tag === "Skip" ? found.reason : JSON.stringify(found)
}

const openai = {
  request: {
    model: "gpt-4o",
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "What is this?" }
    ],
    temperature: 0.2,
    max_completion_tokens: 500,
    user: "customer-9",
    metadata: { experiment: "b" }
  },
  response: {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1785578400,
    model: "gpt-4o-2024-08-06",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "A cat.", refusal: null } }],
    usage: {
      prompt_tokens: 100,
      completion_tokens: 20,
      total_tokens: 120,
      prompt_tokens_details: { cached_tokens: 64 },
      completion_tokens_details: { reasoning_tokens: 0 }
    }
  }
}
const anthropic = {
  request: {
    model: "claude-opus-4-6",
    max_tokens: 4096,
    system: "You are terse.",
    messages: [{ role: "user", content: "list files" }]
  },
  response: {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-opus-4-6",
    content: [{ type: "text", text: "One file." }],
    stop_reason: "end_turn",
    usage: { input_tokens: 12, cache_creation_input_tokens: 300, cache_read_input_tokens: 2000, output_tokens: 8 }
  }
}
const responses = {
  request: { model: "gpt-5.2", instructions: "Be brief.", input: "hi", max_output_tokens: 800 },
  response: {
    id: "resp_1",
    object: "response",
    created_at: 1785578400,
    status: "completed",
    model: "gpt-5.2-2026-01-01",
    output: [
      {
        type: "message",
        id: "msg_1",
        role: "assistant",
        status: "completed",
        content: [{ type: "output_text", text: "Hello", annotations: [] }]
      }
    ],
    usage: { input_tokens: 50, output_tokens: 30, total_tokens: 80 }
  }
}
const ollama = {
  request: {
    model: "llama3.1:8b",
    messages: [{ role: "user", content: "hi" }],
    options: { temperature: 0 },
    stream: false
  },
  response: {
    model: "llama3.1:8b",
    created_at: "2026-08-01T10:00:00Z",
    message: { role: "assistant", content: "hello" },
    done: true,
    done_reason: "stop",
    prompt_eval_count: 11,
    eval_count: 3
  }
}

describe("a pair of bodies", () => {
  it("is read by its shape on all four wires, valid by the schema", () => {
    for (const [bodies, wire, text, tokens] of [
      [openai, "openai.chat", "A cat.", 100],
      [responses, "openai.responses", "Hello", 50],
      [anthropic, "anthropic.messages", "One file.", 2312],
      [ollama, "ollama.chat", "hello", 11]
    ] as const) {
      const call = callOf(bodies)
      assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
      assert.strictEqual(call.request.wire, wire)
      assert.strictEqual(textOf(call), text)
      assert.strictEqual(call.usage.input?.total, tokens)
      assert.strictEqual(call.fidelity.grade, "A")
      assert.strictEqual(call.provenance.line, 3)
    }
  })

  it("may be JSON text in the row", () => {
    const text = callOf({ request: JSON.stringify(openai.request), response: JSON.stringify(openai.response) })
    assert.deepStrictEqual(text.request, callOf(openai).request)
  })

  it("takes id, time, user, session, durations, cost and labels from beside the bodies", () => {
    const call = callOf({
      ...openai,
      id: "r1",
      created_at: "2026-08-01T10:00:00Z",
      user: "ana",
      session: "s1",
      latency_ms: 812,
      ttft_ms: 240,
      cost_usd: 0.0012,
      team: "payments",
      labels: { taskType: "caption" },
      metadata: { item_id: "x/1", nested: { depth: 2 }, api_key: "k" }
    })
    assert.deepStrictEqual(call.timing, {
      startedAt: "2026-08-01T10:00:00.000Z",
      latencyMs: 812,
      ttftMs: 240,
      basis: "reported"
    })
    assert.strictEqual(call.grouping.sessionId, "s1")
    assert.strictEqual(call.billed.nanoUsd, "1200000")
    assert.deepStrictEqual(call.labels, {
      endUser: "customer-9",
      engineer: "ana",
      experiment: "b",
      item_id: "x/1",
      "nested.depth": "2",
      taskType: "caption",
      team: "payments"
    })
    assert.strictEqual(call.provenance.native["id"], "r1")
  })

  it("does not know counts that are none: not zero, and said", () => {
    const usage = (prompt: unknown) => ({ ...openai.response.usage, prompt_tokens: prompt })
    for (const prompt of [-5, 1e30, "many", 1.5]) {
      const call = callOf({ ...openai, response: { ...openai.response, usage: usage(prompt) } })
      assert.isNull(call.usage.input)
      assert.isNotNull(call.usage.output)
      assert.deepStrictEqual(call.fidelity.notes, [
        `prompt_tokens was logged as ${JSON.stringify(prompt)}, which is no count of tokens`
      ])
      assert.include(call.usage.diagnostics ?? [], call.fidelity.notes[0] ?? "")
      assert.strictEqual(call.fidelity.parts["usage"], "partial")
    }
    const { eval_count: _, prompt_eval_count: __, ...silent } = ollama.response
    const absent = callOf({ ...ollama, response: silent })
    assert.deepStrictEqual([absent.usage.input, absent.usage.output], [null, null])
    assert.strictEqual(absent.fidelity.parts["usage"], "absent")
    assert.deepStrictEqual(absent.fidelity.notes, ["token counts were not logged"])
    const broken = callOf({ ...ollama, response: { ...silent, eval_count: "x", prompt_eval_count: -1 } })
    assert.strictEqual(broken.fidelity.parts["usage"], "unknown")
    assert.strictEqual(broken.fidelity.notes.length, 2)
  })

  it("takes no bill that is no amount of dollars, and says so", () => {
    for (const cost of [-5, "12 dollars", 1e300, 1e12, "0x10", true, {}]) {
      const call = callOf({ ...openai, cost_usd: cost })
      assert.deepStrictEqual(call.billed, { nanoUsd: null, basis: "none", billing: "unknown" })
      assert.match(call.fidelity.notes[0] ?? "", /^the logged cost .* is no amount of dollars: taken as not recorded$/)
      assert.strictEqual(call.fidelity.parts["cost"], "absent")
    }
    for (const [cost, nano] of [
      ["0.0012", "1200000"],
      [1.5e-7, "150"],
      ["1e-999999999", "0"],
      ["999999999999.99", "999999999999990000000"]
    ] as const) {
      const call = callOf({ ...openai, cost_usd: cost })
      assert.strictEqual(call.billed.nanoUsd, nano)
      assert.deepStrictEqual(call.fidelity.notes, [])
    }
  })

  it("without a time of its own takes the answer's, as derived", () => {
    assert.deepStrictEqual(callOf(openai).timing, { startedAt: "2026-08-01T10:00:00.000Z", basis: "derived" })
  })

  it("is the same call when id and content are the same, else when content and time are", () => {
    const id = (row: object) => callOf(row).id
    assert.strictEqual(id({ ...openai, id: "r1" }), id({ ...openai, id: "r1", user: "bo", latency_ms: 5 }))
    assert.notStrictEqual(id({ ...openai, id: "r1" }), id({ ...openai, id: "r2" }))
    // Row numbers of two logs: the same id for different calls.
    assert.notStrictEqual(id({ ...openai, id: 1 }), id({ ...anthropic, id: 1 }))
    assert.strictEqual(id({ ...openai, created_at: "2026-08-01" }), id({ ...openai, created_at: "2026-08-01" }))
    assert.notStrictEqual(id({ ...openai, created_at: "2026-08-01" }), id({ ...openai, created_at: "2026-08-02" }))
  })

  it("whose answer is an error is a call that failed", () => {
    const body = callOf({
      request: openai.request,
      response: { error: { message: "Rate limit", type: "rate_limit", code: "429" } },
      status_code: 429
    })
    assert.deepStrictEqual(body.response.error, {
      type: "rate_limit",
      code: "429",
      httpStatus: 429,
      message: "Rate limit"
    })
    assert.isFalse(body.response.complete)
    assert.isNull(body.usage.input)
    const beside = callOf({ request: anthropic.request, response: null, error: "timeout of sk-abcdefgh1234" })
    assert.strictEqual(beside.response.error?.message, "timeout of sk-abcdefgh1234")
    assert.strictEqual(beside.request.wire, "anthropic.messages")
  })

  it("keeps the arguments of a tool call that are no JSON", () => {
    const message = {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "c1", type: "function", function: { name: "lookup", arguments: '{"q": ' } }]
    }
    const call = callOf({
      ...openai,
      response: { ...openai.response, choices: [{ index: 0, finish_reason: "tool_calls", message }] }
    })
    const [block] = call.response.blocks
    assert.isTrue(block?.type === "tool_use" && block.inputRaw === '{"q": ' && block.inputError !== undefined)
  })

  it("with pictures says how they were kept", () => {
    const withImage = (url: string) => {
      const content = [
        { type: "text", text: "What is this?" },
        { type: "image_url", image_url: { url } }
      ]
      return callOf({ ...openai, request: { ...openai.request, messages: [{ role: "user", content }] } }).fidelity
    }
    assert.strictEqual(withImage("data:image/png;base64,iVBORw0KGgo=").parts["media"], "verbatim")
    assert.strictEqual(withImage("https://example.com/a.png").parts["media"], "unknown")
    assert.strictEqual(withImage("https://example.com/a.png").notes.length, 1)
    assert.isUndefined(callOf(openai).fidelity.parts["media"])
  })

  it("of half, of another wire or of a stream is skipped with the reason", () => {
    assert.include(skipOf({ request: openai.request, response: null }), "no response")
    assert.include(skipOf({ response: openai.response }), "no request")
    assert.include(
      skipOf({ request: { model: "text-embedding-3", input: "x" }, response: { object: "list", data: [] } }),
      "embeddings"
    )
    assert.include(skipOf({ request: { contents: [] }, response: { candidates: [] } }), "Gemini")
    assert.include(skipOf({ request: openai.request, response: "data: {}" }), "stream")
    assert.include(
      skipOf({ request: openai.request, response: { object: "chat.completion.chunk", choices: [] } }),
      "chunk"
    )
    assert.include(
      skipOf({ request: { model: "m", messages: "x" }, response: openai.response }),
      "request cannot be read"
    )
    assert.deepStrictEqual(read({ type: "session_start", at: 1 }), { _tag: "Other", type: "session_start" })
  })
})

const sse = (events: ReadonlyArray<unknown>) => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")
const chunks = [
  {
    object: "chat.completion.chunk",
    id: "c1",
    created: 1785578400,
    model: "gpt-4o",
    choices: [{ index: 0, delta: { role: "assistant", content: "A " } }]
  },
  {
    object: "chat.completion.chunk",
    id: "c1",
    created: 1785578400,
    model: "gpt-4o",
    choices: [{ index: 0, delta: { content: "cat." } }]
  },
  { object: "chat.completion.chunk", id: "c1", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
  {
    object: "chat.completion.chunk",
    id: "c1",
    choices: [],
    usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 }
  }
]

describe("a pair whose answer was streamed", () => {
  it("is put together from its text, its pieces, or what a logger put around them", () => {
    for (const response of [
      `${sse(chunks)}data: [DONE]\n\n`,
      chunks,
      { status_code: 200, body_raw: sse(chunks) },
      { events: chunks },
      { body: JSON.stringify(openai.response), headers: { "x-request-id": "r" } }
    ]) {
      const call = callOf({ request: openai.request, response })
      assert.strictEqual(textOf(call), "A cat.")
      assert.strictEqual(call.usage.input?.total, 100)
      assert.strictEqual(call.timing.startedAt, "2026-08-01T10:00:00.000Z")
      assert.strictEqual(call.fidelity.grade, "A")
    }
  })

  it("and cut is of grade C, and says so", () => {
    const call = callOf({ request: openai.request, response: sse(chunks.slice(0, 2)) })
    assert.strictEqual(textOf(call), "A cat.")
    assert.isFalse(call.response.complete)
    assert.deepStrictEqual([call.fidelity.grade, call.fidelity.parts["response"]], ["C", "truncated"])
    assert.include(call.fidelity.notes, "the answer ends before its end: its stream was cut")
  })
})

describe("Responses whose history the provider keeps", () => {
  const turn = (id: string, input: string, before?: string) => ({
    request: { ...responses.request, input, ...(before === undefined ? {} : { previous_response_id: before }) },
    response: {
      ...responses.response,
      id,
      output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text: `to ${input}` }] }]
    }
  })
  const said = (call: ArchivedCall | undefined) =>
    call?.request.messages.flatMap((message) =>
      message.blocks.map((block) => (block.type === "text" ? block.text : block.type))
    )

  it("get it back from the earlier answers of the import: grade B, one conversation", () => {
    const calls = callsIn(
      readRows(pair, { "a.jsonl": [turn("r1", "one"), turn("r2", "two", "r1"), turn("r3", "three", "r2")] })
    )
    assert.deepStrictEqual(
      calls.map((call) => call.fidelity.grade),
      ["A", "B", "B"]
    )
    assert.deepStrictEqual(said(calls[2]), ["Be brief.", "one", "to one", "two", "to two", "three"])
    assert.deepStrictEqual(calls[2]?.request.serverState, { previousResponseId: "r2", resolved: true })
    assert.deepStrictEqual(
      calls.map((call) => call.grouping.sessionId),
      [undefined, "r1", "r1"]
    )
    assert.strictEqual(calls[2]?.fidelity.parts["history"], "reconstructed")
  })

  const three = [turn("r1", "one"), turn("r2", "two", "r1"), turn("r3", "three", "r2")]
  const told = (found: ReadonlyArray<Found>) =>
    callsIn(found)
      .map((call) => ({ ...call, provenance: { ...call.provenance, file: "", line: 0 } }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))

  it("is the same in any order of lines and files", () => {
    const inOrder = told(readRows(pair, { "a.jsonl": three }))
    assert.deepStrictEqual(told(readRows(pair, { "a.jsonl": three.toReversed() })), inOrder)
    assert.deepStrictEqual(
      told(readRows(pair, { "a.jsonl": [three[2]], "b.jsonl": [three[0]], "c.jsonl": [three[1]] })),
      inOrder
    )
    const text = three.toReversed().map((row) => ({
      request: JSON.stringify(row.request),
      response: JSON.stringify(row.response)
    }))
    assert.deepStrictEqual(
      callsIn(readRows(pair, { "a.jsonl": text })).map((call) => call.fidelity.grade),
      ["A", "B", "B"]
    )
    // The first answer is in no file: what there is is put together all the same.
    const [, ...rest] = three
    assert.deepStrictEqual(
      told(readRows(pair, { "a.jsonl": rest.toReversed() })),
      told(readRows(pair, { "a.jsonl": rest }))
    )
  })

  it("and a call that is put together takes the place of the same one that is not", () => {
    const ranks = (rows: ReadonlyArray<unknown>) =>
      new Map(
        readRows(pair, { "a.jsonl": rows }).flatMap((one) =>
          one._tag === "Call" ? [[one.dedupeKey, one.rank ?? 0] as const] : []
        )
      )
    const [alone] = ranks([three[2]])
    const [, after] = ranks([three[1], three[2]])
    const [, , whole] = ranks(three)
    assert.deepStrictEqual([alone?.[0], after?.[0]], [whole?.[0], whole?.[0]])
    assert.isBelow(alone![1], after![1])
    assert.isBelow(after![1], whole![1])
  })

  it("and a line that waited and cannot be read names its own file", () => {
    const broken = { request: { ...three[1]!.request, input: 7 }, response: { id: "r2", output: [] } }
    const skips = readRows(pair, { "a.jsonl": [broken], "b.jsonl": [three[0]] }).filter(({ _tag }) => _tag === "Skip")
    assert.deepStrictEqual(
      skips.map((one) => (one._tag === "Skip" ? [one.file, one.line] : [])),
      [["a.jsonl", 1]]
    )
  })

  it("and waits for nothing where files are followed", () => {
    const reader = pair.start({ following: true }).open("a.jsonl")
    assert.lengthOf(reader.line({ line: 1, json: three[2] }), 1)
  })

  it("and lets no more than 2,000 calls wait", () => {
    const reader = pair.start({}).open("a.jsonl")
    const found = Array.from({ length: 2100 }, (_, at) =>
      reader.line({ line: at + 1, json: turn(`x${at}`, "hi", `gone${at}`) })
    )
    assert.lengthOf(found.flat(), 100)
  })

  it("and cannot be found are of grade C, and so is what follows them", () => {
    const calls = callsIn(readRows(pair, { "a.jsonl": [turn("r2", "two", "r1"), turn("r3", "three", "r2")] }))
    assert.deepStrictEqual(
      calls.map((call) => [call.fidelity.grade, call.request.serverState?.resolved]),
      [
        ["C", false],
        ["C", false]
      ]
    )
    assert.include(
      calls[0]?.fidelity.notes ?? [],
      "its provider kept the conversation before it: the log has only the newest messages"
    )
  })

  it("or a prompt of its store, say what is missing", () => {
    const stored = callOf({
      ...responses,
      request: { model: "gpt-5.2", input: "hi", prompt: { id: "pmpt_1", version: "2" } }
    })
    assert.deepStrictEqual([stored.fidelity.grade, stored.fidelity.parts["system"]], ["B", "absent"])
    assert.deepStrictEqual(stored.request.promptTemplate, { name: "pmpt_1", version: "2" })
    const referred = callOf({
      ...responses,
      request: {
        model: "gpt-5.2",
        input: [
          { type: "item_reference", id: "msg_0" },
          { role: "user", content: "hi" }
        ]
      }
    })
    assert.deepStrictEqual([referred.fidelity.grade, referred.fidelity.parts["history"]], ["C", "partial"])
  })
})

describe("an answer that says what it cost", () => {
  const answer = (usage: object) => ({
    ...openai,
    request: { ...openai.request, model: "anthropic/claude-sonnet-4.5" },
    response: { ...openai.response, usage: { ...openai.response.usage, cost: 0.00123, ...usage } }
  })

  it("is OpenRouter's, by the address or by what stands beside the cost", () => {
    for (const row of [
      answer({ is_byok: false }),
      answer({ cost_details: { upstream_inference_cost: null } }),
      { ...answer({}), url: "https://openrouter.ai/api/v1/chat/completions" },
      { ...answer({}), provider: "openrouter" }
    ]) {
      const { billed, request } = callOf(row)
      assert.deepStrictEqual(billed, { nanoUsd: "1230000", basis: "provider-reported", billing: "metered" })
      assert.strictEqual(request.provider, "openrouter")
    }
    const own = callOf(answer({ is_byok: true }))
    assert.strictEqual(own.billed.billing, "byok")
    assert.match(own.fidelity.notes.join(), /bring your own key/)
  })

  it("and nothing that tells whose cost it is was not billed, as far as is known", () => {
    assert.isNull(callOf(answer({})).billed.nanoUsd)
  })
})

describe("a pair from Azure", () => {
  it("has the deployment as its model, and filters in its answer do no harm", () => {
    const { model: _, ...request } = openai.request
    const filters = { hate: { filtered: false, severity: "safe" } }
    const call = callOf({
      request,
      url: "https://acme.openai.azure.com/openai/deployments/premium-4o/chat/completions?api-version=2024-10-21&sig=canary",
      response: {
        ...openai.response,
        prompt_filter_results: [{ prompt_index: 0, content_filter_results: filters }],
        choices: openai.response.choices.map((choice) => ({ ...choice, content_filter_results: filters }))
      }
    })
    assert.strictEqual(call.request.model, "premium-4o")
    assert.strictEqual(call.request.provider, "azure")
    assert.strictEqual(
      call.request.endpoint,
      "https://acme.openai.azure.com/openai/deployments/premium-4o/chat/completions?api-version=2024-10-21"
    )
    assert.strictEqual(textOf(call), "A cat.")
    assert.notInclude(JSON.stringify(call), "canary")
    // All of the answer was filtered: there is no message at all.
    const choices = [{ index: 0, finish_reason: "content_filter", content_filter_results: filters }]
    const filtered = callOf({ request: openai.request, response: { ...openai.response, choices } })
    assert.strictEqual(filtered.response.stopReason, "content_filter")
    assert.deepStrictEqual(filtered.response.blocks, [])
  })
})

describe("secrets of a Responses request", () => {
  it("beside its content are not stored; a schema's words are", () => {
    const schema = { type: "object", properties: { password: { type: "string" } } }
    const call = callOf({
      ...responses,
      request: {
        ...responses.request,
        tools: [
          {
            type: "mcp",
            server_label: "s",
            server_url: "https://e.test",
            authorization: "canary",
            headers: { "x-key": "canary" }
          }
        ],
        text: { format: { type: "json_schema", name: "out", schema } },
        metadata: { api_key: "canary" }
      }
    })
    assert.notInclude(JSON.stringify(call), "canary")
    assert.deepStrictEqual(call.request.responseFormat, { type: "json_schema", name: "out", schema })
  })
})

describe("rows of the wrong kinds everywhere", () => {
  it("never throw", () => {
    const rows = [openai, anthropic, responses, ollama, { request: openai.request, response: sse(chunks) }]
    for (const row of rows) for (const mutated of mutations(row, 150, 13)) assert.doesNotThrow(() => read(mutated))
  })
})
