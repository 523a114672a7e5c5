import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { literal, openDuck } from "../../store/duck.ts"
import { labelsOf } from "./labels.ts"

/** The labels of calls, looked at in full, as a large archive's are, and as a huge one's. */
const allWays = (calls: ReadonlyArray<Readonly<Record<string, string>>>, few: number) =>
  Effect.gen(function* () {
    const duck = yield* openDuck(":memory:", "write")
    yield* duck.query(
      "CREATE TABLE calls (labels JSON, engineer VARCHAR, team VARCHAR, project VARCHAR, environment VARCHAR, repo VARCHAR, taskType VARCHAR)"
    )
    yield* duck.query(
      `INSERT INTO calls (labels, team) VALUES ${calls
        .map(
          (labels) => `(${literal(JSON.stringify(labels))}, ${"team" in labels ? literal(labels["team"]!) : "NULL"})`
        )
        .join(", ")}`
    )
    const ask = (sql: string) => duck.query(sql)
    const effort = { looked: 0, sample: 40, few, counted: 12, most: 1_000 }
    return {
      full: yield* labelsOf(ask, calls.length),
      large: yield* labelsOf(ask, calls.length, effort),
      huge: yield* labelsOf(ask, calls.length, { ...effort, most: 0 })
    }
  }).pipe(Effect.scoped)

const calls = Array.from({ length: 120 }, (_, i) => ({
  team: `team-${i % 3}`,
  request: `r${i}`,
  "a/b~c.\"d'": i % 4 === 0 ? "x" : "y",
  ...(i % 10 === 0 ? { rare: "" } : {})
}))

describe("the labels of an archive", { timeout: 180_000 }, () => {
  it.effect("with few values are counted over all calls in a large archive too, whatever their names", () =>
    Effect.gen(function* () {
      const { full, large } = yield* allWays(calls, 10)
      assert.deepStrictEqual(
        full.map((label) => [label.name, label.calls, label.values]),
        [
          ["a/b~c.\"d'", 120, 2],
          ["rare", 12, 1],
          ["request", 120, 120],
          ["team", 120, 3]
        ]
      )
      const counted = (labels: typeof full) => labels.filter(({ name }) => name !== "request")
      assert.deepStrictEqual(counted(large), counted(full))
    })
  )

  it.effect("with many values are those of a sample there, and say so; their calls are counted", () =>
    Effect.gen(function* () {
      const { large } = yield* allWays(calls, 10)
      const request = large.find(({ name }) => name === "request")
      assert.deepStrictEqual([request?.calls, request?.values, request?.sampled], [120, 40, true])
    })
  )

  it.effect("of a huge archive are reckoned from a sample, and say so, but for those with a column of their own", () =>
    Effect.gen(function* () {
      const { full, huge } = yield* allWays(calls, 10)
      const team = (labels: typeof full) => labels.find(({ name }) => name === "team")
      assert.deepStrictEqual(team(huge), team(full))
      const request = huge.find(({ name }) => name === "request")
      assert.deepStrictEqual([request?.calls, request?.values, request?.sampled], [120, 40, true])
    })
  )

  it.effect("may all have many values, and calls may carry none", () =>
    Effect.gen(function* () {
      const { large } = yield* allWays([{}, ...calls.map(({ request }) => ({ request }))], 0)
      assert.deepStrictEqual(
        large.map((label) => [label.name, label.calls, label.sampled]),
        [["request", 120, true]]
      )
      assert.deepStrictEqual((yield* allWays([{}, {}], 10)).large, [])
    })
  )
})
