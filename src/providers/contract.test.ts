import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"

import { answerOf } from "../domain/Answer.ts"
import type { CallRequest } from "../domain/Call.ts"
import { anthropic } from "./anthropic.ts"
import type { Connection, Prepared, Provider, ProviderConfig, ProviderError } from "./contract.ts"
import { ollama } from "./ollama.ts"
import { openai } from "./openai.ts"

const key = "sk-secret-0123456789"
const model = "model-1"

interface Seen {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Record<string, unknown>
}

/** Answers each request as its script says; tells when one came in and when its connection was closed unanswered. */
const wireServer = (script: (response: ServerResponse, seen: Seen) => void) =>
  Effect.acquireRelease(
    Effect.callback<{
      url: string
      seen: Array<Seen>
      arrived: Promise<void>
      closed: Promise<void>
      stop: () => void
    }>((resume) => {
      const arrived = Promise.withResolvers<void>()
      const closed = Promise.withResolvers<void>()
      const seen: Array<Seen> = []
      const server = createServer((request, response) => {
        const parts: Array<Buffer> = []
        response.on("close", () => {
          if (!response.writableFinished) closed.resolve()
        })
        request.on("data", (part: Buffer) => parts.push(part))
        request.on("end", () => {
          const text = Buffer.concat(parts).toString()
          const one = { path: request.url ?? "", headers: request.headers, body: text === "" ? {} : JSON.parse(text) }
          seen.push(one)
          script(response, one)
          arrived.resolve()
        })
      }).listen(0, "127.0.0.1", () =>
        resume(
          Effect.succeed({
            url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
            seen,
            arrived: arrived.promise,
            closed: closed.promise,
            stop: () => {
              server.close()
              server.closeAllConnections()
            }
          })
        )
      )
    }),
    (server) => Effect.sync(server.stop)
  )

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (response: ServerResponse) => {
    response.writeHead(status, { "content-type": "application/json", ...headers })
    response.end(JSON.stringify(body))
  }

interface Said {
  readonly text: string
  readonly calls?: ReadonlyArray<{ readonly id: string; readonly name: string; readonly input: object }>
  readonly stop: "stop" | "tools" | "length" | "refusal"
}

/** What came in place of an answer: whole (an object) or streamed (its pieces). */
interface NoAnswer {
  readonly what: string
  readonly body: object | ReadonlyArray<string>
  readonly error: { readonly reason: ProviderError["reason"]; readonly mayBeBilled: boolean; readonly detail?: string }
}

/** One wire as its server speaks it. */
interface Dialect {
  readonly address: (url: string) => string
  readonly path: string
  readonly body: (said: Said) => object
  readonly type: string
  readonly pieces: (said: Said) => ReadonlyArray<string>
  readonly error: (message: string, type: string) => object
  /** Bodies and streams of a 200 that are no answer, and what each is. */
  readonly noAnswers: ReadonlyArray<NoAnswer>
  readonly models: object
  /** Where the schema of an answer's format lies in a request's body. */
  readonly schema: (body: Prepared["body"]) => unknown
  readonly usage: { readonly total: number; readonly cacheRead: number; readonly reasoning: number | null }
}

const sse = (event: object, name?: string) =>
  `${name === undefined ? "" : `event: ${name}\n`}data: ${JSON.stringify(event)}\n\n`
const halves = (text: string) => [text.slice(0, text.length >> 1), text.slice(text.length >> 1)]

