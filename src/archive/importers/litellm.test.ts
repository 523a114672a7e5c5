import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import type { Found } from "../contract.ts"
import { litellm } from "./litellm.ts"

const readAll = (...rows: ReadonlyArray<unknown>): ReadonlyArray<Found> => {
  const reader = litellm.start({}).open("log.jsonl")
  return [...rows.flatMap((json, index) => reader.line({ line: index + 1, json })), ...reader.end()]
}
const callOf = (row: unknown): ArchivedCall => {
  const [found] = readAll(row)
  assert.strictEqual(found?._tag, "Call", JSON.stringify(found))
  return (found as Extract<Found, { _tag: "Call" }>).call
}
const skipOf = (row: unknown): string => {
  const [found] = readAll(row)
  return found?._tag === "Skip" ? found.reason : JSON.stringify(found)
}

const answer = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1785578402,
  model: "gpt-4o-2024-08-06",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hello" } }],
  usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 }
}
const row = (more: object = {}) => ({
  id: "chatcmpl-1",
  trace_id: "trace-1",
  call_type: "acompletion",
  stream: true,
  status: "success",
  custom_llm_provider: "openai",
  response_cost: 0.0123,
  startTime: 1785578400.28,
  completionStartTime: 1785578401.0,
  endTime: 1785578402.07,
  model: "gpt-4o",
  metadata: {},
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", content: "hi" }
  ],
  response: answer,
  model_parameters: { temperature: 0.1, max_tokens: 50 },
  ...more
})
const failure = (more: object = {}) =>
  row({
    status: "failure",
    response: null,
    response_cost: 0,
    error_str: "AuthenticationError: Incorrect API key provided: sk-abcdefgh1234",
    error_information: { error_code: "401", error_class: "AuthenticationError", traceback: "File x.py" },
    ...more
  })

