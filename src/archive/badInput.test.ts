import { appendFile, chmod, mkdir, symlink, truncate, utimes, writeFile } from "node:fs/promises"
import { gzipSync, zstdCompressSync } from "node:zlib"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

import { Fault } from "../domain/Fault.ts"
import { Archives } from "../store/Archives.ts"
import { unfinishedRecord } from "./reading.ts"
import { importers } from "./registry.ts"
import { type Batch, batchesOf, recordsIn } from "./sources.ts"
import { inFolder, lines, row, rows, zipOf } from "./testFolder.ts"

const patient = { timeout: 180_000 }

/** A row that its own id does not shrink to nothing when it is packed. */
const noisy = (n: number) => row(`${n}`, { noise: Array.from({ length: 40 }, (_, k) => Math.sin(n * 41 + k)) })
const many = (count: number) => lines(...Array.from({ length: count }, (_, n) => noisy(n)))

const sessions = () => {
  const begun = new Map(importers.map((importer) => [importer, importer.start({})]))
  return { given: undefined, sessionOf: (importer: (typeof importers)[number]) => begun.get(importer)! }
}

/** Reads a file as an import does, `between` its first piece and the others something happens to it. */
const readWith = async (file: string, named: boolean, between: () => Promise<void>): Promise<ReadonlyArray<Batch>> => {
  const batches: Array<Batch> = []
  for await (const batch of batchesOf({ file, named }, sessions())) {
    if (batches.length === 0) await between()
    batches.push(batch)
  }
  return batches
}
const othersOf = (batches: ReadonlyArray<Batch>) =>
  batches.flatMap(({ found }) => found.flatMap((one) => (one._tag === "Other" ? [one.type] : [])))
const skipsOf = (batches: ReadonlyArray<Batch>) =>
  batches.flatMap(({ found }) => found.flatMap((one) => (one._tag === "Skip" ? [one.reason] : [])))

describe("a log with broken lines", patient, () => {
  it.effect("gives its whole ones, whatever is in the others", () =>
    inFolder(({ run, write }) =>
      Effect.gen(function* () {
        const good = (id: string) => Buffer.from(JSON.stringify(row(id)))
        const newline = Buffer.from("\r\n")
        const deep = `{"call_type":"x","messages":${"[".repeat(200_000)}${"]".repeat(200_000)}}`
        const all = [
          Buffer.concat([Buffer.from("\ufeff"), good("first")]),
          Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
          Buffer.from('{"id":"a\u0000b"}'),
          Buffer.from(deep),
          Buffer.alloc(64),
          good("last")
        ]
        yield* write("log.jsonl", Buffer.concat(all.flatMap((line) => [line, newline])))
        const result = yield* run("log.jsonl")
        assert.strictEqual(result.imported, 2)
        assert.deepStrictEqual(
          result.skipped.map(({ line, reason }) => [line, reason.slice(0, 26)]),
          [
            [2, "not UTF-8 text"],
            [3, "not valid JSON: Bad contro"],
            [4, "nested more than 1000 leve"],
            [5, "not valid JSON: Unexpected"]
          ]
        )
        assert.strictEqual(result.read, result.imported + result.duplicates + result.skipped.length)
      })
    )
  )

  it.effect("keeps ids to their last digit, says which other numbers it cannot, and takes the last of equal keys", () =>
    inFolder(({ run, write }) =>
      Effect.gen(function* () {
        const log = lines(row("ID1"), row("ID2"), row("3", { metadata: { row: "BIG", exact: "EXACT" } }))
          .replaceAll('"ID1"', "9007199254740993")
          .replaceAll('"ID2"', "9007199254740992")
          .replace('"BIG"', "9007199254740993")
          .replace('"EXACT"', "9007199254740992")
          .replace('"model":"gpt-4o"', '"model":"gpt-4","model":"gpt-4o"')
        yield* write("log.jsonl", log)
        const result = yield* run("log.jsonl")
        assert.deepStrictEqual([result.imported, result.duplicates], [3, 0])
        assert.deepStrictEqual(result.other, { "record with an integer beyond 2^53, rounded": 1 })
        const calls = yield* rows
        assert.sameMembers(
          calls.map(({ nativeId }) => nativeId),
          ["9007199254740993", "9007199254740992", "3"]
        )
        assert.isTrue(calls.every(({ model }) => model === "gpt-4o"))
      })
    )
  )
})

