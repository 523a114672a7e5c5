import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"

import { makeLines } from "./lines.ts"
import { sniff } from "./sniff.ts"

const verdict = (...first: ReadonlyArray<unknown>) => {
  const sniffed = sniff({ file: "x", first })
  return sniffed._tag === "Importer" ? sniffed.importer.id : sniffed.reason
}

describe("what a file is", () => {
  it("shows in its first objects, one that is read", () => {
    assert.strictEqual(verdict({ id: "1", call_type: "acompletion", messages: [], model_parameters: {} }), "litellm")
    assert.strictEqual(verdict({ request_id: "1", call_type: "acompletion", spend: 0.1 }), "litellm")
    assert.strictEqual(verdict({ request: { model: "m", messages: [] }, response: { choices: [] } }), "pair")
    assert.strictEqual(verdict({ request: '{"model":"m","messages":[]}', response: "{}" }), "pair")
    assert.strictEqual(verdict({ note: "header" }, { request: { messages: [] }, response: null }), "pair")
    assert.strictEqual(verdict({ request: { model: "m", input: "hi" }, response: "data: {}" }), "pair")
    assert.strictEqual(verdict({ log: { entries: [] } }), "har")
    assert.strictEqual(verdict({ method: "POST", uri: "u", request_body: "{}", response_body: "{}" }), "vcr")
    assert.strictEqual(verdict({ request: { method: "POST", uri: "u" }, response: { body: {} } }), "vcr")
    assert.strictEqual(verdict({ request: { url: "u", body: {} }, response: { body_raw: "" } }), "claude-trace")
    assert.strictEqual(verdict({ custom_id: "1", method: "POST", url: "/v1", body: {} }), "batch")
    assert.strictEqual(verdict({ custom_id: "1", params: {} }), "batch")
    assert.strictEqual(verdict({ custom_id: "1", response: { body: {} } }), "batch")
    assert.strictEqual(verdict({ custom_id: "1", result: { type: "expired" } }), "batch")
    assert.strictEqual(verdict({ trace: {}, observations: [] }), "langfuse")
    assert.strictEqual(verdict({ traceId: "t", type: "GENERATION", usageDetails: {} }), "langfuse")
    assert.strictEqual(verdict({ post: [{ run_type: "llm" }], patch: [] }), "langsmith")
    assert.strictEqual(verdict({ resourceSpans: [] }), "otlp")
    assert.strictEqual(verdict({ resource_logs: [] }), "otlp")
    assert.strictEqual(verdict({ request_body: {}, response_body: {}, helicone_user: "u" }), "helicone")
    assert.strictEqual(
      verdict({ data: [{ request_id: "r", request_created_at: "t", response_status: 200 }] }),
      "helicone"
    )
    assert.strictEqual(verdict({ ai_org: "openai", ai_model: "gpt-4o", cost: 1 }), "portkey")
    assert.strictEqual(verdict({ ai_model: "gpt-4o", request: { messages: [] }, response: {} }), "portkey")
    assert.strictEqual(verdict({ modelId: "m", operation: "InvokeModel", input: {}, requestId: "r" }), "bedrock")
    assert.strictEqual(verdict({ message: '{"schemaType":"ModelInvocationLog"}' }), "bedrock")
    assert.strictEqual(verdict({ id: "gen-1", native_tokens_prompt: 3, total_cost: 0.1 }), "openrouter")
    assert.strictEqual(verdict({ data: { id: "gen-1", total_cost: 0.1 } }), "openrouter")
    assert.strictEqual(verdict({ inference_id: "i", model_name: "m", raw_request: "{}" }), "tensorzero")
    assert.strictEqual(verdict({ function_name: "f", variant_name: "v", episode_id: "e", input: "{}" }), "tensorzero")
  })

  it("is named where it is known but not read", () => {
    const known: ReadonlyArray<readonly [unknown, string]> = [
      [{ type: "result", session_id: "s", total_cost_usd: 0.1, num_turns: 1 }, "the output of `claude -p"],
      [{ type: "thread.started" }, "codex exec"],
      [{ op_name: "weave:///x" }, "a Weave export"],
      [["client.beta.sessions.create", {}], "a log of recorded SDK calls"],
      [{ request_head: "{", request_head_complete: false }, "Cloudflare's AI Gateway"],
      [{ context: { trace_id: "t" }, span_kind: "LLM" }, "a Phoenix export"],
      [{ id: "1", parentId: null, type: "assistant.message", data: {} }, "a Copilot CLI session"],
      [{ modelProvider: "openai", modelName: "m", prompt: "p", completion: "c" }, "a log of Continue"],
      [{ title: "t", mapping: {}, current_node: "n" }, "a ChatGPT account's export"],
      [{ uuid: "u", chat_messages: [] }, "a claude.ai account's export"],
      [{ id: "simple_1", result: "f()", input_token_count: 3, output_token_count: 2 }, "a BFCL result"],
      [{ choices: [{ delta: {} }], object: "chat.completion.chunk" }, "a stream of answer chunks"],
      [{ choices: [{ message: {} }] }, "a list of answers without their requests"],
      [{ messages: [{ role: "user" }] }, "a list of conversations without requests"]
    ]
    for (const [value, name] of known) {
      assert.include(verdict(value), name)
      assert.include(verdict(value), "not read yet")
    }
  })

  it("is told by its keys where it is unknown", () => {
    assert.include(verdict({ colour: "red", size: 3 }), "colour, size")
    assert.include(verdict(1, "two"), "no JSON object")
  })
})

