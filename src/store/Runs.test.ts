import { existsSync } from "node:fs"
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import type { Fault } from "../domain/Fault.ts"
import type { RunResult } from "../domain/RunResult.ts"
import { temporaryFolder } from "../testing/folder.ts"
import { Home } from "./Home.ts"
import { type GradeRow, type Manifest, type OutputRow, Runs } from "./Runs.ts"

const manifest: Omit<Manifest, "v" | "run"> = {
  command: "replay",
  startedAt: "2026-11-24T20:15:00.123Z",
  archive: "desk",
  suite: { name: "desk", file: "desk.suite.ts", digest: "d" },
  setups: { small: "fleet/small" },
  incumbent: "openai/gpt-4o",
  versions: { understudy: "0.1.0" },
  cases: { c1: "call-1" }
}
const output = (caseId: string, given: Partial<OutputRow> = {}): OutputRow => ({
  v: 1,
  case: caseId,
  setup: "small",
  series: "candidate",
  attempts: [{ round: 0, answer: "k1", cached: false, latencyMs: 12, checks: [] }],
  losses: [],
  ...given
})
const grade = (caseId: string, score: number | null, why = "because"): GradeRow => ({
  v: 1,
  case: caseId,
  setup: "small",
  grader: "exact",
  score,
  why
})
// What the store keeps of a result is the document as it is; its fields are the report's matter.
const result = { v: 1, run: "r", command: "replay" } as RunResult

/** Runs a test in a home of its own. */
const inHome = <A, E>(test: (root: string) => Effect.Effect<A, E, Runs>) =>
  Effect.gen(function* () {
    const root = join(yield* temporaryFolder, "home")
    return yield* Effect.provide(test(root), Runs.layer.pipe(Layer.provide(Home.layer(root))))
  }).pipe(Effect.scoped)

