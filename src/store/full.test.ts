import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import { archivedCall, userMessage } from "../testing/archivedCall.ts"
import { temporaryFolder } from "../testing/folder.ts"
import { mayMount, smallDiskAt } from "../testing/smallDisk.ts"
import { Archives } from "./Archives.ts"
import { Home } from "./Home.ts"
import { importAll, loadAll } from "./inHome.testing.ts"

const calls = Array.from({ length: 60 }, (_, at) =>
  archivedCall(`call ${at}`, { messages: [userMessage(`${at} ${"x".repeat(800)}`)], answer: "y".repeat(800) })
)
/** Room on the disk, in KiB, so that it is full while the index is made, while rows wait, before calls are put in order, and in the index. */
const rooms = [8, 16, 72, 120, 240, 480]

describe("a disk that is full while an archive is made", { timeout: 180_000 }, () => {
  it.live.skipIf(!mayMount())(
    "is told as such, and leaves nothing that the next import stumbles over [needs to mount a filesystem]",
    () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const full: Array<number> = []
        for (const room of rooms) {
          const home = join(folder, String(room))
          yield* Effect.gen(function* () {
            const disk = yield* smallDiskAt(home)
            yield* Effect.gen(function* () {
              disk.leave(room)
              const result = yield* Effect.result(importAll("desk", calls))
              disk.grow()
              if (result._tag === "Success") return
              full.push(room)
              const { kind, mend, sentence } = result.failure
              assert.deepStrictEqual([kind, sentence], ["infrastructure", "the disk is full"], `${room} KiB`)
              assert.match(mend ?? "", /^Free some space/)
              assert.isFalse((yield* importAll("desk", calls)).includes("replaced"), `${room} KiB`)
              assert.strictEqual((yield* loadAll("desk", ["call 0", "call 59"])).length, 2)
            }).pipe(Effect.provide(Archives.layer.pipe(Layer.provide(Home.layer(home)))))
          }).pipe(Effect.scoped)
        }
        assert.isAbove(full.length, 3)
      }).pipe(Effect.scoped)
  )
})