const samples = join(import.meta.dirname, "../../../shared/data/formats")
const firstOf = (path: string) => {
  const lines = makeLines()
  return [...lines.push(readFileSync(path)), ...lines.end()]
    .slice(0, 50)
    .flatMap((line) => ("json" in line ? [line.json] : []))
}

describe.skipIf(!existsSync(samples))("the samples of formats [needs ../shared]", () => {
  const expected: ReadonlyArray<readonly [string, string]> = [
    ["litellm/standard_logging_payload.json", "litellm"],
    ["litellm/spend_logs_payload.json", "litellm"],
    ["claude-code/ba79134d-b6e9-4867-af0c-6941038c9e4b.jsonl", "claude-code"],
    ["claude-code/fed8ce56-bc79-401f-a83e-af084253362f.jsonl", "claude-code"],
    ["claude-code/handmade_ccusage_alpha.jsonl", "claude-code"],
    ["codex/handmade_ccusage_codex.jsonl", "codex"],
    ["har/derived_from_cassettes.har", "har"],
    ["anthropic-http/test_anthropic_tools_legacy.decoded.json", "vcr"],
    ["openai-http/test_chat_reasoning.decoded.json", "vcr"],
    ["inspect/log_formats.json", "inspect"],
    ["inspect/log_images_tc.json", "inspect"],
    ["langfuse/agno-2025-06-11.trace.json", "langfuse"],
    ["vercel-ai-sdk/vercel-aisdk-2025-11-17.trace.json", "langfuse"],
    ["openinference/google-gemini-2025-08-01.trace.json", "langfuse"],
    ["otel-genai/koog-2025-08-26.trace.json", "langfuse"],
    ["langsmith/langsmith_py_wrap_openai_.json", "langsmith"],
    ["langsmith/langsmith_js_wrap_openai_stream.json", "langsmith"],
    ["langsmith/anthropic_managed_custom_tools.jsonl", "SDK calls"],
    ["openai-batch/batch_input.jsonl", "batch"],
    ["openai-batch/batch_output.jsonl", "batch"],
    ["tau-bench/gpt-4o-airline.json", "tau-bench"],
    ["tau-bench/MockAirlineDomainEnv-few_shot.jsonl", "tau-bench"],
    ["tau2-bench/results.json", "tau2-bench"],
    ["tensorzero/chat_datapoint_fixture.jsonl", "tensorzero"],
    ["tensorzero/json_datapoint_fixture.jsonl", "tensorzero"],
    ["tensorzero/chat_completions_function_example.json", "answers"],
    ["tensorzero/chat_completions_streaming_example.jsonl", "chunks"]
  ]
  it.each(expected)("%s is %s", (path, name) => {
    assert.include(verdict(...firstOf(join(samples, path))), name)
  })
})