describe("Runs", { timeout: 180_000 }, () => {
  it.live("what a run wrote is read again", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const runs = yield* Runs
        const failed = output("c2", { attempts: [], failure: { kind: "infrastructure", message: "down" } })
        const id = yield* Effect.scoped(
          Effect.gen(function* () {
            const run = yield* runs.start(manifest)
            assert.match(run.id, /^20261124T201500-[0-9a-f]{4}$/)
            assert.strictEqual(run.folder, join(root, "runs", run.id))
            yield* run.journal({ event: "sent", key: "k1" })
            yield* run.output(output("c1"))
            yield* run.output(failed)
            yield* run.graded(output("c3"), [grade("c3", 1)])
            yield* run.graded(output("c4"), [])
            yield* run.grades([grade("c1", 1), grade("c2", null), grade("c1", 0.5)])
            yield* run.finish(result)
            return run.id
          })
        )
        assert.deepStrictEqual(yield* runs.manifest(id), { v: 1, run: id, ...manifest })
        assert.deepStrictEqual(yield* runs.result(id), result)
        assert.deepStrictEqual(yield* runs.outputs(id, "c1"), [output("c1")])
        assert.deepStrictEqual(yield* runs.outputs(id, "c2"), [failed])
        assert.deepStrictEqual(yield* runs.outputs(id, "c3"), [output("c3")])
        assert.deepStrictEqual(yield* runs.grades(id, "c3"), [grade("c3", 1)])
        assert.deepStrictEqual(yield* runs.outputs(id, "c4"), [output("c4")])
        assert.deepStrictEqual(yield* runs.outputs(id, "c"), [])
        assert.deepStrictEqual(yield* runs.grades("latest", "c1"), [grade("c1", 1), grade("c1", 0.5)])
      })
    )
  )

  it.live("SQL reads the lines of a run that goes on, and of one without any", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const runs = yield* Runs
        const run = yield* runs.start(manifest)
        const counts = `SELECT (SELECT count(*) FROM grades) AS grades, (SELECT count(*) FROM outputs) AS outputs,
          (SELECT count(*) FROM journal) AS journal`
        assert.deepStrictEqual(yield* runs.query(run.id, counts), [{ grades: 0, outputs: 0, journal: 0 }])

        yield* run.grades([grade("c1", 1), grade("c2", null), grade("c3", 0.5, "party \ud83c")])
        yield* run.output(output("c1"))
        yield* run.journal({ event: "paid", tokens: 12 })
        yield* Effect.promise(() => appendFile(join(root, "runs", run.id, "grades.jsonl"), '{"v":1,"case":"c4","sco'))
        assert.deepStrictEqual(yield* runs.query(run.id, counts), [{ grades: 3, outputs: 1, journal: 1 }])
        assert.deepStrictEqual(
          yield* runs.query(run.id, `SELECT "case", score, why FROM grades WHERE score < $below ORDER BY "case"`, {
            below: 0.9
          }),
          [{ case: "c3", score: 0.5, why: "party \ufffd" }]
        )
        assert.deepStrictEqual(
          yield* runs.query(
            run.id,
            `SELECT attempts->0->>'answer' AS answer, (SELECT line->>'event' FROM journal) AS event FROM outputs`
          ),
          [{ answer: "k1", event: "paid" }]
        )
      }).pipe(Effect.scoped)
    )
  )

  it.live("a broken line in the middle is named by file and line, however it is read", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const runs = yield* Runs
        const run = yield* runs.start(manifest)
        yield* run.grades([grade("c1", 1), grade("c2", 1), grade("c3", 1)])
        const file = join(root, "runs", run.id, "grades.jsonl")
        const text = yield* Effect.promise(() => readFile(file, "utf8"))
        for (const broken of [text.replace('"case":"c2"', '"case":"c2'), text.replace(/\{[^\n]*c2[^\n]*/, "rubbish")]) {
          yield* Effect.promise(() => writeFile(file, broken))
          const fault = yield* Effect.flip(runs.query(run.id, "SELECT count(why) AS n FROM grades"))
          assert.deepStrictEqual([fault.kind, fault.file, fault.line], ["input", file, 2])
        }
      }).pipe(Effect.scoped)
    )
  )

  it.live("lists the newest first; latest is the newest that is finished", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const runs = yield* Runs
        const begin = (startedAt: string, finishes: boolean) =>
          Effect.scoped(
            Effect.gen(function* () {
              const run = yield* runs.start({ ...manifest, startedAt })
              if (finishes) yield* run.finish(result)
              return run.id
            })
          )
        const second = yield* begin("2026-11-24T20:15:00Z", true)
        const twins = yield* Effect.forEach([1, 2, 3, 4], () => begin("2026-11-24T20:15:01Z", true))
        const first = yield* begin("2026-11-23T20:15:00Z", true)
        const last = yield* begin("2026-11-25T20:15:00Z", false)
        yield* Effect.promise(() => mkdir(join(root, "runs", "20261126T000000-0000")))
        assert.deepStrictEqual(yield* runs.list, [last, ...twins.toReversed(), second, first])
        assert.strictEqual((yield* runs.manifest("latest")).run, twins.at(-1))
        const fault = yield* Effect.flip(runs.result(last))
        assert.strictEqual(fault.kind, "input")
        assert.include(fault.message, "not finished")
      })
    )
  )

  it.live("a run is found by the beginning of its id where no other begins so; else a sentence with the newest", () =>
    inHome(() =>
      Effect.gen(function* () {
        const runs = yield* Runs
        const begin = (startedAt: string) =>
          Effect.scoped(Effect.map(runs.start({ ...manifest, startedAt }), ({ id }) => id))
        const older = yield* Effect.forEach([1, 2, 3, 4, 5, 6], (n) => begin(`2026-11-24T20:15:0${n}Z`))
        const newest = yield* begin("2026-11-25T20:15:00Z")
        assert.strictEqual((yield* runs.manifest("20261125")).run, newest)
        const several = yield* Effect.flip(runs.manifest("20261124"))
        assert.strictEqual(several.sentence, '6 runs begin with "20261124"')
        assert.strictEqual(several.mend, `They are: ${older.toReversed().slice(0, 5).join(", ")}, and 1 older.`)
        for (const none of ["x", ""]) {
          assert.include((yield* Effect.flip(runs.manifest(none))).mend, `${newest}, ${older[5]}`)
        }
      })
    )
  )

  it.live("a run that is not there is a sentence with the runs there are", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const runs = yield* Runs
        assert.include((yield* Effect.flip(runs.result("latest"))).message, "no run is finished yet")
        assert.isFalse(existsSync(root), "asking leaves no folder behind")
        const { id } = yield* Effect.scoped(runs.start(manifest))
        const asks: ReadonlyArray<Effect.Effect<unknown, Fault>> = [
          runs.manifest("x"),
          runs.outputs("x", "c"),
          runs.grades("../x", "c"),
          runs.query("x", "SELECT 1")
        ]
        for (const ask of asks) {
          const fault = yield* Effect.flip(ask)
          assert.strictEqual(fault.kind, "input")
          assert.include(fault.mend, id)
        }
      })
    )
  )
})
