import { spawn } from "node:child_process"
import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

import { temporaryFolder } from "../testing/folder.ts"
import { jsonLines, openDuck } from "./duck.ts"

describe("DuckDB", { timeout: 180_000 }, () => {
  it.live("rows are plain objects: integers are numbers where they are safe", () =>
    Effect.gen(function* () {
      const duck = yield* openDuck(":memory:", "write")
      assert.deepStrictEqual(
        yield* duck.query(
          "SELECT $small + 1 AS small, $large AS large, 9007199254740993 AS huge, sum(range) AS total, $none AS none, [1, 2] AS list FROM range(4)",
          { small: 1, large: 5_000_000_000, none: null }
        ),
        [{ small: 2, large: 5_000_000_000, huge: 9007199254740993n, total: 6, none: null, list: [1, 2] }]
      )
    })
  )

  it.live("a statement is stopped by interrupting its fiber, and the next one runs", () =>
    Effect.gen(function* () {
      const duck = yield* openDuck(":memory:", "write")
      const endless = "SELECT count(*) FROM range(100000000) a, range(100000000) b"
      // At once, before it runs, and when it has had its turn.
      for (const turns of [0, 1, 50]) {
        const fiber = yield* Effect.forkChild(duck.query(endless), { startImmediately: true })
        for (let turn = 0; turn < turns; turn++)
          yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
        yield* Fiber.interrupt(fiber)
      }
      assert.deepStrictEqual(yield* duck.query("SELECT 1 AS one"), [{ one: 1 }])
    })
  )

  it.live("a result that is not read to its end keeps nobody out", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "a.duckdb")
      yield* Effect.scoped(
        Effect.flatMap(openDuck(file, "write"), (duck) => duck.query("CREATE TABLE t AS FROM range(100000)"))
      )
      for (let round = 0; round < 3; round++) {
        const fails = Effect.flatMap(openDuck(file, "write"), (duck) =>
          duck.each("FROM t", () => {
            throw new Error("enough")
          })
        )
        assert.include((yield* Effect.flip(Effect.scoped(fails))).sentence, "enough")
        const some = yield* Effect.scoped(Effect.flatMap(openDuck(file, "alone"), (duck) => duck.read("FROM t", 5)))
        assert.deepStrictEqual([some.rows.length, some.more], [5, true])
      }
      const counted = Effect.flatMap(openDuck(file, "read"), (duck) => duck.query("SELECT count(*) AS n FROM t"))
      assert.deepStrictEqual(yield* Effect.scoped(counted), [{ n: 100_000 }])
    })
  )

  it.live("statements of a transaction all count or none", () =>
    Effect.gen(function* () {
      const duck = yield* openDuck(":memory:", "write")
      yield* duck.transaction(["CREATE TABLE t (n INTEGER)", "INSERT INTO t VALUES (1)"])
      const fault = yield* Effect.flip(duck.transaction(["INSERT INTO t VALUES (2)", "INSERT INTO nowhere VALUES (3)"]))
      assert.include(fault.sentence, "nowhere")
      assert.deepStrictEqual(yield* duck.query("SELECT n FROM t"), [{ n: 1 }])
    })
  )

  it.live("a file that another process writes is in use", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "a.duckdb")
      const holder = `
        const { DuckDBInstance } = await import(${JSON.stringify(import.meta.resolve("@duckdb/node-api"))})
        const held = await DuckDBInstance.create(${JSON.stringify(file)})
        console.log("held")
        process.stdin.on("end", () => { held.closeSync(); process.exit(0) }).resume()`
      const child = spawn(process.execPath, ["--input-type=module", "-e", holder], {
        stdio: ["pipe", "pipe", "inherit"]
      })
      const ended = once(child, "exit")
      yield* Effect.promise(() => once(child.stdout, "data"))
      for (const mode of ["read", "write"] as const) {
        const fault = yield* Effect.flip(Effect.scoped(openDuck(file, mode)))
        assert.deepStrictEqual([fault.kind, fault.file], ["infrastructure", file])
        assert.include(fault.message, "in use")
        assert.include(fault.mend, "again")
      }
      child.stdin.end()
      yield* Effect.promise(() => ended)
      yield* Effect.scoped(openDuck(file, "write"))
    })
  )

  it.live("a file that is no database is a sentence", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "a.duckdb")
      yield* Effect.promise(() => writeFile(file, "a shopping list"))
      assert.include((yield* Effect.flip(Effect.scoped(openDuck(file, "read")))).message, "not a valid DuckDB database")
    })
  )

  it.live("a path is taken as it is, whatever letters it has", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "it's [odd] *.jsonl")
      yield* Effect.promise(() => writeFile(file, '{"v":1,"a":"x"}\n{"v":1,"b":2}\n'))
      const duck = yield* openDuck(":memory:", "write")
      assert.deepStrictEqual(yield* duck.query(`SELECT a, b FROM ${jsonLines(file, { a: "VARCHAR", b: "BIGINT" })}`), [
        { a: "x", b: null },
        { a: null, b: 2 }
      ])
    })
  )
})