describe("a LiteLLM row", () => {
  it("becomes a call with its request, answer, times and provenance, valid by the schema", () => {
    const call = callOf(row())
    assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
    assert.strictEqual(call.request.model, "gpt-4o")
    assert.strictEqual(call.request.provider, "openai")
    assert.deepStrictEqual(
      call.request.messages.map((m) => m.role),
      ["system", "user"]
    )
    assert.strictEqual(call.request.params.temperature, 0.1)
    assert.strictEqual(call.request.params.maxOutputTokens, 50)
    assert.strictEqual(call.request.params.stream, true)
    assert.deepStrictEqual(call.response.blocks, [{ type: "text", text: "hello" }])
    assert.strictEqual(call.response.stopReason, "end")
    assert.deepStrictEqual(call.timing, {
      startedAt: "2026-08-01T10:00:00.280Z",
      endedAt: "2026-08-01T10:00:02.070Z",
      latencyMs: 1790,
      ttftMs: 720,
      basis: "reported"
    })
    assert.strictEqual(call.provenance.line, 1)
    assert.strictEqual(call.fidelity.grade, "A")
  })

  it("has the same id wherever it lies, and another one for another call", () => {
    assert.strictEqual(callOf(row()).id, callOf(row({ metadata: { a: 1 } })).id)
    assert.notStrictEqual(callOf(row()).id, callOf(row({ id: "chatcmpl-2" })).id)
  })

  it("is billed exactly, to the nano-dollar; an unconfirmed zero is no price, an answer from the cache was not billed", () => {
    const billed = (more: object) => callOf(row(more)).billed
    assert.deepStrictEqual(billed({ response_cost: 0.00022500000000000002 }), {
      nanoUsd: "225000",
      basis: "gateway",
      billing: "metered"
    })
    assert.strictEqual(billed({ response_cost: 1.5e-7 }).nanoUsd, "150")
    assert.strictEqual(billed({ response_cost: "0.000000001" }).nanoUsd, "1")
    assert.strictEqual(billed({ response_cost: null }).nanoUsd, null)
    assert.strictEqual(billed({ response_cost: 0, hidden_params: { response_cost: null } }).nanoUsd, null)
    assert.strictEqual(billed({ response_cost: 0, hidden_params: { response_cost: 0 } }).nanoUsd, "0")
    for (const cost of [-5, "12 dollars", 1e300]) {
      const call = callOf(row({ response_cost: cost }))
      assert.strictEqual(call.billed.nanoUsd, null)
      assert.match(call.fidelity.notes[0] ?? "", /is no amount of dollars/)
    }
    assert.deepStrictEqual(billed({ cache_hit: true, response_cost: 0.5 }), {
      nanoUsd: "0",
      basis: "gateway",
      billing: "cached-response"
    })
  })

  it("without counts that can be read is not known, which is not zero", () => {
    const logged = (prompt: unknown, completion: unknown) =>
      callOf(
        row({
          response: { ...answer, usage: undefined },
          metadata: { usage_object: { prompt_tokens: prompt, completion_tokens: completion } }
        })
      )
    for (const wrong of [-5, 1e30, "many"]) {
      const both = logged(wrong, wrong)
      assert.deepStrictEqual([both.usage.input, both.usage.output], [null, null])
      assert.strictEqual(both.fidelity.parts["usage"], "unknown")
      assert.strictEqual(both.fidelity.notes.length, 2)
      const half = logged(wrong, 20)
      assert.deepStrictEqual([half.usage.input, half.usage.output?.total], [null, 20])
      assert.strictEqual(half.fidelity.parts["usage"], "partial")
      assert.match(half.fidelity.notes[0] ?? "", /^prompt_tokens was logged as .*, which is no count of tokens$/)
    }
    const absent = callOf(row({ response: { ...answer, usage: undefined } }))
    assert.strictEqual(absent.fidelity.parts["usage"], "absent")
    assert.deepStrictEqual(absent.fidelity.notes, ["token counts were not logged"])
  })

  it("counts cached input inside prompt_tokens and reasoning inside completion_tokens, for every provider", () => {
    const usage = {
      prompt_tokens: 3000,
      completion_tokens: 50,
      total_tokens: 3050,
      prompt_tokens_details: {
        cached_tokens: 2000,
        cache_creation_tokens: 700,
        cache_creation_token_details: { ephemeral_5m_input_tokens: 300, ephemeral_1h_input_tokens: 400 }
      },
      completion_tokens_details: { reasoning_tokens: 30 }
    }
    const call = callOf(row({ custom_llm_provider: "anthropic", response: { ...answer, usage } }))
    assert.deepStrictEqual(call.usage.input, {
      total: 3000,
      uncached: 300,
      cacheRead: 2000,
      cacheWrite5m: 300,
      cacheWrite1h: 400,
      cacheWriteOther: 0
    })
    assert.deepStrictEqual(call.usage.output, { total: 50, text: 20, reasoning: 30 })
    assert.strictEqual(call.usage.basis, "reported")
  })

  it("lets a reported total decide what prompt_tokens includes, and says so", () => {
    const usage = {
      prompt_tokens: 12,
      completion_tokens: 8,
      total_tokens: 2320,
      cache_read_input_tokens: 2000,
      cache_creation_input_tokens: 300
    }
    const call = callOf(row({ response: { ...answer, usage } }))
    assert.strictEqual(call.usage.input?.total, 2312)
    assert.strictEqual(call.usage.input?.uncached, 12)
    assert.strictEqual(call.usage.input?.cacheWriteOther, 300)
    assert.isTrue(call.usage.diagnostics?.some((note) => note.includes("leaves cached input out")))
    const odd = callOf(
      row({ response: { ...answer, usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 99 } } })
    )
    assert.strictEqual(odd.usage.basis, "unreliable")
  })

  it("takes its counts from metadata or from beside the answer where the answer has none", () => {
    const { usage: _, ...bare } = answer
    const inMetadata = callOf(
      row({ response: bare, metadata: { usage_object: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } } })
    )
    assert.strictEqual(inMetadata.usage.input?.total, 7)
    const beside = callOf(row({ response: bare, prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 }))
    assert.strictEqual(beside.usage.output?.total, 4)
    assert.isNull(callOf(row({ response: bare })).usage.input)
  })

  describe("with counts in several places", () => {
    const message = {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude-opus-4-6",
      content: [{ type: "text", text: "A" }],
      stop_reason: "end_turn",
      usage: {
        input_tokens: 10,
        cache_read_input_tokens: 100_000,
        cache_creation_input_tokens: 70,
        cache_creation: { ephemeral_5m_input_tokens: 30, ephemeral_1h_input_tokens: 40 },
        output_tokens: 50
      }
    }
    const cached = {
      total: 100_080,
      uncached: 10,
      cacheRead: 100_000,
      cacheWrite5m: 30,
      cacheWrite1h: 40,
      cacheWriteOther: 0
    }
    const anthropic = (more: object) =>
      callOf(
        row({
          call_type: "anthropic_messages",
          custom_llm_provider: "anthropic",
          model: "claude-opus-4-6",
          response: message,
          ...more
        })
      ).usage

    it("believes the one that tells of the cache, whatever stands beside it", () => {
      for (const beside of [
        { prompt_tokens: 100_080, completion_tokens: 50, total_tokens: 100_130 },
        { prompt_tokens: 10, completion_tokens: 50, total_tokens: 60 },
        { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
        { metadata: { usage_object: { prompt_tokens: 100_080, completion_tokens: 50 } } }
      ]) {
        const usage = anthropic(beside)
        assert.deepStrictEqual(usage.input, cached, JSON.stringify(beside))
        assert.strictEqual(usage.output?.total, 50)
        assert.strictEqual(usage.basis, "reported")
        assert.isFalse((usage.diagnostics ?? []).some((one) => one.includes("no cache counts")))
      }
    })

    it("says so where they contradict each other", () => {
      const usage = anthropic({ prompt_tokens: 555, completion_tokens: 50, total_tokens: 605 })
      assert.deepStrictEqual(usage.input, cached)
      assert.strictEqual(usage.basis, "unreliable")
      assert.isTrue(usage.diagnostics?.some((one) => one.includes("555") && one.includes("100080")))
    })

    it("takes LiteLLM's own counts before the provider's where both tell as much, and the provider's where they tell more", () => {
      const fine = {
        prompt_tokens: 3000,
        completion_tokens: 50,
        total_tokens: 3050,
        prompt_tokens_details: { cached_tokens: 2000 }
      }
      const bare = { prompt_tokens: 3000, completion_tokens: 50, total_tokens: 3050 }
      for (const more of [
        { response: { ...answer, usage: bare }, metadata: { usage_object: fine } },
        { response: { ...answer, usage: fine }, metadata: { usage_object: bare } }
      ]) {
        const { input } = callOf(row({ ...more, ...bare })).usage
        assert.deepStrictEqual([input?.total, input?.cacheRead], [3000, 2000])
      }
    })
  })

  it("carries its metadata as labels, the well-known ones among them", () => {
    const metadata = {
      user_api_key_hash: "abc",
      user_api_key_alias: "ci",
      user_api_key_user_id: "ana",
      user_api_key_user_email: "ana@example.com",
      user_api_key_team_id: "t1",
      user_api_key_team_alias: "payments",
      user_api_key_org_id: "o1",
      spend_logs_metadata: { task: "triage", item_id: "7" },
      requester_metadata: { item_id: "8", note: "key sk-abcdefgh1234" },
      item_id: "6",
      headers: { authorization: "Bearer abcdef123456" },
      usage_object: { prompt_tokens: 1 }
    }
    const labels = callOf(
      row({ metadata, request_tags: ["triage", "eu"], end_user: "e1", model_group: "premium" })
    ).labels
    assert.deepStrictEqual(labels, {
      endUser: "e1",
      engineer: "ana",
      item_id: "6",
      model_group: "premium",
      note: "key sk-abcdefgh1234",
      org: "o1",
      "requester_metadata.item_id": "8",
      "spend_logs_metadata.item_id": "7",
      tags: "triage,eu",
      task: "triage",
      team: "payments",
      user_api_key_alias: "ci",
      user_api_key_org_id: "o1",
      user_api_key_team_alias: "payments",
      user_api_key_team_id: "t1",
      user_api_key_user_email: "ana@example.com",
      user_api_key_user_id: "ana"
    })
  })

  it("belongs to the session its requester named, else to its trace", () => {
    const session = (more: object) => callOf(row(more)).grouping.sessionId
    assert.strictEqual(session({ metadata: { session_id: "s1" } }), "s1")
    assert.strictEqual(session({ metadata: { requester_metadata: { session_id: "s2" } } }), "s2")
    assert.strictEqual(session({ litellm_session_id: "s3" }), "s3")
    assert.strictEqual(session({}), "trace-1")
    assert.isUndefined(session({ trace_id: null }))
  })

  it("that failed is a call with its error", () => {
    const call = callOf(failure({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }))
    assert.isFalse(call.response.complete)
    assert.strictEqual(call.response.stopReason, "error")
    assert.deepStrictEqual(call.response.error, {
      type: "AuthenticationError",
      code: "401",
      httpStatus: 401,
      message: "AuthenticationError: Incorrect API key provided: sk-abcdefgh1234"
    })
    assert.isNull(call.usage.input)
    assert.strictEqual(call.billed.nanoUsd, "0")
  })

  it("after failures of the same trace and question is a further attempt; the same question after an answer is not", () => {
    const calls = readAll(
      failure({ id: "f1" }),
      failure({ id: "f2", model: "gpt-4o-mini" }),
      row({ id: "ok" }),
      row({ id: "again" }),
      failure({ id: "other", trace_id: "trace-2" })
    ).flatMap((found) => (found._tag === "Call" ? [found.call] : []))
    assert.deepStrictEqual(
      calls.map((call) => call.grouping.attempt),
      [0, 1, 2, 0, 0]
    )
    assert.strictEqual(calls[2]?.grouping.attemptOf, calls[0]?.id)
    assert.isUndefined(calls[3]?.grouping.attemptOf)
  })

  it("loses fidelity where LiteLLM cut, hid or did not log something", () => {
    const grade = (more: object) => callOf(row(more)).fidelity.grade
    const says = (content: string) => ({
      ...answer,
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }]
    })
    assert.strictEqual(grade({ model_parameters: undefined }), "B")
    const cut = "start (litellm_truncated skipped 900 chars) end"
    assert.strictEqual(grade({ messages: [{ role: "user", content: cut }] }), "C")
    assert.strictEqual(grade({ response: says(cut) }), "C")
    assert.strictEqual(grade({ response: says("redacted-by-litellm") }), "C")
    assert.strictEqual(
      grade({ messages: "[{'role': 'user'...truncated by litellm, this logger does not support large content" }),
      "C"
    )
    assert.strictEqual(
      grade({
        messages: [{ role: "user", content: "redacted-by-litellm" }],
        response: { text: "redacted-by-litellm" }
      }),
      "D"
    )
    assert.strictEqual(grade({ messages: null }), "D")
    assert.strictEqual(grade({ response: null }), "C")
    assert.isFalse(callOf(row({ response: null })).response.complete)
  })

  it("reads zone-less times as UTC and notes it", () => {
    const call = callOf(row({ startTime: "2025-01-24 09:20:46.847371", endTime: "2025-01-24 09:20:46.851954" }))
    assert.strictEqual(call.timing.startedAt, "2025-01-24T09:20:46.847Z")
    assert.strictEqual(call.timing.latencyMs, 4.583)
    assert.strictEqual(call.timing.basis, "derived")
    assert.isTrue(call.fidelity.notes.some((note) => note.includes("UTC")))
  })

  it("keeps tool calls, tools and what the gateway passed through, but not its own settings or keys", () => {
    const tools = [{ type: "function", function: { name: "lookup", parameters: { type: "object", properties: {} } } }]
    const call = callOf(
      row({
        model: "openai/gpt-4o",
        messages: [
          { role: "user", content: "x" },
          {
            role: "assistant",
            content: null,
            function_call: null,
            provider_specific_fields: { refusal: null },
            tool_calls: [{ id: "c1", type: "function", function: { name: "lookup", arguments: '{"q":1}' } }]
          },
          { role: "tool", tool_call_id: "c1", content: "found" }
        ],
        model_parameters: { tools, extra_body: { top_k: 5 }, extra_headers: { authorization: "x" }, max_retries: 2 }
      })
    )
    assert.strictEqual(call.request.model, "gpt-4o")
    assert.strictEqual(call.request.tools?.[0]?.name, "lookup")
    assert.deepStrictEqual(
      call.request.messages.map((m) => m.blocks[0]?.type),
      ["text", "tool_use", "tool_result"]
    )
    assert.isUndefined(call.request.messages[1]?.origin)
    const written = JSON.stringify(call)
    assert.strictEqual(call.request.params.topK, 5)
    for (const gone of ["extra_headers", "max_retries", "extra_body"]) assert.notInclude(written, gone)
  })

  it("in Anthropic's shape is read as such", () => {
    const call = callOf(
      row({
        call_type: "anthropic_messages",
        custom_llm_provider: "anthropic",
        model: "claude-opus-4-6",
        messages: [{ role: "user", content: "hi" }],
        model_parameters: { max_tokens: 100, system: "Be brief." },
        response: {
          id: "msg_1",
          type: "message",
          role: "assistant",
          model: "claude-opus-4-6",
          content: [{ type: "text", text: "hello" }],
          stop_reason: "end_turn",
          usage: { input_tokens: 12, cache_read_input_tokens: 2000, cache_creation_input_tokens: 300, output_tokens: 8 }
        }
      })
    )
    assert.strictEqual(call.request.wire, "anthropic.messages")
    assert.strictEqual(call.request.messages[0]?.role, "system")
    assert.strictEqual(call.usage.input?.total, 2312)
    assert.strictEqual(call.fidelity.grade, "A")
  })
})

