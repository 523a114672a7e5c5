import { readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"

import { litellm } from "../../src/archive/importers/litellm.ts"
import { type Answer, answerOf } from "../../src/domain/Answer.ts"
import type { ArchivedCall } from "../../src/domain/Call.ts"
import { loadProvider, providers } from "../../src/providers/registry.ts"
import { serve } from "../../src/standin/Fleet.ts"
import { parse } from "../../src/standin/json.ts"
import { profiles } from "../../src/standin/profiles.ts"
import sameWork from "../../suites/graders/sameWork.ts"

const file = new URL("../../datasets/support-desk/calls.jsonl.gz", import.meta.url)
const reader = litellm.start({}).open("calls.jsonl.gz")
const calls: ReadonlyArray<ArchivedCall> = gunzipSync(readFileSync(file))
  .toString("utf8")
  .split("\n")
  .flatMap((line, i) => {
    const json = parse(line)
    return json === undefined ? [] : reader.line({ line: i + 1, json })
  })
  .flatMap((found) => (found._tag === "Call" && found.call.response.error === undefined ? [found.call] : []))

/** The fleet's answers to some calls, by one of the real SDKs. */
const replayed = (kind: string, model: string, some: ReadonlyArray<ArchivedCall>, stream: boolean) =>
  Effect.gen(function* () {
    const fleet = yield* serve()
    const provider = yield* loadProvider(kind)
    const baseURL = kind === "openai" ? fleet.openaiURL : fleet.url
    const { prepare, send } = yield* provider.open({ name: "fleet", baseURL, apiKey: Redacted.make("none") })
    return yield* Effect.forEach(
      some,
      ({ request }) =>
        Effect.gen(function* () {
          const body = Result.getOrThrow(prepare({ ...request, model })).body
          const { response, usage } = yield* send(body, { stream })
          return answerOf(response, usage)
        }),
      { concurrency: 8 }
    )
  })

const gradeOf = (call: ArchivedCall, output: Answer, original = answerOf(call.response, call.usage)) => {
  const { id, labels, request } = call
  return sameWork.grade({ output, original, expected: undefined, case: { id, slice: "", labels, request } }, {})
}
const scoreOf = async (call: ArchivedCall, output: Answer, original?: Answer) => {
  const got = await gradeOf(call, output, original)
  return typeof got === "number" ? got : got.score
}

const saying = (text: string, toolCalls: Answer["toolCalls"] = []): Answer => ({
  text,
  toolCalls,
  finish: "end",
  usage: null
})

describe("the demo's grader", () => {
  const call = calls[0]!
  const score = (original: Answer, output: Answer) => Effect.promise(() => scoreOf(call, output, original))

  it.effect("compares fields and passes over prose", () =>
    Effect.gen(function* () {
      const original = saying('{"queue":"returns","priority":"low","reason":"Broken."}')
      assert.strictEqual(yield* score(original, saying('{"reason":"It broke.","priority":"low","queue":"returns"}')), 1)
      assert.strictEqual(yield* score(original, saying('```json\n{"priority":"low","queue":"returns"}\n```')), 1)
      assert.strictEqual(yield* score(original, saying('{"queue":"returns","priority":"high","reason":"Broken."}')), 0)
      assert.strictEqual(yield* score(original, saying('{"queue":"returns","priority":"low",}')), 0)
    })
  )

  it.effect("compares calls of tools, and wants none where there was none", () =>
    Effect.gen(function* () {
      const refund = (amount: number) => [{ name: "issue_refund", arguments: { order_id: "HH-1", amount } }]
      assert.strictEqual(yield* score(saying("", refund(5)), saying("At once!", refund(5))), 1)
      assert.strictEqual(yield* score(saying("", refund(5)), saying("", refund(6))), 0)
      assert.strictEqual(yield* score(saying("", refund(5)), saying("I will refund you.")), 0)
      assert.strictEqual(yield* score(saying("Resolution: refund 5.00 EUR"), saying("", refund(5))), 0)
    })
  )

  it.effect("compares what a reply promises", () =>
    Effect.gen(function* () {
      const original = saying("Dear Ada, sorry.\n\nResolution: refund 5.00 EUR; voucher 5.00 EUR")
      assert.strictEqual(yield* score(original, saying("Hi!\n\nResolution:  Refund 5.00 EUR;  voucher 5.00 EUR")), 1)
      assert.strictEqual(yield* score(original, saying("Hi!\n\nResolution: refund 5.00 EUR")), 0)
      assert.strictEqual(yield* score(original, saying("We refund 5.00 EUR.")), 0)
    })
  )
})

describe("the sample, replayed by the real SDKs", () => {
  it.live(
    "means the same on every wire, streamed and not: the same model says the same",
    () =>
      Effect.gen(function* () {
        const some = calls.filter((_, i) => i % 16 === 0)
        const model = "sim-local-8b"
        const all: Array<unknown> = []
        // Azure speaks OpenAI's wires at addresses that the fleet does not have.
        for (const { id } of providers.filter((one) => one.id !== "azure"))
          for (const stream of [false, true]) {
            const answers = yield* replayed(id, model, some, stream)
            all.push(answers.map(({ text, toolCalls }) => [text, toolCalls]))
          }
        for (const answers of all) assert.deepStrictEqual(answers, all[0])
      }),
    60_000
  )

  it.live(
    "agrees with the archive about nineteen times in twenty when the incumbent is asked again",
    () =>
      Effect.gen(function* () {
        const answers = yield* replayed("openai", profiles[0]!.name, calls, false)
        const scores = yield* Effect.promise(() => Promise.all(calls.map((call, i) => scoreOf(call, answers[i]!))))
        const floor = scores.reduce<number>((sum, score) => sum + (score ?? Number.NaN), 0) / calls.length
        assert.isTrue(floor > 0.94 && floor < 0.975, `${floor}`)
      }),
    60_000
  )
})
