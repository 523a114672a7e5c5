import { readdir, rename } from "node:fs/promises"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import type { AnswerRow } from "../domain/Output.ts"
import { Answers } from "../store/Answers.ts"
import { Home } from "../store/Home.ts"
import { temporaryFolder } from "../testing/folder.ts"
import { type Pruning, prune, showAnswers } from "./answers.ts"

const answer = (key: string, model: string, day: string | null): AnswerRow => ({
  v: 1,
  key,
  provider: "fleet",
  model,
  series: "candidate",
  repeat: 0,
  response: { blocks: [{ type: "text", text: `answer ${key}` }], stopReason: "end", complete: true },
  usage: {
    basis: "reported",
    input: { total: 10, uncached: 10, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 },
    output: { total: 3, text: 3, reasoning: 0 }
  },
  timing: { startedAt: day === null ? null : `${day}T10:00:00.000Z`, latencyMs: 12.5, basis: "reported" }
})

/** What one process does with the answers of a home, from its start to its end. */
const inProcess = <A, E>(root: string, use: (answers: Answers["Service"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(Answers, use).pipe(Effect.provide(Layer.fresh(Answers.layer).pipe(Layer.provide(Home.layer(root)))))

const all: Pruning = { provider: undefined, model: undefined, before: undefined, unused: false, dryRun: false }

const keep = (root: string, rows: ReadonlyArray<AnswerRow>) =>
  inProcess(root, (answers) => Effect.forEach(rows, answers.put, { discard: true }))
const keysOf = (root: string, keys: ReadonlyArray<string>) =>
  inProcess(root, (answers) =>
    Effect.map(Effect.forEach(keys, answers.get), (rows) => rows.flatMap((row) => (row === undefined ? [] : [row.key])))
  )

describe("the answers that were paid for", { timeout: 180_000 }, () => {
  it.live("are told by model, and go where all that is said fits; the others stay letter by letter", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      const rows = [
        answer("a", "small", "2026-05-01"),
        answer("b", "small", "2026-06-01"),
        answer("c", "large", "2026-05-01"),
        answer("d", "small", null)
      ]
      yield* keep(root, rows.slice(0, 2))
      yield* keep(root, rows.slice(2))
      const home = Home.layer(root)
      const { doc, text } = yield* Effect.provide(showAnswers(), home)
      assert.deepStrictEqual(
        doc.answers.map(({ answers, from, inputTokens, model, outputTokens, to }) => [
          model,
          answers,
          inputTokens,
          outputTokens,
          from?.slice(0, 10),
          to?.slice(0, 10)
        ]),
        [
          ["large", 1, 10, 3, "2026-05-01", "2026-05-01"],
          ["small", 3, 30, 9, "2026-05-01", "2026-06-01"]
        ]
      )
      assert.include(text, "fleet     small  candidate        3")

      const wanted = { ...all, model: "small", before: "2026-05-02" }
      const would = yield* Effect.provide(prune({ ...wanted, dryRun: true }), home)
      assert.deepInclude(would.doc, { answers: 1, busy: 0, dryRun: true })
      assert.deepStrictEqual(yield* keysOf(root, ["a", "b", "c", "d"]), ["a", "b", "c", "d"])
      const done = yield* Effect.provide(prune(wanted), home)
      assert.deepInclude(done.doc, { answers: 1, busy: 0 })
      assert.isAbove(done.doc.bytes, 100)
      assert.deepStrictEqual(yield* keysOf(root, ["a", "b", "c", "d"]), ["b", "c", "d"])
      assert.deepStrictEqual(yield* inProcess(root, (answers) => answers.get("b")), rows[1])

      yield* Effect.provide(prune({ ...all, unused: true }), home)
      assert.deepStrictEqual(yield* keysOf(root, ["b", "c", "d"]), [])
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(join(root, "answers"))), [])
      assert.include((yield* Effect.provide(showAnswers(), home)).text, "No answer")
    })
  )

  it.live("stay where nothing is said, and where another process is writing", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      const home = Home.layer(root)
      yield* keep(root, [answer("a", "small", "2026-05-01")])
      const fault = yield* Effect.flip(Effect.provide(prune(all), home))
      assert.deepStrictEqual([fault.kind, fault.exitCode], ["usage", 2])
      const bad = yield* Effect.flip(Effect.provide(prune({ ...all, before: "yesterday" }), home))
      assert.include(bad.sentence, '"yesterday" is no day')

      const [name = ""] = yield* Effect.promise(() => readdir(join(root, "answers")))
      // The parent of this process runs as long as it does.
      const busy = name.replace(`-${process.pid}-`, `-${process.ppid}-`)
      yield* Effect.promise(() => rename(join(root, "answers", name), join(root, "answers", busy)))
      const left = yield* Effect.provide(prune({ ...all, unused: true }), home)
      assert.deepInclude(left.doc, { answers: 0, busy: 1 })
      assert.include(left.text, "1 file stay")
      assert.deepStrictEqual(yield* keysOf(root, ["a"]), ["a"])
    })
  )
})
