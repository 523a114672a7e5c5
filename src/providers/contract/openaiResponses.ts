import { type Dialect, halves, model, type Said, sse } from "./dialect.ts"
import { openaiChat } from "./openaiChat.ts"

type Parts = ReadonlyArray<{ readonly content: ReadonlyArray<{ readonly image_url?: string }> }>

const usage = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 64 },
  output_tokens: 20,
  output_tokens_details: { reasoning_tokens: 5 },
  total_tokens: 120
}
const head = { id: "resp_1", object: "response", created_at: 1, model, incomplete_details: null, error: null }
const begun = { ...head, status: "in_progress", output: [], usage: null }

const partOf = ({ stop, text }: Said) =>
  stop === "refusal" ? { type: "refusal", refusal: text } : { type: "output_text", text, annotations: [] }
const itemsOf = (said: Said) => [
  ...(said.text === ""
    ? []
    : [{ id: "msg_1", type: "message", status: "completed", role: "assistant", content: [partOf(said)] }]),
  ...(said.calls ?? []).map(({ id, input, name }) => ({
    id: `fc_${id}`,
    type: "function_call",
    status: "completed",
    call_id: id,
    name,
    arguments: JSON.stringify(input)
  }))
]
const whole = (said: Said) => ({
  ...head,
  status: said.stop === "length" ? "incomplete" : "completed",
  incomplete_details: said.stop === "length" ? { reason: "max_output_tokens" } : null,
  output: itemsOf(said),
  usage
})

const event = (one: { readonly type: string; readonly [key: string]: unknown }) => sse(one, one.type)

const failed = (code: string, message: string) => ({ ...head, status: "failed", error: { code, message }, output: [] })
const full = { reason: "RateLimited", mayBeBilled: true, detail: "Upstream is full" } as const
const broke = { reason: "Server", mayBeBilled: true, detail: "It broke" } as const
const cut = { reason: "Cut", mayBeBilled: true } as const

/** OpenAI's Responses. */
export const openaiResponses: Dialect = {
  ...openaiChat,
  path: "/v1/responses",
  body: whole,
  heads: 2,
  pieces: (said) => [
    event({ type: "response.created", response: begun }),
    ...itemsOf(said).flatMap((item, output_index) => [
      event({
        type: "response.output_item.added",
        output_index,
        item: "arguments" in item ? { ...item, arguments: "" } : { ...item, content: [] }
      }),
      ...halves("arguments" in item ? item.arguments : said.text).map((delta) =>
        event({
          type: "arguments" in item ? "response.function_call_arguments.delta" : "response.output_text.delta",
          output_index,
          content_index: 0,
          delta
        })
      ),
      event({ type: "response.output_item.done", output_index, item })
    ]),
    event({ type: said.stop === "length" ? "response.incomplete" : "response.completed", response: whole(said) })
  ],
  noAnswers: [
    {
      what: "a response that failed",
      body: failed("server_error", "It broke"),
      error: { ...broke, mayBeBilled: true }
    },
    {
      what: "a streamed response that failed",
      body: [
        event({ type: "response.created", response: begun }),
        event({ type: "response.failed", response: failed("server_error", "It broke") })
      ],
      error: broke
    },
    {
      what: "a streamed response that failed for a limit of its rate",
      body: [event({ type: "response.failed", response: failed("rate_limit_exceeded", "Upstream is full") })],
      error: full
    },
    {
      what: "an error amid a stream, in the form of this wire",
      body: [
        event({ type: "response.created", response: begun }),
        event({ type: "error", code: "server_error", message: "It broke", param: null })
      ],
      error: broke
    },
    { what: "a response that has not ended", body: begun, error: cut },
    {
      what: "a streamed response that has not ended",
      body: [event({ type: "response.created", response: begun })],
      error: cut
    },
    {
      what: "a response that was called off",
      body: { ...head, status: "cancelled", output: [], usage },
      error: { reason: "Server", mayBeBilled: true }
    }
  ],
  schema: (body) => (body["text"] as { format: { schema: unknown } }).format.schema,
  image: (body) => (body["input"] as Parts).at(-1)?.content[1]?.image_url?.split(",")[1],
  broken: `event: response.created\ndata: {"resp\n\n`
}
