import { appendFile } from "node:fs/promises"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import { Home } from "../store/Home.ts"
import { type Manifest, Runs } from "../store/Runs.ts"
import { temporaryFolder } from "../testing/folder.ts"
import { leftOpen, leftOpenBefore } from "./leftOpen.ts"

const manifest = (startedAt: string): Omit<Manifest, "v" | "run"> => ({
  command: "replay",
  startedAt,
  archive: "desk",
  suite: { name: "desk", file: "desk.suite.ts", digest: "d" },
  setups: { small: "fleet/small" },
  incumbent: "openai/gpt-4o",
  versions: {},
  cases: {}
})
const line = (event: string, key: string) => ({
  v: 1,
  event,
  at: "2026-05-01T00:00:00.000Z",
  key,
  account: "fleet",
  model: "small",
  series: "candidate",
  repeat: 0,
  case: `case of ${key}`,
  setup: "s"
})

describe("a run that was killed", () => {
  it.live("is asked what it left under way: by its id, and by the next run", () =>
    Effect.gen(function* () {
      const home = join(yield* temporaryFolder, "home")
      yield* Effect.gen(function* () {
        const runs = yield* Runs
        assert.isUndefined(yield* leftOpenBefore("none"))
        const killed = yield* Effect.scoped(
          Effect.gen(function* () {
            const writer = yield* runs.start(manifest("2026-05-01T00:00:00.000Z"))
            for (const [event, key] of [
              ["sent", "a"],
              ["sent", "b"],
              ["paid", "a"],
              ["sent", "c"],
              ["failed", "c"],
              ["sent", "c"]
            ] as const)
              yield* writer.journal(line(event, key))
            return writer
          })
        )
        yield* Effect.promise(() => appendFile(join(killed.folder, "journal.jsonl"), '{"v":1,"event":"pa'))
        const calls = yield* leftOpen(killed.id)
        assert.deepStrictEqual(
          calls.map(({ account, case: id, key }) => [key, id, account]),
          [
            ["b", "case of b", "fleet"],
            ["c", "case of c", "fleet"]
          ]
        )
        const next = yield* runs.start(manifest("2026-05-02T00:00:00.000Z"))
        assert.strictEqual(
          yield* leftOpenBefore(next.id),
          `run ${killed.id} has no result: 2 calls were under way when its journal ends, which fleet may have billed`
        )
        assert.isUndefined(yield* leftOpenBefore(killed.id), "the newest beside it left nothing")
      }).pipe(Effect.scoped, Effect.provide(Runs.layer.pipe(Layer.provide(Home.layer(home)))))
    }).pipe(Effect.scoped)
  )
})
