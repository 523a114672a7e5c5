import { lstat, mkdir, readFile, symlink } from "node:fs/promises"
import { createServer } from "node:net"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import { archivedCall } from "../testing/archivedCall.ts"
import { temporaryFolder } from "../testing/folder.ts"
import { Archives } from "./Archives.ts"
import { Home } from "./Home.ts"
import { importAll, loadAll } from "./inHome.testing.ts"

describe("an export", { timeout: 180_000 }, () => {
  it.live("follows links, and writes neither into a home nor over what is there", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const home = join(folder, "home")
      yield* Effect.gen(function* () {
        const archives = yield* Archives
        yield* importAll("desk", [archivedCall("a"), archivedCall("b")])
        const to = (file: string) => archives.export("desk", { to: "jsonl", file })

        const socket = join(folder, "socket")
        yield* Effect.acquireRelease(
          Effect.callback<ReturnType<typeof createServer>>((resume) => {
            const server = createServer().listen(socket, () => resume(Effect.succeed(server)))
          }),
          (server) => Effect.sync(() => server.close())
        )
        const refused = [
          join(home, "archive", "desk", "calls.jsonl"),
          join(home, "new", "calls.jsonl"),
          join(folder, "link-in"),
          socket,
          folder
        ]
        yield* Effect.promise(() => symlink(join(home, "archive", "desk", "calls.jsonl"), join(folder, "link-in")))
        for (const file of refused) {
          const fault = yield* Effect.flip(to(file))
          assert.deepStrictEqual([fault.kind, fault.file], ["input", file])
        }
        assert.isTrue((yield* Effect.promise(() => lstat(socket))).isSocket())
        assert.strictEqual((yield* loadAll("desk", ["a", "b"])).length, 2)

        yield* Effect.promise(() => mkdir(join(folder, "out")))
        yield* Effect.promise(() => symlink(join(folder, "out"), join(folder, "link-out")))
        assert.strictEqual((yield* to(join(folder, "link-out", "there.jsonl"))).calls, 2)
        assert.isTrue((yield* Effect.promise(() => lstat(join(folder, "link-out")))).isSymbolicLink())
        const text = yield* Effect.promise(() => readFile(join(folder, "out", "there.jsonl"), "utf8"))
        assert.strictEqual(text.trimEnd().split("\n").length, 2)
        for (const file of [join(folder, "out", "there.jsonl"), join(folder, "link-to")]) {
          if (file.endsWith("link-to")) yield* Effect.promise(() => symlink(join(folder, "out", "there.jsonl"), file))
          const fault = yield* Effect.flip(to(file))
          assert.deepStrictEqual([fault.kind, fault.file], ["input", file])
          assert.match(fault.message, /is there already, and an export replaces nothing.*--out/s)
        }
        assert.strictEqual(yield* Effect.promise(() => readFile(join(folder, "out", "there.jsonl"), "utf8")), text)
        const below = yield* Effect.flip(to(join(folder, "out", "there.jsonl", "x.jsonl")))
        assert.match(below.message, /--out/)
        assert.notInclude(below.message, "--home")
        assert.strictEqual((yield* to(join(folder, "deep", "er", "new.jsonl"))).calls, 2)
      }).pipe(Effect.provide(Archives.layer.pipe(Layer.provide(Home.layer(home)))))
    })
  )
})
