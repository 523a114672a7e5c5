import { assert, describe, it } from "@effect/vitest"

import type { MachineUse, Output } from "../domain/Output.ts"
import { keepMachineTime, noMachineTime, selfHostedOf } from "./selfHosted.ts"

const rate = { usdPerHour: "3.6", utilisation: "0.4", source: "suite", asOf: "2026-01-01" }

const output = (...uses: ReadonlyArray<MachineUse | undefined>): Output => ({
  caseId: "c",
  setupId: "s",
  answer: null,
  ending: "complete",
  attempts: uses.map((machine, round) => ({
    round,
    answer: "k",
    cached: false,
    cost: null,
    latencyMs: null,
    ...(machine === undefined ? {} : { machine }),
    checks: []
  })),
  losses: [],
  cost: null,
  latencyMs: null
})

describe("what a setup costs on a machine of one's own", () => {
  it("is measured over all rounds of the answered cases, weighted as they are", () => {
    const time = noMachineTime(rate, 4)
    keepMachineTime(
      time,
      0,
      output({ shareMs: 100, heldMs: 400, tokens: 10 }, { shareMs: 100, heldMs: 200, tokens: 5 })
    )
    keepMachineTime(time, 1, output({ shareMs: 500, heldMs: 500, tokens: null }))
    keepMachineTime(time, 2, output({ shareMs: 900, heldMs: 900, tokens: 900 }))
    keepMachineTime(time, 3, output({ shareMs: 1, heldMs: 1, tokens: 1 }, undefined))
    // The third was not answered, of the fourth one round was not measured.
    const known = selfHostedOf(time, { answered: [0, 1, 3], unanswered: [] }, (at) => (at === 0 ? 2 : 1))
    assert.deepStrictEqual(known, {
      usdPerHour: "3.6",
      utilisation: "0.4",
      cases: 2,
      unknown: 1,
      machineMsPerCase: 300,
      casesPerHour: 12_000,
      inFlight: 1700 / 900,
      tokensPerSecond: 75,
      usdPerCaseAt: { "25": "0.001200000", "50": "0.000600000", "100": "0.000300000" }
    })
  })

  it("has in it what the machine did for cases that were not answered: the answers have to bear it", () => {
    const time = noMachineTime(rate, 3)
    keepMachineTime(time, 0, output({ shareMs: 100, heldMs: 200, tokens: 50 }))
    keepMachineTime(time, 1, { ...output(), unanswered: { shareMs: 900, heldMs: 1_800, cost: 2_250_000n } })
    const known = selfHostedOf(time, { answered: [0], unanswered: [{ at: 1, cost: 2_250_000n }] }, () => 1)
    assert.deepStrictEqual(known, {
      usdPerHour: "3.6",
      utilisation: "0.4",
      cases: 1,
      unknown: 0,
      unanswered: { cases: 1, machineMs: 900, usd: "0.002250000" },
      machineMsPerCase: 1_000,
      casesPerHour: 3_600,
      inFlight: 2,
      tokensPerSecond: 50,
      usdPerCaseAt: { "25": "0.004000000", "50": "0.002000000", "100": "0.001000000" }
    })
  })

  it("is not known where nothing was measured, which is not zero", () => {
    assert.deepStrictEqual(
      selfHostedOf(noMachineTime(rate, 1), { answered: [0], unanswered: [] }, () => 1),
      {
        usdPerHour: "3.6",
        utilisation: "0.4",
        cases: 0,
        unknown: 1,
        machineMsPerCase: null,
        casesPerHour: null,
        inFlight: null,
        tokensPerSecond: null,
        usdPerCaseAt: { "25": null, "50": null, "100": null }
      }
    )
  })
})
