import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { readFile, stat } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import { archivedCall } from "../testing/archivedCall.ts"
import { temporaryFolder } from "../testing/folder.ts"
import { Answers } from "./Answers.ts"
import { Archives } from "./Archives.ts"
import { Home } from "./Home.ts"

const script = fileURLToPath(new URL("./store.child.ts", import.meta.url))

/** Starts the child, kills it with SIGKILL when `enough` says so of the lines it printed, and gives all its whole lines. */
const killedAfter = (what: string, home: string, enough: (lines: number) => boolean) =>
  Effect.promise(async () => {
    const child: ChildProcess = spawn(process.execPath, [script, what, home], { stdio: ["ignore", "pipe", "inherit"] })
    const ended = once(child, "exit")
    const lines: Array<string> = []
    for await (const line of createInterface({ input: child.stdout! })) {
      lines.push(line)
      if (enough(lines.length)) child.kill("SIGKILL")
    }
    const [, signal] = await ended
    assert.strictEqual(signal, "SIGKILL", "the child ended before it was killed")
    return lines
  })

const answersOf = <A, E>(home: string, use: (answers: Answers["Service"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(Answers, use).pipe(Effect.provide(Answers.layer.pipe(Layer.provide(Home.layer(home)))))

describe("kill -9", () => {
  it.live(
    "loses no answer that was acknowledged, of two processes on one home",
    () =>
      Effect.gen(function* () {
        const home = yield* temporaryFolder
        const killed = yield* Effect.all(
          [300, 1500].map((count) => killedAfter("answers", home, (lines) => lines === count)),
          { concurrency: "unbounded" }
        )
        // The very last line may be cut in the pipe, so it proves nothing.
        const acknowledged = killed.flatMap((lines) => lines.slice(0, -1))
        assert.isAtLeast(acknowledged.length, 1700)
        yield* answersOf(home, (answers) =>
          Effect.gen(function* () {
            for (const key of acknowledged) {
              const row = yield* answers.get(key)
              assert.strictEqual(row?.key, key)
              assert.deepStrictEqual(row?.response.blocks, [{ type: "text", text: `answer ${key} ${"x".repeat(500)}` }])
            }
          })
        )
      }).pipe(Effect.scoped),
    60_000
  )

  it.live(
    "between adding and committing leaves the archive as it was",
    () =>
      Effect.gen(function* () {
        const home = yield* temporaryFolder
        const stores = Archives.layer.pipe(Layer.provide(Home.layer(home)))
        const importOne = Effect.scoped(
          Effect.gen(function* () {
            const writer = yield* (yield* Archives).writer("desk")
            const added = yield* writer.add([{ call: archivedCall("first"), dedupeKey: "first", rank: 0 }])
            yield* writer.commit
            return added
          })
        )
        const ids = Effect.gen(function* () {
          return (yield* (yield* Archives).rows("desk")).map((row) => row.id)
        })
        const calls = join(home, "archive", "desk", "calls.jsonl")

        // Killed in its first import: there is no such archive, and the next import makes it.
        yield* killedAfter("archive", home, () => true)
        assert.deepStrictEqual(
          yield* Effect.flatMap(Archives, (archives) => archives.names).pipe(Effect.provide(stores)),
          []
        )
        assert.deepStrictEqual(yield* Effect.provide(importOne, stores), ["added"])
        assert.deepStrictEqual(yield* Effect.provide(ids, stores), ["first"])
        const before = yield* Effect.promise(() => readFile(calls, "utf8"))

        // Killed in its second import.
        yield* killedAfter("archive", home, () => true)
        assert.isAbove((yield* Effect.promise(() => stat(calls))).size, before.length, "something had been appended")
        assert.deepStrictEqual(yield* Effect.provide(ids, stores), ["first"])
        assert.deepStrictEqual(yield* Effect.provide(importOne, stores), ["duplicate"])
        assert.strictEqual(yield* Effect.promise(() => readFile(calls, "utf8")), before)
      }).pipe(Effect.scoped),
    60_000
  )
})
