import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { nanoOf } from "../domain/Money.ts"
import type { RunResult } from "../domain/RunResult.ts"
import { serve } from "../standin/Fleet.ts"
import { type Desk, fillDesk, fleetEntry, linesBelow, makeDesk, saying, sayings, suiteText } from "../testing/desk.ts"

const calls = 60
const patience = 120_000
const nano = (dollars: string | null) => Number(nanoOf(dollars ?? ""))

/** A machine and a provider that bills tokens, both at one fleet, which takes 20 ms for an answer. */
const twoProviders = Effect.gen(function* () {
  const fleet = yield* serve({
    profiles: [...sayings, saying("own", "ok"), saying("other", "ok")],
    latency: { fixedMs: 20, perTokenMs: 0 }
  })
  const desk = yield* makeDesk
  yield* fillDesk(desk, calls)
  const suite = (machine: object, over: object = {}) =>
    desk.write(
      "desk.suite.ts",
      suiteText(fleet.openaiURL, {
        setups: [{ provider: "box", models: "own" }],
        providers: {
          fleet: fleetEntry(fleet.openaiURL),
          box: { kind: "openai", baseURL: fleet.openaiURL, concurrency: 4, timeoutMs: 2_000, ...machine }
        },
        ...over
      })
    )
  return { desk, suite, fleet }
})

const resultOf = Effect.fnUntraced(function* (desk: Desk, args: ReadonlyArray<string>) {
  const { code, json, stderr } = yield* desk.run([...args, "--json"])
  assert.isDefined(json, stderr)
  return { code, stderr, result: json as RunResult }
})

/** What the latest run ended in. */
const lastResult = (desk: Desk) => {
  const runs = join(desk.home, "runs")
  const last = readdirSync(runs).sort().at(-1) ?? ""
  return JSON.parse(readFileSync(join(runs, last, "result.json"), "utf8")) as RunResult
}

