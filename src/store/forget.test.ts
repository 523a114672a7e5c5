import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import type { AnswerRow } from "../domain/Output.ts"
import { filesBelow } from "../testing/desk.ts"
import { temporaryFolder } from "../testing/folder.ts"
import { Answers } from "./Answers.ts"
import { forgetRuns, type Going } from "./forget.ts"
import { Home } from "./Home.ts"
import { Runs } from "./Runs.ts"

const answer = (key: string): AnswerRow => ({
  v: 1,
  key,
  provider: "fleet",
  model: "small",
  series: "candidate",
  repeat: 0,
  response: { blocks: [{ type: "text", text: `text of ${key}` }], stopReason: "end", complete: true },
  usage: { basis: "reported", input: null, output: null },
  timing: { startedAt: null, basis: "reported" }
})

/** A run of an archive: the key of each answer by the case it was bought or used for, and by the call of that case. */
interface Ran {
  readonly archive: string
  readonly cases: Readonly<Record<string, { readonly call: string; readonly bought?: string; readonly used?: string }>>
}

const caseId = (letter: string) => letter.repeat(32)

const write = ({ archive, cases }: Ran) =>
  Effect.gen(function* () {
    const run = yield* (yield* Runs).start({
      command: "replay",
      startedAt: "2026-11-24T20:15:00.123Z",
      archive,
      suite: { name: "desk", file: "desk.suite.ts", digest: "d" },
      setups: {},
      incumbent: "openai/gpt-4o",
      versions: {},
      cases: Object.fromEntries(Object.entries(cases).map(([id, { call }]) => [id, call]))
    })
    for (const [id, { bought, used }] of Object.entries(cases)) {
      if (bought !== undefined) yield* run.journal({ v: 1, event: "paid", key: bought, case: id, setup: "small" })
      const key = bought ?? used
      if (key === undefined) continue
      yield* run.output({
        v: 1,
        case: id,
        setup: "small",
        series: "candidate",
        attempts: [{ round: 0, answer: key, cached: bought === undefined, latencyMs: 1, checks: [] }],
        losses: []
      })
      yield* run.grades([{ v: 1, case: id, setup: "small", grader: "exact", score: 0, why: `text of ${key} differs` }])
    }
    return run.id
  }).pipe(Effect.scoped)

/** Runs a test in a home with these runs and the answers that they bought. */
const inHome = <A, E>(
  runs: ReadonlyArray<Ran>,
  test: (root: string, ids: ReadonlyArray<string>) => Effect.Effect<A, E, Home | Runs>
) =>
  Effect.gen(function* () {
    const root = join(yield* temporaryFolder, "home")
    const keys = new Set(runs.flatMap(({ cases }) => Object.values(cases).flatMap(({ bought }) => bought ?? [])))
    const home = Home.layer(root)
    yield* Effect.gen(function* () {
      const answers = yield* Answers
      yield* Effect.forEach([...keys], (key) => answers.put(answer(key)))
    }).pipe(Effect.provide(Answers.layer.pipe(Layer.provide(home))))
    return yield* Effect.provide(
      Effect.flatMap(Effect.forEach(runs, write), (ids) => test(root, ids)),
      Runs.layer.pipe(Layer.provideMerge(home))
    )
  }).pipe(Effect.scoped)

/** Answers whose text is in some file of the home. */
const textsIn = (root: string, keys: ReadonlyArray<string>) =>
  Effect.promise(async () => {
    const files = Object.entries(filesBelow(root)).filter(([, digest]) => digest !== "folder")
    const texts = await Promise.all(files.map(([name]) => readFile(join(root, name), "utf8")))
    return keys.filter((key) => texts.some((text) => text.includes(`text of ${key}`)))
  })

const going = (...letters: ReadonlyArray<string>): Going => ({
  calls: new Set(letters.map((letter) => `call-${letter}`)),
  contents: new Set(letters.map(caseId))
})

