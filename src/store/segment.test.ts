import { appendFile, readFile, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"

import { temporaryFolder } from "../testing/folder.ts"
import { parseLine, scanLines } from "./lines.ts"
import { LineReader } from "./places.ts"
import { openSegment } from "./segment.ts"

const readable = { readable: true }

const rowsIn = (file: string) =>
  Effect.gen(function* () {
    const rows: Array<unknown> = []
    const scanned = yield* scanLines(file, (line) => rows.push(parseLine(file, line)))
    return { rows, scanned }
  })

describe("a segment", { timeout: 180_000 }, () => {
  it.live("holds every line of 64 writers, each where its place says", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "new", "a.jsonl")
      const segment = yield* openSegment(file, readable)
      const places = yield* Effect.forEach(
        Array.from({ length: 2000 }, (_, n) => n),
        (n) => Effect.map(segment.append({ n, text: "\u00fc".repeat(n % 7) }), (place) => ({ n, place })),
        { concurrency: 64 }
      )
      const reader = new LineReader()
      for (const { n, place } of places) {
        assert.deepStrictEqual(reader.read(file, place), { v: 1, n, text: "\u00fc".repeat(n % 7) })
      }
      reader.close()
      assert.strictEqual((yield* rowsIn(file)).rows.length, 2000)
    })
  )

  it.live("a line is in the file when append returns", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "a.jsonl")
      const segment = yield* openSegment(file, readable)
      yield* segment.append({ a: 1 })
      assert.strictEqual(yield* Effect.promise(() => readFile(file, "utf8")), '{"v":1,"a":1}\n')
      yield* segment.appendAll([{ a: 2 }, { a: 3 }])
      yield* segment.appendAll([])
      assert.strictEqual(
        yield* Effect.promise(() => readFile(file, "utf8")),
        '{"v":1,"a":1}\n{"v":1,"a":2}\n{"v":1,"a":3}\n'
      )
    })
  )

  it.live("closing waits for what is under way, and takes nothing after", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "a.jsonl")
      const scope = yield* Scope.make()
      const segment = yield* openSegment(file, readable).pipe(Scope.provide(scope))
      yield* Effect.forkChild(segment.append({ a: 1 }), { startImmediately: true })
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual((yield* rowsIn(file)).rows, [{ v: 1, a: 1 }])
      assert.include((yield* Effect.flip(segment.append({ a: 2 }))).message, "closed")
    })
  )

  it.live.skipIf(process.platform !== "linux")(
    "a full disk is a sentence, and nothing after it counts (Linux only: /dev/full)",
    () =>
      Effect.gen(function* () {
        const file = join(yield* temporaryFolder, "a.jsonl")
        yield* Effect.promise(() => symlink("/dev/full", file))
        const segment = yield* openSegment(file, readable)
        const faults = yield* Effect.all(
          [Effect.flip(segment.append({ a: 1 })), Effect.flip(segment.append({ a: 2 }))],
          {
            concurrency: "unbounded"
          }
        )
        const later = yield* Effect.flip(segment.append({ a: 3 }))
        for (const fault of [...faults, later]) {
          assert.deepStrictEqual([fault.kind, fault.sentence, fault.file], ["infrastructure", "the disk is full", file])
        }
      })
  )

  it.live("a value that JSON does not know is a bug, and harms no other line", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "a.jsonl")
      const segment = yield* openSegment(file, readable)
      assert.isTrue(Exit.hasDies(yield* Effect.exit(segment.append({ nano: 1n }))))
      yield* segment.append({ nano: "1" })
      assert.deepStrictEqual((yield* rowsIn(file)).rows, [{ v: 1, nano: "1" }])
    })
  )

  it.live("does not go on in a file that is there already", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "a.jsonl")
      yield* Effect.promise(() => writeFile(file, '{"v":1,"half'))
      const segment = yield* openSegment(file, readable)
      assert.include((yield* Effect.flip(segment.append({ a: 1 }))).message, "there already")
    })
  )
})

describe("reading lines", { timeout: 180_000 }, () => {
  it.effect.prop(
    "any rows come back, and a torn last line does not count",
    { rows: Schema.Array(Schema.Struct({ text: Schema.String, n: Schema.Natural })), cut: Schema.Natural },
    ({ cut, rows }) =>
      Effect.gen(function* () {
        const file = join(yield* temporaryFolder, "a.jsonl")
        const lines = rows.map((row) => `${JSON.stringify({ v: 1, ...row })}\n`)
        const whole = Buffer.from(lines.join(""))
        const torn = Buffer.from('{"v":1,"text":"torn","n":1}')
        yield* Effect.promise(() => writeFile(file, Buffer.concat([whole, torn.subarray(0, cut % (torn.length + 1))])))
        const read = yield* rowsIn(file)
        assert.deepStrictEqual(
          read.rows,
          rows.map((row) => ({ v: 1, ...row }))
        )
        assert.deepStrictEqual(read.scanned, {
          bytes: whole.length,
          lines: rows.length,
          torn: cut % (torn.length + 1) > 0
        })
      }).pipe(Effect.scoped)
  )

  it.effect("a line longer than the buffer is read whole", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "a.jsonl")
      const long = "y".repeat(5_000_000)
      yield* Effect.promise(() => writeFile(file, `{"v":1,"a":1}\n{"v":1,"a":"${long}"}\n{"v":1,"a":2}\n`))
      assert.deepStrictEqual((yield* rowsIn(file)).rows, [
        { v: 1, a: 1 },
        { v: 1, a: long },
        { v: 1, a: 2 }
      ])
    })
  )

  it.effect("a broken line elsewhere is named by file and line", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "a.jsonl")
      for (const broken of ["", "{}", "rubbish", '{"v":1,"a"', '{"v":1,"a":}']) {
        yield* Effect.promise(() => writeFile(file, `{"v":1,"a":1}\n${broken}\n{"v":1,"a":2}\n`))
        const fault = yield* Effect.flip(rowsIn(file))
        assert.deepStrictEqual([fault.kind, fault.file, fault.line], ["input", file, 2], broken)
      }
    })
  )

  it.effect("a file that is not there has no lines; one that grows has more", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "a.jsonl")
      assert.deepStrictEqual((yield* rowsIn(file)).scanned, { bytes: 0, lines: 0, torn: false })
      yield* Effect.promise(() => appendFile(file, '{"v":1}\n{"v":'))
      assert.strictEqual((yield* rowsIn(file)).rows.length, 1)
      yield* Effect.promise(() => appendFile(file, "1}\n"))
      assert.strictEqual((yield* rowsIn(file)).rows.length, 2)
    })
  )
})