describe("a provider that is paid by the hour", { concurrent: true }, () => {
  it.live(
    "costs its measured share of the time at the assumed utilisation, the same from the cache, and nothing known where that was not measured",
    () =>
      Effect.gen(function* () {
        const { desk, suite } = yield* twoProviders
        // A thousand nano-dollars a millisecond, and half of it used.
        yield* suite({ costPerHour: "3.6", utilisation: 0.5 })
        const { code, result, stderr } = yield* resultOf(desk, ["replay", "desk.suite.ts"])
        assert.strictEqual(code, 0, stderr)
        assert.include(stderr, "nothing can be estimated beforehand: 1 setup is priced by its machine's time")
        const [standing] = result.standings
        const own = standing!.selfHosted!
        assert.deepInclude(own, { usdPerHour: "3.6", utilisation: "0.5", cases: calls, unknown: 0 })

        const shares = linesBelow(join(desk.home, "answers"), /jsonl$/).map(
          ({ timing }) => timing as { readonly shareMs: number; readonly heldMs: number }
        )
        const busy = shares.reduce((sum, { shareMs }) => sum + shareMs, 0)
        const held = shares.reduce((sum, { heldMs }) => sum + heldMs, 0)
        assert.strictEqual(shares.length, calls)
        assert.isAtMost(busy, Date.parse(result.endedAt) - Date.parse(result.startedAt), "no more than the run's time")
        assert.closeTo(nano(standing!.usd), 2_000 * busy, calls)
        assert.strictEqual(nano(standing!.usd), nano(result.spend.usd))
        const paid = linesBelow(join(desk.home, "runs"), /journal.*jsonl$/).filter(({ event }) => event === "paid")
        assert.strictEqual(
          paid.reduce((sum, { usd }) => sum + nano(String(usd)), 0),
          nano(result.spend.usd)
        )

        assert.closeTo(own.machineMsPerCase!, busy / calls, 1e-6)
        assert.closeTo(own.casesPerHour!, 3_600_000 / (busy / calls), 1e-3)
        assert.closeTo(own.inFlight!, held / busy, 1e-6)
        assert.isAbove(own.inFlight!, 1)
        assert.isAtMost(own.inFlight!, 4.01)
        assert.closeTo(own.tokensPerSecond!, (1000 * calls) / busy, 1e-3)
        const { "100": whole, "25": quarter, "50": half } = own.usdPerCaseAt
        assert.closeTo(nano(half), nano(standing!.usdPerCase), 1)
        assert.closeTo(nano(quarter), 2 * nano(half), 2)
        assert.closeTo(nano(whole), nano(half) / 2, 1)
        assert.deepInclude(result.machines![0], { provider: "box", usdPerHour: "3.6", utilisation: "0.5" })
        assert.isTrue(result.assumptions.some((one) => one.includes("at work 50 % of the paid hours: that is assumed")))

        const people = yield* desk.run(["replay", "desk.suite.ts"])
        assert.match(
          people.stdout,
          /box\/own: \$3\.6 an hour at 50 % utilisation, assumed, is \$[\d.]+ a case; \$[\d.]+ at 25 %/
        )
        const again = lastResult(desk)
        assert.deepInclude(again.spend, { usd: "0.000000000", calls: 0, cached: calls })
        assert.deepStrictEqual(again.standings, result.standings, "from the cache")

        yield* desk.run(["report", result.run, "--format", "md", "--format", "csv", "--out", "out"])
        const report = readFileSync(join(desk.folder, "out", "report.md"), "utf8")
        assert.include(report, "## Machines of your own")
        assert.include(report, "That utilisation is assumed, not measured.")
        const [head = "", row = ""] = readFileSync(join(desk.folder, "out", "report.csv"), "utf8").split("\r\n")
        const cell = (name: string) => row.split(",")[head.split(",").indexOf(name)]
        assert.deepStrictEqual(
          ["machine_usd_per_hour", "machine_utilisation_assumed", "machine_cases", "usd_per_case_at_25_percent"].map(
            cell
          ),
          ["3.6", "0.5", String(calls), quarter!]
        )

        // As versions kept answers that did not measure it.
        const answers = join(desk.home, "answers")
        for (const name of readdirSync(answers).filter((one) => one.endsWith(".jsonl"))) {
          const text = readFileSync(join(answers, name), "utf8")
          writeFileSync(join(answers, name), text.replace(/,"shareMs":[\d.]+,"heldMs":[\d.]+/g, ""))
        }
        const words = yield* desk.run(["replay", "desk.suite.ts"])
        const old = lastResult(desk).standings[0]!
        assert.deepInclude(old, { verdict: "parity", usdPerCase: null, costRatio: null })
        assert.deepInclude(old.selfHosted, { cases: 0, unknown: calls, machineMsPerCase: null })
        assert.match(
          words.stdout,
          /is unpriced a case; 60 cases answered before machine time was measured are in no cost/
        )
      }),
    patience
  )

  it.live(
    "does not exceed a cap, whatever is in flight",
    () =>
      Effect.gen(function* () {
        const { desk, fleet, suite } = yield* twoProviders
        // A try's worst case is two seconds: 4,000,000 nano-dollars, which leaves 200 milliseconds to be used up.
        yield* suite({ costPerHour: "3.6", utilisation: 0.5, concurrency: 8 })
        const cap = "0.0044"
        const { code, result } = yield* resultOf(desk, ["replay", "desk.suite.ts", "--budget", cap])
        assert.isAtMost(nano(result.spend.usd), nano(cap))
        assert.isAbove(result.spend.calls, 0)
        assert.isBelow(result.spend.calls, calls)
        assert.strictEqual((yield* fleet.stats).answered, result.spend.calls)
        assert.deepInclude(result.standings[0]!.blocked, { by: "budget" })
        assert.strictEqual(code, 6)
      }),
    patience
  )

  it.live(
    "is climbed beside one that is paid by the token: tried first, and named where it is the cheaper one",
    () =>
      Effect.gen(function* () {
        const { desk, suite } = yield* twoProviders
        const setups = [
          { provider: "fleet", models: "small" },
          { provider: "box", models: "own" }
        ]
        // Two nano-dollars a millisecond: below the 900 that the other takes for a case.
        yield* suite({ costPerHour: "0.0036" }, { setups })
        const cheap = (yield* resultOf(desk, ["climb", "desk.suite.ts"])).result
        assert.strictEqual(cheap.standings[0]!.setup.label, "box/own")
        assert.strictEqual(cheap.decision?.verdict, "parity")
        assert.strictEqual(cheap.decision?.setup?.label, "box/own")
        assert.isBelow(cheap.decision!.costRatio!, 0.1)

        yield* suite({ costPerHour: "360" }, { setups })
        const dear = (yield* resultOf(desk, ["climb", "desk.suite.ts"])).result
        assert.strictEqual(dear.standings[0]!.setup.label, "box/own")
        assert.isAbove(dear.standings[0]!.costRatio!.estimate, 1)
        assert.strictEqual(dear.decision?.setup?.label, "fleet/small")
      }),
    patience
  )

  it.live(
    "says, as the incumbent, that the archive does not tell its cost",
    () =>
      Effect.gen(function* () {
        const { desk, suite } = yield* twoProviders
        const setups = [{ provider: "fleet", models: "small" }]
        const incumbent = { provider: "box", model: "premium" }
        yield* suite({ costPerHour: "3.6" }, { setups, incumbent, noiseFloor: { repeats: 1 } })
        const { result } = yield* resultOf(desk, ["replay", "desk.suite.ts", "--budget", "1"])
        assert.strictEqual(result.incumbent.usdPerCase, null)
        assert.isAbove(nano(result.spend.floorUsd), 0, "asked again it is measured")
        assert.isFalse(result.assumptions.some((one) => one.includes("it has no price")))
        assert.isTrue(
          result.assumptions.some((one) => one.includes("does not tell how much of its time each call took"))
        )
      }),
    patience
  )
})
