import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { hostileText } from "../testing/runResult.ts"
import { placeLabels } from "./labels.ts"
import { logTicks, type PlotPoint, plotSpec } from "./plot.ts"
import { draw } from "./vega.ts"

const point = (over: Partial<PlotPoint> = {}): PlotPoint => ({
  label: "fleet/small",
  mark: "1",
  verdict: "parity",
  named: false,
  usd: 0.0005,
  money: "$0.0005",
  estimate: -0.01,
  lower: -0.03,
  upper: 0.01,
  bound: -0.035,
  ...over
})
const drawn = (points: ReadonlyArray<PlotPoint>, usd: number | null = 0.004) =>
  draw(plotSpec(points, { label: "openai/gpt-4o", usd }, 0.05))
const count = (svg: string, what: RegExp) => [...svg.matchAll(what)].length
const setups = /<path aria-label="\d+ /g

describe("the labels of points", () => {
  it("do not lie on each other, even when all points do", () => {
    const placed = placeLabels(
      Array.from({ length: 12 }, (_, at) => ({ x: 300, y: 200, text: String(at + 1) })),
      { width: 720, height: 400 }
    )
    for (const [at, a] of placed.entries()) {
      for (const b of placed.slice(at + 1)) {
        const apart =
          Math.abs(a.middle - b.middle) >= 12 ||
          a.left + 6 * a.text.length <= b.left ||
          b.left + 6 * b.text.length <= a.left
        assert.isTrue(apart, `${a.text} lies on ${b.text}`)
      }
    }
  })

  it("stay inside the drawing", () => {
    const [placed] = placeLabels([{ x: 719, y: 1, text: "incumbent" }], { width: 720, height: 400 })
    assert.isTrue(placed!.left + 50 < 720 && placed!.middle > 5)
  })
})

describe("the cost axis", () => {
  it("has ticks at 1, 2 and 5, at powers of ten alone when the range is long", () => {
    assert.deepStrictEqual(logTicks(0.00007, 0.005), [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005])
    assert.deepStrictEqual(logTicks(0.0000009, 12), [0.000001, 0.00001, 0.0001, 0.001, 0.01, 0.1, 1, 10])
  })
})

describe("the chart", () => {
  it.effect("has one point a setup, the incumbent, the margin and the units", () =>
    Effect.gen(function* () {
      const svg = yield* drawn([
        point(),
        point({ mark: "2", usd: 0.002, verdict: "inferior", estimate: -0.3, lower: -0.35, upper: -0.25, bound: -0.36 })
      ])
      assert.strictEqual(count(svg, setups), 2)
      assert.strictEqual(count(svg, /incumbent openai\/gpt-4o/g), 1)
      for (const text of [">margin −5<", "US dollars (logarithmic", "points of 100", ">parity<", ">inferior<"])
        assert.include(svg, text)
    })
  )

  it.effect(
    "can be drawn with one setup, without the incumbent's price, at the ends of the scale, without a bound",
    () =>
      Effect.gen(function* () {
        assert.strictEqual(count(yield* drawn([point()], null), setups), 1)
        const extreme = point({ estimate: -1, lower: -1, upper: -1, bound: Number.NaN, usd: 1e-9 })
        const svg = yield* drawn([extreme, point({ mark: "2", usd: 1000 })])
        assert.strictEqual(count(svg, setups), 2)
        assert.notInclude(svg, "NaN")
      })
  )

  it.effect("escapes the names in it", () =>
    Effect.gen(function* () {
      const svg = yield* drawn([point({ label: hostileText })])
      assert.notMatch(svg, /<script|<img|<a |onload="/)
    })
  )
})
