import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { appendFile, readdir, readFile, symlink } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { gzipSync, zstdCompressSync } from "node:zlib"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { Archives } from "../store/Archives.ts"
import { importPaths } from "./import.ts"
import { inFolder, lines, row, rows } from "./testFolder.ts"

const pairRow = {
  id: "p1",
  request: { model: "gpt-4o", messages: [{ role: "user", content: "hi" }] },
  response: { object: "chat.completion", choices: [{ index: 0, finish_reason: "stop", message: { content: "yo" } }] }
}
// Each of these opens DuckDB files, which takes its time on a busy machine.
const patient = { timeout: 180_000 }

describe("an import", patient, () => {
  it.effect("reads a log, counts every record once, and keeps the reasons of what it left out", () =>
    inFolder(({ at, run, write }) =>
      Effect.gen(function* () {
        const log = `${lines(row("1"), row("2"), row("1"))}{"id": broken\n${lines({ type: "heartbeat" }, row("3", { messages: null }))}`
        yield* write("log.jsonl", log)
        const { run: id, files, reasons, time, ...result } = yield* run("log.jsonl")
        assert.isTrue(time.seconds >= 0 && time.scanning >= 0 && time.scanning <= 1)
        assert.match(id, /^\d{8}T\d{6}-[0-9a-f]{4}$/)
        assert.deepStrictEqual(
          { ...result, skipped: result.skipped.map(({ file, line }) => ({ file, line })) },
          {
            archive: "test",
            dryRun: false,
            read: 5,
            imported: 3,
            duplicates: 1,
            replaced: 0,
            skipped: [{ file: at("log.jsonl"), line: 4 }],
            other: { heartbeat: 1 },
            signals: 0,
            formats: { litellm: 3 },
            fidelity: { A: 2, B: 0, C: 0, D: 1 },
            secrets: {},
            pseudonyms: [],
            pseudonymsAsBefore: [],
            warnings: []
          }
        )
        assert.deepStrictEqual(files, [{ file: at("log.jsonl"), format: "litellm", records: 5 }])
        const [history] = reasons.filter(({ reason }) => reason === "history absent")
        assert.strictEqual(history?.calls, 1)
        assert.include(history?.mend ?? "", "StandardLoggingPayloads to S3 or GCS")
        const stored = yield* rows
        assert.deepStrictEqual(stored.map((call) => [call.labels["item_id"], call.billedNanoUsd, call.model]).sort(), [
          ["1", "225000", "gpt-4o"],
          ["2", "225000", "gpt-4o"],
          ["3", "225000", "gpt-4o"]
        ])
        const skips = yield* (yield* Archives).query("test", "SELECT line, reason FROM skips")
        assert.strictEqual(skips.length, 1)
        assert.include(String(skips[0]?.["reason"]), "not valid JSON")
      })
    )
  )

  it.effect("of the same files again changes nothing, whatever they are called and however they are packed", () =>
    inFolder(({ home, run, write }) =>
      Effect.gen(function* () {
        const log = lines(row("1"), { nonsense: true }, row("2"))
        yield* write("log.jsonl", log)
        yield* write("packed.bin", gzipSync(log))
        yield* write("log.zst", zstdCompressSync(log))
        yield* write("array.json", JSON.stringify([row("1"), row("2")], null, 2))
        yield* write("single.json", JSON.stringify(row("1"), null, 4))
        yield* run("log.jsonl")
        const archives = yield* Archives
        const digest = yield* archives.digest("test")
        const state = () => Effect.promise(() => readFile(join(home, "archive/test/calls.jsonl"), "utf8"))
        const before = yield* state()
        for (const path of ["log.jsonl", "packed.bin", "log.zst", "array.json"]) {
          const again = yield* run(path)
          assert.deepStrictEqual([again.read, again.imported, again.duplicates], [2, 0, 2], path)
        }
        assert.strictEqual((yield* run("single.json")).duplicates, 1)
        assert.strictEqual(yield* archives.digest("test"), digest)
        assert.strictEqual(yield* state(), before)
      })
    )
  )

  it.effect("walks folders, reads each file in its own format, and names what it does not read", () =>
    inFolder(({ at, run, write }) =>
      Effect.gen(function* () {
        yield* write("day/a.jsonl", lines(row("1")))
        yield* write("day/deep/b.json", JSON.stringify(row("2"), null, 2))
        yield* write("day/c.ndjson", lines(pairRow))
        yield* write("day/weave.jsonl", lines({ op_name: "weave:///team/op/ask:1" }))
        yield* write("day/empty.jsonl", "")
        yield* write("day/README.md", "# notes")
        yield* write("day/.hidden/x.jsonl", lines(row("9")))
        yield* Effect.promise(() => symlink(at("day"), at("day/loop")))
        const result = yield* run("day")
        assert.deepStrictEqual(result.formats, { litellm: 2, pair: 1 })
        assert.deepStrictEqual(result.other, { "file .md": 1 })
        assert.deepStrictEqual(
          result.skipped.map(({ file, line }) => [file, line]),
          [
            [at("day/empty.jsonl"), 1],
            [at("day/weave.jsonl"), 1]
          ]
        )
        assert.include(result.skipped[1]?.reason ?? "", "a Weave export, which is not read yet")
        assert.strictEqual(result.read, result.imported + result.duplicates + result.skipped.length)
      })
    )
  )

  it.effect("sees the attempts of one question across files that hold one call each", () =>
    inFolder(({ run, write }) =>
      Effect.gen(function* () {
        const messages = [{ role: "user", content: "same" }]
        yield* write(
          "s3/1.json",
          JSON.stringify(row("f", { messages, trace_id: "t", status: "failure", response: null, error_str: "down" }))
        )
        yield* write("s3/2.json", JSON.stringify(row("ok", { messages, trace_id: "t" })))
        yield* run("s3")
        const reader = yield* (yield* Archives).reader("test")
        const calls = yield* Effect.forEach(yield* rows, (call) => reader.load(call.id))
        const good = calls.find((call) => call.response.complete)
        const bad = calls.find((call) => !call.response.complete)
        assert.strictEqual(good?.grouping.attempt, 1)
        assert.strictEqual(good?.grouping.attemptOf, bad?.id)
      }).pipe(Effect.scoped)
    )
  )

  it.effect("that is a dry run counts the same and leaves no trace", () =>
    inFolder(({ home, run, write }) =>
      Effect.gen(function* () {
        yield* write("log.jsonl", lines(row("1"), row("1"), row("2")))
        const dry = yield* run("log.jsonl", { dryRun: true })
        assert.deepStrictEqual([dry.read, dry.imported, dry.duplicates, dry.dryRun], [3, 2, 1, true])
        assert.isFalse(existsSync(home))
        yield* run("log.jsonl")
        const again = yield* run("log.jsonl", { dryRun: true })
        assert.deepStrictEqual([again.imported, again.duplicates], [0, 3])
      })
    )
  )

  it.effect("holds nothing secret beside the text of messages", () =>
    inFolder(({ home, run, write }) =>
      Effect.gen(function* () {
        const metadata = { headers: { authorization: "Bearer hidden-1" }, api_key: "hidden-2", note: "sk-hidden-3333" }
        const more = {
          metadata,
          model_parameters: { extra_headers: { "x-api-key": "hidden-4" }, api_key: "hidden-5" },
          hidden_params: { additional_headers: { cookie: "hidden-6" } }
        }
        yield* write("log.jsonl", lines(row("1", more)))
        yield* run("log.jsonl")
        const files = yield* Effect.promise(() => readdir(home, { recursive: true, withFileTypes: true }))
        for (const file of files) {
          if (!file.isFile()) continue
          const text = yield* Effect.promise(() => readFile(join(file.parentPath, file.name), "latin1"))
          assert.notInclude(text, "hidden-", file.name)
        }
      })
    )
  )

  const Kind = Schema.Literals(["good", "duplicate", "broken", "other", "spend", "half", "blank"])
  it.effect.prop(
    "accounts for every record: read = imported + duplicates + skipped",
    { files: Schema.Array(Schema.NonEmptyArray(Kind)).check(Schema.isMinLength(1), Schema.isMaxLength(4)) },
    ({ files }) =>
      inFolder(({ at, run, write }) =>
        Effect.gen(function* () {
          const text = {
            good: (n: string) => JSON.stringify(row(n)),
            duplicate: () => JSON.stringify(row("first")),
            broken: (n: string) => `{"id": "${n}", "messages": [`,
            other: () => '{"type":"note"}',
            spend: (n: string) => JSON.stringify({ request_id: n, call_type: "acompletion", spend: 1 }),
            half: (n: string) => JSON.stringify({ id: n, call_type: "acompletion" }),
            blank: () => ""
          }
          const kinds = files.flat()
          yield* write("all/0.jsonl", lines(row("first")))
          for (const [f, list] of files.entries())
            yield* write(`all/${f + 1}.jsonl`, list.map((kind, n) => `${text[kind](`${f}-${n}`)}\n`).join(""))
          const how = (kind: (typeof kinds)[number]) => kinds.filter((one) => one === kind).length
          const result = yield* importPaths({ paths: [at("all")], name: "test", format: "litellm", dryRun: false })
          const blankFiles = files.filter((list) => list.every((kind) => kind === "blank")).length
          assert.strictEqual(result.imported, 1 + how("good"))
          assert.strictEqual(result.duplicates, how("duplicate"))
          assert.strictEqual(result.skipped.length, how("broken") + how("spend") + how("half") + blankFiles)
          assert.deepStrictEqual(result.other, how("other") === 0 ? {} : { note: how("other") })
          assert.strictEqual(result.read, result.imported + result.duplicates + result.skipped.length)
          assert.strictEqual((yield* rows).length, result.imported)
          const again = yield* run("all", { format: "litellm" })
          assert.deepStrictEqual([again.read, again.imported], [result.read, 0])
        })
      ),
    { arbitrary: { runs: 10 } }
  )
})