describe("a folder", patient, () => {
  it.effect("gives nothing of a packed file that is cut off or damaged, and all of the others", () =>
    inFolder(({ at, run, write }) =>
      Effect.gen(function* () {
        const log = many(300)
        const cut = (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length * 0.9))
        const damaged = Buffer.from(zipOf([{ name: "a.jsonl", content: log }]))
        damaged.write("damage", 20_000)
        yield* write("day/a.jsonl.gz", cut(gzipSync(log)))
        yield* write("day/b.jsonl.zst", cut(zstdCompressSync(log)))
        yield* write("day/c.zip", cut(zipOf([{ name: "a.jsonl", content: log }])))
        yield* write("day/d.zip", damaged)
        yield* write("day/e.jsonl", lines(row("whole")))
        const result = yield* run("day")
        assert.strictEqual(result.imported, 1)
        assert.deepStrictEqual(
          result.skipped.map(({ file }) => file),
          [at("day/a.jsonl.gz"), at("day/b.jsonl.zst"), at("day/c.zip"), at("day/d.zip/a.jsonl")]
        )
        for (const { reason } of result.skipped) {
          assert.match(reason, /cut off|damaged/)
          assert.notInclude(reason, "nothing was imported")
        }
        assert.strictEqual(result.read, result.imported + result.duplicates + result.skipped.length)
      })
    )
  )

  it.effect("is not left by links, and what is no file in it is counted", () =>
    inFolder(({ at, run, write }) =>
      Effect.gen(function* () {
        yield* write("outside/secret.jsonl", lines(row("secret")))
        yield* write("day/a[1]*?.jsonl", lines(row("1")))
        yield* write("day/folder.jsonl/b.jsonl", lines(row("2")))
        yield* write("day/deep/x.meta.json", lines({ meta: true }))
        yield* write("day/.hidden/c.jsonl", lines(row("3")))
        yield* Effect.promise(async () => {
          await symlink(at("outside/secret.jsonl"), at("day/link.jsonl"))
          await symlink(at("outside"), at("day/outside"))
          await symlink(at("nowhere"), at("day/nowhere.jsonl"))
          await symlink(at("day/folder.jsonl"), at("day/deep/inside"))
          await symlink(at("day"), at("day/deep/circle"))
        })
        const result = yield* run("day")
        assert.strictEqual(result.imported, 2)
        assert.deepStrictEqual(result.other, { "link out of the folder": 2, "link that leads nowhere": 1 })
        assert.deepStrictEqual(
          result.files.map(({ file }) => file),
          [at("day/a[1]*?.jsonl"), at("day/deep/inside/b.jsonl")]
        )
        // One that is named is read, wherever it leads, and so is a hidden folder.
        assert.strictEqual((yield* run("day/link.jsonl", { name: "linked" })).imported, 1)
        assert.strictEqual((yield* run("day/.hidden", { name: "hidden" })).imported, 1)
        assert.strictEqual((yield* run("day/a[1]*?.jsonl", { name: "glob" })).imported, 1)
      })
    )
  )

  it.effect.skipIf(process.getuid?.() === 0)(
    "says which of its files this user may not read [needs a user other than root]",
    () =>
      inFolder(({ at, run, write }) =>
        Effect.gen(function* () {
          yield* write("day/a.jsonl", lines(row("1")))
          yield* write("day/b.jsonl", lines(row("2")))
          yield* write("day/shut/c.jsonl", lines(row("3")))
          yield* Effect.promise(async () => {
            await chmod(at("day/b.jsonl"), 0)
            await chmod(at("day/shut"), 0)
          })
          const result = yield* run("day").pipe(Effect.ensuring(Effect.promise(() => chmod(at("day/shut"), 0o755))))
          assert.strictEqual(result.imported, 1)
          assert.deepStrictEqual(
            result.skipped.map(({ file, reason }) => [file, reason]),
            [
              [at("day/shut"), "may not be read by this user"],
              [at("day/b.jsonl"), "may not be read by this user"]
            ]
          )
        })
      )
  )
})

