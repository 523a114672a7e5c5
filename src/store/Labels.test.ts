import { appendFileSync, readFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { temporaryFolder } from "../testing/folder.ts"
import { answer } from "../testing/grading.ts"
import { Home } from "./Home.ts"
import { Labels, pairKey } from "./Labels.ts"

const at = "2026-01-01T00:00:00Z"
const inHome = <A, E>(test: (root: string) => Effect.Effect<A, E, Labels>) =>
  Effect.gen(function* () {
    const root = join(yield* temporaryFolder, "home")
    return yield* Effect.provide(test(root), Labels.layer.pipe(Layer.provide(Home.layer(root))))
  }).pipe(Effect.scoped)

describe("people's labels", () => {
  it.effect("are there after a restart; the last word on a pair counts; nothing of the answers is kept", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const labels = yield* Labels
        assert.strictEqual((yield* labels.all).size, 0)
        yield* labels.add([
          { pair: "a", said: "output", at },
          { pair: "b", said: "tie", at }
        ])
        yield* labels.add([{ pair: "a", said: "original", at }])
        assert.deepStrictEqual(
          [...(yield* labels.all)],
          [
            ["a", "original"],
            ["b", "tie"]
          ]
        )
        const [line] = readFileSync(join(root, "labels.jsonl"), "utf8").split("\n")
        assert.deepStrictEqual(JSON.parse(line!), { v: 1, pair: "a", said: "output", at })
      })
    )
  )

  it.effect("survive a line that was torn, and name the line that is none", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const labels = yield* Labels
        yield* labels.add([{ pair: "a", said: "output", at }])
        appendFileSync(join(root, "labels.jsonl"), '{"v":1,"pair":"b","sa')
        assert.deepStrictEqual([...(yield* labels.all).keys()], ["a"])
        yield* labels.add([{ pair: "c", said: "tie", at }])
        assert.deepStrictEqual([...(yield* labels.all).keys()], ["a", "c"])
        appendFileSync(join(root, "labels.jsonl"), '{"v":1,"pair":"d","said":"mine"}\n')
        const fault = yield* Effect.flip(labels.all)
        assert.deepInclude(fault, { kind: "input", line: 3 })
      })
    )
  )

  it("are of one case and the two answers as they were said, whatever they cost", () => {
    const key = pairKey("case", answer("a"), answer("b"))
    assert.strictEqual(pairKey("case", answer("a"), { ...answer("b"), usage: null, finish: "length" }), key)
    const others = [
      pairKey("other", answer("a"), answer("b")),
      pairKey("case", answer("b"), answer("a")),
      pairKey("case", answer("a"), answer("b", [{ name: "t", arguments: {} }]))
    ]
    assert.strictEqual(new Set([key, ...others]).size, 4)
  })
})
