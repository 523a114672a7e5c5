import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import type { Account } from "../calls/Calls.ts"
import type { Case, CaseRow } from "../domain/Case.ts"
import { setupOf } from "../domain/Setup.ts"
import type { ReadyGrader } from "../evaluate/gates.ts"
import { runGrader } from "../graders/grade.ts"
import { judge } from "../graders/judge/pairwise.ts"
import { rubric } from "../graders/judge/rubric.ts"
import { Answers } from "../store/Answers.ts"
import { answer, seenCase } from "../testing/grading.ts"
import { checkJudgeRoom, type Judged } from "./judgeRoom.ts"

const rowOf = (id: string, tokens: number | null): CaseRow => ({
  id,
  callId: id,
  slice: "all",
  cluster: id,
  weight: 1,
  requestDigest: id,
  repeat: 0,
  model: "premium",
  usage: {
    basis: "reported",
    input:
      tokens === null
        ? null
        : { total: tokens, uncached: tokens, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 },
    output: null
  },
  outputTokens: 0,
  startedAt: null,
  labels: {}
})

/** The archived originals, as long as their cases' tokens say. */
const load = (row: CaseRow): Effect.Effect<Case> =>
  Effect.succeed({
    ...row,
    request: seenCase().request,
    original: { ...answer("x".repeat(row.usage.input?.total ?? 100_000)), usage: row.usage }
  })

const sent: Array<unknown> = []
const account = (name: string, price = { input: "1", output: "10" }): Account => ({
  name,
  kind: "openai",
  host: `http://${name}`,
  concurrency: 4,
  priceOf: () => ({ ...price, source: "test", asOf: "2026-01-01" }),
  connection: {
    prepare: ({ messages, model, params }) =>
      Result.succeed({ body: { model, messages, max_tokens: params.maxOutputTokens }, losses: [] }),
    send: (body) => Effect.die(sent.push(body)),
    models: Effect.succeed([])
  }
})

const options = { provider: "court", model: "m" }
const made = (use: typeof judge | typeof rubric, given: object): ReadyGrader => {
  const settings = { ...options, ...given }
  const grading =
    use.id === "judge"
      ? judge.make(Schema.decodeUnknownSync(judge.options)(settings))
      : rubric.make(Schema.decodeUnknownSync(rubric.options)(settings))
  const asks = [{ ...options, ownFamily: false, calls: use.id === "judge" ? 2 : 1 }]
  return { id: use.id, kind: "preference", report: false, asks, grade: (input) => runGrader(grading, input) }
}
const pairs = made(judge, {})
const criteria = made(rubric, { criteria: [{ name: "right", description: "it is right" }] })

const planned = (
  caps: { readonly run?: bigint; readonly judge?: bigint; readonly provider?: bigint },
  more: Partial<Pick<Judged, "rows">> & { readonly graders?: ReadonlyArray<ReadyGrader> } = {}
): Judged => ({
  accounts: [account("court"), account("fleet")],
  caps: {
    run: caps.run ?? null,
    parts: caps.judge === undefined ? {} : { judge: caps.judge },
    provider: (name) => (name === "court" ? caps.provider : undefined),
    hold: () => true
  },
  rows: more.rows ?? [rowOf("long", 9_000), rowOf("short", 10), rowOf("unknown", null)],
  load,
  suite: { file: "a.suite.ts", graders: more.graders ?? [criteria] }
})
const answers = Layer.succeed(Answers, {
  get: () => Effect.succeed(undefined),
  has: () => false,
  wasAsked: () => false,
  put: () => Effect.void
})
const small = setupOf("fleet", "small", {})
const check = (one: Judged, { tried = [small], kept = "" } = {}) =>
  checkJudgeRoom(one, tried, (setup, id) => setup === "judge" && id === kept).pipe(
    Effect.provide(answers),
    Effect.catchTag("Fault", (fault) => Effect.succeed(fault))
  )

/** 2,048 tokens of output at 10 dollars a million, and what is sent at 1 dollar. */
const output = 20_480_000n

describe("a cap that cannot pay for one verdict", () => {
  it.effect("is bad input before anything is bought, with an amount that is enough", () =>
    Effect.gen(function* () {
      const fault = yield* check(planned({ judge: 100_000n }))
      assert.deepInclude(fault, { kind: "input", file: "a.suite.ts" })
      const words =
        /^budget.judgeUsd of \$0.000100 cannot pay for one verdict of judge court\/m, which may cost up to \$(0\.\d+)$/
      const told = words.exec(fault?.sentence ?? "")?.[1] ?? ""
      assert.include(fault?.mend, `Raise budget.judgeUsd to $${told} at least`)
      const enough = BigInt(Math.round(Number(told) * 1e9))
      assert.isTrue(enough > output && enough < output + 8_000_000n, `${enough}: the shortest case is meant`)
      assert.isUndefined(yield* check(planned({ judge: enough })))
      assert.isDefined(yield* check(planned({ judge: output })), "what is sent counts too")
      assert.deepStrictEqual(sent, [])
    })
  )

  it.effect("is found whichever cap it is", () =>
    Effect.gen(function* () {
      const names = yield* Effect.forEach([{ judge: 1n }, { run: 1n }, { provider: 1n }], (caps) =>
        Effect.map(check(planned(caps)), (fault) => fault?.sentence.split(" of $")[0])
      )
      assert.deepStrictEqual(names, ["budget.judgeUsd", "the budget", "providers.court.budget.usd"])
    })
  )

  it.effect("is told with both orders of a pair, and refused only where one call does not fit", () =>
    Effect.gen(function* () {
      const once = yield* check(planned({ judge: 1n }, { graders: [pairs] }))
      const amount = Number(/up to \$(0\.\d+)$/.exec(once?.sentence ?? "")?.[1])
      assert.isTrue(amount * 1e9 > 2 * Number(output))
      const half = BigInt(Math.ceil((amount * 1e9) / 2))
      assert.isUndefined(yield* check(planned({ judge: half }, { graders: [pairs] })))
    })
  )

  it.effect("is none where no cap holds, nothing is tried, no model is asked, or cases were judged before", () =>
    Effect.gen(function* () {
      assert.isUndefined(yield* check(planned({})))
      assert.isUndefined(yield* check(planned({ judge: 1n }), { tried: [] }))
      assert.isUndefined(yield* check(planned({ judge: 1n }, { graders: [{ ...pairs, asks: [] }] })))
      assert.isUndefined(yield* check(planned({ judge: 1n }), { kept: "short" }))
      assert.isDefined(yield* check(planned({ judge: 1n }), { kept: "another" }))
      assert.isUndefined(yield* check(planned({ judge: 1n }, { rows: [] })))
    })
  )
})
