import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import { type Account, Calls } from "../../calls/Calls.ts"
import type { Usage } from "../../domain/Call.ts"
import type { AnswerRow } from "../../domain/Output.ts"
import { Answers } from "../../store/Answers.ts"
import { askJudge } from "./ask.ts"

const usage = {
  basis: "reported",
  input: { total: 10, uncached: 10, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 },
  output: { total: 5, text: 5, reasoning: 0 }
} as const
const readable = JSON.stringify({ good: true })
const brief = { system: "s", material: "m", verdict: Schema.Struct({ good: Schema.Boolean }) }
const each = 30_000n

/** A home whose runs ask one judge, which says these words in turn, the last one again and again. */
const homeOf = (...said: ReadonlyArray<string>) => homeBilling(usage, ...said)
/** The same of a judge whose answers report this usage. */
const homeBilling = (billed: Usage, ...said: ReadonlyArray<string>) => {
  const rows = new Map<string, AnswerRow>()
  const limits: Array<unknown> = []
  const answers = Layer.succeed(Answers, {
    get: (key) => Effect.sync(() => rows.get(key)),
    has: (key) => rows.has(key),
    wasAsked: () => false,
    put: (row) => Effect.sync(() => void rows.set(row.key, row))
  })
  const account: Account = {
    name: "court",
    kind: "openai",
    host: "http://court",
    concurrency: 4,
    priceOf: () => ({ input: "1", output: "4", source: "test", asOf: "2026-01-01" }),
    connection: {
      prepare: ({ messages, model, params, responseFormat }) =>
        Result.succeed({
          body: { model, messages, responseFormat, max_tokens: params.maxOutputTokens },
          losses: []
        }),
      send: (body) =>
        Effect.sync(() => {
          const text = said[Math.min(limits.length, said.length - 1)] ?? ""
          limits.push(body["max_tokens"])
          return {
            response: { blocks: [{ type: "text", text }], stopReason: "end", complete: true },
            usage: billed,
            timing: { startedAt: null, basis: "reported" },
            quota: {}
          }
        }),
      models: Effect.succeed([])
    }
  }
  const run = <A, E>(work: Effect.Effect<A, E, Calls>, budget: bigint | null = null) =>
    work.pipe(
      Effect.provide(
        Calls.layer({ accounts: [account], budget, journal: () => Effect.void }).pipe(Layer.provide(answers))
      )
    )
  return { limits, run }
}
const asked = askJudge({ provider: "court", model: "j" }, brief, { case: "c", draw: 0 })

describe("a verdict after the judge's reasoning", () => {
  const bad = JSON.stringify({ good: false })
  const rows: ReadonlyArray<readonly [name: string, said: string, good: boolean | undefined]> = [
    ["in a think block", `<think>Is it good? It is.</think>\n\n${readable}`, true],
    ["in one after spaces and with capitals", `\n <Think>\nhm\n</Think>${readable}`, true],
    ["in a block of another name", `<reasoning>hm</reasoning>${readable}`, true],
    ["in a block with a fenced verdict after it", `<thinking>hm</thinking>\n\`\`\`json\n${readable}\n\`\`\``, true],
    ["that quotes another verdict", `<think>\n\`\`\`json\n${bad}\n\`\`\`\n</think>${readable}`, true],
    ["in an empty block", `<think></think>${readable}`, true],
    ["that never ends", `<think>Is it good? ${readable}`, undefined],
    ["that never ends and quotes a verdict", `<think>\n\`\`\`json\n${readable}\n\`\`\``, undefined],
    ["that ends under another name", `<think>hm</reasoning>${readable}`, undefined],
    ["in two blocks", `<think>a</think><think>b</think>${readable}`, undefined],
    ["with no verdict after it", `<think>${readable}</think>`, undefined],
    ["with words after it", `<think>hm</think>It is ${readable}`, undefined],
    ["behind the verdict", `${readable}<think>hm</think>`, undefined]
  ]
  for (const [name, said, good] of rows)
    it.effect(`${name} is ${good === undefined ? "not read" : "read"}`, () =>
      Effect.gen(function* () {
        const { limits, run } = homeOf(said)
        const { verdict, why } = yield* run(asked)
        assert.deepStrictEqual(verdict, good === undefined ? null : { good })
        assert.strictEqual(limits.length, good === undefined ? 2 : 1, why)
      })
    )
})