describe("a row of the Responses API", () => {
  const response = {
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
    usage: {
      input_tokens: 50,
      input_tokens_details: { cached_tokens: 10 },
      output_tokens: 30,
      output_tokens_details: { reasoning_tokens: 20 },
      total_tokens: 80
    }
  }

  it("is read with its input, a text or items, and its settings", () => {
    for (const messages of ["hi", [{ role: "user", content: [{ type: "input_text", text: "hi" }] }]]) {
      const call = callOf(
        row({
          call_type: "aresponses",
          model: "gpt-5.2",
          messages,
          model_parameters: { instructions: "Be brief.", max_output_tokens: 800 },
          prompt_tokens: 50,
          completion_tokens: 30,
          total_tokens: 80,
          response
        })
      )
      assert.strictEqual(call.request.wire, "openai.responses")
      assert.deepStrictEqual(
        call.request.messages.map(({ role }) => role),
        ["system", "user"]
      )
      assert.strictEqual(call.request.params.maxOutputTokens, 800)
      assert.deepStrictEqual([call.usage.input?.total, call.usage.output?.total], [50, 30])
      assert.deepStrictEqual([call.usage.input?.cacheRead, call.usage.output?.reasoning], [10, 20])
      assert.strictEqual(call.fidelity.grade, "A")
    }
  })
})