const openaiStop = { stop: "stop", tools: "tool_calls", length: "length", refusal: "stop" }
const openaiUsage = {
  prompt_tokens: 100,
  completion_tokens: 20,
  total_tokens: 120,
  prompt_tokens_details: { cached_tokens: 64 },
  completion_tokens_details: { reasoning_tokens: 5 }
}
const openaiEnding = (finish_reason: string | null, content: string, more: object = {}) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  model,
  choices: [{ index: 0, finish_reason, message: { role: "assistant", content }, ...more }],
  usage: openaiUsage
})
const openaiStreaming = (finish_reason: string, more: object = {}) => [
  sse({ id: "chatcmpl-1", model, choices: [{ index: 0, delta: { content: "Par" }, finish_reason: null }] }),
  sse({ id: "chatcmpl-1", model, choices: [{ index: 0, delta: { content: "" }, finish_reason, ...more }] }),
  "data: [DONE]\n\n"
]
const upstream = { error: { code: 429, message: "Upstream is full" } }
const openaiNoAnswers: ReadonlyArray<NoAnswer> = [
  ...["error", "insufficient_system_resource", "abort", "network_error", "ERROR"].flatMap((finish): Array<NoAnswer> => {
    const error = {
      reason: "Server",
      mayBeBilled: true,
      detail: `the answer ended with the finish reason ${finish}`
    } as const
    return [
      { what: `an answer that ended with ${finish}`, body: openaiEnding(finish, "Par"), error },
      { what: `a streamed answer that ended with ${finish}`, body: openaiStreaming(finish), error }
    ]
  }),
  {
    what: "an upstream error in a choice",
    body: openaiEnding("error", "", upstream),
    error: { reason: "RateLimited", mayBeBilled: true, detail: "Upstream is full" }
  },
  {
    what: "an upstream error in a streamed choice",
    body: openaiStreaming("error", upstream),
    error: { reason: "RateLimited", mayBeBilled: true, detail: "Upstream is full" }
  },
  {
    what: "an empty answer that does not say why it ended",
    body: openaiEnding(null, ""),
    error: { reason: "Cut", mayBeBilled: true }
  },
  {
    what: "no choices",
    body: { ...openaiEnding("stop", "Paris."), choices: [] },
    error: { reason: "Malformed", mayBeBilled: true }
  },
  {
    what: "a stream without choices",
    body: [sse({ id: "chatcmpl-1", model, choices: [], usage: openaiUsage }), "data: [DONE]\n\n"],
    error: { reason: "Cut", mayBeBilled: true }
  }
]
const openaiDialect: Dialect = {
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
        finish_reason: openaiStop[stop],
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
    usage: openaiUsage
  }),
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
      chunk({}, openaiStop[stop]),
      sse({ id: "chatcmpl-1", object: "chat.completion.chunk", model, choices: [], usage: openaiUsage }),
      "data: [DONE]\n\n"
    ]
  },
  error: (message, type) => ({ error: { message, type, param: null, code: type } }),
  noAnswers: openaiNoAnswers,
  models: { object: "list", data: [{ id: model, object: "model" }] },
  schema: (body) => (body["response_format"] as { json_schema: { schema: unknown } }).json_schema.schema,
  usage: { total: 100, cacheRead: 64, reasoning: 5 }
}

const anthropicStop = { stop: "end_turn", tools: "tool_use", length: "max_tokens", refusal: "refusal" }
const anthropicUsage = {
  input_tokens: 30,
  cache_read_input_tokens: 64,
  cache_creation_input_tokens: 6,
  cache_creation: { ephemeral_5m_input_tokens: 6, ephemeral_1h_input_tokens: 0 },
  output_tokens: 20,
  output_tokens_details: { thinking_tokens: 5 }
}
const anthropicBlocks = ({ calls, text }: Said) => [
  ...(text === "" ? [] : [{ type: "text", text }]),
  ...(calls ?? []).map(({ id, input, name }) => ({ type: "tool_use", id, name, input }))
]
const anthropicMessage = { id: "msg_1", type: "message", role: "assistant", model, stop_sequence: null }
const anthropicDialect: Dialect = {
  address: (url) => `${url}/v1`,
  path: "/v1/messages",
  type: "text/event-stream; charset=utf-8",
  body: (said) => ({
    ...anthropicMessage,
    content: anthropicBlocks(said),
    stop_reason: anthropicStop[said.stop],
    usage: anthropicUsage
  }),
  pieces: (said) => {
    const event = (one: { readonly type: string; readonly [key: string]: unknown }) => sse(one, one.type)
    return [
      event({
        type: "message_start",
        message: { ...anthropicMessage, content: [], stop_reason: null, usage: { ...anthropicUsage, output_tokens: 1 } }
      }),
      event({ type: "ping" }),
      ...anthropicBlocks(said).flatMap((block, index) => [
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
        delta: { stop_reason: anthropicStop[said.stop], stop_sequence: null },
        usage: { output_tokens: 20, input_tokens: null }
      }),
      event({ type: "message_stop" })
    ]
  },
  error: (message, type) => ({ type: "error", error: { type, message }, request_id: "req_1" }),
  noAnswers: [
    {
      what: "a message that has not ended",
      body: { ...anthropicMessage, content: [{ type: "text", text: "Par" }], stop_reason: null, usage: anthropicUsage },
      error: { reason: "Cut", mayBeBilled: true }
    },
    {
      what: "a message that has not begun",
      body: { ...anthropicMessage, content: [], stop_reason: null, usage: anthropicUsage },
      error: { reason: "Cut", mayBeBilled: true }
    },
    {
      what: "a message that ended with an error",
      body: { ...anthropicMessage, content: [], stop_reason: "error", usage: anthropicUsage },
      error: { reason: "Server", mayBeBilled: true }
    },
    {
      what: "a streamed message that ended with an error",
      body: [
        sse(
          { type: "message_start", message: { ...anthropicMessage, content: [], stop_reason: null } },
          "message_start"
        ),
        sse({ type: "message_delta", delta: { stop_reason: "error" }, usage: { output_tokens: 0 } }, "message_delta"),
        sse({ type: "message_stop" }, "message_stop")
      ],
      error: { reason: "Server", mayBeBilled: true }
    }
  ],
  models: { data: [{ id: model, type: "model" }], has_more: false, first_id: model, last_id: model },
  schema: (body) => (body["output_config"] as { format: { schema: unknown } }).format.schema,
  usage: { total: 100, cacheRead: 64, reasoning: 5 }
}