const desk: Ran = {
  archive: "desk",
  cases: {
    [caseId("a")]: { call: "call-a", bought: "ka" },
    [caseId("b")]: { call: "call-b", bought: "kb" }
  }
}
const later: Ran = {
  archive: "desk",
  cases: { [caseId("b")]: { call: "call-b", used: "kb" }, [caseId("c")]: { call: "call-c", bought: "kc" } }
}
const other: Ran = {
  archive: "other",
  cases: { [caseId("a")]: { call: "call-x", used: "ka" }, [caseId("d")]: { call: "call-d", bought: "kd" } }
}

describe("forgetRuns", { timeout: 180_000 }, () => {
  it.live("removes the runs that had a case of the calls, and the answers for such cases alone", () =>
    inHome([desk, later], (root, [first, second]) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* forgetRuns("desk", { going: going("a") }), { runs: 1, answers: 1 })
        assert.isFalse(existsSync(join(root, "runs", first!)))
        assert.isTrue(existsSync(join(root, "runs", second!, "grades.jsonl")))
        assert.deepStrictEqual(yield* textsIn(root, ["ka", "kb", "kc"]), ["kb", "kc"])
      })
    )
  )

  it.live("remembers whose the answers are that a removed run had bought for other cases", () =>
    inHome([desk], (root) =>
      Effect.gen(function* () {
        yield* forgetRuns("desk", { going: going("a") })
        assert.deepStrictEqual(yield* textsIn(root, ["ka", "kb"]), ["kb"])
        // No run names kb any more: it goes with its own call all the same, and the note of it too.
        assert.deepStrictEqual(yield* forgetRuns("desk", { going: going("b") }), { runs: 0, answers: 1 })
        assert.deepStrictEqual(yield* textsIn(root, ["ka", "kb"]), [])
        assert.isFalse(existsSync(join(root, "runs", "bought.jsonl")))
      })
    )
  )

  it.live("of a whole archive takes what its removed runs had bought, and nothing that another archive uses", () =>
    inHome([desk, later, other], (root) =>
      Effect.gen(function* () {
        yield* forgetRuns("desk", { going: going("a") })
        assert.deepStrictEqual(
          yield* textsIn(root, ["ka", "kb", "kc", "kd"]),
          ["ka", "kb", "kc", "kd"],
          "ka is other's"
        )
        assert.deepStrictEqual(yield* forgetRuns("desk"), { runs: 1, answers: 2 })
        assert.deepStrictEqual(yield* textsIn(root, ["ka", "kb", "kc", "kd"]), ["ka", "kd"])
        assert.isFalse(existsSync(join(root, "runs", "bought.jsonl")))
      })
    )
  )

  it.live("keeps the answers of a case that a call which stays has too", () =>
    inHome([desk], (root) =>
      Effect.gen(function* () {
        // The call goes, but another one with the very same content stays: its case is a, and the answer is its own.
        const only: Going = { calls: new Set(["call-z"]), contents: new Set() }
        assert.deepStrictEqual(yield* forgetRuns("desk", { going: only }), { runs: 0, answers: 0 })
        assert.deepStrictEqual(yield* textsIn(root, ["ka", "kb"]), ["ka", "kb"])
      })
    )
  )

  it.live("says what would go, and removes nothing, in a dry run", () =>
    inHome([desk, later], (root) =>
      Effect.gen(function* () {
        const before = filesBelow(root)
        assert.deepStrictEqual(yield* forgetRuns("desk", { going: going("a"), dryRun: true }), { runs: 1, answers: 1 })
        assert.deepStrictEqual(yield* forgetRuns("desk", { dryRun: true }), { runs: 2, answers: 3 })
        assert.deepStrictEqual(filesBelow(root), before)
      })
    )
  )

  it.live("finishes what was cut off", () =>
    inHome([desk, later], (root, [first]) =>
      Effect.gen(function* () {
        // As a kill leaves it after the answers were blanked and half a run was removed: the manifest goes last.
        yield* forgetRuns("desk", { going: going("a") })
        yield* write(desk)
        assert.isFalse(existsSync(join(root, "runs", first!)))
        assert.deepStrictEqual(yield* forgetRuns("desk", { going: going("a") }), { runs: 1, answers: 0 })
        assert.deepStrictEqual(yield* textsIn(root, ["ka", "kb", "kc"]), ["kb", "kc"])
      })
    )
  )
})