describe("a verdict that cannot be read", () => {
  it.effect("is asked for twice within a run at most, with more room, and both are paid", () => {
    const { limits, run } = homeOf("no")
    return Effect.gen(function* () {
      const [first, second] = yield* run(
        Effect.gen(function* () {
          const both = yield* Effect.all([asked, asked], { concurrency: "unbounded" })
          return [both[0], yield* asked] as const
        })
      )
      assert.deepStrictEqual([first.verdict, first.cost], [null, 2n * each])
      assert.deepStrictEqual([second.verdict, second.cost], [null, 2n * each])
      assert.deepStrictEqual(limits, [2_048, 4_096])
      assert.isUndefined(first.failure)
    })
  })

  it.effect("is asked for anew by a later run, whose verdict every run after it is served", () => {
    const { limits, run } = homeOf("no", "no", "no", readable)
    return Effect.gen(function* () {
      assert.isNull((yield* run(asked)).verdict)
      const { cost, verdict } = yield* run(asked)
      assert.deepStrictEqual([verdict, cost], [{ good: true }, 2n * each])
      assert.strictEqual(limits.length, 4)
      const served = yield* run(asked)
      assert.deepStrictEqual([served.verdict, served.cost, limits.length], [{ good: true }, 2n * each, 4])
    })
  })

  it.effect("is asked for twice by a later run too, at most", () => {
    const { limits, run } = homeOf("no")
    return Effect.gen(function* () {
      for (const total of [2, 4, 6]) {
        yield* run(Effect.all([asked, asked], { concurrency: "unbounded" }))
        assert.strictEqual(limits.length, total)
      }
    })
  })

  it.effect("stays what it was where a later run has no money to ask anew", () => {
    const { limits, run } = homeOf("no")
    return Effect.gen(function* () {
      const first = yield* run(asked)
      assert.deepStrictEqual(yield* run(asked, 0n), first)
      assert.strictEqual(limits.length, 2)
    })
  })

  it.effect("is served from before where its second try could be read", () => {
    const { limits, run } = homeOf("no", readable)
    return Effect.gen(function* () {
      const first = yield* run(asked)
      assert.deepStrictEqual(first.verdict, { good: true })
      assert.deepStrictEqual(yield* run(asked), first)
      assert.strictEqual(limits.length, 2)
    })
  })

  it.effect("fails for want of money where it was never had", () => {
    const { run } = homeOf("no")
    return Effect.map(run(asked, 0n), ({ failure }) => {
      assert.strictEqual(failure?.kind, "budget")
      assert.isUndefined(failure?.unbilled)
    })
  })

  it.effect("fails for want of money that calls hold back whose cost is not known, and says so", () => {
    const { limits, run } = homeBilling({ basis: "reported", input: null, output: null }, readable)
    const at = (draw: number) => askJudge({ provider: "court", model: "j" }, brief, { case: "c", draw })
    return Effect.gen(function* () {
      const [first, second] = yield* run(Effect.all([at(0), at(1)]), 12_000_000n)
      assert.deepStrictEqual([first.verdict, second.verdict, limits.length], [{ good: true }, null, 1])
      assert.deepInclude(second.failure, { kind: "budget", unbilled: true })
      assert.match(
        second.why,
        /^The budget of \$0\.012 has no room for this call: (\$[\d.]+) is spent or held back, \1 of it for calls whose cost is not known, and one try/
      )
    })
  })
})
