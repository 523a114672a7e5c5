import { assert, describe, it } from "@effect/vitest"

import { forecastOf, recentSince } from "./forecast.ts"

const words = { unknown: "nobody says" }
const known = (nano: bigint) => ({ nano, calls: 3, callsWithout: 1 })

describe("the forecast of a year", () => {
  it("is the spend of the last thirty days, by the day, times 365", () => {
    const period = { from: "2026-01-01T00:00:00.000Z", to: "2026-05-31T12:00:00.000Z" }
    assert.strictEqual(recentSince(period.from, period.to), "2026-05-01T12:00:00.000Z")
    // 30 dollars in 30 days are a dollar a day
    assert.deepStrictEqual(forecastOf(period, known(30_000_000_000n), words), {
      usdPerYear: "365.000000000",
      reason: null,
      basis: {
        from: "2026-05-01T12:00:00.000Z",
        to: "2026-05-31T12:00:00.000Z",
        days: 30,
        usd: "30.000000000",
        calls: 3,
        callsWithout: 1
      }
    })
  })

  it("is taken from the whole period where that is shorter, to the nano-dollar", () => {
    const period = { from: "2026-05-01T00:00:00Z", to: "2026-05-04T00:00:00Z" }
    const forecast = forecastOf(period, known(1_000_000_000n), words)
    // 1 dollar in 3 days: 365/3 = 121.666666666…, rounded
    assert.deepStrictEqual([forecast.usdPerYear, forecast.basis?.days], ["121.666666667", 3])
  })

  it("is not made up: of less than two days, without times, without amounts it is null, and says why", () => {
    const short = { from: "2026-05-01T00:00:00Z", to: "2026-05-02T23:00:00Z" }
    const long = { from: "2026-05-01T00:00:00Z", to: "2026-05-09T00:00:00Z" }
    assert.deepStrictEqual(
      [
        forecastOf(short, known(1n), words),
        forecastOf({ from: null, to: null }, known(1n), words),
        forecastOf(long, { nano: null, calls: 0, callsWithout: 9 }, words)
      ].map(({ basis, reason, usdPerYear }) => [usdPerYear, basis, reason]),
      [
        [null, null, "the archive spans less than 2 days"],
        [null, null, "no call carries a time"],
        [null, null, "nobody says"]
      ]
    )
  })
})
