import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { RunResult } from "../domain/RunResult.ts"
import { serve } from "../standin/Fleet.ts"
import { filesBelow, liteLlmLines, makeDesk, saying, sayings, suiteText } from "../testing/desk.ts"

const patience = 180_000

/** How often a text is in the files below a folder. */
const times = (folder: string, text: string): number =>
  Object.entries(filesBelow(folder)).reduce(
    (sum, [name, digest]) =>
      digest === "folder" ? sum : sum + readFileSync(join(folder, name)).toString("latin1").split(text).length - 1,
    0
  )

/** Calls of two people, six each, in sessions of three, with a word in each prompt and answer that nothing else has. */
const twoPeople = () =>
  liteLlmLines(12)
    .trimEnd()
    .split("\n")
    .map((line, i) => {
      const who = i < 6 ? "ann" : "bo"
      const call = JSON.parse(line) as {
        metadata: object
        messages: Array<object>
        response: { choices: Array<object> }
      }
      call.metadata = { ...call.metadata, user_api_key_user_email: `${who}@corp.example`, user_api_key_user_id: who }
      call.messages = [{ role: "user", content: `canary-prompt-${who} number ${i}` }]
      call.response.choices = [
        { index: 0, message: { role: "assistant", content: `canary-answer-${who}` }, finish_reason: "stop" }
      ]
      return `${JSON.stringify(call)}\n`
    })
    .join("")