describe("a row of a LiteLLM log that is no such call", () => {
  it("is skipped with the reason, or counted by its type", () => {
    assert.include(skipOf({ request_id: "", call_type: "acompletion", spend: 0.1, messages: "{}" }), "SpendLogs")
    assert.include(skipOf(row({ call_type: "atext_completion" })), "atext_completion")
    assert.include(skipOf(row({ model: "" })), "no model")
    assert.include(skipOf(row({ messages: [{ content: "no role" }] })), "request cannot be read")
    assert.include(skipOf(row({ response: { odd: 1 } })), "none of the known shapes")
    assert.include(skipOf({ call_type: "acompletion", id: "x" }), "without messages")
    assert.strictEqual(skipOf(7), "not a JSON object")
    assert.deepStrictEqual(readAll(row({ call_type: "aembedding" }), { type: "heartbeat" }, {}), [
      { _tag: "Other", type: "aembedding" },
      { _tag: "Other", type: "heartbeat" },
      { _tag: "Other", type: "unknown object" }
    ])
  })
})

const bill = (more: object = {}) => ({
  request_id: "chatcmpl-1",
  call_type: "acompletion",
  spend: 0.0123,
  model: "gpt-4o",
  custom_llm_provider: "openai",
  startTime: "2026-08-01 10:00:00.280000",
  endTime: "2026-08-01 10:00:02.070000",
  prompt_tokens: 100,
  completion_tokens: 20,
  total_tokens: 120,
  metadata: JSON.stringify({ usage_object: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 } }),
  team_id: "payments",
  user: "ana",
  session_id: "s1",
  request_tags: '["triage"]',
  messages: "{}",
  response: "{}",
  proxy_server_request: "{}",
  status: "success",
  ...more
})

