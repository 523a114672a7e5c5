import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { answerOf } from "../../domain/Answer.ts"
import { noUsage } from "../wires/usage.ts"
import { model, type Said } from "./dialect.ts"
import { answering, key, opened, prepared, request, schema, subjects, tool } from "./subjects.ts"
import { json } from "./wireServer.ts"

const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="

for (const subject of subjects) {
  const { dialect } = subject
  describe(subject.name, () => {
    it.effect("answers in text, with usage and time, and sends one request with its key", () =>
      Effect.gen(function* () {
        const { connection, server } = yield* opened(subject, answering(subject, { text: "Paris.", stop: "stop" }))
        const { body, losses } = prepared(connection)
        assert.deepStrictEqual(losses, [])
        const { response, timing, usage } = yield* connection.send(body, { stream: false })
        assert.deepStrictEqual(
          response.blocks.map((block) => (block.type === "text" ? block.text : block)),
          ["Paris."]
        )
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
        assert.strictEqual(dialect.key(seen?.headers ?? {}), key)
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
        const { connection, server } = yield* opened(subject, answering(subject, said))
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

    it.effect("reads a whole answer of a host that does not stream, which has no time to the first token", () =>
      Effect.gen(function* () {
        const said: Said = {
          text: "Let me see.",
          calls: [{ id: "call_a", name: "lookup", input: { city: "Paris" } }],
          stop: "tools"
        }
        for (const type of ["application/json", "application/json; charset=utf-8", "text/plain"]) {
          const { connection, server } = yield* opened(subject, (response, { body }) => {
            const named = body["stream"] === true ? type : "application/json"
            response.writeHead(200, { "content-type": named, ...dialect.quota?.headers })
            response.end(JSON.stringify(dialect.body(said), null, 2))
          })
          const { body } = prepared(connection)
          const whole = yield* connection.send(body, { stream: false })
          const streamed = yield* connection.send(body, { stream: true })
          assert.deepStrictEqual(streamed.response, whole.response)
          assert.deepStrictEqual(streamed.usage, whole.usage)
          assert.deepStrictEqual(streamed.quota, dialect.quota?.left)
          assert.isUndefined(streamed.timing.ttftMs)
          assert.lengthOf(server.seen, 2)
        }
      })
    )

    it.effect("reads a stream that its host gives another name", () =>
      Effect.gen(function* () {
        const said: Said = { text: "Paris.", stop: "stop" }
        for (const type of ["application/json", "text/plain"]) {
          const { connection } = yield* opened(subject, (response) => {
            response.writeHead(200, { "content-type": type })
            response.end(dialect.pieces(said).join(""))
          })
          const { response } = yield* connection.send(prepared(connection).body, { stream: true })
          assert.strictEqual(answerOf(response, noUsage).text, "Paris.")
        }
      })
    )

    it.effect("counts the time to the first token, not to what the wire sends before", () =>
      Effect.gen(function* () {
        const pieces = dialect.pieces({ text: "Paris.", stop: "stop" })
        const { connection } = yield* opened(subject, (response) => {
          response.writeHead(200, { "content-type": dialect.type })
          response.write(pieces.slice(0, dialect.heads).join(""))
          setTimeout(() => response.end(pieces.slice(dialect.heads).join("")), 60)
        })
        const { timing } = yield* connection.send(prepared(connection).body, { stream: true })
        assert.isAtLeast(timing.ttftMs ?? 0, 50)
      })
    )

    for (const stream of [false, true]) {
      it.effect(`calls several tools at once (stream: ${stream})`, () =>
        Effect.gen(function* () {
          const calls = [
            { id: "call_a", name: "lookup", input: { city: "Paris" } },
            { id: "call_b", name: "lookup", input: { city: "Rome" } }
          ]
          const { connection, server } = yield* opened(subject, answering(subject, { text: "", calls, stop: "tools" }))
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
        const { connection } = yield* opened(subject, (response, { body }) => {
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
        const { connection, server } = yield* opened(
          subject,
          answering(subject, { text: '{"city":"Paris"}', stop: "stop" })
        )
        const { body } = prepared(connection, {
          ...request,
          responseFormat: { type: "json_schema", name: "out", schema, strict: true }
        })
        yield* connection.send(body, { stream: false })
        assert.deepStrictEqual(dialect.schema(server.seen[0]?.body ?? {}), schema)
      })
    )

    it.effect("sends a picture", () =>
      Effect.gen(function* () {
        const { connection, server } = yield* opened(subject, answering(subject, { text: "A dot.", stop: "stop" }))
        const { body, losses } = prepared(connection, {
          ...request,
          messages: [
            {
              role: "user",
              blocks: [
                { type: "text", text: "What is this?" },
                { type: "image", source: { kind: "inline", base64: pixel }, mediaType: "image/png" }
              ]
            }
          ]
        })
        assert.deepStrictEqual(losses, [])
        yield* connection.send(body, { stream: false })
        assert.strictEqual(dialect.image(server.seen[0]?.body ?? {}), pixel)
      })
    )

    for (const stream of [false, true]) {
      it.effect(`tells what is left of the quotas where the headers do (stream: ${stream})`, () =>
        Effect.gen(function* () {
          const { headers = {}, left } = dialect.quota ?? {}
          const { connection } = yield* opened(subject, answering(subject, { text: "Paris.", stop: "stop" }, headers))
          assert.deepStrictEqual((yield* connection.send(prepared(connection).body, { stream })).quota, left)
        })
      )
    }

    it.effect("takes an answer cut by its token limit, and a refusal, as answers", () =>
      Effect.gen(function* () {
        const cut = yield* opened(subject, answering(subject, { text: "Par", stop: "length" }))
        assert.strictEqual(
          (yield* cut.connection.send(prepared(cut.connection).body, { stream: true })).response.stopReason,
          "length"
        )
        const refusing = yield* opened(subject, answering(subject, { text: "I cannot.", stop: "refusal" }))
        const { response, usage } = yield* refusing.connection.send(prepared(refusing.connection).body, {
          stream: false
        })
        assert.strictEqual(answerOf(response, usage).text, "I cannot.")
        assert.strictEqual(response.stopReason, dialect.refusal)
      })
    )
  })
}
