import { assert, describe, it } from "@effect/vitest"

import { costOfMachineTime, worstOfMachineTime } from "./machine.ts"

const rate = { usdPerHour: "3.6", utilisation: "0.5", source: "test", asOf: "2026-01-01" }

describe("machine time", () => {
  it("costs dollars an hour over utilisation, rounded half-even once", () => {
    assert.strictEqual(costOfMachineTime(1_000, rate), 2_000_000n)
    assert.strictEqual(costOfMachineTime(1_000, { ...rate, utilisation: "0.3" }), 3_333_333n)
    assert.strictEqual(costOfMachineTime(0.00025, rate), 0n)
    // A tie goes to the even neighbour: one and a half is two, two and a half too.
    assert.deepStrictEqual(
      [0.0015, 0.0025].map((ms) => costOfMachineTime(ms, { ...rate, utilisation: "1" })),
      [2n, 2n]
    )
    assert.strictEqual(costOfMachineTime(0.0003, { ...rate, utilisation: "1" }), 0n)
  })

  it("has no cost where the share is not known", () => {
    assert.isNull(costOfMachineTime(undefined, rate))
    assert.isNull(costOfMachineTime(Number.NaN, rate))
  })

  it("never costs more than the worst case of its limit, and a free machine nothing", () => {
    assert.isAtLeast(Number(worstOfMachineTime(1_000, rate) - costOfMachineTime(1_000, rate)!), 1)
    assert.strictEqual(worstOfMachineTime(1_000, { ...rate, usdPerHour: "0" }), 0n)
  })
})
