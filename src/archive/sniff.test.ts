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
  })

  it("is named where it is known but not read", () => {
    const known: ReadonlyArray<readonly [unknown, string]> = [
      [{ sessionId: "s", parentUuid: null, type: "user" }, "a Claude Code transcript"],
      [{ type: "session_meta", payload: {} }, "a Codex rollout"],
      [{ type: "thread.started" }, "codex exec"],
      [{ trace: {}, observations: [] }, "a Langfuse export"],
      [{ traceId: "t", type: "GENERATION", usageDetails: {} }, "a Langfuse export"],
      [{ post: [{ run_type: "llm" }], patch: [] }, "a LangSmith export"],
      [{ resourceSpans: [] }, "OTLP"],
      [{ eval: {}, status: "success", version: 2 }, "an Inspect evaluation log"],
      [{ log: { entries: [] } }, "a HAR capture"],
      [{ custom_id: "1", method: "POST", url: "/v1", body: {} }, "batch"],
      [{ custom_id: "1", response: { body: {} } }, "batch"],
      [{ request_body: {}, response_body: {}, helicone_user: "u" }, "a Helicone export"],
      [{ function_name: "f", episode_id: "e" }, "a TensorZero export"],
      [{ op_name: "weave:///x" }, "a Weave export"],
      [{ task_id: 1, traj: [], reward: 1 }, "a tau-bench result"],
      [{ projectHash: "p", sessionId: "s" }, "a Gemini CLI session"],
      [{ method: "POST", uri: "u", request_body: "{}" }, "cassette"],
      [{ request: { method: "POST", body: {} }, response: { body_raw: "" } }, "a claude-trace log"],
      [["client.beta.sessions.create", {}], "a log of recorded SDK calls"]
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
    ["claude-code/ba79134d-b6e9-4867-af0c-6941038c9e4b.jsonl", "Claude Code"],
    ["claude-code/fed8ce56-bc79-401f-a83e-af084253362f.jsonl", "Claude Code"],
    ["claude-code/handmade_ccusage_alpha.jsonl", "Claude Code"],
    ["codex/handmade_ccusage_codex.jsonl", "Codex"],
    ["har/derived_from_cassettes.har", "HAR"],
    ["anthropic-http/test_anthropic_tools_legacy.decoded.json", "cassette"],
    ["openai-http/test_chat_reasoning.decoded.json", "cassette"],
    ["inspect/log_formats.json", "Inspect"],
    ["langfuse/agno-2025-06-11.trace.json", "Langfuse"],
    ["vercel-ai-sdk/vercel-aisdk-2025-11-17.trace.json", "Langfuse"],
    ["openinference/google-gemini-2025-08-01.trace.json", "Langfuse"],
    ["otel-genai/koog-2025-08-26.trace.json", "Langfuse"],
    ["langsmith/langsmith_py_wrap_openai_.json", "LangSmith"],
    ["langsmith/langsmith_js_wrap_openai_stream.json", "LangSmith"],
    ["langsmith/anthropic_managed_custom_tools.jsonl", "SDK calls"],
    ["openai-batch/batch_input.jsonl", "batch"],
    ["openai-batch/batch_output.jsonl", "batch"],
    ["tau-bench/gpt-4o-airline.json", "tau-bench"],
    ["tau-bench/MockAirlineDomainEnv-few_shot.jsonl", "tau-bench"],
    ["tau2-bench/results.json", "tau2-bench"],
    ["tensorzero/chat_datapoint_fixture.jsonl", "TensorZero"],
    ["tensorzero/chat_completions_streaming_example.jsonl", "chunks"]
  ]
  it.each(expected)("%s is %s", (path, name) => {
    assert.include(verdict(...firstOf(join(samples, path))), name)
  })
})