describe("a SpendLogs row", () => {
  it("is a call of counts and cost alone, for the conversation is not in it", () => {
    const call = callOf(bill())
    assert.strictEqual(call.fidelity.grade, "D")
    assert.strictEqual(call.billed.nanoUsd, "12300000")
    assert.deepStrictEqual([call.usage.input?.total, call.usage.output?.total], [100, 20])
    assert.deepStrictEqual(call.request.messages, [])
    assert.isNull(call.request.tools)
    assert.include(call.labels, { engineer: "ana", team: "payments", tags: "triage" })
    assert.strictEqual(call.grouping.sessionId, "s1")
    assert.include(call.fidelity.notes, "times were logged without a zone and are taken as UTC")
  })

  it("is the call of the payload with its id, which is fuller and stays", () => {
    const [billed, logged] = readAll(bill(), row())
    assert.strictEqual(billed?._tag === "Call" && billed.dedupeKey, logged?._tag === "Call" && logged.dedupeKey)
    assert.isBelow(
      billed?._tag === "Call" ? (billed.rank ?? 0) : Number.NaN,
      logged?._tag === "Call" ? (logged.rank ?? 0) : Number.NaN
    )
  })

  it("tells what a payload without a cost was billed, and whose it is, whichever comes first", () => {
    const priceless = row({ response_cost: null, hidden_params: {} })
    for (const rows of [
      [priceless, bill()],
      [bill(), priceless]
    ]) {
      const calls = readAll(...rows).flatMap((found) => (found._tag === "Call" ? [found] : []))
      const fullest = calls.toSorted((a, b) => (b.rank ?? 0) - (a.rank ?? 0))[0]
      assert.strictEqual(fullest?.call.billed.nanoUsd, "12300000")
      assert.strictEqual(fullest?.call.labels["engineer"], "ana")
      assert.strictEqual(fullest?.call.fidelity.grade, "A")
    }
  })

  it("that holds its conversation is read with it; one that was cut short is graded so", () => {
    const asked = { model: "gpt-4o", temperature: 0.2, messages: row().messages }
    const whole = bill({ proxy_server_request: JSON.stringify(asked), response: JSON.stringify(answer) })
    const call = callOf(whole)
    assert.strictEqual(call.fidelity.grade, "A")
    assert.strictEqual(call.request.params.temperature, 0.2)
    assert.deepStrictEqual(call.response.blocks, [{ type: "text", text: "hello" }])
    const messages = [{ role: "user", content: "begin (litellm_truncated skipped 9000 chars) end" }]
    const cut = bill({ proxy_server_request: JSON.stringify({ ...asked, messages }), response: JSON.stringify(answer) })
    assert.strictEqual(callOf(cut).fidelity.grade, "C")
  })
})

