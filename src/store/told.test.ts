import { statSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { Signal } from "../domain/Call.ts"
import { digestOf } from "../domain/digest.ts"
import { archivedCall, userMessage } from "../testing/archivedCall.ts"
import { Archives, type ArchiveWriter, type NewCall } from "./Archives.ts"
import { messageIdentity } from "./identity.ts"
import { importAll, inHome, loadAll } from "./inHome.testing.ts"

/** Does something with a writer and commits. */
const writing = <A, E>(name: string, use: (writer: ArchiveWriter) => Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const writer = yield* (yield* Archives).writer(name)
    const used = yield* use(writer)
    yield* writer.commit
    return used
  }).pipe(Effect.scoped)

const query = (name: string, sql: string) => Effect.flatMap(Archives, (archives) => archives.query(name, sql))

describe("ranks", { timeout: 180_000 }, () => {
  const copy = (rank: number, answer: string, given: Partial<NewCall> = {}): NewCall => ({
    call: archivedCall("a", { answer, call: { signals: [{ name: `rank ${rank}`, value: rank, source: "test" }] } }),
    dedupeKey: "a",
    rank,
    ...given
  })

  it.effect("the fuller copy stays, of one import and of several; at equal ranks the first", () =>
    inHome(() =>
      Effect.gen(function* () {
        const answers = () =>
          Effect.gen(function* () {
            const [call] = yield* loadAll("ranks", ["a"])
            return [call?.response.blocks[0], yield* query("ranks", "SELECT rank FROM calls"), call?.signals.length]
          })
        const text = (text: string) => ({ type: "text" as const, text })
        assert.deepStrictEqual(
          yield* importAll("ranks", [copy(1, "one"), copy(3, "three"), copy(2, "two"), copy(3, "again")]),
          ["added", "replaced", "duplicate", "duplicate"]
        )
        assert.deepStrictEqual(yield* answers(), [text("three"), [{ rank: 3 }], 1])
        const before = yield* (yield* Archives).digest("ranks")
        assert.deepStrictEqual(yield* importAll("ranks", [copy(3, "late"), copy(5, "five"), copy(4, "four")]), [
          "duplicate",
          "replaced",
          "duplicate"
        ])
        assert.deepStrictEqual(yield* answers(), [text("five"), [{ rank: 5 }], 1])
        assert.strictEqual(yield* (yield* Archives).digest("ranks"), before, "it is the same calls")
        assert.deepStrictEqual(yield* query("ranks", "SELECT name, value FROM signals"), [
          { name: "rank 5", value: "5" }
        ])
        assert.deepStrictEqual(yield* query("ranks", "SELECT calls FROM imports ORDER BY import"), [
          { calls: 1 },
          { calls: 0 }
        ])
      })
    )
  )

  it.effect("a reader that was open reads on what was there", () =>
    inHome(() =>
      Effect.scoped(
        Effect.gen(function* () {
          yield* importAll("ranks", [copy(1, "one")])
          const reader = yield* (yield* Archives).reader("ranks")
          yield* importAll("ranks", [copy(2, "two")])
          assert.deepStrictEqual((yield* reader.load("a")).response.blocks, [{ type: "text", text: "one" }])
        })
      )
    )
  )

  it.effect("a replaced call's place among the others follows what it asks now", () =>
    inHome(() =>
      Effect.gen(function* () {
        const asked = [userMessage("hello")]
        const at = (second: number) => ({
          timing: { startedAt: `2026-05-01T10:00:0${second}.000Z`, basis: "reported" as const }
        })
        const answer = { role: "assistant" as const, blocks: [{ type: "text" as const, text: "yes?" }] }
        const first = archivedCall("first", { messages: asked, call: at(0) })
        const cut = archivedCall("second", { messages: [userMessage("bye")], call: at(1) })
        const whole = archivedCall("second", { messages: [...asked, answer, userMessage("bye")], call: at(1) })
        const place = () => query("grown", "SELECT id, trajectoryId, stepIndex, parentCallId FROM calls ORDER BY id")
        yield* importAll("grown", [first, cut])
        assert.deepStrictEqual(
          (yield* place()).map((row) => row["trajectoryId"]),
          [null, null]
        )
        yield* importAll("grown", [{ call: whole, dedupeKey: "k", rank: 1 }])
        assert.deepStrictEqual(yield* place(), [
          { id: "first", trajectoryId: "t-first", stepIndex: 0, parentCallId: null },
          { id: "second", trajectoryId: "t-first", stepIndex: 1, parentCallId: "first" }
        ])
        yield* importAll("grown", [{ call: cut, dedupeKey: "k", rank: 2 }])
        assert.deepStrictEqual(
          (yield* place()).map((row) => row["trajectoryId"]),
          [null, null]
        )
        const [loaded] = yield* loadAll("grown", ["first"])
        assert.deepStrictEqual(loaded?.grouping, { sessionId: "session-1", attempt: 0 })
      })
    )
  )
})