describe("bad input", patient, () => {
  it.effect("is a sentence with file and mend, and leaves nothing behind", () =>
    inFolder(({ at, fault, home, write }) =>
      Effect.gen(function* () {
        yield* write("empty.jsonl", "")
        yield* write("blank.jsonl", "\n \n")
        yield* write("binary.jsonl", Uint8Array.from([0, 1, 2, 3, 0, 255]))
        yield* write("data.db", "SQLite format 3\0rest")
        yield* write("unknown.jsonl", lines({ colour: "red" }))
        yield* write("prose.txt", "just some prose\nand more\n")
        yield* write("weave.json", JSON.stringify({ op_name: "weave:///team/op/ask:1" }))
        yield* write("utf16.json", Buffer.from("\ufeff{}", "utf16le"))
        yield* write("stream.txt", 'data: {"id":"chatcmpl-1","choices":[{"delta":{"content":"hi"}}]}\n\ndata: [DONE]\n')
        yield* write("notes/README.md", "# notes")
        yield* write("unread/a.json", JSON.stringify({ op_name: "weave:///team/op/ask:1" }))
        const expected: ReadonlyArray<readonly [string, string]> = [
          ["absent.jsonl", "no such file"],
          ["empty.jsonl", "empty"],
          ["blank.jsonl", "no record"],
          ["binary.jsonl", "binary"],
          ["data.db", "SQLite"],
          ["utf16.json", "UTF-16"],
          ["stream.txt", "server-sent events: an answer without its request"],
          ["unknown.jsonl", "no format that is known"],
          ["prose.txt", "no format that is known"],
          ["weave.json", "a Weave export, which is not read yet"],
          ["notes", "no file here that could be an export"],
          ["unread", "Weave"]
        ]
        for (const [path, sentence] of expected) {
          const found = yield* fault(path)
          assert.strictEqual(found.kind, "input", path)
          assert.include(found.sentence, sentence)
          assert.strictEqual(found.file, at(path))
          assert.isString(found.mend)
        }
        const usage = yield* fault("unknown.jsonl", { format: "csv" })
        assert.strictEqual(usage.kind, "usage")
        assert.include(usage.message, "litellm, pair")
        assert.include((yield* fault("unknown.jsonl", { format: "weave" })).sentence, "not read yet")
        assert.deepStrictEqual(yield* (yield* Archives).names, [])
        assert.isFalse(existsSync(join(home, "archive/test")))
      })
    )
  )

  it.effect("in the last file undoes the whole import: a cut-off gzip or zstd says how far it could be read", () =>
    inFolder(({ at, fault, run, write }) =>
      Effect.gen(function* () {
        // Text that does not shrink much, so that half of the packed bytes holds many records.
        const many = Array.from({ length: 400 }, (_, n) =>
          row(`${n}`, { noise: Array.from({ length: 40 }, (_, k) => Math.sin(n * 41 + k)) })
        )
        const log = lines(...many)
        const cut = (bytes: Uint8Array) => bytes.subarray(0, Math.floor(bytes.length * 0.9))
        yield* write("a.jsonl", lines(row("a")))
        yield* write("b.jsonl.gz", cut(gzipSync(log)))
        yield* write("c.jsonl.zst", cut(zstdCompressSync(log)))
        yield* write(
          "d.jsonl.gz",
          Buffer.concat([gzipSync(log).subarray(0, 3000), Buffer.from("damage"), gzipSync(log).subarray(3006)])
        )
        for (const path of ["b.jsonl.gz", "c.jsonl.zst", "d.jsonl.gz"]) {
          const found = yield* fault(["a.jsonl", path])
          assert.strictEqual(found.kind, "input")
          assert.strictEqual(found.file, at(path))
          assert.match(found.sentence, /cut off|damaged/)
          assert.match(found.sentence, /\d+ records could be read/)
          assert.include(found.sentence, "nothing was imported")
        }
        assert.deepStrictEqual(yield* (yield* Archives).names, [])
        yield* run("a.jsonl")
        yield* fault(["a.jsonl", "b.jsonl.gz"])
        assert.strictEqual((yield* rows).length, 1)
      })
    )
  )
})

