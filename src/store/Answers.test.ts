import { appendFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import type { AnswerRow } from "../domain/Output.ts"
import { temporaryFolder } from "../testing/folder.ts"
import { Answers } from "./Answers.ts"
import { Home } from "./Home.ts"

const answer = (key: string, text = `answer ${key}`): AnswerRow => ({
  v: 1,
  key,
  provider: "fleet",
  model: "small",
  series: "candidate",
  repeat: 0,
  response: { blocks: [{ type: "text", text }], stopReason: "end", complete: true },
  usage: { basis: "reported", input: null, output: null },
  timing: { startedAt: "2026-05-01T10:00:00.000Z", latencyMs: 12.5, basis: "reported" }
})

/** What one process does with the answers of a home, from its start to its end. */
const inProcess = <A, E>(root: string, use: (answers: Answers["Service"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(Answers, use).pipe(Effect.provide(Layer.fresh(Answers.layer).pipe(Layer.provide(Home.layer(root)))))

const segments = (root: string) => Effect.promise(() => readdir(join(root, "answers")))

describe("Answers", { timeout: 180_000 }, () => {
  it.live("an answer is there at once, and in the next process", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      const rows = [answer("a"), answer("b", "half an emoji: \ud83c"), answer('odd "key" \u00fc')]
      const all = (answers: Answers["Service"]) =>
        Effect.gen(function* () {
          assert.isFalse(answers.has("c"))
          assert.isUndefined(yield* answers.get("c"))
          for (const row of rows) {
            assert.isTrue(answers.has(row.key))
            assert.deepStrictEqual(yield* answers.get(row.key), row)
          }
        })
      yield* inProcess(root, (answers) => Effect.andThen(Effect.forEach(rows, answers.put), all(answers)))
      yield* inProcess(root, all)
    })
  )

  it.live(
    "the next process knows for which cases there are answers; lines that do not say so are answers all the same",
    () =>
      Effect.gen(function* () {
        const root = yield* temporaryFolder
        const [ours, other] = ["0123456789abcdef01234567", "89abcdef0123456701234567"]
        const rows: ReadonlyArray<AnswerRow> = [{ ...answer("a"), asked: ours }, answer("b")]
        yield* inProcess(root, (answers) =>
          Effect.andThen(
            Effect.forEach(rows, answers.put),
            Effect.sync(() => assert.isFalse(answers.wasAsked(ours), "it was not there at the start"))
          )
        )
        yield* inProcess(root, (answers) =>
          Effect.gen(function* () {
            assert.isTrue(answers.wasAsked(ours))
            assert.isFalse(answers.wasAsked(other))
            for (const row of rows) assert.deepStrictEqual(yield* answers.get(row.key), row)
          })
        )
      })
  )

  it.live("a key that is there is not written again, nor one that is being written", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      yield* inProcess(root, (answers) =>
        Effect.gen(function* () {
          yield* Effect.forEach([1, 2, 3], (n) => answers.put(answer("a", `answer ${n}`)), { concurrency: "unbounded" })
          assert.deepStrictEqual(yield* answers.get("a"), answer("a", "answer 1"))
        })
      )
      yield* inProcess(root, (answers) => answers.put(answer("a", "answer 4")))
      const [segment, ...others] = yield* segments(root)
      assert.deepStrictEqual(others, [], "a process that puts nothing leaves no segment")
      const lines = yield* Effect.promise(() => readFile(join(root, "answers", segment!), "utf8"))
      assert.strictEqual(lines.split("\n").length, 2)
    })
  )

  it.live("two processes at once write a segment each; the next one sees both", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      yield* inProcess(root, (one) =>
        inProcess(root, (two) =>
          Effect.gen(function* () {
            yield* one.put(answer("a"))
            yield* two.put(answer("b"))
            assert.isFalse(one.has("b"), "what another puts meanwhile is seen at the next start")
          })
        )
      )
      assert.strictEqual((yield* segments(root)).length, 2)
      yield* inProcess(root, (answers) =>
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* answers.get("a"), answer("a"))
          assert.deepStrictEqual(yield* answers.get("b"), answer("b"))
        })
      )
    })
  )

  it.live("of two lines with one key the earlier segment's counts", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      yield* Effect.promise(async () => {
        await mkdir(join(root, "answers"))
        await writeFile(
          join(root, "answers", "20260502T000000-1-aa.jsonl"),
          `${JSON.stringify(answer("a", "second"))}\n`
        )
        await writeFile(
          join(root, "answers", "20260501T000000-9-bb.jsonl"),
          `${JSON.stringify(answer("a", "first"))}\n`
        )
      })
      assert.deepStrictEqual(yield* inProcess(root, (answers) => answers.get("a")), answer("a", "first"))
    })
  )

  it.live("a torn last line of a segment is not there; a broken line is named", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      yield* inProcess(root, (answers) => Effect.forEach([answer("a"), answer("b")], answers.put))
      const [segment] = yield* segments(root)
      const file = join(root, "answers", segment!)
      yield* Effect.promise(() => appendFile(file, JSON.stringify(answer("c"))))
      yield* inProcess(root, (answers) =>
        Effect.sync(() => {
          assert.isFalse(answers.has("c"))
          assert.isTrue(answers.has("b"))
        })
      )
      yield* Effect.promise(() => appendFile(file, "\n\n"))
      const fault = yield* Effect.flip(inProcess(root, (answers) => answers.get("a")))
      assert.deepStrictEqual([fault.kind, fault.file, fault.line], ["input", file, 4])

      const text = yield* Effect.promise(() => readFile(file, "utf8"))
      yield* Effect.promise(() =>
        writeFile(file, text.slice(0, -1).replace('"key":"b","provider":', '"key":"b","provider" '))
      )
      const inside = yield* Effect.flip(inProcess(root, (answers) => answers.get("b")))
      assert.deepStrictEqual([inside.kind, inside.file, inside.line], ["input", file, 2])
    })
  )

  it.live("reads from more segments than a process may hold open", () =>
    Effect.gen(function* () {
      const root = yield* temporaryFolder
      const keys = Array.from({ length: 150 }, (_, n) => `k${n}`)
      yield* Effect.promise(async () => {
        await mkdir(join(root, "answers"))
        for (const key of keys)
          await writeFile(join(root, "answers", `${key}.jsonl`), `${JSON.stringify(answer(key))}\n`)
      })
      yield* inProcess(root, (answers) =>
        Effect.gen(function* () {
          for (const key of [...keys, ...keys]) assert.strictEqual((yield* answers.get(key))?.key, key)
        })
      )
    })
  )
})