describe("verdicts", { timeout: 180_000 }, () => {
  const good: Signal = { name: "reward", value: 1, source: "env-reward" }
  const key = "row 17"
  const call = archivedCall(digestOf(key), { call: { signals: [good] } })

  it.effect("come with the call, its trajectory and its session, each once, whenever they are told", () =>
    inHome(() =>
      Effect.gen(function* () {
        const told: ReadonlyArray<readonly [string, Signal]> = [
          [key, { name: "helpful", value: false, source: "human", comment: "no", at: "2026-05-02T00:00:00Z" }],
          [key, good],
          ["session-1", { name: "solved", value: "yes", source: "llm-judge", scope: "session" }],
          ["run-1", { name: "tests", value: true, source: "test", scope: "trajectory" }],
          ["another", { name: "tests", value: false, source: "test", scope: "trajectory" }]
        ]
        const tell = (writer: ArchiveWriter) =>
          Effect.forEach([...told, ...told], ([of, signal]) => writer.verdict({ of, signal }))
        yield* writing("told", tell)
        yield* importAll("told", [
          { call: { ...call, grouping: { ...call.grouping, trajectoryId: "run-1" } }, dedupeKey: key, rank: 0 },
          { call: archivedCall("other"), dedupeKey: "x", rank: 0 }
        ])
        yield* writing("told", tell)
        const [loaded, other] = yield* loadAll("told", [call.id, "other"])
        assert.deepStrictEqual(loaded?.signals, [
          good,
          { name: "helpful", value: false, source: "human", scope: "call", comment: "no", at: "2026-05-02T00:00:00Z" },
          { name: "tests", value: true, source: "test", scope: "trajectory" },
          { name: "solved", value: "yes", source: "llm-judge", scope: "session" }
        ])
        assert.deepStrictEqual(other?.signals, [
          { name: "solved", value: "yes", source: "llm-judge", scope: "session" }
        ])
        assert.deepStrictEqual(
          yield* query("told", "SELECT scope, target, name, value, type FROM signals ORDER BY ALL"),
          [
            { scope: "call", target: call.id, name: "helpful", value: "false", type: "boolean" },
            { scope: "call", target: call.id, name: "reward", value: "1", type: "number" },
            { scope: "session", target: "session-1", name: "solved", value: "yes", type: "string" },
            { scope: "trajectory", target: "another", name: "tests", value: "false", type: "boolean" },
            { scope: "trajectory", target: "run-1", name: "tests", value: "true", type: "boolean" }
          ]
        )
      })
    )
  )
})

