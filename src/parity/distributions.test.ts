import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import {
  betaCdf,
  betaQuantile,
  normalCdf,
  normalLogCdf,
  normalQuantile,
  normalSf,
  tCdf,
  tQuantile,
  tSf
} from "./distributions.ts"

const Between = (minimum: number, maximum: number) => Schema.Finite.check(Schema.isBetween({ minimum, maximum }))
const near = (actual: number, expected: number, relative = 1e-10) =>
  assert.isAtMost(Math.abs(actual - expected), relative * Math.abs(expected), `${actual}, not ${expected}`)

describe("distributions", () => {
  it("agree with what is known in closed form", () => {
    for (const x of [-30, -2, -0.3, 0.4, 7]) {
      near(tCdf(x, 1), x < 0 ? Math.atan2(1, -x) / Math.PI : 0.5 + Math.atan(x) / Math.PI) // Cauchy
      near(tCdf(x, 2), x < 0 ? 1 / (2 + x * x - x * Math.hypot(x, Math.SQRT2)) : 0.5 + x / (2 * Math.sqrt(2 + x * x)))
    }
    near(betaCdf(0.01, 1, 300), 1 - 0.99 ** 300)
    near(betaCdf(0.5, 0.5, 0.5), 0.5)
    near(betaQuantile(0.2, 7, 1), 0.2 ** (1 / 7))
    near(normalCdf(-10), 7.619853024160527e-24)
    near(normalSf(37), 5.725571222524e-300)
    near(normalLogCdf(-100), -5005.524208694205, 1e-14)
  })

  it("end where their range ends", () => {
    assert.deepStrictEqual(
      [normalCdf(-Infinity), normalCdf(Infinity), normalQuantile(0), normalQuantile(1)],
      [0, 1, -Infinity, Infinity]
    )
    assert.deepStrictEqual([tCdf(-Infinity, 3), tCdf(Infinity, 3), tQuantile(0.5, 3)], [0, 1, 0])
    assert.deepStrictEqual(
      [betaCdf(0, 2, 3), betaCdf(1, 2, 3), betaQuantile(0, 2, 3), betaQuantile(1, 2, 3)],
      [0, 1, 0, 1]
    )
    assert.isNaN(normalQuantile(1.5))
    assert.isNaN(tQuantile(Number.NaN, 4))
  })

  it("take infinite degrees of freedom as the normal", () => {
    assert.strictEqual(tCdf(-1.3, Infinity), normalCdf(-1.3))
    assert.strictEqual(tQuantile(0.01, Infinity), normalQuantile(0.01))
    near(tQuantile(0.01, 1e6), normalQuantile(0.01), 1e-5)
  })

  it.prop("quantiles undo probabilities", [Between(1e-9, 0.5), Between(0.7, 5e4), Between(0.3, 500)], ([p, df, b]) => {
    near(normalCdf(normalQuantile(p)), p, 1e-12)
    near(tCdf(tQuantile(p, df), df), p, 1e-8)
    near(tSf(tQuantile(1 - p, df), df), p, 1e-6)
    near(betaCdf(betaQuantile(p, df, b), df, b), p, 1e-8)
  })
})