const ollamaDone = { done: true, prompt_eval_count: 100, eval_count: 20, total_duration: 5, load_duration: 1 }
const ollamaReason = (stop: Said["stop"]) => ({ done_reason: stop === "length" ? "length" : "stop" })
const ollamaCalls = ({ calls }: Said) =>
  calls === undefined ? {} : { tool_calls: calls.map(({ input, name }) => ({ function: { name, arguments: input } })) }
const ollamaDialect: Dialect = {
  address: (url) => url,
  path: "/api/chat",
  type: "application/x-ndjson",
  body: (said) => ({
    model,
    message: { role: "assistant", content: said.text, ...ollamaCalls(said) },
    ...ollamaDone,
    ...ollamaReason(said.stop)
  }),
  pieces: (said) =>
    [
      ...halves(said.text).map((content) => ({ model, message: { role: "assistant", content }, done: false })),
      ...(said.calls === undefined
        ? []
        : [{ model, message: { role: "assistant", content: "", ...ollamaCalls(said) }, done: false }]),
      { model, message: { role: "assistant", content: "" }, ...ollamaDone, ...ollamaReason(said.stop) }
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
  usage: { total: 100, cacheRead: 0, reasoning: null }
}

const schema = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false
}
const request: CallRequest = {
  wire: "unknown",
  model,
  messages: [
    { role: "system", blocks: [{ type: "text", text: "Be brief." }] },
    { role: "user", blocks: [{ type: "text", text: "What is the capital of France?" }] }
  ],
  tools: [],
  params: { maxOutputTokens: 200, temperature: 0 }
}
const tool = {
  name: "lookup",
  description: "Looks up",
  inputSchema: schema,
  kind: "function",
  basis: "recorded"
} as const

const prepared = (connection: Connection, asked: CallRequest = request) => Result.getOrThrow(connection.prepare(asked))

