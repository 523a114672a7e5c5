import { readFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { RunResult } from "../domain/RunResult.ts"
import { serve } from "../standin/Fleet.ts"
import { fleetEntry, liteLlmLines, makeDesk, sayings, suiteText } from "../testing/desk.ts"

const cases = 24
/** The originals began after 400 ms, but for those of every fourth call, which were not streamed. */
const originals = liteLlmLines(cases)
  .split("\n")
  .filter((line) => line !== "")
  .map((line, at) => {
    const call = JSON.parse(line) as { startTime: number }
    return JSON.stringify(at % 4 === 3 ? call : { ...call, stream: true, completionStartTime: call.startTime + 0.4 })
  })
  .join("\n")

describe("time to first token", { timeout: 180_000 }, () => {
  it.live("is compared where the suite says so: every answer is streamed, and stands beside the incumbent's", () =>
    Effect.gen(function* () {
      const fleet = yield* serve({ profiles: sayings, latency: { fixedMs: 20, perTokenMs: 0 } })
      const desk = yield* makeDesk
      yield* desk.write("calls.jsonl", originals)
      const providers = { fleet: fleetEntry(fleet.openaiURL) }
      const over = { archive: { paths: ["calls.jsonl"] }, cases: {}, noiseFloor: { repeats: 1 }, providers }
      const suite = (more: object) => desk.write("desk.suite.ts", suiteText(fleet.openaiURL, { ...over, ...more }))

      yield* suite({ timeToFirstToken: true })
      const { json, stderr } = yield* desk.run(["replay", "desk.suite.ts", "--json"])
      assert.isDefined(json, stderr)
      const { run, standings } = json as RunResult
      const time = standings[0]!.timeToFirstToken!
      assert.strictEqual(time.setup.cases, cases)
      assert.isAtLeast(time.setup.p50, 15)
      assert.deepStrictEqual(time.archived?.incumbent, { p50: 400, p95: 400, cases: (3 * cases) / 4 })
      assert.strictEqual(time.archived?.setup.cases, (3 * cases) / 4)
      assert.deepStrictEqual([time.again?.setup.cases, time.again?.incumbent.cases], [cases, cases])

      yield* desk.run(["report", run, "--format", "md", "--format", "csv", "--out", "out"])
      const report = readFileSync(join(desk.folder, "out", "report.md"), "utf8")
      assert.match(report, /in 18 of them [\d.]+ m?s \/ [\d.]+ m?s beside 400 ms \/ 400 ms of the originals/)
      const [head = "", row = ""] = readFileSync(join(desk.folder, "out", "report.csv"), "utf8").split("\r\n")
      const cell = (name: string) => row.split(",")[head.split(",").indexOf(name)]
      assert.deepStrictEqual(
        [cell("ttft_cases"), cell("archived_ttft_p50_ms"), cell("archived_ttft_cases"), cell("again_ttft_cases")],
        ["24", "400", "18", "24"]
      )
      assert.deepStrictEqual([cell("ended_complete"), cell("ended_truncated")], ["24", "0"])
    })
  )

  it.live("is told of no answer that was not streamed", () =>
    Effect.gen(function* () {
      const fleet = yield* serve({ profiles: sayings })
      const desk = yield* makeDesk
      yield* desk.write("calls.jsonl", liteLlmLines(cases))
      const providers = { fleet: fleetEntry(fleet.openaiURL) }
      const over = { archive: { paths: ["calls.jsonl"] }, cases: {}, noiseFloor: { repeats: 1 }, providers }
      yield* desk.write("desk.suite.ts", suiteText(fleet.openaiURL, over))
      const { json, stderr } = yield* desk.run(["replay", "desk.suite.ts", "--json"])
      const { floor, standings } = json as RunResult
      assert.notProperty(standings[0], "timeToFirstToken", stderr)
      assert.deepStrictEqual(floor.endings, { complete: cases })
    })
  )
})
