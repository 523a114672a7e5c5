import { assert, describe, it } from "@effect/vitest"

import type { CallRequest } from "../domain/Call.ts"
import { refusedParameter, withoutParameter } from "./refusedParameter.ts"

const request: CallRequest = {
  wire: "openai.chat",
  model: "m",
  messages: [],
  tools: [],
  parallelToolCalls: true,
  params: {
    maxOutputTokens: 100,
    maxTokensField: "max_tokens",
    temperature: 0.2,
    topP: 0.9,
    topK: 40,
    stop: ["END"],
    seed: 7,
    frequencyPenalty: 0.1,
    presencePenalty: 0.1,
    reasoning: { effort: "low" },
    extra: { logit_bias: { 1: 2 }, user: "u", reasoning_effort: "low", response_format: {} }
  }
}
const bare: CallRequest = { wire: "openai.chat", model: "m", messages: [], tools: [], params: {} }

/** Words as vendors wrote them. */
const wordings = [
  // OpenAI and Azure
  ["Unsupported parameter: 'temperature' is not supported with this model.", "temperature"],
  [
    "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
    "temperature"
  ],
  ["Unsupported parameter: 'top_p' is not supported with this model.", "topP"],
  ["Unsupported parameter: 'stop' is not supported with this model.", "stop"],
  ["Unsupported parameter: 'reasoning.effort' is not supported with this model.", "reasoning"],
  ["Unsupported value: 'reasoning_effort' does not support 'minimal' with this model.", "reasoning"],
  ["Unrecognized request argument supplied: reasoning_effort", "reasoning"],
  [
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    "limit"
  ],
  ["Unsupported parameter: 'logit_bias' is not supported with this model.", "extra.logit_bias"],
  // Anthropic
  [
    "`temperature` may only be set to 1 when thinking is enabled. Please consult our documentation at https://docs.anthropic.com/",
    "temperature"
  ],
  ["`temperature` and `top_p` cannot both be specified for this model. Please use only one.", "topP"],
  ["`temperature` is deprecated for this model.", "temperature"],
  ["`top_k` must be unset when thinking is enabled. Please consult our documentation", "topK"],
  ["Thinking may not be enabled when tool_choice forces tool use.", "reasoning"],
  ["This model does not support the effort parameter.", "reasoning"],
  ["top_k: Extra inputs are not permitted", "topK"],
  // Groq, xAI, Mistral, LiteLLM, Gemini, Ollama, Bedrock
  ["`reasoning_effort` is not supported with this model", "reasoning"],
  ["`reasoning_effort` must be one of `none` or `default`", "reasoning"],
  ["Model grok-4-latest does not support parameter reasoningEffort.", "reasoning"],
  ["litellm.UnsupportedParamsError: groq does not support parameters: ['reasoning_effort'], for model=x", "reasoning"],
  ['Invalid JSON payload received. Unknown name "seed": Cannot find field.', "seed"],
  ['"llama3.2" does not support thinking', "reasoning"],
  ["Malformed input request: #: extraneous key [top_k] is not permitted, please reformat your input", "topK"],
  // vLLM and other pydantic servers
  [
    "1 validation error for ChatCompletionRequest seed Extra inputs are not permitted [type=extra_forbidden, input_value='temperature', input_type=str]",
    "seed"
  ],
  [
    "[{'type': 'extra_forbidden', 'loc': ('body', 'parallel_tool_calls'), 'msg': 'Extra inputs are not permitted', 'input': True}]",
    "parallelToolCalls"
  ],
  [
    '{"message":{"detail":[{"type":"extra_forbidden","loc":["body","presence_penalty"],"msg":"Extra inputs are not permitted","input":0.1}]}}',
    "presencePenalty"
  ]
] as const

describe("a parameter that a target refuses", () => {
  it("is known by the words of many vendors", () => {
    for (const [words, parameter] of wordings) assert.strictEqual(refusedParameter(words, request), parameter, words)
  })

  it("is only one that was sent", () => {
    for (const [words] of wordings) assert.isUndefined(refusedParameter(words, bare), words)
  })

  it("is not seen in words about something else", () => {
    for (const words of [
      "messages.1.content: text content blocks must be non-empty",
      "Please stop sending requests that are not supported by your seed account",
      "Invalid schema for response_format: 'additionalProperties' is required to be supplied and to be false.",
      "`max_tokens` must be greater than `thinking.budget_tokens`.",
      "This model does not support image inputs",
      "[{'type': 'extra_forbidden', 'loc': ('body', 'messages', 2, 'refusal'), 'msg': 'Extra inputs are not permitted', 'input': {'temperature': 1}}]",
      "tools is not supported in this model. For a list of supported models refer to our documentation",
      "Unsupported value: 'messages[0].role' does not support 'system' with this model."
    ]) {
      assert.isUndefined(refusedParameter(words, request), words)
    }
  })
})

describe("a request without a parameter", () => {
  it("has it neither by its canonical name nor by the wire's own", () => {
    const { params } = withoutParameter(request, "reasoning")
    assert.notProperty(params, "reasoning")
    assert.deepStrictEqual(params.extra, { logit_bias: { 1: 2 }, user: "u", response_format: {} })
    assert.strictEqual(params.temperature, 0.2)
    assert.notProperty(withoutParameter(request, "parallelToolCalls"), "parallelToolCalls")
    assert.notProperty(withoutParameter(request, "extra.user").params.extra, "user")
  })

  it("keeps its limit of output tokens, under the other name", () => {
    const other = withoutParameter(request, "limit")
    assert.deepInclude(other.params, { maxOutputTokens: 100, maxTokensField: "max_completion_tokens" })
    assert.strictEqual(withoutParameter(other, "limit").params.maxTokensField, "max_tokens")
  })
})
