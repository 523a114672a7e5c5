import { type Dialect, halves, model, type Said, sse } from "./dialect.ts"

type Parts = ReadonlyArray<{ readonly content: ReadonlyArray<{ readonly source?: { readonly data: string } }> }>

const stops = { stop: "end_turn", tools: "tool_use", length: "max_tokens", refusal: "refusal" }
const usage = {
  input_tokens: 30,
  cache_read_input_tokens: 64,
  cache_creation_input_tokens: 6,
  cache_creation: { ephemeral_5m_input_tokens: 6, ephemeral_1h_input_tokens: 0 },
  output_tokens: 20,
  output_tokens_details: { thinking_tokens: 5 }
}
const blocksOf = ({ calls, text }: Said) => [
  ...(text === "" ? [] : [{ type: "text", text }]),
  ...(calls ?? []).map(({ id, input, name }) => ({ type: "tool_use", id, name, input }))
]
const message = { id: "msg_1", type: "message", role: "assistant", model, stop_sequence: null }
/** Anthropic's messages. */
export const anthropicMessages: Dialect = {
  address: (url) => `${url}/v1`,
  path: "/v1/messages",
  type: "text/event-stream; charset=utf-8",
  body: (said) => ({
    ...message,
    content: blocksOf(said),
    stop_reason: stops[said.stop],
    usage
  }),
  heads: 2,
  pieces: (said) => {
    const event = (one: { readonly type: string; readonly [key: string]: unknown }) => sse(one, one.type)
    return [
      event({
        type: "message_start",
        message: { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } }
      }),
      event({ type: "ping" }),
      ...blocksOf(said).flatMap((block, index) => [
        event({
          type: "content_block_start",
          index,
          content_block: "input" in block ? { ...block, input: {} } : { type: "text", text: "" }
        }),
        ...("input" in block
          ? halves(JSON.stringify(block.input)).map((partial_json) => ({ type: "input_json_delta", partial_json }))
          : halves(block.text).map((text) => ({ type: "text_delta", text }))
        ).map((delta) => event({ type: "content_block_delta", index, delta })),
        event({ type: "content_block_stop", index })
      ]),
      event({
        type: "message_delta",
        delta: { stop_reason: stops[said.stop], stop_sequence: null },
        usage: { output_tokens: 20, input_tokens: null }
      }),
      event({ type: "message_stop" })
    ]
  },
  error: (message, type) => ({ type: "error", error: { type, message }, request_id: "req_1" }),
  noAnswers: [
    {
      what: "a message that has not ended",
      body: { ...message, content: [{ type: "text", text: "Par" }], stop_reason: null, usage },
      error: { reason: "Cut", mayBeBilled: true }
    },
    {
      what: "a message that has not begun",
      body: { ...message, content: [], stop_reason: null, usage },
      error: { reason: "Cut", mayBeBilled: true }
    },
    {
      what: "a message that ended with an error",
      body: { ...message, content: [], stop_reason: "error", usage },
      error: { reason: "Server", mayBeBilled: true }
    },
    {
      what: "a streamed message that ended with an error",
      body: [
        sse({ type: "message_start", message: { ...message, content: [], stop_reason: null } }, "message_start"),
        sse({ type: "message_delta", delta: { stop_reason: "error" }, usage: { output_tokens: 0 } }, "message_delta"),
        sse({ type: "message_stop" }, "message_stop")
      ],
      error: { reason: "Server", mayBeBilled: true }
    }
  ],
  models: { data: [{ id: model, type: "model" }], has_more: false, first_id: model, last_id: model },
  schema: (body) => (body["output_config"] as { format: { schema: unknown } }).format.schema,
  usage: { total: 100, cacheRead: 64, reasoning: 5 },
  key: (headers) => headers["x-api-key"],
  image: (body) => (body["messages"] as Parts).at(-1)?.content[1]?.source?.data,
  told: (error) => sse(error, "error"),
  broken: `event: message_start\ndata: {"choi\n\n`,
  refusal: "refusal",
  quota: {
    headers: {
      "anthropic-ratelimit-requests-limit": "50",
      "anthropic-ratelimit-requests-remaining": "49",
      "anthropic-ratelimit-requests-reset": "2020-01-01T00:00:00Z",
      "anthropic-ratelimit-input-tokens-limit": "80000",
      "anthropic-ratelimit-input-tokens-remaining": "60000",
      "anthropic-ratelimit-output-tokens-limit": "10000",
      "anthropic-ratelimit-output-tokens-remaining": "2000"
    },
    left: { requests: { remaining: 49, limit: 50, resetMs: 0 }, tokens: { remaining: 2000, limit: 10_000 } }
  }
}
