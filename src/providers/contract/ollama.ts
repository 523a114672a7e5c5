import { type Dialect, halves, model, type NoAnswer, type Said } from "./dialect.ts"

const done = { done: true, prompt_eval_count: 100, eval_count: 20, total_duration: 5, load_duration: 1 }
const reasonOf = (stop: Said["stop"]) => ({ done_reason: stop === "length" ? "length" : "stop" })
const callsOf = ({ calls }: Said) =>
  calls === undefined ? {} : { tool_calls: calls.map(({ input, name }) => ({ function: { name, arguments: input } })) }
/** Ollama's chat. */
export const ollamaChat: Dialect = {
  address: (url) => url,
  path: "/api/chat",
  type: "application/x-ndjson",
  body: (said) => ({
    model,
    message: { role: "assistant", content: said.text, ...callsOf(said) },
    ...done,
    ...reasonOf(said.stop)
  }),
  heads: 0,
  pieces: (said) =>
    [
      ...halves(said.text).map((content) => ({ model, message: { role: "assistant", content }, done: false })),
      ...(said.calls === undefined
        ? []
        : [{ model, message: { role: "assistant", content: "", ...callsOf(said) }, done: false }]),
      { model, message: { role: "assistant", content: "" }, ...done, ...reasonOf(said.stop) }
    ].map((line) => `${JSON.stringify(line)}\n`),
  error: (message) => ({ error: message }),
  noAnswers: [
    ...["load", "unload"].flatMap((done_reason): Array<NoAnswer> => {
      const body = { model, message: { role: "assistant", content: "" }, done_reason, done: true }
      const error = { reason: "Server", mayBeBilled: false } as const
      return [
        { what: `a model's ${done_reason}`, body, error },
        { what: `a model's streamed ${done_reason}`, body: [`${JSON.stringify(body)}\n`], error }
      ]
    }),
    {
      what: "an answer that is not done",
      body: { model, message: { role: "assistant", content: "Par" }, done: false },
      error: { reason: "Cut", mayBeBilled: true }
    },
    {
      what: "an answer that ended with an error",
      body: { model, message: { role: "assistant", content: "Par" }, done_reason: "error", done: true },
      error: { reason: "Server", mayBeBilled: true }
    }
  ],
  models: { models: [{ name: model, model, size: 0, details: {} }] },
  schema: (body) => body["format"],
  usage: { total: 100, cacheRead: 0, reasoning: null },
  key: ({ authorization }) => authorization?.replace("Bearer ", ""),
  image: (body) => (body["messages"] as ReadonlyArray<{ readonly images?: ReadonlyArray<string> }>).at(-1)?.images?.[0],
  told: (error) => `${JSON.stringify(error)}\n`,
  broken: '{"message"\n',
  refusal: "end"
}
