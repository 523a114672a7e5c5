import { existsSync } from "node:fs"
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { archivedCall } from "../testing/archivedCall.ts"
import { Archives } from "./Archives.ts"
import { openDuck } from "./duck.ts"
import { importAll, inHome, loadAll, newCall } from "./inHome.testing.ts"

const on = <A>(run: () => Promise<A>) => Effect.promise(run)
const three = ["a", "b", "c"].map((id, at) =>
  archivedCall(id, {
    call: {
      timing: { startedAt: `2026-05-01T10:00:0${at}.000Z`, basis: "reported" },
      billed: { nanoUsd: "9007199254740993", basis: "invoice", billing: "metered" }
    }
  })
)

describe("userQuery", { timeout: 180_000 }, () => {
  it.effect("reads tables and views, and gives so many rows", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const { userQuery } = yield* Archives
        yield* importAll("a", three)
        yield* on(() => writeFile(join(root, "archive", "a", "slices.json"), "[]"))
        assert.deepStrictEqual(yield* userQuery("a", "SELECT id, inputTokens FROM calls ORDER BY id", 2), {
          columns: ["id", "inputTokens"],
          rows: [
            { id: "a", inputTokens: 100 },
            { id: "b", inputTokens: 100 }
          ],
          more: true
        })
        const sum =
          "FROM sliced SELECT slice, sum(billedNanoUsd) AS nano, count(*) AS n GROUP BY slice -- and that is it"
        assert.deepStrictEqual((yield* userQuery("a", sum)).rows, [{ slice: "other", nano: 27021597764222979n, n: 3 }])
        assert.deepStrictEqual((yield* userQuery("a", "SELECT * FROM signals;")).rows, [])
        assert.notInclude((yield* userQuery("a", "SELECT * FROM calls")).columns, "byteOffset")
        assert.deepStrictEqual((yield* userQuery("a", "SELECT id FROM calls WHERE false")).columns, ["id"])
      })
    )
  )

  it.effect("says what is wrong in DuckDB's words", () =>
    inHome(() =>
      Effect.gen(function* () {
        const { userQuery } = yield* Archives
        yield* importAll("a", three)
        const said = (sql: string) =>
          Effect.map(Effect.flip(userQuery("a", sql)), (fault) => [fault.kind, fault.message])
        for (const [sql, words] of [
          ["SELEC 1", "syntax error"],
          ["SELECT colour FROM calls", 'Referenced column "colour" not found'],
          ["SELECT 1; SELECT 2", "2 statements"],
          [" -- nothing\n", "the SQL is empty"],
          ["SELECT 'x'::INTEGER", "Could not convert"]
        ] as const) {
          const [kind, message] = yield* said(sql)
          assert.strictEqual(kind, "input", sql)
          assert.include(message, words)
          assert.notMatch(message, /\n\s+at /, "no stack")
        }
      })
    )
  )

  it.effect("reaches no file, writes nothing, loads nothing and changes no setting", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const { query, userQuery } = yield* Archives
        yield* importAll("a", three)
        const secret = join(root, "secret.csv")
        yield* on(() => writeFile(secret, "a,b\n1,2\n"))
        const out = join(root, "out")
        for (const sql of [
          `SELECT * FROM read_csv('${secret}')`,
          `SELECT * FROM '${secret}'`,
          `SELECT * FROM read_text('${secret}')`,
          "SELECT * FROM read_blob('/proc/self/environ')",
          `SELECT * FROM glob('${root}/*')`,
          `SELECT * FROM read_json('${secret}')`,
          `SELECT * FROM query('SELECT * FROM read_text(''${secret}'')')`,
          `ATTACH '${out}'`,
          `COPY calls TO '${out}'`,
          `COPY (SELECT 1) TO '${out}'`,
          `EXPORT DATABASE '${out}'`,
          "INSTALL httpfs",
          "LOAD httpfs",
          "SET lock_configuration = false",
          "RESET enable_external_access",
          "CREATE TABLE t AS SELECT 1",
          "CREATE TEMP TABLE t AS SELECT 1",
          "DELETE FROM main.calls",
          "UPDATE calls SET model = 'x'",
          "INSERT INTO skips VALUES ('f', 1, 'r', 1)",
          "DROP TABLE skips",
          "CALL pragma_version()",
          "CHECKPOINT",
          "EXPLAIN ANALYZE DELETE FROM skips",
          "BEGIN"
        ]) {
          const fault = yield* Effect.flip(userQuery("a", sql))
          assert.strictEqual(fault.kind, "input", sql)
        }
        assert.isFalse(existsSync(out))
        assert.deepStrictEqual(yield* query("a", "SELECT count(*) AS n FROM calls"), [{ n: 3 }])
      })
    )
  )

  it.effect("is refused while an import is going on, and stands in nobody's way afterwards", () =>
    inHome(() =>
      Effect.gen(function* () {
        const archives = yield* Archives
        yield* importAll("a", three)
        yield* Effect.scoped(
          Effect.gen(function* () {
            yield* archives.writer("a")
            assert.include((yield* Effect.flip(archives.userQuery("a", "SELECT 1"))).sentence, "in use")
          })
        )
        yield* archives.userQuery("a", "SELECT 1")
        yield* importAll("a", [archivedCall("d")])
        assert.strictEqual((yield* archives.rows("a")).length, 4)
      })
    )
  )
})

