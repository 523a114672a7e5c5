import { existsSync } from "node:fs"
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { ArchivedCall } from "../domain/Call.ts"
import { digestOf } from "../domain/digest.ts"
import { archivedCall, userMessage } from "../testing/archivedCall.ts"
import { Archives } from "./Archives.ts"
import { asAdded, importAll, inHome, loadAll } from "./inHome.testing.ts"

const on = <A>(run: () => Promise<A>) => Effect.promise(run)
const query = (name: string, sql: string) => Effect.flatMap(Archives, (archives) => archives.query(name, sql))

/** A call of somebody, from a file of theirs, that says a word which nobody else says. */
const callOf = (who: string, at: number, given: Partial<ArchivedCall> = {}) =>
  archivedCall(digestOf(`${who} ${at}`), {
    messages: [userMessage("what all ask"), userMessage(`canary-${who} asks ${at}`)],
    answer: `answer-${who} ${at} ${at === 0 ? "y".repeat(70_000) : ""}`,
    call: {
      labels: { engineer: who },
      provenance: { importer: "litellm", file: `/logs/${who}.jsonl`, line: at + 1, native: {}, identity: "native" },
      grouping: { sessionId: `session of ${who}`, attempt: 0 },
      ...given
    }
  })

const skip = (who: string) => ({ file: `/logs/${who}.jsonl`, line: 9, reason: "no JSON" })
const source = (who: string) => ({ file: `/logs/${who}.jsonl`, bytes: 10, mtimeMs: 1, head: "ab" })

/** An archive of two people's calls, with all that may hang on calls. */
const filled = Effect.gen(function* () {
  const archives = yield* Archives
  const template = (who: string) => ({ key: digestOf(who), tools: "", system: `template-${who}`, user: "" })
  const calls = ["ann", "bob"].flatMap((who) => [0, 1, 2].map((at) => callOf(who, at)))
  yield* importAll(
    "team",
    calls.map((call) => ({
      call,
      dedupeKey: `key-${call.labels["engineer"]}`,
      rank: 2,
      template: template(call.labels["engineer"]!)
    }))
  )
  yield* Effect.scoped(
    Effect.gen(function* () {
      const writer = yield* archives.writer("team")
      for (const who of ["ann", "bob", "nobody"]) {
        yield* writer.skip(skip(who))
        yield* writer.mark(source(who))
        const signal = { name: `told-${who}`, value: true, source: "human" as const }
        yield* writer.verdict({ of: `${who} 1`, signal })
        yield* writer.verdict({ of: `session of ${who}`, signal: { ...signal, scope: "session" } })
      }
      yield* writer.commit
    })
  )
  return calls
})

/** All bytes below a folder, as text. */
const bytesBelow = (folder: string) =>
  on(async () => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile())
    return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), "latin1")))).join("\n")
  })

