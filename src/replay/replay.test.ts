import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import { Calls } from "../calls/Calls.ts"
import type { CallRequest, Usage } from "../domain/Call.ts"
import type { Case } from "../domain/Case.ts"
import type { AnswerRow } from "../domain/Output.ts"
import { setupOf } from "../domain/Setup.ts"
import { openai } from "../providers/openai.ts"
import { Answers } from "../store/Answers.ts"
import type { Capabilities } from "./capability.ts"
import { type Asking, mannerOf, plainAsking } from "./manner.ts"
import { type ReadyCheck, replayCase, replayFloor } from "./replay.ts"

type Body = Readonly<Record<string, unknown>>
interface Said {
  readonly status?: number
  readonly body: unknown
}
type Script = (body: Body) => Said

const finished = (content: string, finish = "stop", usage: { output?: number; reasoning?: number } = {}): Said => ({
  body: {
    id: "x",
    model: "m",
    choices: [{ index: 0, finish_reason: finish, message: { role: "assistant", content } }],
    usage: {
      prompt_tokens: 10,
      completion_tokens: usage.output ?? 5,
      completion_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 }
    }
  }
})
const refused = (message: string): Said => ({
  status: 400,
  body: { error: { message, type: "invalid_request_error" } }
})

const stream = (response: ServerResponse, { body }: Said) => {
  const { choices, usage } = body as {
    choices: ReadonlyArray<{ message: { content: string }; finish_reason: string }>
    usage: object
  }
  const piece = (more: object) => response.write(`data: ${JSON.stringify({ id: "x", model: "m", ...more })}\n\n`)
  response.writeHead(200, { "content-type": "text/event-stream" })
  piece({ choices: [{ index: 0, delta: { role: "assistant", content: choices[0]!.message.content } }] })
  piece({ choices: [{ index: 0, delta: {}, finish_reason: choices[0]!.finish_reason }] })
  piece({ choices: [], usage })
  response.end("data: [DONE]\n\n")
}

/** A host that answers from a script, over real HTTP; it keeps what it was asked. */
const served = Effect.fnUntraced(function* (script: Script) {
  const bodies: Array<Body> = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    let text = ""
    for await (const chunk of request) text += String(chunk)
    const body: Body = JSON.parse(text)
    bodies.push(body)
    const said = script(body)
    if (body["stream"] === true && said.status === undefined) return stream(response, said)
    response.writeHead(said.status ?? 200, { "content-type": "application/json" })
    response.end(JSON.stringify(said.body))
  }
  const server = yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const made = createServer((request, response) => void answer(request, response))
      made.listen(0, "127.0.0.1")
      await once(made, "listening")
      return made
    }),
    (made) =>
      Effect.promise(async () => {
        made.closeAllConnections()
        await new Promise((done) => made.close(done))
      })
  )
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const connection = yield* openai.open({ name: "there", baseURL })
  const rows = new Map<string, AnswerRow>()
  const answers = Layer.succeed(Answers, {
    get: (key: string) => Effect.sync(() => rows.get(key)),
    has: (key: string) => rows.has(key),
    wasAsked: () => false,
    put: (row: AnswerRow) => Effect.sync(() => void rows.set(row.key, row))
  })
  const layer = Calls.layer({
    accounts: [
      {
        name: "there",
        kind: "openai",
        host: "there",
        connection,
        concurrency: 4,
        priceOf: () => ({ input: "1", output: "1", source: "test", asOf: "2026-01-01" })
      }
    ],
    budget: null,
    journal: () => Effect.void
  }).pipe(Layer.provide(answers))
  return { bodies, layer, rows }
})

const usage: Usage = {
  basis: "reported",
  input: { total: 10, uncached: 10, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 },
  output: { total: 5, text: 5, reasoning: 0 }
}
const caseOf = (id: string, params: CallRequest["params"], more: Partial<CallRequest> = {}): Case => ({
  id,
  callId: id,
  slice: "all",
  cluster: id,
  weight: 1,
  requestDigest: id,
  repeat: 0,
  model: "old",
  usage,
  outputTokens: 5,
  startedAt: null,
  labels: {},
  request: {
    wire: "openai.chat",
    model: "old",
    messages: [{ role: "user", blocks: [{ type: "text", text: `question ${id}` }] }],
    tools: [],
    params,
    ...more
  },
  original: { text: "right", toolCalls: [], finish: "end", usage }
})
const setup = setupOf("there", "m", {})
const asking = (more: Partial<Asking> = {}, can: Capabilities = {}): Asking => ({
  ...plainAsking,
  capabilities: () => can,
  ...more
})