describe("export", { timeout: 180_000 }, () => {
  it.effect("as lines gives every call with all that is known of it, by time, and what an importer needs", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const archives = yield* Archives
        const image = { kind: "inline" as const, base64: Buffer.from("picture").toString("base64") }
        const media = archivedCall("media", {
          messages: [{ role: "user", blocks: [{ type: "image", source: image }] }]
        })
        yield* importAll("a", [...[...three].reverse(), { ...newCall(media, "k"), rank: 3 }])
        const file = join(dirname(root), "deep", "out.jsonl")
        const result = yield* archives.export("a", { to: "jsonl", file })
        const text = yield* on(() => readFile(file, "utf8"))
        assert.deepStrictEqual(result, { calls: 4, bytes: Buffer.byteLength(text) })
        const lines = text
          .trimEnd()
          .split("\n")
          .map((line): Record<string, unknown> => JSON.parse(line))
        assert.deepStrictEqual(
          lines.map((line) => [line["id"], line["dedupeKey"], line["rank"]]),
          [
            ["a", "key of a", 0],
            ["media", "k", 3],
            ["b", "key of b", 0],
            ["c", "key of c", 0]
          ]
        )
        const calls = lines.map(({ dedupeKey: _, rank: __, ...call }) => call)
        assert.deepStrictEqual(calls, yield* loadAll("a", ["a", "media", "b", "c"]))
        assert.deepStrictEqual(yield* on(() => readdir(join(dirname(root), "deep"))), ["out.jsonl"], "no draft is left")
      })
    )
  )

  it.effect("as Parquet gives the index with its slices, bills exact", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const archives = yield* Archives
        yield* importAll("a", three)
        const file = join(dirname(root), "it's.parquet")
        const result = yield* archives.export("a", { to: "parquet", file })
        assert.deepStrictEqual(result, { calls: 3, bytes: (yield* on(() => stat(file))).size })
        yield* Effect.scoped(
          Effect.gen(function* () {
            const duck = yield* openDuck(":memory:", "write")
            const sql = `SELECT count(*) AS n, sum(billedNanoUsd)::VARCHAR AS nano, min(slice) AS slice, min(labels->>'team') AS team
              FROM read_parquet('${file.replaceAll("'", "''")}')`
            assert.deepStrictEqual(yield* duck.query(sql), [
              { n: 3, nano: "27021597764222979", slice: "other", team: "support" }
            ])
          })
        )
      })
    )
  )

  it.effect("overwrites neither a folder nor a file, and leaves nothing where it fails", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const archives = yield* Archives
        yield* importAll("a", three)
        const folder = join(dirname(root), "out")
        yield* on(() => mkdir(folder))
        const fault = yield* Effect.flip(archives.export("a", { to: "jsonl", file: folder }))
        assert.deepStrictEqual([fault.kind, fault.file, fault.sentence], ["input", folder, "is a folder"])
        const file = join(dirname(root), "kept")
        yield* on(() => writeFile(file, "old"))
        const there = yield* Effect.flip(archives.export("a", { to: "jsonl", file }))
        assert.include(there.sentence, "is there already")
        assert.strictEqual(yield* on(() => readFile(file, "utf8")), "old")
        const wanted = join(dirname(root), "new")
        yield* Effect.scoped(
          Effect.gen(function* () {
            yield* archives.writer("a")
            assert.include((yield* Effect.flip(archives.export("a", { to: "jsonl", file: wanted }))).sentence, "in use")
          })
        )
        assert.notInclude(yield* on(() => readdir(dirname(root))), "new")
        assert.notInclude((yield* on(() => readdir(dirname(root)))).join(" "), "draft")
      })
    )
  )
})