describe("archive", { concurrent: true }, () => {
  it.live(
    "delete --person leaves nothing of that person in any file, and what belongs to others where it is",
    () =>
      Effect.gen(function* () {
        const fleet = yield* serve({ profiles: [...sayings, saying("chatty", "a-paid-answer")] })
        const desk = yield* makeDesk
        yield* desk.write("calls.jsonl", twoPeople())
        yield* desk.run(["import", "calls.jsonl", "--name", "desk"])
        const over = { cases: {}, setups: [{ provider: "fleet", models: ["chatty"] }] }
        yield* desk.write("desk.suite.ts", suiteText(fleet.openaiURL, over))
        const { run, spend } = (yield* desk.run(["replay", "desk.suite.ts", "--json"])).json as RunResult
        assert.strictEqual(spend.calls, 12)
        for (const text of ["canary-prompt-ann", "canary-answer-ann", "ann@corp.example"])
          assert.isAbove(times(desk.home, text), 0, text)

        const before = filesBelow(desk.home)
        const would = yield* desk.run(["archive", "delete", "desk", "--person", "ann", "--dry-run", "--json"])
        const went = { archive: "desk", calls: 6, kept: 6, runs: 1, answers: 6 }
        assert.deepStrictEqual(would.json, { ...went, dryRun: true })
        assert.deepStrictEqual(filesBelow(desk.home), before)

        const deleted = yield* desk.run(["archive", "delete", "desk", "--person", "ann", "--json"])
        assert.deepStrictEqual(deleted.json, went)
        for (const text of ["canary-prompt-ann", "canary-answer-ann", "ann@corp.example", run])
          assert.strictEqual(times(desk.home, text), 0, text)
        assert.isAbove(times(desk.home, "canary-prompt-bo"), 0)
        assert.strictEqual(times(join(desk.home, "answers"), "a-paid-answer"), 6)
        const left = yield* desk.run(["archive", "desk", "--by", "engineer", "--json"])
        const { groups } = left.json as { groups: ReadonlyArray<{ values: unknown; calls: number }> }
        assert.deepStrictEqual(
          groups.map(({ calls, values }) => [values, calls]),
          [[["bo"], 6]]
        )

        // What is left works: its answers were paid for and are found again.
        const again = (yield* desk.run(["replay", "desk.suite.ts", "--json"])).json as RunResult
        assert.deepStrictEqual([again.spend.calls, again.spend.cached], [0, 6])
        const nobody = yield* desk.run(["archive", "delete", "desk", "--person", "ann"])
        assert.strictEqual(nobody.code, 2)
        assert.include(nobody.stderr, "holds no call with a label that names ann")

        const rest = yield* desk.run(["archive", "delete", "desk", "--person", "bo@corp.example"])
        assert.include(rest.stdout, "for that is all 6 calls of it")
        assert.isFalse(existsSync(join(desk.home, "archive", "desk")))
        for (const text of ["canary", "bo@corp.example", "a-paid-answer"])
          assert.strictEqual(times(desk.home, text), 0, text)
      }).pipe(Effect.scoped),
    patience
  )

  it.live(
    "delete --before and --trajectory take what fits both, and bad values are sentences",
    () =>
      Effect.gen(function* () {
        const desk = yield* makeDesk
        yield* desk.write("calls.jsonl", twoPeople())
        yield* desk.run(["import", "calls.jsonl", "--name", "desk"])
        const wrong = yield* desk.run(["archive", "delete", "desk", "--before", "yesterday"])
        assert.strictEqual(wrong.code, 2)
        assert.include(wrong.stderr, '--before "yesterday" is no day and no time')
        const none = yield* desk.run(["archive", "delete", "desk", "--trajectory", "nope"])
        assert.strictEqual(none.code, 2)
        assert.include(none.stderr, "holds no call of trajectory nope")

        // The calls are an hour apart from 2026-05-28T20:26:40Z on: four of them are before midnight.
        const early = yield* desk.run(["archive", "delete", "desk", "--before", "2026-05-29", "--json"])
        assert.deepStrictEqual(early.json, { archive: "desk", calls: 4, kept: 8, runs: 0, answers: 0 })
        const page = (yield* desk.run(["archive", "desk", "--json"])).json as { calls: number; from: string }
        assert.deepStrictEqual([page.calls, page.from.slice(0, 13)], [8, "2026-05-29T00"])
      }).pipe(Effect.scoped),
    patience
  )

  it.live(
    "delete that is killed again and again finishes when it is run to its end",
    () =>
      Effect.gen(function* () {
        const fleet = yield* serve({ profiles: [...sayings, saying("chatty", "a-paid-answer")] })
        const desk = yield* makeDesk
        yield* desk.write("calls.jsonl", twoPeople())
        yield* desk.run(["import", "calls.jsonl", "--name", "desk"])
        const over = { cases: {}, setups: [{ provider: "fleet", models: ["chatty"] }] }
        yield* desk.write("desk.suite.ts", suiteText(fleet.openaiURL, over))
        yield* desk.run(["replay", "desk.suite.ts"])
        const args = ["archive", "delete", "desk", "--person", "ann"]
        for (const after of [300, 450, 600, 750, 900]) {
          const running = yield* desk.start(args)
          yield* Effect.sleep(after)
          running.kill("SIGKILL", "all")
          yield* running.ended
          const page = yield* desk.run(["archive", "desk", "--json"])
          assert.include([6, 12], (page.json as { calls: number }).calls, "the archive is the old one or the new one")
        }
        const last = yield* desk.run(args)
        assert.include([0, 2], last.code, last.stderr)
        for (const text of ["canary-prompt-ann", "canary-answer-ann", "ann@corp.example"])
          assert.strictEqual(times(desk.home, text), 0, text)
        assert.strictEqual(times(join(desk.home, "answers"), "a-paid-answer"), 6)
        assert.isAbove(times(desk.home, "canary-prompt-bo"), 0)
      }).pipe(Effect.scoped),
    patience
  )

  it.live(
    "lists the archives there are, answers queries of the user's own, and writes itself to files",
    () =>
      Effect.gen(function* () {
        const desk = yield* makeDesk
        yield* desk.write("calls.jsonl", twoPeople())
        for (const name of ["one", "two"]) yield* desk.run(["import", "calls.jsonl", "--name", name])
        const list = yield* desk.run(["archive"])
        assert.strictEqual(list.code, 0)
        assert.match(list.stdout, /^one +12 +[\d.]+ [KM]B$/m)
        const listed = (yield* desk.run(["archive", "--json"])).json as { archives: ReadonlyArray<{ name: string }> }
        assert.deepStrictEqual(
          listed.archives.map(({ name }) => name),
          ["one", "two"]
        )

        const sql =
          "SELECT engineer, count(*) AS calls, 9007199254740993 AS large FROM calls GROUP BY engineer ORDER BY engineer"
        const asked = yield* desk.run(["archive", "one", "--sql", sql, "--json"])
        assert.deepStrictEqual(asked.json, {
          columns: ["engineer", "calls", "large"],
          rows: [
            ["ann", 6, "9007199254740993"],
            ["bo", 6, "9007199254740993"]
          ],
          more: false
        })
        const exact = `SELECT 12345678901234567890.123456789::DECIMAL(38,9) AS usd, DATE '2026-05-01' AS day, "n" FROM (SELECT 1 AS n) -- so`
        const texts = yield* desk.run(["archive", "one", "--sql", exact, "--json"])
        assert.deepNestedInclude(texts.json, { "rows[0]": ["12345678901234567890.123456789", "2026-05-01", 1] })
        const table = yield* desk.run(["archive", "one", "--sql", sql])
        assert.match(table.stdout, /^ann +6 +9007199254740993$/m)
        const bad = yield* desk.run(["archive", "one", "--sql", "DELETE FROM calls"])
        assert.strictEqual(bad.code, 2)
        const both = yield* desk.run(["archive", "one", "--sql", sql, "--by", "team"])
        assert.deepStrictEqual([both.code, both.stdout], [2, ""])
        assert.include(both.stderr, "--by and --sql exclude each other")
        const long = "SELECT sum(hash(a.range, b.range)) FROM range(10000000) a, range(10000000) b"
        for (const signal of ["SIGINT", "SIGTERM"] as const) {
          // On a busy machine a signal may come before the command is there to hear it: then it is given longer to start.
          let heard: ReadonlyArray<unknown> = []
          for (const start of [4_000, 15_000, 40_000]) {
            const running = yield* desk.start(["archive", "one", "--sql", long])
            yield* Effect.sleep(start)
            running.kill(signal)
            const { code, stderr, stdout } = yield* running.ended
            heard = [code, stdout, stderr]
            if (code !== null) break
          }
          assert.deepStrictEqual(heard, [130, "", "Interrupted. Nothing was changed.\n"], signal)
        }
        const help = yield* desk.run(["archive", "one", "--sql", "help"])
        assert.match(help.stdout, /^calls: a row a call/m)
        assert.match(help.stdout, /^sliced: /m)

        // Prices of the nearest config count: 5 tokens at $1 and 1 at $4 a million, twelve times.
        const config = 'export default { prices: { openai: { premium: { input: "1", output: "4" } } } }\n'
        yield* desk.write("understudy.config.ts", config)
        const { repriced } = (yield* desk.run(["archive", "one", "--json"])).json as { repriced: object }
        assert.deepInclude(repriced, { usd: "0.000108000", calls: 12, callsWithout: 0 })

        for (const to of ["jsonl", "parquet"]) {
          const written = yield* desk.run(["archive", "export", "one", "--to", to, "--json"])
          const { bytes, calls, file } = written.json as { bytes: number; calls: number; file: string }
          assert.deepStrictEqual([calls, file], [12, `one.${to}`])
          assert.strictEqual(readFileSync(join(desk.folder, file)).length, bytes)
        }
        assert.strictEqual(readFileSync(join(desk.folder, "one.jsonl"), "utf8").trimEnd().split("\n").length, 12)
      }).pipe(Effect.scoped),
    patience
  )
})
