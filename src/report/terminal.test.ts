import { assert, describe, it } from "@effect/vitest"

import { hostileResult, runResult } from "../testing/runResult.ts"
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
