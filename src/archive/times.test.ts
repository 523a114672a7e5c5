import { assert, describe, it } from "@effect/vitest"

import { between, momentOf } from "./times.ts"

describe("times of logs", () => {
  it("are read from epoch numbers of any unit and from written times", () => {
    const same = "2026-08-01T10:00:00.280Z"
    const times = [1785578400.28, "1785578400.28", 1785578400280, 1785578400280000, "2026-08-01T10:00:00.280Z"]
    const written = ["2026-08-01T12:00:00.28+02:00", "2026-08-01 12:00:00.280+0200", "2026-08-01 10:00:00.280000 UTC"]
    for (const time of [...times, ...written]) {
      assert.strictEqual(momentOf(time)?.iso, same, String(time))
      assert.isFalse(momentOf(time)?.zoneAssumed, String(time))
    }
  })

  it("without a zone are UTC, and say so", () => {
    assert.deepStrictEqual(momentOf("2025-01-24 09:20:46.847371"), {
      ms: 1737710446847.371,
      iso: "2025-01-24T09:20:46.847Z",
      zoneAssumed: true
    })
  })

  it("that are none are none", () => {
    for (const time of [null, undefined, "", "yesterday", 0, Number.NaN, {}, "2026-13-45T00:00:00Z"])
      assert.isUndefined(momentOf(time), String(time))
  })

  it("give durations to the microsecond, never negative ones", () => {
    const at = (time: unknown) => momentOf(time)
    assert.strictEqual(between(at(1785578400.28), at(1785578402.07)), 1790)
    assert.strictEqual(between(at("2025-01-24 09:20:46.847371"), at("2025-01-24 09:20:46.851954")), 4.583)
    assert.isUndefined(between(at(1785578402), at(1785578400)))
  })
})
