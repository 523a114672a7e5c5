import { existsSync } from "node:fs"
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import { Fault } from "../domain/Fault.ts"
import type { AnswerRow } from "../domain/Output.ts"
import { temporaryFolder } from "../testing/folder.ts"
import { Answers } from "./Answers.ts"
import { Archives } from "./Archives.ts"
import { Home } from "./Home.ts"
import { bringUpToDate, prepareHome, type Step } from "./layout.ts"
import { Runs } from "./Runs.ts"

const stores = (root: string) =>
  Layer.mergeAll(Answers.layer, Archives.layer, Runs.layer).pipe(Layer.provideMerge(Home.layer(root)))
const versionIn = (root: string) => Effect.promise(() => readFile(join(root, "version"), "utf8"))

describe("Home", { timeout: 180_000 }, () => {
  it.effect("reading makes no folder; the first write makes it with its version", () =>
    Effect.gen(function* () {
      const root = join(yield* temporaryFolder, "deep", "home")
      yield* Effect.gen(function* () {
        assert.strictEqual((yield* Home).path("a", "b"), join(root, "a", "b"))
        assert.deepStrictEqual(yield* (yield* Archives).names, [])
        assert.deepStrictEqual(yield* (yield* Runs).list, [])
        assert.isUndefined(yield* (yield* Answers).get("nothing"))
      }).pipe(Effect.provide(stores(root)))
      assert.isFalse(existsSync(root))

      yield* prepareHome(root)
      assert.strictEqual(yield* versionIn(root), "2\n")
    })
  )

  it.effect("a home of a newer version is refused with what to do, and left alone", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      yield* Effect.promise(() => writeFile(join(root, "version"), "3\n"))
      const fault = yield* Effect.flip(Effect.provide(Home, Home.layer(root)))
      assert.strictEqual(fault.kind, "input")
      assert.strictEqual(fault.file, join(root, "version"))
      assert.include(fault.sentence, "layout 3")
      assert.include(fault.mend, "newer")
      assert.strictEqual(yield* versionIn(root), "3\n")
    })
  )

  it.effect("a version file that holds no number is refused", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      yield* Effect.promise(() => writeFile(join(root, "version"), "one"))
      assert.include((yield* Effect.flip(Effect.provide(Home, Home.layer(root)))).sentence, '"one" is not the number')
    })
  )

  it.effect("a home of layout 0, which had no version file, is migrated and keeps what it holds", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      const run = "20260501T100000-0a1b"
      const answer: AnswerRow = {
        v: 1,
        key: "k1",
        provider: "fleet",
        model: "small",
        series: "candidate",
        repeat: 0,
        response: { blocks: [{ type: "text", text: "kept" }], stopReason: "end", complete: true },
        usage: { basis: "reported", input: null, output: null },
        timing: { startedAt: null, basis: "reported" }
      }
      yield* Effect.promise(async () => {
        await mkdir(join(root, "answers"))
        await writeFile(join(root, "answers", "20260501T100000-1-0a1b.jsonl"), `${JSON.stringify(answer)}\n`)
        await mkdir(join(root, "runs", run), { recursive: true })
        await writeFile(join(root, "runs", run, "manifest.json"), JSON.stringify({ v: 1, run, command: "climb" }))
      })
      yield* Effect.gen(function* () {
        assert.deepStrictEqual(yield* (yield* Answers).get("k1"), answer)
        assert.deepStrictEqual(yield* (yield* Runs).list, [run])
      }).pipe(Effect.provide(stores(root)))
      assert.strictEqual(yield* versionIn(root), "2\n")
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(root)), ["answers", "runs", "version"])
    })
  )

  it.effect("archives of layout 1 are never misread: what to do is said, and done the home goes on", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      const archive = join(root, "archive", "desk")
      yield* Effect.promise(async () => {
        await mkdir(archive, { recursive: true })
        await mkdir(join(root, "archive", ".new.draft"))
        await writeFile(join(archive, "calls.jsonl"), `{"v":1,"id":"a"}\n`)
        await writeFile(join(root, "version"), "1\n")
      })
      const fault = yield* Effect.flip(Effect.provide(Home, Home.layer(root)))
      assert.deepStrictEqual([fault.kind, fault.file], ["input", join(root, "archive")])
      assert.include(fault.sentence, "the archive desk was written by an earlier version")
      assert.include(fault.mend, "import the same logs again")
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(archive)), ["calls.jsonl"])

      yield* Effect.promise(() => rm(archive, { recursive: true }))
      yield* Effect.provide(Home, Home.layer(root))
      assert.strictEqual(yield* versionIn(root), "2\n")
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(join(root, "archive"))), [])
    })
  )

  it.effect("steps run in order, each once; a step that fails leaves the number before it", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      yield* Effect.promise(() => mkdir(join(root, "runs")))
      const ran: Array<string> = []
      const step = (from: number, fails = false): Step => ({
        from,
        about: `step ${from}`,
        run: () =>
          Effect.suspend(() => {
            ran.push(`${from}`)
            return fails ? Effect.fail(new Fault({ kind: "infrastructure", sentence: "no room" })) : Effect.void
          })
      })
      assert.strictEqual(
        (yield* Effect.flip(bringUpToDate(root, [step(0), step(1, true), step(2)]))).sentence,
        "no room"
      )
      assert.strictEqual(yield* versionIn(root), "1\n")
      yield* bringUpToDate(root, [step(0), step(1), step(2)])
      yield* bringUpToDate(root, [step(0), step(1), step(2)])
      assert.deepStrictEqual(ran, ["0", "1", "1", "2"])
      assert.strictEqual(yield* versionIn(root), "3\n")
    })
  )

  it.effect("a folder of somebody else's is not taken for an old home", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      yield* Effect.promise(() => writeFile(join(root, "notes.txt"), "mine"))
      yield* Effect.provide(Home, Home.layer(root))
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(root)), ["notes.txt"])
    })
  )
})
