import type { ServerResponse } from "node:http"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { failing, subjects } from "./subjects.ts"
import { json } from "./wireServer.ts"

for (const subject of subjects) {
  const { dialect } = subject
  describe(subject.name, () => {
    it.effect("says how long to wait after a rate limit, and does not ask again by itself", () =>
      Effect.gen(function* () {
        const seconds = yield* failing(
          subject,
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
          subject,
          json(429, dialect.error("slow down", "rate_limit_error"), { "retry-after": "7", "retry-after-ms": "50" })
        )
        assert.strictEqual(exact.error.retryAfterMs, 50)
        const date = yield* failing(
          subject,
          json(429, dialect.error("slow down", "rate_limit_error"), {
            "retry-after": new Date(Date.now() + 60_000).toUTCString()
          })
        )
        assert.isAtMost(date.error.retryAfterMs ?? Infinity, 60_000)
        assert.isAbove(date.error.retryAfterMs ?? 0, 0)
      })
    )

    it.effect("tells what is left of the quotas after a rate limit, too", () =>
      Effect.gen(function* () {
        const { headers = {}, left } = dialect.quota ?? {}
        const { error } = yield* failing(subject, json(429, dialect.error("slow down", "rate_limit_error"), headers))
        assert.deepStrictEqual(error.quota, left)
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
            "Spent"
          ],
          [400, "invalid_request_error", "temperature: must be a number", "BadRequest"],
          [404, "not_found_error", "no recorded answer for these messages", "BadRequest"],
          [404, "not_found_error", "the model 'x' does not exist", "ModelNotFound"]
        ] as const) {
          const { error } = yield* failing(subject, json(status, dialect.error(message, type)))
          assert.deepInclude(error, { reason, status, detail: message, mayBeBilled: false })
        }
        const gateway = yield* failing(subject, (response) => {
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
          const { error } = yield* failing(subject, json(400, dialect.error(message, "invalid_request_error")))
          assert.strictEqual(error.reason, "ContextTooLong", message)
          assert.isFalse(error.retryable)
        }
        const { error } = yield* failing(
          subject,
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
          subject,
          (response) => {
            response.writeHead(200, { "content-type": dialect.type })
            response.end(most.join(""))
          },
          { stream: true }
        )
        assert.deepInclude(polite.error, { reason: "Cut", mayBeBilled: true, retryable: true })
        const broken = yield* failing(
          subject,
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
          text("[]", "application/json"),
          text("{}", "application/json")
        ]) {
          const { error } = yield* failing(subject, script)
          assert.deepInclude(error, { reason: "Malformed", mayBeBilled: true, retryable: true })
        }
        for (const stream of [false, true]) {
          const page = yield* failing(subject, text("<html><title>Sign in</title></html>", "text/html"), { stream })
          assert.deepInclude(page.error, { reason: "Address", mayBeBilled: false })
          assert.include(page.error.detail, "Sign in")
        }
        const { error } = yield* failing(subject, text(dialect.broken, dialect.type), { stream: true })
        assert.strictEqual(error.reason, "Malformed")
      })
    )

    it.effect("fails with what the provider says in the body of a 200", () =>
      Effect.gen(function* () {
        const { error } = yield* failing(subject, json(200, dialect.error("Overloaded", "overloaded_error")))
        assert.deepInclude(error, { reason: "Server", detail: "Overloaded", mayBeBilled: true, retryable: true })
      })
    )

    for (const { body, error: expected, what } of dialect.noAnswers) {
      it.effect(`takes ${what} for a failure, not for an answer`, () =>
        Effect.gen(function* () {
          const { error } = yield* failing(
            subject,
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
          subject,
          (response) => {
            response.writeHead(200, { "content-type": dialect.type })
            response.end(dialect.told(told))
          },
          { stream: true }
        )
        assert.deepInclude(error, { reason: "Server", detail: "Overloaded", mayBeBilled: true })
      })
    )
  })
}
