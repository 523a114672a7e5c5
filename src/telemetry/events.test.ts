import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { temporaryFolder } from "../testing/folder.ts"
import { openEvents } from "./events.ts"

const told = (file: string, event: string) =>
  Effect.scoped(
    Effect.map(
      openEvents(file, (why) => assert.fail(why)),
      (events) => events.tell(event, { run: "r" })
    )
  )
const names = (file: string) =>
  readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { readonly event: string }).event)

describe("a file of events", () => {
  it.effect("is appended to, on a line of its own where the last one is torn", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "events.jsonl")
      yield* told(file, "a")
      yield* told(file, "b")
      assert.deepStrictEqual(names(file), ["a", "b"])
      const whole = readFileSync(file, "utf8")
      writeFileSync(file, whole.slice(0, -1))
      yield* told(file, "c")
      assert.deepStrictEqual(names(file), ["a", "b", "c"])
    })
  )

  it.effect("that holds something else is refused and stays as it is; an empty one is taken", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "desk.suite.ts")
      for (const content of ["export default 1\n", '{"v":1,"case":"x"}\n', "\n", "x"]) {
        writeFileSync(file, content)
        const fault = yield* Effect.flip(told(file, "a"))
        assert.deepInclude(fault, { kind: "usage", file })
        assert.include(fault.sentence, "holds something else than events")
        assert.strictEqual(readFileSync(file, "utf8"), content)
      }
      writeFileSync(file, "")
      yield* told(file, "a")
      assert.deepStrictEqual(names(file), ["a"])
    })
  )

  it.effect("is no folder and no pipe, which nobody may ever read; a device is no matter", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const pipe = join(folder, "pipe")
      execFileSync("mkfifo", [pipe])
      for (const place of [folder, pipe]) {
        const fault = yield* Effect.flip(told(place, "a"))
        assert.deepInclude(fault, { kind: "usage", file: place })
      }
      yield* told("/dev/null", "a")
    })
  )
})
