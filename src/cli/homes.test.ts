import { readFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { RunResult } from "../domain/RunResult.ts"
import { serve } from "../standin/Fleet.ts"
import {
  filesBelow,
  fillDesk,
  fleetEntry,
  linesBelow,
  liteLlmLines,
  makeDesk,
  saying,
  sayings,
  suiteText
} from "../testing/desk.ts"

const patience = 120_000

/** Files below a folder that hold a text somewhere in their bytes. */
const holding = (folder: string, text: string) =>
  Object.entries(filesBelow(folder)).flatMap(([name, digest]) =>
    digest !== "folder" && readFileSync(join(folder, name)).includes(text) ? [name] : []
  )

describe("a home", { concurrent: true }, () => {
  it.live(
    "loses an archive that is deleted, its runs and the answers that only they used, and nothing of another archive",
    () =>
      Effect.gen(function* () {
        const secret = "the-answer-to-a-private-question"
        const fleet = yield* serve({ profiles: [...sayings, saying("chatty", secret)] })
        const desk = yield* makeDesk
        yield* fillDesk(desk, 12)
        const own = liteLlmLines(12).replaceAll("Where is parcel", "Who is customer")
        yield* desk.write("own.jsonl", `${own}${liteLlmLines(3).replaceAll("call-", "shared-")}`)
        yield* desk.run(["import", "own.jsonl", "--name", "own"])
        const over = { cases: {}, graders: [{ use: "exact" }] }
        yield* desk.write("desk.suite.ts", suiteText(fleet.openaiURL, over))
        yield* desk.write(
          "own.suite.ts",
          suiteText(fleet.openaiURL, {
            ...over,
            archive: { name: "own" },
            setups: [{ provider: "fleet", models: ["small", "chatty"] }]
          })
        )
        yield* desk.run(["replay", "desk.suite.ts"])
        const { json } = yield* desk.run(["replay", "own.suite.ts", "--json"])
        const { run, spend } = json as RunResult
        assert.deepStrictEqual([spend.calls, spend.cached], [27, 3])
        for (const text of ["Who is customer", secret, run]) assert.isNotEmpty(holding(desk.home, text), text)

        const deleted = yield* desk.run(["archive", "delete", "own", "--json"])
        assert.deepStrictEqual(deleted.json, { deleted: "own", runs: 1, answers: 27 })
        for (const text of ["Who is customer", secret, run]) assert.deepStrictEqual(holding(desk.home, text), [], text)
        assert.deepStrictEqual(
          Object.keys(filesBelow(desk.home)).filter((name) => name.includes(run) || name.includes("own")),
          []
        )
        assert.strictEqual((yield* desk.run(["show", run, "x"])).code, 2)

        const before = (yield* fleet.stats).requests
        assert.strictEqual((yield* desk.run(["replay", "desk.suite.ts", "--inconclusive=pass"])).code, 0)
        assert.strictEqual((yield* fleet.stats).requests, before, "the other archive's answers are still there")
        yield* desk.run(["import", "own.jsonl", "--name", "own"])
        const again = (yield* desk.run(["replay", "own.suite.ts", "--json"])).json as RunResult
        assert.deepStrictEqual([again.spend.calls, again.spend.cached], [27, 3])
      }).pipe(Effect.scoped),
    patience
  )

  it.live(
    "may have two processes at work on two archives: both finish, and an answer that both want is bought twice at most and found by the next run",
    () =>
      Effect.gen(function* () {
        const calls = 60
        const fleet = yield* serve({ profiles: sayings, latency: { fixedMs: 20, perTokenMs: 0 } })
        const desk = yield* makeDesk
        yield* fillDesk(desk, calls)
        const provider = { fleet: fleetEntry(fleet.openaiURL, { concurrency: 8 }) }
        yield* desk.run(["import", "calls.jsonl", "--name", "twin"])
        for (const [name, archive, models] of [
          ["one", "desk", ["small", "bad"]],
          ["two", "twin", ["bad", "small"]]
        ] as const) {
          const setups = [{ provider: "fleet", models }]
          yield* desk.write(
            `${name}.suite.ts`,
            suiteText(fleet.openaiURL, { archive: { name: archive }, providers: provider, setups })
          )
        }
        const both = yield* Effect.all(
          ["one", "two"].map((name) => desk.run(["replay", `${name}.suite.ts`, "--json"])),
          { concurrency: "unbounded" }
        )
        const results = both.map(({ code, json, stderr }) => {
          assert.strictEqual(code, 3, stderr)
          return json as RunResult
        })
        for (const { standings } of results) for (const { paired } of standings) assert.strictEqual(paired, calls)
        const paid = results.reduce((sum, { spend }) => sum + spend.calls, 0)
        assert.strictEqual((yield* fleet.stats).answered, paid)
        assert.isAtMost(paid, 4 * calls)

        const times = new Map<unknown, number>()
        for (const { key } of linesBelow(desk.home, /^answers\/.*jsonl$/)) times.set(key, (times.get(key) ?? 0) + 1)
        assert.strictEqual(times.size, 2 * calls)
        assert.isAtMost(Math.max(...times.values()), 2)
        const next = (yield* desk.run(["replay", "one.suite.ts", "--json"])).json as RunResult
        assert.deepStrictEqual([next.spend.calls, next.spend.cached], [0, 2 * calls])
        assert.strictEqual((yield* desk.run(["archive", "desk", "--json"])).code, 0)
      }).pipe(Effect.scoped),
    patience
  )
})
