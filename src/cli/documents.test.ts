import { existsSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { RunResult } from "../domain/RunResult.ts"
import { serve } from "../standin/Fleet.ts"
import { fillDesk, liteLlmLines, makeDesk, sayings, suiteText } from "../testing/desk.ts"
import type { Ended } from "../testing/launcher.ts"

const patience = 180_000

/** The one document that a command printed, and nothing else on stdout. */
const documentOf = <A>({ json, stderr, stdout }: Ended): A => {
  assert.isObject(json, `stdout is no document: ${stdout.slice(0, 200)}\n${stderr}`)
  return json as A
}
const dollars = /^-?\d+\.\d{9}$/

/** Every text under a key that is called after dollars is an exact decimal. */
const checkMoney = (value: unknown, path = ""): void => {
  if (typeof value !== "object" || value === null) return
  for (const [key, inside] of Object.entries(value)) {
    const money = /^(usd|judgeUsd|floorUsd|usdPerCase|incumbentUsdPerCase|usdAtRunPrices|usdBilled)$/.test(key)
    if (money && inside !== null) assert.match(String(inside), dollars, `${path}.${key}`)
    if (money && inside !== null) assert.isString(inside, `${path}.${key}`)
    checkMoney(inside, `${path}.${key}`)
  }
}

const standingKeys = ["setup", "verdict", "cases", "difference", "bound", "usdPerCase", "reason"]

const checkRun = (result: RunResult) => {
  assert.containsAllKeys(result, ["run", "standings", "untried", "spend"])
  for (const standing of result.standings) {
    assert.containsAllKeys(standing, standingKeys)
    assert.containsAllKeys(standing.setup, ["id", "label", "provider", "model", "configuration"])
    assert.containsAllKeys(standing.difference, ["estimate", "lower", "upper"])
  }
  for (const { reason, setup } of result.untried) assert.isTrue(reason !== "" && setup.label !== "")
  assert.containsAllKeys(result.spend, ["usd", "judgeUsd", "calls", "cached"])
  checkMoney(result)
}

/** What of a run is the same when it is run again. */
const lasting = ({ endedAt: _e, method, run: _r, spend: _s, startedAt: _t, ...rest }: RunResult) => {
  const { fixedAt: _f, ...fixed } = method
  return JSON.stringify({ ...rest, method: fixed })
}

describe("--json", { concurrent: true }, () => {
  it.live(
    "prints one document a command, with the promised fields, and the exit code says what it found",
    () =>
      Effect.gen(function* () {
        const calls = 60
        const fleet = yield* serve({ profiles: sayings })
        const desk = yield* makeDesk
        yield* fillDesk(desk, calls)
        const suite = (name: string, over: Readonly<Record<string, unknown>>) =>
          desk.write(`${name}.suite.ts`, suiteText(fleet.openaiURL, over))
        yield* suite("both", { setups: [{ provider: "fleet", models: ["small", "bad"] }] })
        yield* suite("bad", { setups: [{ provider: "fleet", models: ["bad"] }] })
        yield* suite("strict", { parity: { margin: 0.01 } })

        // import: 60 calls again, 3 new ones, one line that is no call and one that is torn
        const lines = liteLlmLines(calls + 3)
        yield* desk.write("more.jsonl", `${lines}{"call_type":"acompletion"}\n{"id": "torn\n`)
        const imported = documentOf<{
          read: number
          imported: number
          duplicates: number
          skipped: ReadonlyArray<object>
          formats: object
          fidelity: object
        }>(yield* desk.run(["import", "more.jsonl", "--name", "more-desk", "--json"]))
        const again = documentOf<typeof imported>(
          yield* desk.run(["import", "more.jsonl", "--name", "more-desk", "--json"])
        )
        assert.deepStrictEqual([imported.imported, again.imported, again.duplicates], [63, 0, 63])
        for (const one of [imported, again]) {
          assert.strictEqual(one.read, one.imported + one.duplicates + one.skipped.length)
          assert.strictEqual(one.skipped.length, 2)
          for (const skip of one.skipped) assert.containsAllKeys(skip, ["file", "line", "reason"])
          assert.containsAllKeys(one.fidelity, ["A", "B", "C", "D"])
        }
        assert.deepStrictEqual(imported.formats, { litellm: 63 })

        const archive = documentOf<{ calls: number; fidelity: object; tokens: object }>(
          yield* desk.run(["archive", "desk", "--json"])
        )
        assert.strictEqual(archive.calls, calls)
        const skips = documentOf<{ skips: ReadonlyArray<object> }>(
          yield* desk.run(["archive", "more-desk", "--skips", "--json"])
        )
        assert.strictEqual(skips.skips.length, 2)

        // replay: 3 when any is inferior, 4 when undecided
        const replayed = yield* desk.run(["replay", "both.suite.ts", "--json"])
        assert.strictEqual(replayed.code, 3)
        assert.match(replayed.stderr, /^run \S+: 60 cases in 20 sessions of archive desk, 2 setups\n/)
        assert.match(replayed.stderr, /fleet\/small: 60\/60 cases/)
        const replay = documentOf<RunResult>(replayed)
        checkRun(replay)
        assert.isUndefined(replay.decision)
        assert.deepStrictEqual(replay.standings.map(({ verdict }) => verdict).sort(), ["inferior", "parity"])
        assert.strictEqual((yield* desk.run(["replay", "both.suite.ts", "--setup", "small", "--json"])).code, 0)
        assert.strictEqual((yield* desk.run(["replay", "strict.suite.ts", "--json"])).code, 4)

        // climb: 0 parity, 3 none, 4 inconclusive
        const climbed = yield* desk.run(["climb", "both.suite.ts", "--json"])
        assert.strictEqual(climbed.code, 0)
        const climb = documentOf<RunResult>(climbed)
        checkRun(climb)
        assert.containsAllKeys(climb.decision, ["verdict", "setup", "policy", "costRatio", "saving"])
        assert.strictEqual(climb.decision?.setup?.label, "fleet/small")
        assert.strictEqual(climb.decision?.policy[0]?.setup?.label, "fleet/small")
        assert.closeTo(climb.decision?.costRatio ?? 0, 0.1, 1e-9)
        for (const saved of Object.values(climb.decision?.saving.usdPerYear ?? {})) assert.match(saved, dollars)
        const rerun = documentOf<RunResult>(yield* desk.run(["climb", "both.suite.ts", "--json"]))
        assert.strictEqual(lasting(rerun), lasting(climb))
        assert.deepStrictEqual([rerun.spend.calls, rerun.spend.usd], [0, "0.000000000"])
        const explained = documentOf<{ run: string; path: ReadonlyArray<{ label: string; why: string }> }>(
          yield* desk.run(["climb", "--explain", climb.run, "--json"])
        )
        assert.strictEqual(explained.run, climb.run)
        assert.deepStrictEqual(explained.path, climb.path)
        assert.includeMembers(
          explained.path.map(({ label }) => label),
          ["fleet/small", "fleet/bad"]
        )
        assert.isTrue(explained.path.every(({ why }) => why.length > 0))
        const told = yield* desk.run(["climb", "--explain", climb.run])
        assert.match(told.stdout, /Decision: parity\. fleet\/small: at most/)
        assert.strictEqual((yield* desk.run(["climb", "--explain", replay.run])).code, 2)
        const none = yield* desk.run(["climb", "bad.suite.ts", "--json"])
        assert.deepStrictEqual([none.code, documentOf<RunResult>(none).decision?.verdict], [3, "none"])
        const open = yield* desk.run(["climb", "strict.suite.ts", "--json"])
        assert.deepStrictEqual([open.code, documentOf<RunResult>(open).decision?.verdict], [4, "inconclusive"])
        assert.strictEqual((yield* desk.run(["climb", "strict.suite.ts", "--inconclusive=pass", "--json"])).code, 0)

        const report = documentOf<{ run: string; files: ReadonlyArray<string> }>(
          yield* desk.run(["report", climb.run, "--out", "report", "--json"])
        )
        assert.strictEqual(report.run, climb.run)
        assert.isAbove(report.files.length, 2)
        for (const file of report.files) assert.isTrue(existsSync(file), file)

        const doctor = documentOf<{ ok: boolean; keys: object }>(yield* desk.run(["doctor", "--json"]))
        assert.isTrue(doctor.ok)
        for (const there of Object.values(doctor.keys)) assert.isFalse(there)

        const init = ["init", "first", "--archive", "desk", "--provider", "openai", "--model", "gpt-5-mini", "--json"]
        const { files } = documentOf<{ files: ReadonlyArray<string> }>(yield* desk.run(init))
        assert.include(files, join("suites", "first.suite.ts"))
        for (const file of files) assert.isTrue(existsSync(join(desk.folder, file)), file)
        assert.strictEqual((yield* desk.run(init)).code, 2, "a suite that is there is not overwritten")
      }).pipe(Effect.scoped),
    patience
  )

  it.live(
    "of the demonstration is its run's, with the files of the report; the home beside it stays empty",
    () =>
      Effect.gen(function* () {
        const desk = yield* makeDesk
        const ended = yield* desk.run(["demo", "--out", "report", "--json"])
        assert.strictEqual(ended.code, 0, ended.stderr)
        const demo = documentOf<RunResult & { report: ReadonlyArray<string> }>(ended)
        checkRun(demo)
        assert.strictEqual(demo.decision?.verdict, "parity")
        assert.isTrue(demo.archive.simulated)
        for (const file of demo.report) assert.isTrue(existsSync(file), file)
        assert.strictEqual((yield* desk.run(["archive", "--json"])).code, 2)
      }).pipe(Effect.scoped),
    patience
  )
})
