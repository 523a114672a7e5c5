import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { nanoOf } from "../domain/Money.ts"
import type { RunResult } from "../domain/RunResult.ts"
import { serve } from "../standin/Fleet.ts"
import type { Stats } from "../standin/Ledger.ts"
import { fillDesk, fleetEntry, linesBelow, makeDesk, sayings, suiteText } from "../testing/desk.ts"

const calls = 60
const patience = 120_000

/** Nano-dollars of what the provider says it delivered, at the suite's prices. */
const billed = ({ models }: Stats) => {
  const of = (name: string, input: number, output: number) =>
    (models[name]?.promptTokens ?? 0) * input + (models[name]?.completionTokens ?? 0) * output
  return of("small", 100, 400) + of("bad", 50, 200) + of("premium", 1_000, 4_000)
}
const nano = (dollars: string) => Number(nanoOf(dollars))

const hurriedDesk = Effect.gen(function* () {
  const fleet = yield* serve({ profiles: sayings, latency: { fixedMs: 3, perTokenMs: 0 } })
  const desk = yield* makeDesk
  yield* fillDesk(desk, calls)
  yield* desk.write(
    "desk.suite.ts",
    suiteText(fleet.openaiURL, {
      setups: [{ provider: "fleet", models: ["small", "bad"] }],
      providers: { fleet: fleetEntry(fleet.openaiURL, { concurrency: 32 }) }
    })
  )
  return { desk, fleet }
})

describe("--budget", { concurrent: true }, () => {
  it.live(
    "is never exceeded, leaves what was bought with its verdict, and a run without it goes on from there",
    () =>
      Effect.gen(function* () {
        const { desk, fleet } = yield* hurriedDesk
        const replay = Effect.fnUntraced(function* (...flags: ReadonlyArray<string>) {
          const before = yield* fleet.stats
          const { code, json, stderr } = yield* desk.run(["replay", "desk.suite.ts", ...flags, "--json"])
          const after = yield* fleet.stats
          assert.isDefined(json, stderr)
          const result = json as RunResult
          assert.strictEqual(result.spend.calls, after.answered - before.answered, "every answer is in the books")
          assert.strictEqual(nano(result.spend.usd), billed(after) - billed(before))
          return { code, result, at: (label: string) => result.standings.find(({ setup }) => setup.label === label)! }
        })
        let bought = 0
        for (const cap of ["0", "0.00006", "0.00008", "0.0001"]) {
          const { at, code, result } = yield* replay("--budget", cap)
          assert.isAtMost(nano(result.spend.usd), nano(cap), cap)
          assert.strictEqual(result.spend.cached, bought, cap)
          bought += result.spend.calls
          const [small, bad] = [at("fleet/small"), at("fleet/bad")]
          if (cap === "0") {
            assert.deepStrictEqual([bought, code, small.cases, bad.cases], [0, 6, 0, 0])
            continue
          }
          if (bought < 2 * calls) {
            assert.strictEqual(code, 6, cap)
            assert.strictEqual(small.verdict, "inconclusive")
            assert.strictEqual(small.blocked?.by, "budget")
            assert.match(small.reason, /the budget stopped it after \d+ of 60 cases/)
          }
          if (bad.cases === calls) assert.strictEqual(bad.verdict, "inferior", "what was bought gets its verdict")
        }
        assert.isAbove(bought, 0)
        assert.isBelow(bought, 2 * calls, "the caps of this test are to stop every run")

        const { at, code, result } = yield* replay()
        assert.strictEqual(code, 3)
        assert.strictEqual(result.spend.cached, bought)
        assert.strictEqual(result.spend.calls, 2 * calls - bought)
        assert.deepStrictEqual([at("fleet/small").verdict, at("fleet/bad").verdict], ["parity", "inferior"])
        const keys = linesBelow(desk.home, /^answers\/.*jsonl$/).map((line) => line["key"])
        assert.strictEqual(new Set(keys).size, keys.length, "nothing is bought twice")
      }).pipe(Effect.scoped),
    patience
  )

  it.live(
    "stops a climb undecided with exit 6 and how to go on; without it the climb names the setup",
    () =>
      Effect.gen(function* () {
        const { desk, fleet } = yield* hurriedDesk
        const capped = yield* desk.run(["climb", "desk.suite.ts", "--budget", "0.00006"])
        assert.strictEqual(capped.code, 6, capped.stderr)
        assert.isAtMost(billed(yield* fleet.stats), nano("0.00006"))
        assert.match(capped.stdout, /fleet\/small: the budget stopped it after \d+ of \d+ cases/)
        assert.match(capped.stdout, /with a larger budget to go on/)
        assert.match(capped.stdout, /fleet\/bad\s+│ inferior/)

        const free = yield* desk.run(["climb", "desk.suite.ts", "--json"])
        assert.strictEqual(free.code, 0)
        const { decision, spend } = free.json as RunResult
        assert.strictEqual(decision?.setup?.label, "fleet/small")
        assert.isAbove(spend.cached, 0)
        const keys = linesBelow(desk.home, /^answers\/.*jsonl$/).map((line) => line["key"])
        assert.strictEqual(new Set(keys).size, keys.length, "nothing is bought twice")
      }).pipe(Effect.scoped),
    patience
  )

  it.live(
    "of a setup stops that setup alone: the climb goes on to the next",
    () =>
      Effect.gen(function* () {
        const { desk, fleet } = yield* hurriedDesk
        const setups = [{ provider: "fleet", models: ["small", "bad"] }]
        const budget = { usd: 1, perSetupUsd: 0.00003 }
        yield* desk.write("own.suite.ts", suiteText(fleet.openaiURL, { setups, budget }))
        const { code, json, stderr } = yield* desk.run(["climb", "own.suite.ts", "--json"])
        assert.strictEqual(code, 6, stderr)
        const { standings } = json as RunResult
        assert.deepStrictEqual(
          standings.map(({ blocked, setup }) => [setup.model, blocked?.own]),
          [
            ["bad", true],
            ["small", true]
          ]
        )
        assert.match(
          standings[1]?.blocked?.why ?? "",
          /^the setup's own budget stopped it after \d+ of \d+ cases(: .*)?$/
        )
      }).pipe(Effect.scoped),
    patience
  )
})