describe("what an archive keeps beside its calls", { timeout: 180_000 }, () => {
  it.effect("a key of its own, for its owner alone, the same for good", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const archives = yield* Archives
        const made = yield* writing("a", (writer) =>
          Effect.as(writer.add([{ call: archivedCall("a"), dedupeKey: "a", rank: 0 }]), writer.key)
        )
        const again = yield* writing("a", (writer) => Effect.succeed(writer.key))
        const other = yield* writing("b", (writer) => Effect.succeed(writer.key))
        assert.strictEqual(made.length, 32)
        assert.deepStrictEqual([again, yield* archives.key("a")], [made, made])
        assert.notDeepEqual(other, made)
        assert.strictEqual(statSync(join(root, "archive", "a", "key")).mode & 0o777, 0o600)
      })
    )
  )

  it.effect("which messages it holds, those that wait included", () =>
    inHome(() =>
      Effect.gen(function* () {
        const message = userMessage("do you know me?")
        const { digest, length } = messageIdentity(message)
        assert.strictEqual(digest, digestOf(message))
        assert.strictEqual(
          length,
          Buffer.byteLength('{"blocks":[{"text":"do you know me?","type":"text"}],"role":"user"}')
        )
        const held = yield* writing("a", (writer) =>
          Effect.gen(function* () {
            const before = writer.holds(digest)
            yield* writer.add([{ call: archivedCall("a", { messages: [message] }), dedupeKey: "a", rank: 0 }])
            return [before, writer.holds(digest)]
          })
        )
        assert.deepStrictEqual(held, [false, true])
        assert.deepStrictEqual(yield* writing("a", (writer) => Effect.succeed(writer.holds(digest))), true)
        assert.isFalse(yield* writing("b", (writer) => Effect.succeed(writer.holds(digest))))
      })
    )
  )

  it.effect("which files were read to their end, as what they were last", () =>
    inHome(() =>
      Effect.gen(function* () {
        const archives = yield* Archives
        const source = (file: string, bytes: number) => ({ file, bytes, mtimeMs: 1.5, head: "ab" })
        assert.deepStrictEqual(yield* archives.sources("none"), [])
        yield* writing("a", (writer) =>
          Effect.forEach([source("/b", 1), source("/a", 1), source("/b", 2)], writer.mark)
        )
        yield* writing("a", (writer) => writer.mark(source("/a", 3)))
        assert.deepStrictEqual(yield* archives.sources("a"), [source("/a", 3), source("/b", 2)])
        yield* Effect.scoped(Effect.flatMap(archives.writer("a"), (writer) => writer.mark(source("/c", 1))))
        assert.strictEqual((yield* archives.sources("a")).length, 2, "counts with the commit")
      })
    )
  )

  it.effect("templates once each, and the slices that a file names by them", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const archives = yield* Archives
        const template = (name: string) => ({ key: digestOf(name), tools: "", system: `You ${name}`, user: "" })
        yield* importAll(
          "a",
          ["triage", "triage", "write", "write", "none"].map((name, at) => ({
            call: archivedCall(`${at}`),
            dedupeKey: `${at}`,
            rank: 0,
            ...(name === "none" ? {} : { template: template(name) })
          }))
        )
        assert.deepStrictEqual(yield* query("a", "SELECT system FROM templates ORDER BY 1"), [
          { system: "You triage" },
          { system: "You write" }
        ])
        const slices = () => query("a", "SELECT slice, count(*) AS calls FROM sliced GROUP BY ALL ORDER BY 1")
        assert.deepStrictEqual(yield* slices(), [{ slice: "other", calls: 5 }])
        assert.isUndefined((yield* archives.rows("a"))[0]?.slice)

        const folder = yield* archives.folder("a")
        assert.strictEqual(folder, join(root, "archive", "a"))
        const named = [{ slice: "it's triage", templates: [digestOf("triage")], more: 1 }]
        yield* Effect.promise(() => writeFile(join(folder, "slices.json"), JSON.stringify(named)))
        assert.deepStrictEqual(yield* slices(), [
          { slice: "it's triage", calls: 2 },
          { slice: "other", calls: 3 }
        ])
        assert.deepStrictEqual(
          (yield* archives.rows("a")).map(({ slice, template: key }) => [slice, key === undefined]),
          [
            ["it's triage", false],
            ["it's triage", false],
            ["other", false],
            ["other", false],
            ["other", true]
          ]
        )
        assert.deepStrictEqual(yield* query("a", "SELECT slice FROM slices"), [{ slice: "it's triage" }])

        yield* Effect.promise(() => writeFile(join(folder, "slices.json"), '[{"slice": "x"}]'))
        const fault = yield* Effect.flip(slices())
        assert.deepStrictEqual([fault.kind, fault.file], ["input", join(folder, "slices.json")])
        assert.include(fault.sentence, 'entry 1 ("x") has no list of templates')
      })
    )
  )

  it.effect("how much of the disk it takes, by kind", () =>
    inHome((root) =>
      Effect.gen(function* () {
        yield* importAll("a", [archivedCall("a", { answer: "x".repeat(100_000) })])
        const used = yield* (yield* Archives).diskUsed("a")
        const lines = ["calls.jsonl", "messages.jsonl", "places"].map(
          (name) => statSync(join(root, "archive", "a", name)).size
        )
        assert.strictEqual(
          used.content,
          lines.reduce((a, b) => a + b)
        )
        assert.strictEqual(used.blobs, 100_000)
        assert.isAbove(used.index, 10_000)
        assert.isAbove((yield* Effect.promise(() => readFile(join(root, "archive", "a", "calls.jsonl")))).length, 500)
      })
    )
  )
})
