import { appendFile, rename, utimes, writeFile } from "node:fs/promises"
import { gzipSync } from "node:zlib"

import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

import { Archives } from "../store/Archives.ts"
import { inFolder, lines, row } from "./testFolder.ts"
import { type Committed, watchPaths } from "./watch.ts"

const patient = { timeout: 180_000 }

const there = (name: string) =>
  Effect.gen(function* () {
    const archives = yield* Archives
    if (!(yield* archives.names).includes(name)) return 0
    return (yield* archives.rows(name)).length
  }).pipe(Effect.orElseSucceed(() => -1)) // in use

/** Waits until the archive `test` holds so many calls. */
const holds = (calls: number) =>
  Effect.gen(function* () {
    while ((yield* there("test")) !== calls) yield* Effect.sleep(50)
  }).pipe(Effect.timeout("60 seconds"))

/** A watch that goes on beside the test, until `stop`. */
const watching = Effect.fnUntraced(function* (options: Parameters<typeof watchPaths>[0]) {
  const over = yield* Deferred.make<void>()
  const commits: Array<Committed> = []
  const fiber = yield* Effect.forkChild(
    watchPaths(options, {
      until: Deferred.await(over),
      onCommit: (one) => Effect.sync(() => void commits.push(one)),
      onBusy: () => Effect.void
    })
  )
  const stop = Effect.andThen(Deferred.succeed(over, undefined), Fiber.join(fiber))
  return { commits, stop }
})

const later = (file: string, text: string) => Effect.promise(() => appendFile(file, text))

