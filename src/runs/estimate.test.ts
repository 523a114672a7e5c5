import { assert, describe, it } from "@effect/vitest"

import type { CaseRow } from "../domain/Case.ts"
import { setupOf } from "../domain/Setup.ts"
import { type Asking, estimateOf, estimateSentence } from "./estimate.ts"

/** A case of 1,000 tokens in and 100 out; `null`: the archive does not tell. */
const row = (id: string, told = true): CaseRow => ({
  id,
  callId: id,
  slice: "all",
  cluster: id,
  weight: 1,
  requestDigest: id,
  repeat: 0,
  model: "premium",
  usage: told
    ? {
        basis: "reported",
        input: { total: 1000, uncached: 1000, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 },
        output: { total: 100, text: 100, reasoning: 0 }
      }
    : { basis: "reported", input: null, output: null },
  outputTokens: 100,
  startedAt: null,
  labels: {}
})

/** Dollars a million tokens: 1,000 tokens at 1 are 1,000,000 nano-dollars. */
const price = (input: string, output: string) => ({ input, output, source: "test", asOf: "2026-05-01" })
const cheap = setupOf("fleet", "small", {})
const mended = setupOf("fleet", "small", { repairs: 2 })
const dear = setupOf("fleet", "large", {})
const unknown = setupOf("fleet", "nobody", {})

const asking = (more: Partial<Asking>): Asking => ({
  rows: [row("a"), row("b")],
  setups: [cheap],
  priceOf: ({ model }) => ({ small: price("1", "10"), large: price("10", "100") })[model],
  search: false,
  floor: null,
  incumbent: { provider: "fleet", model: "large" },
  ...more
})

describe("what a run is expected to cost", () => {
  it("is the archived tokens at the setup's price; half the output at least, twice the output in every round at most", () => {
    // A case: 1,000,000 in, 1,000,000 out.
    assert.deepInclude(estimateOf(asking({})), { usd: 4_000_000n, low: 3_000_000n, high: 6_000_000n })
    assert.deepInclude(estimateOf(asking({ setups: [mended] })), {
      usd: 4_000_000n,
      low: 3_000_000n,
      high: 18_000_000n
    })
  })

  it("of a cascade is its first rung, and a share of what follows; a floor answer that is bought anyway is not in it", () => {
    const to = (to: "incumbent" | typeof dear) => setupOf("fleet", "small", {}, { when: ["checkFailed"], to })
    // 4,000,000 and three tenths of 40,000,000; at least no case goes on, at most all do.
    const estimate = { usd: 16_000_000n, low: 3_000_000n, high: 66_000_000n, unpriced: 0 }
    assert.deepInclude(estimateOf(asking({ setups: [to(dear)] })), estimate)
    assert.deepInclude(estimateOf(asking({ setups: [to("incumbent")] })), estimate)
    const floor = { draws: 1, price: price("10", "100") }
    assert.deepInclude(estimateOf(asking({ setups: [to("incumbent")], floor })), { usd: 44_000_000n })
    const agreeing = setupOf("fleet", "small", {}, { when: [{ agreementBelow: 0.8 }], to: unknown })
    assert.deepInclude(estimateOf(asking({ setups: [agreeing] })), { unpriced: 1 })
  })

  it("draws as many samples as there may be at most", () => {
    const samples = setupOf("fleet", "small", { samples: 3, repairs: 1 })
    assert.deepInclude(estimateOf(asking({ setups: [samples] })), { usd: 4_000_000n, high: 24_000_000n })
  })

  it("of a search is at least its cheapest setup, at most all of them", () => {
    const setups = [dear, cheap]
    assert.deepInclude(estimateOf(asking({ setups })), { usd: 44_000_000n, low: 33_000_000n, high: 66_000_000n })
    assert.deepInclude(estimateOf(asking({ setups, search: true })), {
      usd: 44_000_000n,
      low: 3_000_000n,
      high: 66_000_000n
    })
  })

  it("has the noise floor in it, and says what it cannot tell", () => {
    const rows = [row("a"), row("b"), row("c", false)]
    const floor = { draws: 0.5, price: price("10", "100") }
    const estimate = estimateOf(asking({ rows, setups: [cheap, unknown], floor }))
    // Three cases at 2,000,000, and half of three at 20,000,000.
    assert.deepStrictEqual(estimate, {
      usd: 36_000_000n,
      low: 27_000_000n,
      high: 54_000_000n,
      told: true,
      machines: 0,
      floorByTime: false,
      unpriced: 1,
      unknown: 1
    })
    assert.strictEqual(
      estimateSentence(estimate, { search: true, simulated: false }),
      "estimate: $0.0360, between $0.0270 and $0.0540, from archived token counts (fewer setups where the first will do; 1 setup without a price not in it; 1 case of unknown length taken as average); answers that were bought before cost nothing again, and those that are cut short and asked for once more with a larger limit are not in it"
    )
    assert.include(estimateSentence(estimate, { search: false, simulated: true }), "of simulated money")
  })

  it("says what is priced by machine time, and does not guess it", () => {
    const machine = { usdPerHour: "4", utilisation: "0.5", source: "test", asOf: "2026-05-01" }
    const floor = { draws: 1, price: machine }
    const estimate = estimateOf(
      asking({
        setups: [cheap, mended, dear],
        priceOf: ({ model }) => (model === dear.model ? price("1", "1") : machine),
        floor
      })
    )
    assert.deepInclude(estimate, { machines: 2, floorByTime: true, unpriced: 0 })
    assert.include(
      estimateSentence(estimate, { search: false, simulated: false }),
      "(2 setups priced by machine time, not in it; the incumbent asked again is priced by machine time, not in it)"
    )
  })

  it("is no amount where nothing is priced by its tokens", () => {
    const machine = { usdPerHour: "4", utilisation: "0.5", source: "test", asOf: "2026-05-01" }
    const said = (more: Partial<Asking>) =>
      estimateSentence(estimateOf(asking(more)), { search: true, simulated: false })
    assert.strictEqual(
      said({ setups: [dear, cheap], priceOf: () => machine }),
      "estimate: nothing can be estimated beforehand: 2 setups are priced by their machine's time"
    )
    assert.strictEqual(
      said({ setups: [cheap, unknown], priceOf: ({ model }) => (model === "small" ? machine : undefined) }),
      "estimate: nothing can be estimated beforehand: 1 setup is priced by its machine's time, 1 setup has no price"
    )
    assert.include(said({ priceOf: () => machine, floor: { draws: 1, price: price("1", "1") } }), "estimate: $0.00")
  })

  it("is nothing where nothing has a price", () => {
    assert.deepInclude(estimateOf(asking({ setups: [unknown] })), { usd: 0n, high: 0n, unpriced: 1 })
  })
})