describe("rewrite", { timeout: 180_000 }, () => {
  it.effect("keeps what was to be kept as it was, and leaves nothing of the rest in any file", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const archives = yield* Archives
        const calls = yield* filled
        const folder = join(root, "archive", "team")
        yield* on(() => writeFile(join(folder, "slices.json"), "[]"))
        const key = yield* archives.key("team")
        const kept = calls.filter((call) => call.labels["engineer"] === "bob")
        const ids = kept.map((call) => call.id)
        const before = yield* loadAll("team", ids)
        const rowsBefore = (yield* archives.rows("team")).filter((row) => ids.includes(row.id))

        const result = yield* archives.rewrite("team", (row) => row.labels["engineer"] !== "ann")
        assert.deepStrictEqual(result, { kept: 3, removed: 3 })
        assert.deepStrictEqual(yield* loadAll("team", ids), before)
        assert.deepStrictEqual(
          (yield* loadAll("team", ids)).map(({ signals, ...call }) => asAdded({ ...call, signals: [] })),
          kept
        )
        assert.deepStrictEqual(yield* archives.rows("team"), rowsBefore)
        assert.include((yield* Effect.flip(loadAll("team", [calls[0]!.id]))).sentence, "does not hold")

        const all = yield* bytesBelow(join(root, "archive"))
        for (const gone of [
          "canary-ann",
          "answer-ann",
          "template-ann",
          "told-ann",
          "/logs/ann.jsonl",
          "session of ann",
          "key-ann"
        ]) {
          assert.notInclude(all, gone)
        }
        for (const there of ["canary-bob", "told-bob", "/logs/bob.jsonl", "/logs/nobody.jsonl"])
          assert.include(all, there)
        assert.strictEqual((yield* on(() => readdir(join(folder, "blobs")))).length, 1)
        assert.deepStrictEqual(yield* on(() => readdir(join(root, "archive"))), ["team"])
        assert.deepStrictEqual((yield* on(() => readdir(folder))).sort(), [
          "blobs",
          "calls-2.jsonl",
          "derived-2.jsonl",
          "index.duckdb",
          "key",
          "messages-2.jsonl",
          "places-2",
          "slices.json"
        ])
        assert.deepStrictEqual(yield* archives.key("team"), key)
        assert.deepStrictEqual(yield* archives.sources("team"), [source("bob"), source("nobody")])
        assert.deepStrictEqual(yield* query("team", "SELECT file FROM skips ORDER BY file"), [
          { file: "/logs/bob.jsonl" },
          { file: "/logs/nobody.jsonl" }
        ])
        assert.deepStrictEqual(yield* query("team", "SELECT import, calls, skips FROM imports ORDER BY import"), [
          { import: 1, calls: 3, skips: 0 },
          { import: 2, calls: 0, skips: 2 }
        ])
        assert.deepStrictEqual(yield* query("team", "SELECT DISTINCT import, rank, dedupeKey FROM calls"), [
          { import: 1, rank: 2, dedupeKey: "key-bob" }
        ])

        // It goes on as before: adding, and rewriting once more.
        assert.deepStrictEqual(yield* importAll("team", [kept[0]!, callOf("eve", 0)]), ["duplicate", "added"])
        yield* archives.rewrite("team", (row) => row.labels["engineer"] === "eve")
        assert.deepStrictEqual(
          (yield* archives.rows("team")).map((row) => row.labels["engineer"]),
          ["eve"]
        )
        assert.isTrue(existsSync(join(folder, "calls-3.jsonl")))
      })
    )
  )

  it.effect("finds structure anew: what went on from a removed call begins a trajectory", () =>
    inHome(() =>
      Effect.gen(function* () {
        const answer = { role: "assistant" as const, blocks: [{ type: "text" as const, text: "ok" }] }
        const history = [userMessage("a"), answer, userMessage("b"), answer, userMessage("c")]
        const calls = [1, 3, 5].map((length, at) =>
          archivedCall(`${at}`, {
            messages: history.slice(0, length),
            call: { timing: { startedAt: `2026-05-01T10:00:0${at}.000Z`, basis: "reported" } }
          })
        )
        yield* importAll("chain", calls)
        yield* (yield* Archives).rewrite("chain", (row) => row.id !== "0")
        assert.deepStrictEqual(
          yield* query("chain", "SELECT id, trajectoryId, stepIndex, parentCallId FROM calls ORDER BY id"),
          [
            { id: "1", trajectoryId: "t-1", stepIndex: 0, parentCallId: null },
            { id: "2", trajectoryId: "t-1", stepIndex: 1, parentCallId: "1" }
          ]
        )
      })
    )
  )

  it.effect("is refused while somebody has the archive open, and does nothing where the choice fails", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const archives = yield* Archives
        const calls = yield* filled
        yield* Effect.scoped(
          Effect.gen(function* () {
            yield* archives.writer("team")
            assert.include((yield* Effect.flip(archives.rewrite("team", () => true))).sentence, "in use")
          })
        )
        const fails = archives.rewrite("team", () => {
          throw new Error("no choice")
        })
        assert.include((yield* Effect.flip(fails)).sentence, "no choice")
        assert.strictEqual((yield* archives.rows("team")).length, calls.length)
        assert.deepStrictEqual(yield* on(() => readdir(join(root, "archive"))), ["team"])
        assert.include((yield* Effect.flip(archives.rewrite("none", () => true))).sentence, "no archive")
      })
    )
  )

  it.effect(
    "cut off before its index took the old one's place, the archive is the old one; after it, the new one",
    () =>
      inHome((root) =>
        Effect.gen(function* () {
          const archives = yield* Archives
          const calls = yield* filled
          const folder = join(root, "archive", "team")
          const old = join(root, "old")
          yield* on(async () => {
            await mkdir(old)
            for (const name of ["calls.jsonl", "messages.jsonl", "derived.jsonl", "index.duckdb"])
              await copyFile(join(folder, name), join(old, name))
          })
          yield* archives.rewrite("team", (row) => row.labels["engineer"] === "bob")

          // What a cut just after the rename of the index leaves: the old content lies there still.
          yield* on(async () => {
            for (const name of ["calls.jsonl", "messages.jsonl", "derived.jsonl"])
              await copyFile(join(old, name), join(folder, name))
          })
          assert.strictEqual((yield* archives.rows("team")).length, 3)
          yield* importAll("team", [])
          assert.isFalse(existsSync(join(folder, "calls.jsonl")), "the next writer clears it")

          // And just before it: new content, and half a draft, beside the old archive.
          yield* on(async () => {
            for (const name of ["calls.jsonl", "messages.jsonl", "derived.jsonl", "index.duckdb"])
              await copyFile(join(old, name), join(folder, name))
            await writeFile(join(folder, "calls-2.jsonl"), "of nobody")
            await mkdir(join(root, "archive", ".team.anew"))
          })
          assert.strictEqual((yield* archives.rows("team")).length, calls.length)
          assert.deepStrictEqual(yield* archives.names, ["team"])
          assert.deepStrictEqual(
            (yield* loadAll("team", [calls[1]!.id])).map((call) => call.request),
            [calls[1]!.request]
          )
          yield* archives.remove("team")
          assert.deepStrictEqual(yield* on(() => readdir(join(root, "archive"))), [])
        })
      )
  )

  it.effect("a reader that was open reads on the archive as it was", () =>
    inHome(() =>
      Effect.scoped(
        Effect.gen(function* () {
          const archives = yield* Archives
          const calls = yield* filled
          const reader = yield* archives.reader("team")
          yield* archives.rewrite("team", (row) => row.labels["engineer"] === "bob")
          const loaded = yield* reader.load(calls[1]!.id)
          assert.deepStrictEqual(loaded.request, calls[1]!.request)
        })
      )
    )
  )
})