/** A model that thinks, as OpenAI's do: it takes no temperature. */
const reasoner: Script = (body) =>
  body["temperature"] === undefined
    ? finished("right")
    : refused("Unsupported parameter: 'temperature' is not supported with this model.")

describe("a call of which several answers were asked for", () => {
  it.live("is asked for one, which is said on the output", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(() => finished("right"))
      const manner = mannerOf(asking(), setup)
      yield* Effect.gen(function* () {
        const several = yield* replayCase(caseOf("a", { n: 3 }), setup, [], manner)
        assert.deepStrictEqual(several.losses, [{ what: "n", why: "3 answers were asked for; one is" }])
        const one = yield* replayCase(caseOf("b", { n: 1 }), setup, [], manner)
        assert.deepStrictEqual(one.losses, [])
        assert.isTrue(bodies.every((body) => !("n" in body)))
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )
})

describe("a parameter that the target refuses", () => {
  it.live("is left out, said on the output, and not sent again with further cases like it", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(reasoner)
      const manner = mannerOf(asking(), setup)
      yield* Effect.gen(function* () {
        for (const id of ["a", "b", "c"]) {
          const output = yield* replayCase(caseOf(id, { temperature: 0 }), setup, [], manner)
          assert.strictEqual(output.answer?.text, "right")
          assert.deepStrictEqual(output.losses, [
            { what: "temperature", why: "the target refuses it, so it was asked without" }
          ])
          assert.strictEqual(output.attempts.length, 1, "a refusal is no attempt")
        }
        assert.deepStrictEqual(
          bodies.map((body) => "temperature" in body),
          [true, false, false, false]
        )
        const plain = yield* replayCase(caseOf("d", {}), setup, [], manner)
        assert.deepStrictEqual(plain.losses, [])
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )

  it.live("is refused once, however many cases are asked at once", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(reasoner)
      const manner = mannerOf(asking(), setup)
      const ids = Array.from({ length: 30 }, (_, i) => `at-once-${i}`)
      const outputs = yield* Effect.forEach(
        ids,
        (id) => replayCase(caseOf(id, { temperature: 0 }), setup, [], manner),
        { concurrency: "unbounded" }
      ).pipe(Effect.provide(layer))
      assert.isTrue(outputs.every(({ answer, losses }) => answer?.text === "right" && losses.length === 1))
      assert.strictEqual(bodies.filter((body) => "temperature" in body).length, 1)
    }).pipe(Effect.scoped)
  )

  it.live("is no reason to send others that the target may take: what is left out does not depend on their order", () =>
    Effect.gen(function* () {
      const only1: Script = (body) =>
        body["temperature"] === undefined || body["temperature"] === 1
          ? finished("right")
          : refused(
              "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported."
            )
      const { bodies, layer } = yield* served(only1)
      const manner = mannerOf(asking(), setup)
      yield* Effect.gen(function* () {
        yield* replayCase(caseOf("a", { temperature: 0 }), setup, [], manner)
        const one = yield* replayCase(caseOf("b", { temperature: 1 }), setup, [], manner)
        assert.deepStrictEqual(one.losses, [])
        assert.strictEqual(bodies.at(-1)?.["temperature"], 1)
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )

  it.live("makes the case one that cannot be sent, where the suite says refuse; the next is not tried", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(reasoner)
      const manner = mannerOf(asking({ refusedParameters: "refuse" }), setup)
      yield* Effect.gen(function* () {
        for (const id of ["a", "b"]) {
          const { ending, failure } = yield* replayCase(caseOf(id, { temperature: 0 }), setup, [], manner)
          assert.deepInclude(failure, { kind: "unsendable", why: "parameter" })
          assert.strictEqual(ending, "unsendable")
        }
        assert.strictEqual(bodies.length, 1)
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )

  it.live("says so where it is an axis of the setup, and max_tokens only takes its other name", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served((body) =>
        body["max_tokens"] !== undefined
          ? refused(
              "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
            )
          : reasoner(body)
      )
      const hot = setupOf("there", "m", { temperature: 0.7 })
      yield* Effect.gen(function* () {
        const { losses } = yield* replayCase(caseOf("a", { maxOutputTokens: 50 }), hot, [], mannerOf(asking(), hot))
        assert.deepStrictEqual(
          losses.map(({ what }) => what),
          ["temperature"]
        )
        assert.include(losses[0]?.why, "this axis of the setup is not in force")
        assert.strictEqual(bodies.at(-1)?.["max_completion_tokens"], 50)
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )
})

describe("what a model cannot take", () => {
  it.live("is not sent", () =>
    Effect.gen(function* () {
      const { bodies, layer, rows } = yield* served(() => finished("right"))
      const picture = caseOf(
        "a",
        {},
        {
          messages: [
            { role: "user", blocks: [{ type: "image", source: { kind: "url", url: "https://example.org/a.png" } }] }
          ]
        }
      )
      yield* Effect.gen(function* () {
        const { cost, failure } = yield* replayCase(picture, setup, [], mannerOf(asking({}, { vision: false }), setup))
        assert.deepInclude(failure, { kind: "unsendable", why: "vision" })
        assert.strictEqual(cost, 0n)
        assert.deepStrictEqual([bodies.length, rows.size], [0, 0])
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )

  it.live("is learnt from its words where nobody knew, and not tried again", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(() => refused('"m" does not support tools'))
      const manner = mannerOf(asking(), setup)
      const tools = [{ name: "t", inputSchema: { type: "object" }, kind: "function", basis: "recorded" }] as const
      yield* Effect.gen(function* () {
        for (const id of ["a", "b"]) {
          const { failure } = yield* replayCase(caseOf(id, {}, { tools }), setup, [], manner)
          assert.deepInclude(failure, { kind: "unsendable", why: "tools" })
        }
        assert.strictEqual(bodies.length, 1)
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )

  it.live("a limit of ours is lowered to what the model gives; an original's own is not", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served((body) =>
        Number(body["max_tokens"]) > 1000
          ? refused(
              "max_tokens is too large: 4096. This model supports at most 1000 completion tokens, whereas you provided 4096."
            )
          : finished("right")
      )
      const manner = mannerOf(asking(), setup)
      yield* Effect.gen(function* () {
        const ours = yield* replayCase(caseOf("a", {}), setup, [], manner)
        assert.strictEqual(ours.answer?.text, "right")
        assert.deepStrictEqual(
          ours.losses.map(({ what }) => what),
          ["output limit"]
        )
        yield* replayCase(caseOf("b", {}), setup, [], manner)
        const own = yield* replayCase(caseOf("c", { maxOutputTokens: 2000 }), setup, [], manner)
        assert.deepInclude(own.failure, { kind: "unsendable", why: "output limit" })
        assert.deepStrictEqual(
          bodies.map((body) => body["max_tokens"]),
          [4096, 1000, 1000]
        )
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )
})

describe("an answer that the budget ended", () => {
  const needs =
    (tokens: number, reasoning = 0): Script =>
    (body) =>
      Number(body["max_tokens"]) < tokens
        ? finished(reasoning > 0 ? "" : "rig", "length", { output: Number(body["max_tokens"]), reasoning })
        : finished("right", "stop", { output: tokens })

  it.live("is asked for once more with four times our own limit; both are paid", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(needs(5000))
      yield* Effect.gen(function* () {
        const { answer, attempts, cost, ending } = yield* replayCase(caseOf("a", {}), setup, [])
        assert.strictEqual(answer?.text, "right")
        assert.strictEqual(ending, "complete")
        assert.deepStrictEqual(
          bodies.map((body) => body["max_tokens"]),
          [4096, 16384]
        )
        assert.deepStrictEqual(
          attempts.map(({ enlarged, round }) => [round, enlarged]),
          [
            [0, undefined],
            [0, 16384]
          ]
        )
        assert.strictEqual(cost, BigInt(10 + 4096 + 10 + 5000) * 1000n)
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )

  it.live("stays what it was where it was cut again, and by the original's own limit", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(needs(1_000_000))
      yield* Effect.gen(function* () {
        const twice = yield* replayCase(caseOf("a", {}), setup, [])
        assert.strictEqual(twice.ending, "truncated")
        assert.strictEqual(twice.answer?.text, "rig")
        assert.strictEqual(bodies.length, 2)
        const own = yield* replayCase(caseOf("b", { maxOutputTokens: 100 }), setup, [])
        assert.strictEqual(own.ending, "truncated")
        assert.strictEqual(bodies.length, 3)
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )

  it.live("by reasoning gets a larger one even of the original's, but not of a budget that is compared", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(needs(300, 100))
      yield* Effect.gen(function* () {
        const original = yield* replayCase(caseOf("a", { maxOutputTokens: 100 }), setup, [])
        assert.strictEqual(original.ending, "complete")
        assert.strictEqual(bodies.length, 2)
        const compared = yield* replayCase(caseOf("b", {}), setupOf("there", "m", { maxTokens: 100 }), [])
        assert.strictEqual(compared.ending, "reasoning")
        assert.strictEqual(bodies.length, 3)
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )

  it.live("is not bought twice where the model turns out to give no more", () =>
    Effect.gen(function* () {
      const { layer } = yield* served((body) =>
        Number(body["max_tokens"]) > 4096
          ? refused("max_tokens: 16384 > 4096, which is the maximum allowed number of output tokens for m")
          : finished("rig", "length", { output: 4096 })
      )
      yield* Effect.gen(function* () {
        const { attempts, ending } = yield* replayCase(caseOf("a", {}), setup, [])
        assert.strictEqual(ending, "truncated")
        assert.strictEqual(attempts.length, 1)
        const calls = yield* Calls
        assert.strictEqual((yield* calls.spend).calls, 1)
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )

  it.live("of the incumbent, asked again, is treated like a setup's", () =>
    Effect.gen(function* () {
      const { layer } = yield* served(needs(5000))
      const { attempts, ending } = yield* replayFloor(caseOf("a", {}), { provider: "there", model: "m" }, 0).pipe(
        Effect.provide(layer)
      )
      assert.deepStrictEqual([ending, attempts.length], ["complete", 2])
    }).pipe(Effect.scoped)
  )

  it.live("is checked only once it is whole, and repair rounds keep its budget", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(needs(5000))
      let checks = 0
      const never: ReadyCheck = {
        use: "never",
        run: () =>
          Effect.sync(() => {
            checks++
            return { use: "never", pass: false, message: "no" }
          })
      }
      const repairing = setupOf("there", "m", { repairs: 1 })
      yield* Effect.gen(function* () {
        const { attempts } = yield* replayCase(caseOf("a", {}), repairing, [never])
        assert.deepStrictEqual(
          attempts.map(({ round }) => round),
          [0, 0, 1]
        )
        assert.strictEqual(checks, 2)
        assert.strictEqual(bodies.at(-1)?.["max_tokens"], 16384)
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )
})

describe("streaming", () => {
  it.live("follows the archived call, or the suite, and shares the cache with what was not streamed", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(() => finished("right"))
      const streamed = caseOf("a", { stream: true })
      const ask = (archived: Case, how: Asking["stream"]) =>
        replayCase(archived, setup, [], mannerOf(asking({ stream: how }), setup))
      yield* Effect.gen(function* () {
        const first = yield* ask(streamed, "auto")
        assert.strictEqual(first.answer?.text, "right")
        assert.strictEqual(bodies[0]?.["stream"], true)
        const again = yield* ask(streamed, false)
        assert.deepInclude(again.attempts[0], { cached: true, answer: first.attempts[0]!.answer })
        yield* ask(caseOf("b", {}), "auto")
        yield* ask(caseOf("c", {}), true)
        yield* ask(caseOf("d", { stream: true }), false)
        assert.deepStrictEqual(
          bodies.map((body) => body["stream"] === true),
          [true, false, true, false]
        )
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )
})
