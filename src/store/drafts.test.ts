import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir, readdir, utimes } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { archivedCall } from "../testing/archivedCall.ts"
import { Archives } from "./Archives.ts"
import { importAll, inHome } from "./inHome.testing.ts"

const script = fileURLToPath(new URL("./store.child.ts", import.meta.url))

/** A first import of `desk` by another process, which has added calls and not committed. */
const otherImport = (root: string) =>
  Effect.promise(async () => {
    const child = spawn(process.execPath, [script, "archive", root], { stdio: ["ignore", "pipe", "inherit"] })
    await once(createInterface({ input: child.stdout }), "line")
    return async () => {
      const ended = once(child, "exit")
      child.kill("SIGKILL")
      await ended
    }
  })

const foldersOf = (root: string) => Effect.promise(async () => (await readdir(join(root, "archive"))).sort())

describe("what a first import leaves that was killed", () => {
  it.live("is told with its size, and goes with its name; not while the import is going on", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const archives = yield* Archives
        const kill = yield* otherImport(root)
        assert.deepStrictEqual(yield* archives.names, [])
        const [draft, ...more] = yield* archives.drafts
        assert.deepStrictEqual([draft?.name, more], ["desk", []])
        assert.isAbove(draft?.bytes ?? 0, 1_000_000)
        assert.match((yield* Effect.flip(archives.remove("desk"))).sentence, /in use/)
        yield* Effect.promise(kill)
        yield* archives.removable("desk")
        yield* archives.remove("desk")
        assert.deepStrictEqual(yield* foldersOf(root), [])
        assert.match((yield* Effect.flip(archives.remove("desk"))).sentence, /there is no archive "desk"/)
      })
    )
  )

  it.live("is cleared by the next import of any name, and left alone while it is being written", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const kill = yield* otherImport(root)
        yield* importAll("other", [archivedCall("a")])
        assert.deepStrictEqual(yield* foldersOf(root), [".desk.draft", "other"])
        yield* Effect.promise(kill)
        yield* importAll("third", [archivedCall("a")])
        assert.deepStrictEqual(yield* foldersOf(root), ["other", "third"])
      })
    )
  )

  it.effect("is cleared where it has no index yet, once it is older than a minute", () =>
    inHome((root) =>
      Effect.gen(function* () {
        for (const name of ["old", "new"])
          yield* Effect.promise(() => mkdir(join(root, "archive", `.${name}.draft`, "blobs"), { recursive: true }))
        const before = new Date(Date.now() - 120_000)
        yield* Effect.promise(() => utimes(join(root, "archive", ".old.draft"), before, before))
        yield* importAll("desk", [archivedCall("a")])
        assert.deepStrictEqual(yield* foldersOf(root), [".new.draft", "desk"])
      })
    )
  )
})
