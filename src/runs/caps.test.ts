import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"

import type { Setup } from "../domain/Setup.ts"
import type { LoadedSuite } from "../suite/load.ts"
import { Budget, ProviderBudget } from "../suite/values.ts"
import { capsOf } from "./caps.ts"

const setup = (id: string, provider: string): Setup => ({ id, label: id, provider, model: "m", axes: {} })
const setups = [setup("s1", "fleet"), setup("s2", "other")]
const fleet = { kind: "openai", concurrency: "adaptive" as const, budget: { usd: 0.000000003 } }
const suite = (more: Partial<LoadedSuite>): Pick<LoadedSuite, "budget" | "providers"> => ({ providers: {}, ...more })

describe("the caps of a run", () => {
  it.effect("are the suite's, in whole and in part, to the nano-dollar", () =>
    Effect.gen(function* () {
      const budget = { usd: 20.1, judgeUsd: 2, perSetupUsd: 0.5 }
      const caps = yield* capsOf(suite({ budget, providers: { fleet } }), setups, undefined)
      assert.strictEqual(caps.run, 20_100_000_000n)
      assert.deepStrictEqual(caps.parts, { judge: 2_000_000_000n, setups: { s1: 500_000_000n, s2: 500_000_000n } })
      assert.deepStrictEqual([caps.provider("fleet"), caps.provider("other")], [3n, undefined])
    })
  )

  it.effect("of the whole run are the command line's where it names one, and the others hold beside it", () =>
    Effect.gen(function* () {
      const caps = yield* capsOf(suite({ budget: { usd: 20, judgeUsd: 2 } }), setups, "1.5")
      assert.deepStrictEqual([caps.run, caps.parts], [1_500_000_000n, { judge: 2_000_000_000n }])
      const bad = yield* Effect.flip(capsOf(suite({}), setups, "much"))
      assert.deepInclude(bad, { kind: "usage", sentence: '--budget "much" is not an amount of dollars' })
      assert.strictEqual((yield* Effect.flip(capsOf(suite({}), setups, "-1"))).kind, "usage")
    })
  )

  it.effect("hold only for what they are caps of", () =>
    Effect.gen(function* () {
      const none = yield* capsOf(suite({}), setups, undefined)
      assert.isFalse(none.hold("fleet", setups[0]))
      const provider = yield* capsOf(suite({ providers: { fleet } }), setups, undefined)
      assert.deepStrictEqual([provider.hold("fleet"), provider.hold("other", setups[1])], [true, false])
      assert.isTrue((yield* capsOf(suite({}), setups, "3")).hold("other"))
      const each = yield* capsOf(suite({ budget: { usd: 9, perSetupUsd: 1 } }), setups, undefined)
      assert.isTrue(each.hold("other", setups[1]))
    })
  )

  it("are amounts of dollars in a suite", () => {
    const read = (schema: Schema.Codec<unknown, unknown>, value: unknown) =>
      Exit.isSuccess(Schema.decodeUnknownExit(schema, { onExcessProperty: "error" })(value))
    assert.isTrue(read(Budget, { usd: 20, judgeUsd: 0, perSetupUsd: 1.5 }))
    assert.isTrue(read(ProviderBudget, { usd: 5 }))
    for (const wrong of [
      { usd: 20, judgeUsd: -1 },
      { usd: 20, perSetupUsd: "1" },
      { judgeUsd: 1 },
      { usd: 1, each: 1 }
    ])
      assert.isFalse(read(Budget, wrong), JSON.stringify(wrong))
    assert.isFalse(read(ProviderBudget, { usd: 5, judgeUsd: 1 }))
  })
})
