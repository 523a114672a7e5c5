import { appendFileSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import { temporaryFolder } from "../testing/folder.ts"
import { CheckResults, forgetCheckResults } from "./CheckResults.ts"
import { Home } from "./Home.ts"

const key = (letter: string) => letter.repeat(64)
const passes = { pass: true, message: "2 tests passed" }
const fails = { pass: false, message: 'no "x"\nin \ud83d' }

/** A process of its own on a home. */
const open = <A, E>(
  root: string,
  work: (results: CheckResults["Service"]) => Effect.Effect<A, E, Home>,
  bounds = { results: 100, files: 100 }
) =>
  Effect.flatMap(CheckResults, work).pipe(
    Effect.provide(CheckResults.layerOf(bounds).pipe(Layer.provideMerge(Home.layer(root))), { local: true })
  )
const home = Effect.map(temporaryFolder, (folder) => join(folder, "home"))
const filesOf = (root: string) => readdirSync(join(root, "checked")).map((name) => join(root, "checked", name))

describe("results of checks", () => {
  it.live("are there after a restart, the first of two; those that do not last end with the process", () =>
    Effect.gen(function* () {
      const root = yield* home
      yield* open(root, ({ get, keep }) =>
        Effect.gen(function* () {
          assert.isUndefined(yield* get(key("a")))
          assert.deepStrictEqual(yield* keep(key("a"), passes, true), passes)
          assert.deepStrictEqual(yield* keep(key("a"), fails, true), passes)
          yield* keep(key("b"), fails, true)
          yield* keep(key("c"), fails, false)
          assert.deepStrictEqual(yield* get(key("c")), fails)
        })
      )
      const [file] = filesOf(root)
      assert.strictEqual(statSync(file!).mode & 0o777, 0o600)
      yield* open(root, ({ get, keep }) =>
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* get(key("a")), passes)
          assert.deepStrictEqual(yield* get(key("b")), fails)
          assert.isUndefined(yield* get(key("c")))
          yield* keep(key("c"), { ...passes, applies: false }, true)
        })
      )
      assert.deepStrictEqual(yield* open(root, ({ get }) => get(key("c"))), { ...passes, applies: false })
    }).pipe(Effect.scoped)
  )

  it.live("pass over a torn line, a broken one and one of another kind", () =>
    Effect.gen(function* () {
      const root = yield* home
      yield* open(root, ({ keep }) => keep(key("a"), passes, true))
      const [file] = filesOf(root)
      const whole = readFileSync(file!, "utf8")
      appendFileSync(file!, `${whole.replace(key("a"), key("b")).replace("true", "1")}nonsense\n`)
      yield* open(root, ({ keep }) => keep(key("d"), passes, true))
      appendFileSync(filesOf(root).find((one) => one !== file)!, whole.replace(key("a"), key("e")).slice(0, -3))
      yield* open(root, ({ get }) =>
        Effect.gen(function* () {
          assert.deepStrictEqual([yield* get(key("a")), yield* get(key("d"))], [passes, passes])
          assert.deepStrictEqual([yield* get(key("b")), yield* get(key("e"))], [undefined, undefined])
        })
      )
    }).pipe(Effect.scoped)
  )

  it.live("are bounded: the oldest files go; all of them are forgotten at once", () =>
    Effect.gen(function* () {
      const root = yield* home
      for (const letter of ["a", "b", "c"]) {
        yield* open(root, ({ keep }) => keep(key(letter), passes, true))
        yield* Effect.sleep(1100) // a file is named by its second
      }
      assert.deepStrictEqual(yield* open(root, ({ get }) => get(key("a"))), passes)
      yield* open(
        root,
        ({ get }) =>
          Effect.gen(function* () {
            assert.isUndefined(yield* get(key("a")))
            assert.deepStrictEqual([yield* get(key("b")), yield* get(key("c"))], [passes, passes])
          }),
        { results: 2, files: 9 }
      )
      assert.strictEqual(filesOf(root).length, 2)
      yield* open(root, ({ get }) => get(key("c")), { results: 9, files: 1 })
      assert.strictEqual(filesOf(root).length, 1)
      const forget = (how: { readonly dryRun: boolean }) => open(root, () => forgetCheckResults(how))
      assert.strictEqual(yield* forget({ dryRun: true }), 1)
      assert.strictEqual(yield* forget({ dryRun: false }), 1)
      assert.strictEqual(yield* forget({ dryRun: false }), 0)
      assert.isUndefined(yield* open(root, ({ get }) => get(key("c"))))
    }).pipe(Effect.scoped)
  )
})
