import { existsSync } from "node:fs"
import { appendFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"

import { ArchivedCall } from "../domain/Call.ts"
import type { Fault } from "../domain/Fault.ts"
import { archivedCall, userMessage } from "../testing/archivedCall.ts"
import { Archives } from "./Archives.ts"
import { asAdded, importAll, inHome, loadAll as loadWhole, newCall } from "./inHome.testing.ts"

/** Calls as they were added. */
const loadAll = (name: string, ids: ReadonlyArray<string>) =>
  Effect.map(loadWhole(name, ids), (calls) => calls.map(asAdded))

const text = (path: string) => Effect.promise(() => readFile(path, "utf8"))

describe("Archives", { timeout: 180_000 }, () => {
  it.effect.prop(
    "any call comes back as it was added",
    { calls: Arbitrary.array(Arbitrary.schema(ArchivedCall), { minLength: 10, maxLength: 40 }) },
    ({ calls }) =>
      inHome(() =>
        Effect.gen(function* () {
          // A type equals its JSON form but for the -0 that may be generated, which JSON writes as 0. Bills are whole numbers.
          const given = calls.map((call, index) => ({
            ...(JSON.parse(JSON.stringify(call)) as ArchivedCall),
            id: `call-${index}`,
            billed: { ...call.billed, nanoUsd: call.billed.nanoUsd === null ? null : String(index) }
          }))
          yield* importAll("any", given)
          const ids = given.map((call) => call.id)
          assert.deepStrictEqual(yield* loadAll("any", ids), given.map(asAdded))
          assert.strictEqual((yield* (yield* Archives).rows("any")).length, given.length)
        })
      ),
    { timeout: 180_000, arbitrary: { runs: 10 } }
  )

  it.effect("an image and a long text lie beside the lines, once, and come back", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const image = Buffer.from("not really a picture").toString("base64")
        const long = "\u00e9".repeat(70_000)
        const messages = [
          {
            role: "user" as const,
            blocks: [{ type: "image" as const, source: { kind: "inline" as const, base64: image } }]
          },
          userMessage(long)
        ]
        const calls = [
          archivedCall("a", { messages }),
          archivedCall("b", { messages: [...messages, userMessage("and?")], answer: long })
        ]
        yield* importAll("media", calls)

        assert.deepStrictEqual(yield* loadAll("media", ["a", "b"]), calls)
        const folder = join(root, "archive", "media")
        assert.strictEqual((yield* Effect.promise(() => readdir(join(folder, "blobs")))).length, 2)
        const lines = yield* text(join(folder, "messages.jsonl"))
        assert.strictEqual(lines.trimEnd().split("\n").length, 3)
        assert.include(lines, `"kind":"blob"`)
        assert.notInclude(lines, image)
        assert.isBelow((yield* text(join(folder, "calls.jsonl"))).length, long.length)
      })
    )
  )

  it.effect("texts cut in the middle of an emoji come back as they were", () =>
    inHome(() =>
      Effect.gen(function* () {
        const cut = "\u{1f389}".slice(0, 1)
        const call = archivedCall("cut", {
          messages: [userMessage(`party ${cut}`)],
          call: { labels: { note: `x${cut}` } }
        })
        yield* importAll("cut", [call])
        assert.deepStrictEqual(yield* loadAll("cut", ["cut"]), [call])
        assert.strictEqual((yield* (yield* Archives).rows("cut"))[0]!.labels["note"], "x\ufffd")
      })
    )
  )

  it.effect("rows come by time, then id, and hold what case selection needs", () =>
    inHome(() =>
      Effect.gen(function* () {
        const at = (startedAt: string | null) => ({ call: { timing: { startedAt, basis: "reported" as const } } })
        const named = archivedCall("a", at("2026-05-01T10:00:00.000Z"))
        yield* importAll("order", [
          archivedCall("untimed", at(null)),
          archivedCall("later", at("2026-05-01T10:00:00.500Z")),
          archivedCall("b", at("2026-05-01T10:00:00Z")),
          { ...named, provenance: { ...named.provenance, native: { id: "row-17" } } }
        ])
        const rows = yield* (yield* Archives).rows("order")
        assert.deepStrictEqual(
          rows.map((row) => row.id),
          ["a", "b", "later", "untimed"]
        )
        const call = archivedCall("a")
        const { raw: _, ...counted } = call.usage
        const usage = { ...counted, inputBySource: { prompt: 100, context: 0, basis: "derived" } }
        assert.deepStrictEqual(
          { ...rows[0], requestDigest: "", questionDigest: "", contentDigest: "" },
          {
            id: "a",
            model: "gpt-4o-2024-08-06",
            provider: "openai",
            sessionId: "session-1",
            trajectoryId: null,
            startedAt: "2026-05-01T10:00:00.000Z",
            fidelity: "A",
            requestDigest: "",
            questionDigest: "",
            contentDigest: "",
            nativeId: "row-17",
            complete: true,
            usage,
            billedNanoUsd: "123456",
            labels: { team: "support" }
          }
        )
      })
    )
  )

  it.effect("digests name content, not time, place or streaming", () =>
    inHome(() =>
      Effect.gen(function* () {
        const messages = [userMessage("same question")]
        yield* importAll("digests", [
          archivedCall("a", { messages, answer: "one" }),
          archivedCall("b", {
            messages,
            answer: "one",
            request: { provider: "azure", endpoint: "/elsewhere", params: { temperature: 0, stream: true } },
            call: { timing: { startedAt: "2026-06-01T00:00:00Z", basis: "derived" } }
          }),
          archivedCall("c", { messages, answer: "two" }),
          archivedCall("d", { messages, answer: "one", request: { params: { temperature: 1 } } })
        ])
        const [a, c, d, b] = yield* (yield* Archives).rows("digests")
        assert.deepStrictEqual([a!.id, b!.id, c!.id, d!.id], ["a", "b", "c", "d"])
        assert.strictEqual(a!.requestDigest, b!.requestDigest)
        assert.strictEqual(a!.contentDigest, b!.contentDigest)
        assert.strictEqual(a!.requestDigest, c!.requestDigest)
        assert.notStrictEqual(a!.contentDigest, c!.contentDigest)
        assert.notStrictEqual(a!.requestDigest, d!.requestDigest)
      })
    )
  )

  it.effect("importing again adds nothing, and its digest stays; a new call changes it", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const archives = yield* Archives
        const calls = [archivedCall("a"), archivedCall("b")]
        assert.deepStrictEqual(yield* importAll("twice", [...calls, calls[0]!]), ["added", "added", "duplicate"])
        const digest = yield* archives.digest("twice")
        const size = () =>
          Effect.promise(() => stat(join(root, "archive", "twice", "calls.jsonl")).then((one) => one.size))
        const before = yield* size()

        assert.deepStrictEqual(yield* importAll("twice", calls), ["duplicate", "duplicate"])
        assert.strictEqual(yield* archives.digest("twice"), digest)
        assert.strictEqual(yield* size(), before)

        assert.deepStrictEqual(yield* importAll("twice", [archivedCall("c")]), ["added"])
        assert.notStrictEqual(yield* archives.digest("twice"), digest)
        assert.deepStrictEqual(yield* loadAll("twice", ["b", "c"]), [archivedCall("b"), archivedCall("c")])
        assert.deepStrictEqual(
          yield* archives.query("twice", "SELECT import, calls, skips FROM imports ORDER BY import"),
          [
            { import: 1, calls: 2, skips: 0 },
            { import: 2, calls: 0, skips: 0 },
            { import: 3, calls: 1, skips: 0 }
          ]
        )
      })
    )
  )

  it.effect("SQL sums tokens by kind and money exactly, and lists what was skipped, once", () =>
    inHome(() =>
      Effect.gen(function* () {
        const archives = yield* Archives
        const unknown = { basis: "unreliable" as const, input: null, output: null }
        yield* importAll("sql", [
          archivedCall("a"),
          archivedCall("b", {
            call: { billed: { nanoUsd: "9007199254740993", basis: "invoice", billing: "metered" } }
          }),
          archivedCall("c", { call: { usage: unknown, billed: { nanoUsd: null, basis: "none", billing: "unknown" } } })
        ])
        assert.deepStrictEqual(
          yield* archives.query(
            "sql",
            `SELECT sum(inputTokens) AS input, sum(cacheReadTokens) AS cached, sum(reasoningTokens) AS reasoning,
              count(inputTokens) AS known, count(*) AS calls, sum(billedNanoUsd)::VARCHAR AS billed
             FROM calls WHERE labels->>'team' = $team AND started >= $since::TIMESTAMP`,
            { team: "support", since: "2026-05-01" }
          ),
          [{ input: 200, cached: 80, reasoning: 10, known: 2, calls: 3, billed: "9007199254864449" }]
        )
        const skip = { file: "a.jsonl", line: 7, reason: "no JSON" }
        for (let round = 0; round < 2; round++) {
          yield* Effect.scoped(
            Effect.gen(function* () {
              const writer = yield* archives.writer("sql")
              yield* writer.skip(skip)
              yield* writer.commit
            })
          )
        }
        assert.deepStrictEqual(yield* archives.query("sql", "SELECT file, line, reason FROM skips"), [skip])
      })
    )
  )

  it.effect("a bill that is no whole number of nano-dollars stops the import", () =>
    inHome(() =>
      Effect.gen(function* () {
        const call = archivedCall("a", { call: { billed: { nanoUsd: "1.5", basis: "invoice", billing: "metered" } } })
        const fault = yield* Effect.flip(importAll("bill", [call]))
        assert.include(fault.message, `a.jsonl:1: the call's bill of "1.5"`)
        assert.deepStrictEqual(yield* (yield* Archives).names, [])
      })
    )
  )

  it.effect("nothing is visible before the commit, and what is not committed is taken back", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const archives = yield* Archives
        yield* Effect.scoped(
          Effect.gen(function* () {
            const writer = yield* archives.writer("shy")
            yield* writer.add([newCall(archivedCall("a"), "a")])
            assert.deepStrictEqual(yield* archives.names, [])
          })
        )
        assert.deepStrictEqual(yield* Effect.promise(() => readdir(join(root, "archive"))), [])

        yield* importAll("shy", [archivedCall("a")])
        const folder = join(root, "archive", "shy")
        const before = yield* text(join(folder, "calls.jsonl"))
        const image = { kind: "inline" as const, base64: Buffer.from("gone").toString("base64") }
        yield* Effect.scoped(
          Effect.gen(function* () {
            const writer = yield* archives.writer("shy")
            const messages = [{ role: "user" as const, blocks: [{ type: "image" as const, source: image }] }]
            yield* writer.add([newCall(archivedCall("b", { messages }), "b")])
          })
        )
        assert.strictEqual(yield* text(join(folder, "calls.jsonl")), before)
        assert.deepStrictEqual(yield* Effect.promise(() => readdir(join(folder, "blobs"))), [])
        assert.deepStrictEqual(
          (yield* archives.rows("shy")).map((row) => row.id),
          ["a"]
        )
        assert.deepStrictEqual(yield* importAll("shy", [archivedCall("b")]), ["added"])
      })
    )
  )

  it.effect("bytes behind the committed lengths are cut off by the next import", () =>
    inHome((root) =>
      Effect.gen(function* () {
        yield* importAll("torn", [archivedCall("a")])
        const folder = join(root, "archive", "torn")
        yield* Effect.promise(async () => {
          for (const file of ["calls.jsonl", "messages.jsonl"])
            await appendFile(join(folder, file), `{"v":1,"id":"half`)
          await writeFile(join(folder, "blobs", "ab".repeat(32)), "of nobody")
          await mkdir(join(folder, "pending"), { recursive: true })
          await writeFile(join(folder, "pending", "calls.jsonl"), "rubbish")
        })
        assert.deepStrictEqual(yield* loadAll("torn", ["a"]), [archivedCall("a")])
        assert.deepStrictEqual(yield* importAll("torn", [archivedCall("a"), archivedCall("b")]), ["duplicate", "added"])
        assert.deepStrictEqual(yield* loadAll("torn", ["a", "b"]), [archivedCall("a"), archivedCall("b")])
        assert.notInclude(yield* text(join(folder, "calls.jsonl")), "half")
        assert.deepStrictEqual(yield* Effect.promise(() => readdir(join(folder, "blobs"))), [])
      })
    )
  )

  it.effect("a second writer is told that somebody imports; an open reader is in nobody's way", () =>
    inHome(() =>
      Effect.gen(function* () {
        const archives = yield* Archives
        yield* importAll("busy", [archivedCall("a")])
        yield* Effect.scoped(
          Effect.gen(function* () {
            const reader = yield* archives.reader("busy")
            const writer = yield* archives.writer("busy")
            const fault = yield* Effect.flip(Effect.scoped(archives.writer("busy")))
            assert.strictEqual(fault.kind, "infrastructure")
            assert.include(fault.message, "in use")
            assert.include((yield* Effect.flip(archives.rows("busy"))).message, "in use")
            yield* writer.add([newCall(archivedCall("b"), "b")])
            yield* writer.commit
            assert.include((yield* Effect.flip(writer.add([newCall(archivedCall("c"), "c")]))).message, "has ended")
            assert.deepStrictEqual(asAdded(yield* reader.load("a")), archivedCall("a"))
            assert.include((yield* Effect.flip(reader.load("b"))).message, "does not hold b")
          })
        )
        assert.deepStrictEqual(
          (yield* archives.rows("busy")).map((row) => row.id),
          ["a", "b"]
        )
      })
    )
  )

  it.effect("a name that is not there is a sentence with the names there are; a bad name is refused", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const archives = yield* Archives
        const none = yield* Effect.flip(archives.rows("desk"))
        assert.deepStrictEqual([none.kind, none.sentence], ["input", 'there is no archive "desk"'])
        assert.isFalse(existsSync(root), "asking leaves no folder behind")
        yield* importAll("desk", [archivedCall("a")])
        yield* importAll("support desk.v2", [archivedCall("a")])
        assert.deepStrictEqual(yield* archives.names, ["desk", "support desk.v2"])
        assert.include((yield* Effect.flip(Effect.scoped(archives.reader("dusk")))).mend, "desk, support desk.v2")
        for (const name of ["../desk", ".desk", "a/b", "a\\b", "", " a"]) {
          assert.include((yield* Effect.flip(Effect.scoped(archives.writer(name)))).sentence, "cannot be the name")
        }
      })
    )
  )

  it.effect("an archive without its index is told as such by all that would use it, until it is removed", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const archives = yield* Archives
        const calls = [archivedCall("a"), archivedCall("b")]
        yield* importAll("broken", calls)
        const folder = join(root, "archive", "broken")
        yield* Effect.promise(() => rm(join(folder, "index.duckdb")))
        const uses: ReadonlyArray<Effect.Effect<unknown, Fault, Archives>> = [
          importAll("broken", calls),
          importAll("broken", calls),
          archives.rows("broken"),
          Effect.scoped(archives.reader("broken")),
          archives.query("broken", "SELECT 1"),
          archives.digest("broken")
        ]
        for (const use of uses) {
          const fault = yield* Effect.flip(use)
          assert.deepInclude(fault, {
            kind: "input",
            file: folder,
            sentence: 'the archive "broken" has lost its index.duckdb and cannot be read',
            mend: "Delete it with `understudy archive delete broken` and import again."
          })
        }
        assert.deepStrictEqual(yield* archives.names, ["broken"])
        assert.deepStrictEqual(yield* Effect.promise(() => readdir(join(root, "archive"))), ["broken"])
        yield* archives.removable("broken")
        yield* archives.remove("broken")
        assert.deepStrictEqual(yield* Effect.promise(() => readdir(join(root, "archive"))), [])
        assert.deepStrictEqual(yield* importAll("broken", calls), ["added", "added"])
        assert.deepStrictEqual(yield* loadAll("broken", ["a", "b"]), calls)
      })
    )
  )

  it.effect("a first import that was committed and cut off before it appeared appears with the next one", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const archives = yield* Archives
        yield* importAll("late", [archivedCall("a")])
        // What a crash between the commit and the rename leaves.
        const hidden = join(root, "archive", ".late.draft")
        yield* Effect.promise(() => rename(join(root, "archive", "late"), hidden))
        assert.deepStrictEqual(yield* archives.names, [])
        yield* Effect.scoped(
          Effect.gen(function* () {
            const writer = yield* archives.writer("late")
            assert.deepStrictEqual(yield* writer.add([newCall(archivedCall("a"), "a")]), ["duplicate"], "it is there")
          })
        )
        assert.deepStrictEqual(yield* archives.names, ["late"])
        assert.deepStrictEqual(yield* loadAll("late", ["a"]), [archivedCall("a")])
        assert.deepStrictEqual(yield* importAll("late", [archivedCall("a"), archivedCall("b")]), ["duplicate", "added"])
        assert.deepStrictEqual(yield* loadAll("late", ["a", "b"]), [archivedCall("a"), archivedCall("b")])
        assert.isFalse(existsSync(hidden))
      })
    )
  )

  it.effect("a first import whose index was cut off while it was made is made again", () =>
    inHome((root) =>
      Effect.gen(function* () {
        yield* importAll("whole", [archivedCall("a")])
        const index = yield* Effect.promise(() => readFile(join(root, "archive", "whole", "index.duckdb")))
        for (const bytes of [0, 4096, 8192]) {
          const hidden = join(root, "archive", `.cut${bytes}.draft`)
          yield* Effect.promise(() => mkdir(hidden))
          yield* Effect.promise(() => writeFile(join(hidden, "index.duckdb"), index.subarray(0, bytes)))
          assert.deepStrictEqual(yield* importAll(`cut${bytes}`, [archivedCall("a")]), ["added"])
          assert.isFalse(existsSync(hidden))
        }
      })
    )
  )

  it.effect("what may be removed is there and free", () =>
    inHome(() =>
      Effect.gen(function* () {
        const archives = yield* Archives
        assert.include((yield* Effect.flip(archives.removable("held"))).sentence, "no archive")
        yield* importAll("held", [archivedCall("a")])
        yield* archives.removable("held")
        yield* Effect.scoped(
          Effect.gen(function* () {
            yield* archives.writer("held")
            for (const use of [archives.removable("held"), archives.remove("held")]) {
              assert.include((yield* Effect.flip(use)).sentence, "in use")
            }
          })
        )
      })
    )
  )

  it.effect("removing leaves nothing of it", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const archives = yield* Archives
        yield* importAll("gone", [archivedCall("a")])
        yield* importAll("kept", [archivedCall("a")])
        yield* archives.remove("gone")
        assert.deepStrictEqual(yield* archives.names, ["kept"])
        assert.deepStrictEqual(yield* Effect.promise(() => readdir(join(root, "archive"))), ["kept"])
        assert.include((yield* Effect.flip(archives.remove("gone"))).sentence, "no archive")
        assert.deepStrictEqual(yield* importAll("gone", [archivedCall("a")]), ["added"])
      })
    )
  )
})