/** What holds for every provider, whatever its wire. */
const contractSuite = (name: string, provider: Provider, dialect: Dialect) =>
  describe(name, () => {
    const opened = (script: (response: ServerResponse, seen: Seen) => void, config: Partial<ProviderConfig> = {}) =>
      Effect.gen(function* () {
        const server = yield* wireServer(script)
        const connection = yield* provider.open({
          name: "there",
          baseURL: dialect.address(server.url),
          apiKey: Redacted.make(key),
          timeoutMs: 20_000,
          ...config
        })
        return { server, connection }
      })
    const answering =
      (said: Said) =>
      (response: ServerResponse, { body }: Seen) => {
        if (body["stream"] !== true) return json(200, dialect.body(said))(response)
        response.writeHead(200, { "content-type": dialect.type })
        for (const piece of dialect.pieces(said)) response.write(piece)
        response.end()
      }
    const failing = Effect.fnUntraced(function* (
      script: (response: ServerResponse, seen: Seen) => void,
      how: { readonly stream?: boolean; readonly config?: Partial<ProviderConfig> } = {}
    ) {
      const { connection, server } = yield* opened(script, how.config)
      const body = prepared(connection).body
      const error = yield* Effect.flip(connection.send(body, { stream: how.stream ?? false }))
      assert.strictEqual(error.provider, "there")
      assert.strictEqual(error.model, model)
      assert.notInclude(`${error.message}${JSON.stringify(error)}${error.stack}`, key)
      return { error, server }
    })

    it.effect("answers in text, with usage and time, and sends one request with its key", () =>
      Effect.gen(function* () {
        const { connection, server } = yield* opened(answering({ text: "Paris.", stop: "stop" }))
        const { body, losses } = prepared(connection)
        assert.deepStrictEqual(losses, [])
        const { response, timing, usage } = yield* connection.send(body, { stream: false })
        assert.deepStrictEqual(response.blocks, [{ type: "text", text: "Paris." }])
        assert.strictEqual(response.stopReason, "end")
        assert.strictEqual(response.model, model)
        assert.isTrue(response.complete)
        assert.strictEqual(usage.basis, "reported")
        assert.strictEqual(usage.input?.total, dialect.usage.total)
        assert.strictEqual(usage.input?.cacheRead, dialect.usage.cacheRead)
        assert.strictEqual(usage.output?.total, 20)
        assert.strictEqual(usage.output?.reasoning, dialect.usage.reasoning)
        assert.match(timing.startedAt ?? "", /^\d{4}-\d\d-\d\dT.*Z$/)
        assert.isAbove(timing.latencyMs ?? 0, 0)
        assert.isUndefined(timing.ttftMs)
        const [seen, ...others] = server.seen
        assert.deepStrictEqual(others, [])
        assert.strictEqual(seen?.path, dialect.path)
        assert.include(
          [seen?.headers["x-api-key"], seen?.headers.authorization],
          name === "anthropic" ? key : `Bearer ${key}`
        )
        const { stream: _stream, ...sent } = seen?.body ?? {}
        assert.deepStrictEqual(sent, body)
      })
    )

    it.effect("streams the same answer, and says when it began", () =>
      Effect.gen(function* () {
        const said: Said = {
          text: "Let me see, naïve 日本語 ✓.",
          calls: [{ id: "call_a", name: "lookup", input: { city: "Paris" } }],
          stop: "tools"
        }
        const { connection, server } = yield* opened(answering(said))
        const { body } = prepared(connection)
        const whole = yield* connection.send(body, { stream: false })
        const streamed = yield* connection.send(body, { stream: true })
        assert.deepStrictEqual(streamed.response, whole.response)
        assert.deepStrictEqual({ ...streamed.usage, raw: null }, { ...whole.usage, raw: null })
        assert.isNumber(streamed.timing.ttftMs)
        assert.isAtMost(streamed.timing.ttftMs ?? Infinity, streamed.timing.latencyMs ?? 0)
        assert.strictEqual(server.seen[1]?.body["stream"], true)
      })
    )

    for (const stream of [false, true]) {
      it.effect(`calls several tools at once (stream: ${stream})`, () =>
        Effect.gen(function* () {
          const calls = [
            { id: "call_a", name: "lookup", input: { city: "Paris" } },
            { id: "call_b", name: "lookup", input: { city: "Rome" } }
          ]
          const { connection, server } = yield* opened(answering({ text: "", calls, stop: "tools" }))
          const { body } = prepared(connection, { ...request, tools: [tool] })
          const { response, usage } = yield* connection.send(body, { stream })
          assert.strictEqual(response.stopReason, "tool_use")
          assert.deepStrictEqual(
            answerOf(response, usage).toolCalls,
            calls.map(({ input, name }) => ({ name, arguments: input }))
          )
          const ids = response.blocks.flatMap((block) => (block.type === "tool_use" ? [block.id] : []))
          assert.strictEqual(new Set(ids).size, 2)
          assert.lengthOf(server.seen[0]?.body["tools"] as Array<unknown>, 1)
        })
      )
    }

    it.effect("names the tools of an answer as the archive does, dots and all", () =>
      Effect.gen(function* () {
        const { connection } = yield* opened((response, { body }) => {
          const [sent] = body["tools"] as Array<{ name?: string; function?: { name: string } }>
          const called = sent?.name ?? sent?.function?.name ?? ""
          json(200, dialect.body({ text: "", calls: [{ id: "c", name: called, input: {} }], stop: "tools" }))(response)
        })
        const { body } = prepared(connection, { ...request, tools: [{ ...tool, name: "desk.lookup/é" }] })
        const { response, usage } = yield* connection.send(body, { stream: false })
        assert.deepStrictEqual(answerOf(response, usage).toolCalls, [{ name: "desk.lookup/é", arguments: {} }])
      })
    )

    it.effect("sends the schema that the answer must have", () =>
      Effect.gen(function* () {
        const { connection, server } = yield* opened(answering({ text: '{"city":"Paris"}', stop: "stop" }))
        const { body } = prepared(connection, {
          ...request,
          responseFormat: { type: "json_schema", name: "out", schema, strict: true }
        })
        yield* connection.send(body, { stream: false })
        assert.deepStrictEqual(dialect.schema(server.seen[0]?.body ?? {}), schema)
      })
    )

    it.effect("takes an answer cut by its token limit, and a refusal, as answers", () =>
      Effect.gen(function* () {
        const cut = yield* opened(answering({ text: "Par", stop: "length" }))
        assert.strictEqual(
          (yield* cut.connection.send(prepared(cut.connection).body, { stream: true })).response.stopReason,
          "length"
        )
        const refusing = yield* opened(answering({ text: "I cannot.", stop: "refusal" }))
        const { response, usage } = yield* refusing.connection.send(prepared(refusing.connection).body, {
          stream: false
        })
        assert.strictEqual(answerOf(response, usage).text, "I cannot.")
        assert.strictEqual(response.stopReason, name === "ollama" ? "end" : "refusal")
      })
    )

    it.effect("says how long to wait after a rate limit, and does not ask again by itself", () =>
      Effect.gen(function* () {
        const seconds = yield* failing(
          json(429, dialect.error("slow down", "rate_limit_error"), { "retry-after": "7" })
        )
        assert.deepInclude(seconds.error, {
          reason: "RateLimited",
          status: 429,
          retryAfterMs: 7000,
          detail: "slow down",
          mayBeBilled: false,
          retryable: true
        })
        assert.lengthOf(seconds.server.seen, 1)
        const exact = yield* failing(
          json(429, dialect.error("slow down", "rate_limit_error"), { "retry-after": "7", "retry-after-ms": "50" })
        )
        assert.strictEqual(exact.error.retryAfterMs, 50)
        const date = yield* failing(
          json(429, dialect.error("slow down", "rate_limit_error"), {
            "retry-after": new Date(Date.now() + 60_000).toUTCString()
          })
        )
        assert.isAtMost(date.error.retryAfterMs ?? Infinity, 60_000)
        assert.isAbove(date.error.retryAfterMs ?? 0, 0)
      })
    )

    it.effect("tells failures of the server, of the key and of the request apart", () =>
      Effect.gen(function* () {
        for (const [status, type, message, reason] of [
          [500, "api_error", "it broke", "Server"],
          [503, "overloaded_error", "too busy", "Server"],
          [529, "overloaded_error", "Overloaded", "Server"],
          [401, "authentication_error", "invalid key", "Auth"],
          [403, "permission_error", "not yours", "Auth"],
          [
            429,
            "insufficient_quota",
            "You exceeded your current quota, please check your plan and billing details.",
            "Auth"
          ],
          [400, "invalid_request_error", "temperature: must be a number", "BadRequest"],
          [404, "not_found_error", "no recorded answer for these messages", "BadRequest"],
          [404, "not_found_error", "the model 'x' does not exist", "ModelNotFound"]
        ] as const) {
          const { error } = yield* failing(json(status, dialect.error(message, type)))
          assert.deepInclude(error, { reason, status, detail: message, mayBeBilled: false })
        }
        const gateway = yield* failing((response) => {
          response.writeHead(504, { "content-type": "text/html" })
          response.end(`<h1>Gateway timeout</h1>${"x".repeat(2000)}`)
        })
        assert.deepInclude(gateway.error, { reason: "Server", status: 504, mayBeBilled: true })
        assert.isAtMost(gateway.error.detail.length, 500)
        assert.include(gateway.error.detail, "Gateway timeout")
      })
    )

    it.effect("recognises a request that is too long in the words of many vendors", () =>
      Effect.gen(function* () {
        for (const message of [
          "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
          "prompt is too long: 210000 tokens > 200000 maximum",
          "input length and `max_tokens` exceed context limit: 199000 + 4096 > 200000, decrease input length or `max_tokens`",
          "the request exceeds the available context size, try increasing it",
          "the input length exceeds the context length",
          "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
          "Please reduce the length of the messages or completion.",
          "Prompt contains 40000 tokens, too large for model with 32768 maximum context length"
        ]) {
          const { error } = yield* failing(json(400, dialect.error(message, "invalid_request_error")))
          assert.strictEqual(error.reason, "ContextTooLong", message)
          assert.isFalse(error.retryable)
        }
        const { error } = yield* failing(
          json(413, dialect.error("Request exceeds the maximum size", "request_too_large"))
        )
        assert.strictEqual(error.reason, "ContextTooLong")
      })
    )

    it.effect("fails as Cut when a stream ends early, whether closed politely or broken off", () =>
      Effect.gen(function* () {
        const pieces = dialect.pieces({ text: "a longer answer", stop: "stop" })
        const most = pieces.slice(0, 2)
        const polite = yield* failing(
          (response) => {
            response.writeHead(200, { "content-type": dialect.type })
            response.end(most.join(""))
          },
          { stream: true }
        )
        assert.deepInclude(polite.error, { reason: "Cut", mayBeBilled: true, retryable: true })
        const broken = yield* failing(
          (response) => {
            response.writeHead(200, { "content-type": dialect.type })
            response.write(most.join(""), () => response.destroy())
          },
          { stream: true }
        )
        assert.deepInclude(broken.error, { reason: "Cut", mayBeBilled: true })
      })
    )

    it.effect("fails as Malformed when the body is not what the wire promises", () =>
      Effect.gen(function* () {
        const text = (body: string, type: string) => (response: ServerResponse) => {
          response.writeHead(200, { "content-type": type })
          response.end(body)
        }
        for (const script of [
          text('{"cho', "application/json"),
          text("<html>hello</html>", "text/html"),
          text("[]", "application/json"),
          text("{}", "application/json")
        ]) {
          const { error } = yield* failing(script)
          assert.deepInclude(error, { reason: "Malformed", mayBeBilled: true, retryable: true })
        }
        const line = name === "ollama" ? '{"message"\n' : `event: message_start\ndata: {"choi\n\n`
        const { error } = yield* failing(text(line, dialect.type), { stream: true })
        assert.strictEqual(error.reason, "Malformed")
      })
    )

    it.effect("fails with what the provider says in the body of a 200", () =>
      Effect.gen(function* () {
        const { error } = yield* failing(json(200, dialect.error("Overloaded", "overloaded_error")))
        assert.deepInclude(error, { reason: "Server", detail: "Overloaded", mayBeBilled: true, retryable: true })
      })
    )

    for (const { body, error: expected, what } of dialect.noAnswers) {
      it.effect(`takes ${what} for a failure, not for an answer`, () =>
        Effect.gen(function* () {
          const { error } = yield* failing(
            (response) => {
              if (!Array.isArray(body)) return json(200, body)(response)
              response.writeHead(200, { "content-type": dialect.type })
              response.end(body.join(""))
            },
            { stream: Array.isArray(body) }
          )
          assert.deepInclude(error, { ...expected, retryable: true })
        })
      )
    }

    it.effect("fails with what the provider says amid a stream", () =>
      Effect.gen(function* () {
        const told = dialect.error("Overloaded", "overloaded_error")
        const { error } = yield* failing(
          (response) => {
            response.writeHead(200, { "content-type": dialect.type })
            response.end(name === "ollama" ? `${JSON.stringify(told)}\n` : sse(told, "error"))
          },
          { stream: true }
        )
        assert.deepInclude(error, { reason: "Server", detail: "Overloaded", mayBeBilled: true })
      })
    )

    it.effect("fails as Network when nobody listens, which costs nothing, or the answer breaks off, which may", () =>
      Effect.gen(function* () {
        const { url } = yield* Effect.scoped(wireServer(() => undefined))
        const connection = yield* provider.open({ name: "gone", baseURL: dialect.address(url) })
        const error = yield* Effect.flip(connection.send(prepared(connection).body, { stream: false }))
        assert.deepInclude(error, { provider: "gone", reason: "Network", mayBeBilled: false, retryable: true })
        assert.include(error.detail, "ECONNREFUSED")
        const broken = yield* failing((response) => {
          response.writeHead(200, { "content-type": "application/json" })
          response.write('{"id":', () => response.destroy())
        })
        assert.deepInclude(broken.error, { reason: "Network", mayBeBilled: true })
      })
    )

    for (const stream of [false, true]) {
      it.effect(`gives up after its time and closes the socket, also amid the body (stream: ${stream})`, () =>
        Effect.gen(function* () {
          const hanging = yield* failing(() => undefined, { stream, config: { timeoutMs: 150 } })
          assert.deepInclude(hanging.error, { reason: "Timeout", mayBeBilled: true, retryable: true })
          // On a busy machine the time may be up before the request is out: then there is nothing to close.
          if (hanging.server.seen.length > 0) yield* Effect.promise(() => hanging.server.closed)
          const stalled = yield* failing(
            (response) => {
              response.writeHead(200, { "content-type": stream ? dialect.type : "application/json" })
              response.write(stream ? dialect.pieces({ text: "x", stop: "stop" })[0] : "{")
            },
            { stream, config: { timeoutMs: 150 } }
          )
          assert.strictEqual(stalled.error.reason, "Timeout")
          if (stalled.server.seen.length > 0) yield* Effect.promise(() => stalled.server.closed)
        })
      )

      it.effect(`closes the socket when it is interrupted (stream: ${stream})`, () =>
        Effect.gen(function* () {
          const { connection, server } = yield* opened((response) => {
            if (!stream) return
            response.writeHead(200, { "content-type": dialect.type })
            response.write(dialect.pieces({ text: "x", stop: "stop" })[0])
          })
          const fiber = yield* connection
            .send(prepared(connection).body, { stream })
            .pipe(Effect.forkChild({ startImmediately: true }))
          yield* Effect.promise(() => server.arrived)
          yield* Fiber.interrupt(fiber)
          yield* Effect.promise(() => server.closed)
        })
      )
    }

    it.effect("never shows its key, not even where the provider repeats it", () =>
      Effect.gen(function* () {
        const { error } = yield* failing(
          json(401, dialect.error(`Incorrect API key provided: ${key}.`, "authentication_error"))
        )
        assert.strictEqual(error.detail, "Incorrect API key provided: [key].")
        const { error: cut } = yield* failing(
          json(400, dialect.error(`${"x".repeat(490)}${key}`, "invalid_request_error"))
        )
        assert.notInclude(cut.detail, key.slice(0, 6))
      })
    )

    it.effect("lists the models, and says why where it cannot", () =>
      Effect.gen(function* () {
        const { connection } = yield* opened(json(200, dialect.models))
        assert.deepStrictEqual(yield* connection.models, [model])
        const closed = yield* opened(json(401, dialect.error("invalid key", "authentication_error")))
        assert.strictEqual((yield* Effect.flip(closed.connection.models)).reason, "Auth")
      })
    )

    it.effect("refuses a configuration that cannot work, without showing the key", () =>
      Effect.gen(function* () {
        for (const config of [
          { name: "x", baseURL: "localhost:8089/v1" },
          { name: "x", baseURL: "ftp://example.test" },
          { name: "x", baseURL: "https://me:word@example.test/v1" },
          { name: "x", apiKey: Redacted.make(`${key}\n`) },
          { name: "x", apiKey: Redacted.make("") }
        ]) {
          const fault = yield* Effect.flip(provider.open(config))
          assert.strictEqual(fault.kind, "input")
          assert.include(fault.message, "provider x")
          assert.notInclude(fault.message, key)
        }
      })
    )

    it.effect("tells the connection's sockets to close with its scope", () =>
      Effect.gen(function* () {
        const server = yield* wireServer(() => undefined)
        yield* Effect.scoped(
          Effect.gen(function* () {
            const connection = yield* provider.open({ name: "there", baseURL: dialect.address(server.url) })
            yield* connection
              .send(prepared(connection).body, { stream: false })
              .pipe(Effect.ignore, Effect.forkDetach({ startImmediately: true }))
            yield* Effect.promise(() => server.arrived)
          })
        )
        yield* Effect.promise(() => server.closed)
      })
    )
  })

contractSuite("openai", openai, openaiDialect)
contractSuite("anthropic", anthropic, anthropicDialect)
contractSuite("ollama", ollama, ollamaDialect)