describe("a file that changes while it is read", patient, () => {
  it.effect("and grows is read as far as it went, without its unfinished last line", () =>
    inFolder(({ at, write }) =>
      Effect.gen(function* () {
        const log = many(3000)
        yield* write("log.jsonl", `${log}{"id": "half`)
        const batches = yield* Effect.promise(() =>
          readWith(at("log.jsonl"), true, () => appendFile(at("log.jsonl"), ` written"}\n${many(10)}`))
        )
        assert.strictEqual(
          batches.reduce((sum, { found }) => sum + recordsIn(found), 0),
          3000
        )
        assert.deepStrictEqual(othersOf(batches), [unfinishedRecord])
        const still = yield* Effect.promise(() => readWith(at("log.jsonl"), true, async () => {}))
        assert.notInclude(othersOf(still), unfinishedRecord)
        // Of a file that nobody writes such a line is a broken record.
        yield* Effect.promise(() => writeFile(at("cut.jsonl"), `${many(3)}{"id": "half`))
        const cut = yield* Effect.promise(() => readWith(at("cut.jsonl"), true, async () => {}))
        assert.strictEqual(skipsOf(cut).length, 1)
      })
    )
  )

  it.effect("and is shortened, replaced or written over ends the import, or is a skip in a folder", () =>
    inFolder(({ at, write }) =>
      Effect.gen(function* () {
        const file = at("log.jsonl")
        const happenings: ReadonlyArray<() => Promise<void>> = [
          () => truncate(file, 1_500_000),
          () => writeFile(file, many(1)),
          () => utimes(file, 1, 1)
        ]
        for (const happening of happenings) {
          yield* write("log.jsonl", many(3000))
          const named = yield* Effect.result(
            Effect.tryPromise({ try: () => readWith(file, true, happening), catch: (cause) => cause as Fault })
          )
          assert.isTrue(Result.isFailure(named))
          const fault = Result.isFailure(named) ? named.failure : undefined
          assert.instanceOf(fault, Fault)
          assert.include(fault?.sentence, "while it was read")
          assert.include(fault?.sentence, "nothing was imported")
          yield* write("log.jsonl", many(3000))
          const [reason] = skipsOf(yield* Effect.promise(() => readWith(file, false, happening))).slice(-1)
          assert.include(reason, "while it was read")
        }
      })
    )
  )
})

describe("what is no export", patient, () => {
  it.effect("is named: databases by their tables, UTF-16 with and without a mark, a raw stream", () =>
    inFolder(({ fault, write }) =>
      Effect.gen(function* () {
        const database = (sql: string) => `SQLite format 3\u0000${"\u0000".repeat(4000)}${sql}\u0000`
        yield* write("a.db", database("CREATE TABLE cursorDiskKV (key TEXT UNIQUE, value BLOB)"))
        const opencode = database(
          "CREATE TABLE `session` (id text)CREATE TABLE `message` (id text)CREATE TABLE `part` (id text)"
        )
        yield* write("b.db", opencode)
        yield* write("i.gz", gzipSync(opencode))
        yield* write("c.db", database("CREATE TABLE sessions (id TEXT, model_config_json TEXT)"))
        yield* write("d.db", database("CREATE TABLE t (x)"))
        yield* write("e.json", Buffer.from('{"id": 1}', "utf16le"))
        yield* write("f.json", Buffer.from('\ufeff{"id": 1}', "utf16le"))
        yield* write("g.jsonl", "event: message_start\ndata: {}\n\n")
        yield* write("h.gz", gzipSync(zipOf([{ name: "a.jsonl", content: lines(row("1")) }])))
        const expected: ReadonlyArray<readonly [string, string]> = [
          ["a.db", "the SQLite database of Cursor, which is not read yet"],
          ["b.db", "the database is damaged"],
          ["i.gz", "the SQLite database of opencode inside a packed file"],
          ["c.db", "the SQLite database of goose"],
          ["d.db", "a SQLite database"],
          ["e.json", "UTF-16"],
          ["f.json", "UTF-16"],
          ["g.jsonl", "server-sent events"],
          ["h.gz", "a zip file inside a packed file"]
        ]
        for (const [path, sentence] of expected) assert.include((yield* fault(path)).sentence, sentence, path)
      })
    )
  )
})

describe("two imports at once", patient, () => {
  it.effect("into one archive: one says that it is in use, and the archive opens afterwards", () =>
    inFolder(({ run, write }) =>
      Effect.gen(function* () {
        yield* write("a.jsonl", many(400))
        yield* write("b.jsonl", lines(row("b1"), row("b2")))
        yield* run("b.jsonl")
        const both = yield* Effect.all([Effect.result(run("a.jsonl")), Effect.result(run("b.jsonl"))], {
          concurrency: 2
        })
        const [failed, ...more] = both.flatMap((one) => (Result.isFailure(one) ? [one.failure] : []))
        assert.strictEqual(more.length, 0)
        assert.match(failed?.sentence ?? "", /in use/)
        assert.isTrue((yield* rows).length === 402 || (yield* rows).length === 2)
        yield* run("a.jsonl")
        assert.strictEqual((yield* rows).length, 402)
        assert.deepStrictEqual(yield* (yield* Archives).names, ["test"])
      })
    )
  )

  it.effect("of folders without a file to read say so, with the folder", () =>
    inFolder(({ at, fault }) =>
      Effect.gen(function* () {
        yield* Effect.promise(() => mkdir(at("empty"), { recursive: true }))
        const found = yield* fault("empty")
        assert.include(found.sentence, "no file here that could be an export")
        assert.strictEqual(found.file, at("empty"))
      })
    )
  )
})