const shared = join(import.meta.dirname, "../../../shared/data")
const fleet = join(shared, "replay/recorded_fleet.py")

describe.skipIf(!existsSync(fleet))("the recorded archive [needs ../shared]", patient, () => {
  it.live("is imported whole: 500 calls of fidelity A with their item_id, and again nothing", () =>
    inFolder(({ at, run, write }) =>
      Effect.gen(function* () {
        yield* write("x", "")
        const model = ["--model", "gpt-4o-2024-08-06", "--group", "math-word-problem-json"]
        const file = join(shared, "replay/zeroeval_dev.jsonl.gz")
        yield* Effect.promise(() =>
          promisify(execFile)("python3", [
            fleet,
            "export",
            file,
            ...model,
            "--format",
            "litellm",
            "--out",
            at("archive.jsonl")
          ])
        )
        const result = yield* run("archive.jsonl")
        assert.deepStrictEqual(
          [result.read, result.imported, result.duplicates, result.skipped.length],
          [500, 500, 0, 0]
        )
        assert.deepStrictEqual(result.fidelity, { A: 500, B: 0, C: 0, D: 0 })
        const stored = yield* rows
        assert.isTrue(
          stored.every((call) => call.labels["item_id"]?.startsWith("ze/gsm/") && call.model === "gpt-4o-2024-08-06")
        )
        assert.isTrue(stored.every((call) => call.billedNanoUsd === null && call.usage.input !== null))
        yield* Effect.promise(() => appendFile(at("archive.jsonl"), '{"torn": '))
        const again = yield* run("archive.jsonl")
        assert.deepStrictEqual([again.read, again.imported, again.duplicates, again.skipped.length], [501, 0, 500, 1])
      })
    )
  )
})
