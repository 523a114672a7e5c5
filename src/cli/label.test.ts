import { readFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { RunResult } from "../domain/RunResult.ts"
import { recordsOf } from "../runs/labelCsv.ts"
import { serve } from "../standin/Fleet.ts"
import { fillDesk, linesBelow, makeDesk, sayings, suiteText } from "../testing/desk.ts"

const calls = 60
const prefer = `export default { id: "prefer", kind: "preference", grade: () => ({ score: 0.5, why: "all alike" }) }\n`
const checkText = (pass: string) =>
  `export default { id: "word", check: ({ output }) => ({ pass: ${pass}, message: "say ok" }) }\n`

interface Counted {
  readonly pairs: number
  readonly sample: number
  readonly added: number
  readonly labelled: number
  readonly grader: string | null
}

const deskOf = (checkPasses: string) =>
  Effect.gen(function* () {
    const fleet = yield* serve({ profiles: sayings })
    const desk = yield* makeDesk
    yield* fillDesk(desk, calls)
    yield* desk.write("prefer.ts", prefer)
    yield* desk.write("word.ts", checkText(checkPasses))
    const graders = [{ use: "./prefer.ts" }]
    const checks = [{ use: "./word.ts" }]
    const setups = [{ provider: "fleet", models: "bad" }]
    yield* desk.write("desk.suite.ts", suiteText(fleet.openaiURL, { graders, checks, setups }))
    return desk
  })

describe("label RUN", { timeout: 180_000 }, () => {
  it.live("hands pairs out and takes labels back as CSV; the next run carries the judge's error", () =>
    Effect.gen(function* () {
      const desk = yield* deskOf('output.text === "ok"')
      const before = (yield* desk.run(["replay", "desk.suite.ts", "--json"])).json as RunResult
      assert.isUndefined(before.standings[0]?.gates[0]?.judge)
      assert.deepStrictEqual(before.checks, [
        {
          use: "word",
          originals: { tried: calls, passed: calls, failed: 0, broken: 0, notApplicable: 0 },
          quarantined: 0,
          mutants: [
            { kind: "blank", tried: 40, caught: 40 },
            { kind: "truncated", tried: 40, caught: 40 }
          ],
          answersFailed: calls,
          worthless: false
        }
      ])

      const exported = yield* desk.run(["label", "latest", "--export", "pairs.csv", "--size", "55", "--json"])
      assert.deepInclude(exported.json, {
        pairs: calls,
        sample: 55,
        added: 0,
        labelled: 0,
        grader: "prefer"
      } satisfies Counted)
      const text = readFileSync(join(desk.folder, "pairs.csv"), "utf8")
      const [head, ...rows] = recordsOf(text)
      assert.deepStrictEqual(head?.cells, ["id", "request", "first", "second", "label"])
      assert.strictEqual(rows.length, 55)
      const firsts = new Set(rows.map(({ cells }) => cells[2]))
      assert.sameMembers([...firsts], ["ok", "no"], "neither answer is always first")

      // A person prefers "ok", the original's, everywhere.
      const filled = [head!.cells.join(","), ...rows.map(({ cells }) => `${cells[0]},,,,${cells[2] === "ok" ? 1 : 2}`)]
      yield* desk.write("bad.csv", [...filled, "zz,,,,1"].join("\n"))
      const bad = yield* desk.run(["label", "latest", "--import", "bad.csv"])
      assert.strictEqual(bad.code, 2)
      assert.match(bad.stderr, /bad\.csv:57: the id "zz" is no pair of this run/)
      assert.strictEqual(linesBelow(desk.home, /^labels\.jsonl$/).length, 0, "nothing half-written")

      // Who stops early goes on there: what is labelled is not asked again, the rest in the same order and hidden the same way.
      yield* desk.write("some.csv", filled.slice(0, 11).join("\n"))
      const some = yield* desk.run(["label", "latest", "--import", "some.csv", "--json"])
      assert.deepInclude(some.json, { added: 10, labelled: 10 })
      yield* desk.run(["label", "latest", "--export", "rest.csv", "--size", "55", "--json"])
      const [, ...rest] = recordsOf(readFileSync(join(desk.folder, "rest.csv"), "utf8"))
      assert.deepStrictEqual(
        rest.map(({ cells }) => cells),
        rows.slice(10).map(({ cells }) => cells)
      )

      yield* desk.write("filled.csv", filled.join("\n"))
      const imported = yield* desk.run(["label", "latest", "--import", "filled.csv", "--json"])
      assert.deepInclude(imported.json, { added: 55, labelled: 55 })
      assert.notInclude(readFileSync(join(desk.home, "labels.jsonl"), "utf8"), "parcel")

      const after = (yield* desk.run(["replay", "desk.suite.ts", "--json"])).json as RunResult
      assert.strictEqual(after.spend.calls, 0)
      assert.deepInclude(after.standings[0]?.gates[0]?.judge, { labels: 55, status: "calibrated" })
      assert.strictEqual(after.standings[0]?.verdict, "inferior")
    }).pipe(Effect.scoped)
  )

  it.live("asks at a terminal only; and a run whose check is broken stops before anything is bought", () =>
    Effect.gen(function* () {
      const desk = yield* deskOf("false")
      const { code, stderr } = yield* desk.run(["replay", "desk.suite.ts"])
      assert.strictEqual(code, 2)
      assert.match(
        stderr,
        /the harness is broken, not the models: 60 of 60 archived answers fail the check word; .*say ok/
      )
      assert.strictEqual(linesBelow(desk.home, /journal\.jsonl$/).length, 0)

      const refused = yield* desk.run(["label", "latest"])
      assert.strictEqual(refused.code, 2)
      assert.match(refused.stderr, /not a terminal.*\n.*--export/)
    }).pipe(Effect.scoped)
  )
})