describe("a watch", patient, () => {
  it.live(
    "follows files whatever their names, with lines of several formats in them, and passes over what is none",
    () =>
      inFolder(({ at, options, write }) =>
        Effect.gen(function* () {
          const pair = {
            request: { model: "gpt-4o", messages: [{ role: "user", content: "hi" }] },
            response: {
              object: "chat.completion",
              choices: [{ index: 0, finish_reason: "stop", message: { content: "yo" } }]
            }
          }
          yield* write("logs/calls.txt", lines(row("1")))
          yield* write("logs/starting", "")
          yield* write("logs/settings", '{"colour":"red"}')
          const { stop } = yield* watching(options("logs"))
          yield* holds(1)
          yield* later(at("logs/calls.txt"), lines(pair, row("2")))
          yield* later(at("logs/starting"), lines(row("3")))
          yield* holds(4)
          const result = yield* stop
          assert.deepStrictEqual(result.formats, { litellm: 3, pair: 1 })
          assert.deepStrictEqual([result.skipped, result.other], [[], { "file without extension": 1 }])
        })
      )
  )

  it.live("takes what is there, then what files grow by and new files, and gives the sum", () =>
    inFolder(({ at, options, write }) =>
      Effect.gen(function* () {
        yield* write("logs/a.jsonl", lines(row("1"), row("2")))
        yield* write("logs/notes.md", "# notes")
        const { commits, stop } = yield* watching(options("logs"))
        yield* holds(2)
        // Half a line is no broken one: its other half comes.
        const [half, rest] = [lines(row("3")).slice(0, 40), lines(row("3")).slice(40)]
        yield* later(at("logs/a.jsonl"), half)
        yield* Effect.sleep(1500)
        yield* later(at("logs/a.jsonl"), rest)
        yield* holds(3)
        yield* write("logs/deep/b.jsonl", lines(row("4")))
        yield* holds(4)
        // The last line needs no newline to be whole.
        yield* later(at("logs/deep/b.jsonl"), lines(row("5")).trimEnd())
        yield* holds(5)
        const result = yield* stop
        assert.deepStrictEqual([result.read, result.imported, result.duplicates, result.skipped.length], [5, 5, 0, 0])
        assert.deepStrictEqual(result.other, { "file .md": 1 })
        assert.deepStrictEqual(result.formats, { litellm: 5 })
        assert.strictEqual(
          commits.reduce((sum, { imported }) => sum + imported, 0),
          5
        )
      }).pipe(Effect.scoped)
    )
  )

  it.live("passes over what an earlier one has read, and reads anew what was replaced", () =>
    inFolder(({ at, options, write }) =>
      Effect.gen(function* () {
        yield* write("logs/a.jsonl", lines(row("1"), row("2")))
        yield* write("logs/b.jsonl", lines(row("3")))
        yield* write("logs/c.jsonl.gz", gzipSync(lines(row("4"))))
        const first = yield* watching(options("logs"))
        yield* holds(4)
        yield* first.stop
        yield* later(at("logs/a.jsonl"), lines(row("5")))
        const second = yield* watching(options("logs"))
        yield* holds(5)
        yield* write("logs/new", lines(row("6")))
        yield* Effect.promise(() => rename(at("logs/new"), at("logs/b.jsonl")))
        yield* holds(6)
        yield* Effect.promise(() => writeFile(at("logs/c.jsonl.gz"), gzipSync(lines(row("4"), row("7")))))
        yield* holds(7)
        const result = yield* second.stop
        // Of a.jsonl three records, of b.jsonl the new one, of c.jsonl.gz two: what had not changed was not read.
        assert.deepStrictEqual([result.read, result.imported, result.duplicates], [6, 3, 3])
        const nothing = yield* watching(options("logs"))
        yield* Effect.sleep(500)
        assert.strictEqual((yield* nothing.stop).read, 0)
      }).pipe(Effect.scoped)
    )
  )

  it.live("lets go of files that nobody has written for a day, and reads one again that grows all the same", () =>
    inFolder(({ at, options, write }) =>
      Effect.gen(function* () {
        yield* write("logs/a.jsonl", lines(row("1"), row("2")))
        const old = (Date.now() - 2 * 24 * 3_600_000) / 1000
        yield* Effect.promise(() => utimes(at("logs/a.jsonl"), old, old))
        const { stop } = yield* watching(options("logs"))
        yield* holds(2)
        yield* Effect.sleep(300)
        yield* later(at("logs/a.jsonl"), lines(row("3")))
        yield* holds(3)
        const result = yield* stop
        assert.deepStrictEqual([result.read, result.imported, result.duplicates], [5, 3, 2])
      }).pipe(Effect.scoped)
    )
  )

  it.live("waits for documents to be whole, and names at its end what nobody reads", () =>
    inFolder(({ at, options, write }) =>
      Effect.gen(function* () {
        const document = JSON.stringify([row("1"), row("2")], null, 2)
        yield* write("logs/a.json", document.slice(0, -60))
        yield* write("logs/b.jsonl", lines({ colour: "red" }))
        yield* write("logs/c.jsonl", "")
        const { stop } = yield* watching(options("logs"))
        yield* Effect.sleep(1500)
        yield* write("logs/a.json", document)
        yield* holds(2)
        // A file that nobody knew may turn out to be something.
        yield* later(at("logs/c.jsonl"), lines(row("3")))
        yield* holds(3)
        const result = yield* stop
        assert.strictEqual(result.imported, 3)
        assert.deepStrictEqual(
          result.skipped.map(({ file }) => file),
          [at("logs/b.jsonl")]
        )
        assert.strictEqual(result.read, result.imported + result.duplicates + result.skipped.length)
      }).pipe(Effect.scoped)
    )
  )

  it.live("lets a call grow: the fuller one takes the place of the one before", () =>
    inFolder(({ at, options, write }) =>
      Effect.gen(function* () {
        const line = (uuid: string, parentUuid: string | null, type: string, message: object) =>
          lines({
            uuid,
            parentUuid,
            type,
            isSidechain: false,
            sessionId: "s1",
            version: "2.1.150",
            timestamp: "2026-08-01T10:00:00.000Z",
            cwd: "/w/app",
            message
          })
        const usage = { input_tokens: 3, output_tokens: 20, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 }
        const answer = (block: object) => ({
          id: "msg_1",
          type: "message",
          role: "assistant",
          model: "claude-opus-4-6",
          content: [block],
          stop_reason: "tool_use",
          usage
        })
        yield* write(
          "project/s1.jsonl",
          line("u1", null, "user", { role: "user", content: "hi" }) +
            line("a1", "u1", "assistant", answer({ type: "text", text: "I will look." }))
        )
        const { stop } = yield* watching(options("project"))
        yield* holds(1)
        yield* later(
          at("project/s1.jsonl"),
          line("a2", "a1", "assistant", answer({ type: "tool_use", id: "t1", name: "Read", input: { path: "a" } }))
        )
        yield* Effect.gen(function* () {
          const archives = yield* Archives
          while (true) {
            const loaded = yield* Effect.gen(function* () {
              const [only] = yield* archives.rows("test")
              return yield* (yield* archives.reader("test")).load(only!.id)
            }).pipe(Effect.scoped, Effect.option)
            if (loaded._tag === "Some" && loaded.value.response.blocks.length === 2) return
            yield* Effect.sleep(100)
          }
        }).pipe(Effect.timeout("60 seconds"))
        const result = yield* stop
        assert.deepStrictEqual([result.imported, result.replaced, result.duplicates], [1, 1, 1])
        assert.deepStrictEqual(result.fidelity, { A: 0, B: 1, C: 0, D: 0 })
      }).pipe(Effect.scoped)
    )
  )

  it.live("leaves the archive to others between its commits, and goes on when it is deleted", () =>
    inFolder(({ at, options, write }) =>
      Effect.gen(function* () {
        yield* write("a.jsonl", lines(row("1")))
        const { stop } = yield* watching(options("a.jsonl"))
        yield* holds(1)
        const archives = yield* Archives
        yield* Effect.retry(archives.remove("test"), { times: 20 })
        yield* later(at("a.jsonl"), lines(row("2")))
        yield* holds(1)
        yield* stop
      }).pipe(Effect.scoped)
    )
  )

  it.live("reads with a changed file what belongs together with it", () =>
    inFolder(({ at, options, write }) =>
      Effect.gen(function* () {
        const input = { custom_id: "t-1", method: "POST", url: "/v1/chat/completions" }
        const body = { model: "gpt-4o", messages: [{ role: "user", content: "hi" }] }
        const output = {
          id: "batch_req_1",
          custom_id: "t-1",
          response: { status_code: 200, request_id: "r", body: row("1").response },
          error: null
        }
        yield* write("batch/input.jsonl", lines({ ...input, body }, { ...input, custom_id: "t-2", body }))
        yield* write("batch/output.jsonl", lines(output))
        const first = yield* watching(options("batch"))
        yield* holds(1)
        yield* first.stop
        yield* later(at("batch/output.jsonl"), lines({ ...output, id: "batch_req_2", custom_id: "t-2" }))
        const second = yield* watching(options("batch"))
        yield* holds(2)
        const result = yield* second.stop
        assert.deepStrictEqual(result.fidelity, { A: 1, B: 0, C: 0, D: 0 })
      }).pipe(Effect.scoped)
    )
  )
})
