import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { archiveGroups, archiveSummary } from "../summary.ts"
import { inFolder, lines, row } from "../testFolder.ts"

const day = (at: number) => 1_785_578_400 + 86_400 * at
const call = (id: string, session: string, cost: number | undefined, model: string, at: number) => {
  const { response_cost: _, ...rest } = row(id, { model, startTime: day(at), endTime: day(at) + 1 })
  return {
    ...rest,
    ...(cost === undefined ? {} : { response_cost: cost }),
    metadata: { session_id: session, team: session }
  }
}

describe("shares and ranks", () => {
  it.effect("count what was billed where a call has no list price, and say of how many calls", () =>
    inFolder(({ run, write }) =>
      Effect.gen(function* () {
        const priced = ["a", "b", "c"].map((id) => call(id, "cheap", undefined, "gpt-4o", 0))
        yield* write("a.jsonl", lines(...priced, call("d", "dear", 1.02, "mystery-1", 40)))
        yield* run("a.jsonl")
        const { forecast, leading, ranked, topSessions } = yield* archiveSummary("test")
        assert.strictEqual(leading, "repriced")
        // Three calls of 10 in and 5 out at 2.50 and 10 dollars a million, and 1.02 dollars billed.
        assert.deepStrictEqual(ranked, { usd: "1.020225000", calls: 4, callsWithout: 0, byOther: 1 })
        assert.deepStrictEqual(
          topSessions.map((one) => [one.session, one.ranked.usd, one.ranked.byOther]),
          [
            ["dear", "1.020000000", 1],
            ["cheap", "0.000225000", 0]
          ]
        )
        const { groups } = yield* archiveGroups("test", ["team"])
        assert.deepStrictEqual(
          groups.map(({ values }) => values[0]),
          ["dear", "cheap"]
        )
        assert.strictEqual(forecast.repriced.reason, "no call of its last 30 days has a price")
      })
    )
  )

  it.effect("count the list price where nothing says what was billed; a call with neither is in none", () =>
    inFolder(({ run, write }) =>
      Effect.gen(function* () {
        yield* write(
          "a.jsonl",
          lines(
            call("a", "one", 0.5, "mystery-1", 0),
            call("b", "one", 0.5, "mystery-1", 0),
            call("c", "two", undefined, "gpt-4o", 40),
            call("d", "two", undefined, "mystery-1", 40)
          )
        )
        yield* run("a.jsonl")
        const { forecast, leading, ranked, topSessions } = yield* archiveSummary("test")
        assert.strictEqual(leading, "billed")
        assert.deepStrictEqual(ranked, { usd: "1.000075000", calls: 3, callsWithout: 1, byOther: 1 })
        assert.deepStrictEqual(
          topSessions.map((one) => [one.session, one.ranked.usd]),
          [
            ["one", "1.000000000"],
            ["two", "0.000075000"]
          ]
        )
        assert.strictEqual(forecast.billed.reason, "no call of its last 30 days says what was billed")
      })
    )
  )
})