const bills = join(import.meta.dirname, "../../../../shared/data/formats/litellm/spend_logs_payload.json")

describe.skipIf(!existsSync(bills))("LiteLLM's own SpendLogs row [needs ../shared]", () => {
  it("is one usage-only call", () => {
    // jq -c '[.prompt_tokens, .completion_tokens, .spend, .messages, .response]' spend_logs_payload.json
    // [10,20,0.00022500000000000002,"{}","{}"]
    const call = callOf(JSON.parse(readFileSync(bills, "utf8")))
    assert.deepStrictEqual([call.usage.input?.total, call.usage.output?.total], [10, 20])
    assert.strictEqual(call.billed.nanoUsd, "225000")
    assert.strictEqual(call.fidelity.grade, "D")
    assert.strictEqual(call.grouping.sessionId, "1234567890")
  })
})

const sample = join(import.meta.dirname, "../../../../shared/data/formats/litellm/standard_logging_payload.json")

describe.skipIf(!existsSync(sample))("LiteLLM's own sample [needs ../shared]", () => {
  it("is read whole", () => {
    const call = callOf(JSON.parse(readFileSync(sample, "utf8")))
    assert.strictEqual(call.request.model, "gpt-4o")
    assert.deepStrictEqual(call.response.blocks, [{ type: "text", text: "hi" }])
    assert.strictEqual(call.billed.nanoUsd, "225000")
    assert.strictEqual(call.usage.input?.total, 10)
    assert.strictEqual(call.usage.output?.total, 20)
    assert.strictEqual(call.fidelity.grade, "A")
    assert.deepStrictEqual(call.labels, {})
  })
})
