import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { RunResult } from "../domain/RunResult.ts"
import { serve } from "../standin/Fleet.ts"
import { fillDesk, makeDesk, sayings, suiteText } from "../testing/desk.ts"

const calls = 60

describe("a cascade", () => {
  it.live(
    "of setups that were replayed before costs nothing more, is at parity where its last is, and says what a passed case costs",
    () =>
      Effect.gen(function* () {
        const fleet = yield* serve({ profiles: sayings, latency: { fixedMs: 1, perTokenMs: 0 } })
        const desk = yield* makeDesk
        yield* fillDesk(desk, calls)
        yield* desk.write(
          "fine.ts",
          'export default { id: "fine", check: ({ output }: any) => ({ pass: output.text === "ok", message: "say ok" }) }\n'
        )
        const common = { cases: {}, noiseFloor: { repeats: 1 }, checks: [{ use: "./fine.ts" }] }
        const bad = { provider: "fleet", model: "bad", repairs: 1 }
        const suites = {
          alone: [
            { provider: "fleet", models: "bad", repairs: 1 },
            { provider: "fleet", models: "small" }
          ],
          cascades: [
            { cascade: [bad, { provider: "fleet", model: "small" }], when: ["checkFailed"] },
            { cascade: [bad, "incumbent"], when: ["checkFailed"] }
          ]
        }
        for (const [name, setups] of Object.entries(suites))
          yield* desk.write(`${name}.suite.ts`, suiteText(fleet.openaiURL, { ...common, setups }))
        const alone = yield* desk.run(["replay", "alone.suite.ts", "--json"])
        assert.isDefined(alone.json, alone.stderr + alone.stdout)
        const known = alone.json as RunResult
        assert.deepStrictEqual(
          known.standings.map(({ loop, verdict }) => [verdict, loop?.passed, loop?.usdPerPassed === null]),
          [
            ["inferior", 0, true],
            ["parity", calls, false]
          ]
        )

        const both = yield* desk.run(["replay", "cascades.suite.ts", "--json"])
        assert.isDefined(both.json, both.stderr + both.stdout)
        const { spend, standings } = both.json as RunResult
        assert.deepStrictEqual([spend.calls, Number(spend.usd)], [0, 0])
        for (const standing of standings) {
          assert.strictEqual(standing.verdict, "parity", standing.reason)
          assert.deepStrictEqual(
            standing.loop?.rounds.map(({ cases, passed, round, rung }) => [rung, round, cases, passed]),
            [
              [0, 0, calls, 0],
              [0, 1, calls, 0],
              [1, 0, calls, calls]
            ]
          )
          assert.strictEqual(standing.loop?.usdPerPassed, standing.usdPerCase, "every case passed in the end")
        }
        const [small, incumbent] = standings
        assert.strictEqual(incumbent?.difference.estimate, 0)
        const paid = (result: RunResult["standings"]) => result.reduce((sum, { usd }) => sum + Number(usd), 0)
        assert.closeTo(Number(small?.usd), paid(known.standings), 1e-9, "both rungs are paid by the setup")
      }).pipe(Effect.scoped),
    120_000
  )
})
