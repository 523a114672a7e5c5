import { type Dialect, halves, model, type NoAnswer, sse } from "./dialect.ts"

type Parts = ReadonlyArray<{ readonly content: ReadonlyArray<{ readonly image_url?: { readonly url: string } }> }>
const dataOf = (image: { readonly url: string } | undefined) => image?.url.split(",")[1]

const stops = { stop: "stop", tools: "tool_calls", length: "length", refusal: "stop" }
const usage = {
  prompt_tokens: 100,
  completion_tokens: 20,
  total_tokens: 120,
  prompt_tokens_details: { cached_tokens: 64 },
  completion_tokens_details: { reasoning_tokens: 5 }
}
const ending = (finish_reason: string | null, content: string, more: object = {}) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  model,
  choices: [{ index: 0, finish_reason, message: { role: "assistant", content }, ...more }],
  usage
})
const streaming = (finish_reason: string, more: object = {}) => [
  sse({ id: "chatcmpl-1", model, choices: [{ index: 0, delta: { content: "Par" }, finish_reason: null }] }),
  sse({ id: "chatcmpl-1", model, choices: [{ index: 0, delta: { content: "" }, finish_reason, ...more }] }),
  "data: [DONE]\n\n"
]
const upstream = { error: { code: 429, message: "Upstream is full" } }
const noAnswers: ReadonlyArray<NoAnswer> = [
  ...["error", "insufficient_system_resource", "abort", "network_error", "ERROR"].flatMap((finish): Array<NoAnswer> => {
    const error = {
      reason: "Server",
      mayBeBilled: true,
      detail: `the answer ended with the finish reason ${finish}`
    } as const
    return [
      { what: `an answer that ended with ${finish}`, body: ending(finish, "Par"), error },
      { what: `a streamed answer that ended with ${finish}`, body: streaming(finish), error }
    ]
  }),
  {
    what: "an upstream error in a choice",
    body: ending("error", "", upstream),
    error: { reason: "RateLimited", mayBeBilled: true, detail: "Upstream is full" }
  },
  {
    what: "an upstream error in a streamed choice",
    body: streaming("error", upstream),
    error: { reason: "RateLimited", mayBeBilled: true, detail: "Upstream is full" }
  },
  {
    what: "an empty answer that does not say why it ended",
    body: ending(null, ""),
    error: { reason: "Cut", mayBeBilled: true }
  },
  {
    what: "no choices",
    body: { ...ending("stop", "Paris."), choices: [] },
    error: { reason: "Malformed", mayBeBilled: true }
  },
  {
    what: "a stream without choices",
    body: [sse({ id: "chatcmpl-1", model, choices: [], usage }), "data: [DONE]\n\n"],
    error: { reason: "Cut", mayBeBilled: true }
  }
]
/** OpenAI's chat completions. */
export const openaiChat: Dialect = {
  address: (url) => `${url}/v1`,
  path: "/v1/chat/completions",
  type: "text/event-stream",
  body: ({ calls, stop, text }) => ({
    id: "chatcmpl-1",
    object: "chat.completion",
    model,
    choices: [
      {
        index: 0,
        finish_reason: stops[stop],
        message: {
          role: "assistant",
          content: stop === "refusal" || text === "" ? null : text,
          refusal: stop === "refusal" ? text : null,
          ...(calls === undefined
            ? {}
            : {
                tool_calls: calls.map(({ id, input, name }) => ({
                  id,
                  type: "function",
                  function: { name, arguments: JSON.stringify(input) }
                }))
              })
        }
      }
    ],
    usage
  }),
  heads: 1,
  pieces: ({ calls, stop, text }) => {
    const chunk = (delta: object, finish_reason: string | null = null) =>
      sse({ id: "chatcmpl-1", object: "chat.completion.chunk", model, choices: [{ index: 0, delta, finish_reason }] })
    const field = stop === "refusal" ? "refusal" : "content"
    return [
      chunk({ role: "assistant", content: "" }),
      ...(text === "" ? [] : halves(text).map((piece) => chunk({ [field]: piece }))),
      ...(calls ?? []).flatMap(({ id, input, name }, index) => [
        chunk({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] }),
        ...halves(JSON.stringify(input)).map((args) =>
          chunk({ tool_calls: [{ index, function: { arguments: args } }] })
        )
      ]),
      chunk({}, stops[stop]),
      sse({ id: "chatcmpl-1", object: "chat.completion.chunk", model, choices: [], usage }),
      "data: [DONE]\n\n"
    ]
  },
  error: (message, type) => ({ error: { message, type, param: null, code: type } }),
  noAnswers,
  models: { object: "list", data: [{ id: model, object: "model" }] },
  schema: (body) => (body["response_format"] as { json_schema: { schema: unknown } }).json_schema.schema,
  usage: { total: 100, cacheRead: 64, reasoning: 5 },
  key: ({ authorization }) => authorization?.replace("Bearer ", ""),
  image: (body) => dataOf((body["messages"] as Parts).at(-1)?.content[1]?.image_url),
  told: (error) => sse(error, "error"),
  broken: `data: {"choi\n\n`,
  refusal: "refusal",
  quota: {
    headers: {
      "x-ratelimit-limit-requests": "5000",
      "x-ratelimit-remaining-requests": "4999",
      "x-ratelimit-reset-requests": "12ms",
      "x-ratelimit-limit-tokens": "160000",
      "x-ratelimit-remaining-tokens": "1000",
      "x-ratelimit-reset-tokens": "6m0s"
    },
    left: {
      requests: { remaining: 4999, limit: 5000, resetMs: 12 },
      tokens: { remaining: 1000, limit: 160_000, resetMs: 360_000 }
    }
  }
}
