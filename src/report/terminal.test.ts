import { assert, describe, it } from "@effect/vitest"

import { fixtureSetups, hostileResult, runResult, standingDoc } from "../testing/runResult.ts"
import { standingsTable } from "./terminal.ts"

const lines = (text: string) => text.split("\n")

describe("the table in a terminal", () => {
  it("fits 100 columns, cheapest first, with the named setup marked and the incumbent last", () => {
    const table = standingsTable(runResult())
    assert.isTrue(lines(table).every((line) => [...line].length <= 100))
    const at = (text: string) => table.indexOf(text)
    assert.isTrue(at("fleet/tiny") < at("* fleet/small repairs=2") && at("* fleet/small") < at("fleet/dear"))
    assert.isTrue(at("ollama/unknown-7b") < at("(incumbent)"))
    assert.match(table, /ollama\/unknown-7b +│ parity +│ +612 │.*│ +unpriced │ +– /)
    assert.match(
      table,
      /\* fleet\/small repairs=2 +│ parity +│ +612 │ +−1\.1 \(−3\.1 to \+0\.9\) │ +\$0\.000504 │ +12 %/
    )
  })

  it("never cuts a figure, and cuts no setup short of six lines", () => {
    const costs = ["0.000000001", "0.000000010", "0.000071500", "12345.678000000", "1234567.890000000"]
    const widest = { estimate: -1, lower: -1, upper: -0.667 }
    const standings = costs.map((cost) =>
      standingDoc(fixtureSetups.smallRepaired, -1, cost, {
        difference: widest,
        cases: 1_234_567,
        costRatio: { estimate: 1.234, lower: 1.1, upper: 1.3 },
        verdict: "inconclusive"
      })
    )
    const table = standingsTable(runResult({ standings }))
    assert.notInclude(table, "…")
    for (const text of ["$0.000000001", "$0.000000010", "$0.0000715", "$12,346", "$1,234,568"])
      assert.include(table, ` ${text} `)
    for (const text of ["−100.0 (−100.0 to −66.7)", "1,234,567", "1.23 times", "inconclusive"])
      assert.strictEqual(table.split(` ${text} `).length - 1, costs.length, text)
    assert.isTrue(lines(table).every((line) => [...line].length <= 100))
  })

  it("says that the fleet is simulated", () => {
    assert.notMatch(standingsTable(runResult()), /simulated/)
    assert.match(
      standingsTable(runResult({ archive: { ...runResult().archive, simulated: true } })),
      /not from real models/
    )
  })

  it("lets no control character of a model's or a suite's text through", () => {
    const table = standingsTable(hostileResult())
    assert.isFalse(
      [...table].some(
        (character) => character !== "\n" && (character < " " || (character >= "\u007f" && character <= "\u009f"))
      )
    )
    assert.isTrue(lines(table).every((line) => [...line].length <= 100))
  })
})
