import { appendFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

import { liteLlmLines, makeDesk } from "../testing/desk.ts"
import { startUnderstudy } from "../testing/launcher.ts"

const patience = 180_000

const secret = "ghp_7hQ2vXk9LmN4pRs8TuVw3YzA5bCd6EfG1hJk"
const pair = (id: number, content: string) =>
  `${JSON.stringify({
    id,
    user: "ana@example.com",
    request: { model: "gpt-4o", messages: [{ role: "user", content }] },
    response: {
      id: `r${id}`,
      object: "chat.completion",
      model: "gpt-4o",
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "yes" } }],
      usage: { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 }
    }
  })}\n`

interface Doc {
  readonly read: number
  readonly imported: number
  readonly secrets: Readonly<Record<string, number>>
  readonly files: ReadonlyArray<{ readonly file: string; readonly format: string }>
  readonly reasons: ReadonlyArray<{ readonly reason: string; readonly mend?: string }>
}

describe("import", { concurrent: true }, () => {
  it.live(
    "--dry-run tells the files, what the grades are good for, what is missing and what would help",
    () =>
      Effect.gen(function* () {
        const desk = yield* makeDesk
        const line = (uuid: string, parentUuid: string | null, type: string, message: object) =>
          `${JSON.stringify({ uuid, parentUuid, type, sessionId: "s", version: "2.1.150", cwd: "/w/app", timestamp: "2026-08-01T10:00:00Z", message })}\n`
        const answer = {
          id: "msg_1",
          role: "assistant",
          model: "claude-opus-4-6",
          content: [{ type: "text", text: "Hello." }],
          stop_reason: "end_turn",
          usage: { input_tokens: 3, output_tokens: 20 }
        }
        yield* desk.write(
          "s.jsonl",
          line("u1", null, "user", { role: "user", content: "hi" }) + line("a1", "u1", "assistant", answer)
        )
        const { code, stdout } = yield* desk.run(["import", "s.jsonl", "--dry-run"])
        assert.strictEqual(code, 0)
        assert.match(stdout, /^Would import 1 call into archive s: 1 record read/)
        assert.match(stdout, /Files:\n.*s\.jsonl: claude-code, 1 record/)
        assert.include(stdout, "B 1: sent again with supplied parts or without them, the next action compared")
        assert.match(stdout, /1 call \(claude-code\): system prompt absent\n.*OTEL_LOG_RAW_API_BODIES=file:DIR today/)
        assert.include(stdout, "cleanupPeriodDays")
        assert.match(stdout, /Nothing was written\.\n$/)
        const supply = {
          match: { producer: "claude-code 2.1*" },
          system: "You are Claude Code.",
          tools: [{ name: "Read", input_schema: { type: "object" } }]
        }
        yield* desk.write("supply.json", JSON.stringify(supply))
        const supplied = yield* desk.run(["import", "s.jsonl", "--supply", "supply.json", "--json"])
        const { reasons } = supplied.json as Doc
        assert.isFalse(reasons.some(({ reason }) => reason.startsWith("system prompt")))
        assert.isTrue(reasons.some(({ reason }) => reason === "the system prompt was supplied"))
      }),
    patience
  )

  it.live(
    "takes secrets out and counts them, unless it is told to keep them; pseudonyms are made when they are asked for",
    () =>
      Effect.gen(function* () {
        const desk = yield* makeDesk
        yield* desk.write("log.jsonl", pair(1, `my token is ${secret}`) + pair(2, "no secret"))
        const cleaned = yield* desk.run(["import", "log.jsonl", "--name", "cleaned", "--pseudonyms", "email", "--json"])
        const { imported, secrets } = cleaned.json as Doc
        assert.deepStrictEqual([imported, secrets["github-token"], secrets["email"]], [2, 1, 1])
        const kept = yield* desk.run(["import", "log.jsonl", "--name", "kept", "--keep-secrets", "--json"])
        assert.deepStrictEqual((kept.json as Doc).secrets, {})
        const told = yield* desk.run(["import", "log.jsonl", "--name", "again"])
        assert.include(told.stdout, "Replaced by placeholders: 1 github-token.")
        yield* desk.write("more.jsonl", pair(3, `mine is ${secret}`))
        const more = yield* desk.run(["import", "more.jsonl", "--name", "kept", "--pseudonyms", "email"])
        assert.include(more.stdout, "Replaced by placeholders: 1 email, 1 github-token.")
        assert.match(more.stdout, /Note: Calls imported before with --keep-secrets stay as they are/)
        assert.match(more.stdout, /Note: Calls imported before without --pseudonyms email stay as they are/)
        const twice = yield* desk.run(["import", "log.jsonl", "--name", "kept"])
        assert.notInclude(twice.stdout, "Replaced by placeholders")
        assert.include(twice.stdout, "Pseudonyms as in earlier imports: email.")
      }),
    patience
  )

  it.live(
    "refuses flags and files that make no sense, with the place and the mend",
    () =>
      Effect.gen(function* () {
        const desk = yield* makeDesk
        yield* desk.write("log.jsonl", pair(1, "hi"))
        yield* desk.write("broken.json", '{\n"system": "a",\n}')
        yield* desk.write("strange.json", '{"sistem": "a"}')
        const cases: ReadonlyArray<readonly [args: ReadonlyArray<string>, kind: string, says: RegExp]> = [
          [["--pseudonyms", "mail"], "usage", /there is no kind "mail"/],
          [["--supply", "nowhere.json"], "input", /--supply: there is no such file/],
          [["--supply", "broken.json"], "input", /not valid JSON/],
          [["--supply", "strange.json"], "input", /there is no field "sistem"/],
          [["--mapping", "broken.json"], "input", /--mapping: this is not valid JSON/],
          [["--watch", "--dry-run"], "usage", /exclude each other/]
        ]
        for (const [args, kind, says] of cases) {
          const { code, json } = yield* desk.run(["import", "log.jsonl", ...args, "--json"])
          const { error } = json as { error: { kind: string; message: string; mend?: string } }
          assert.strictEqual(code, 2, args.join(" "))
          assert.strictEqual(error.kind, kind)
          assert.match(error.message, says)
          assert.isString(error.mend)
        }
      }),
    patience
  )

  it.live(
    "of a wrong format says to leave it out, not to name one",
    () =>
      Effect.gen(function* () {
        const desk = yield* makeDesk
        yield* desk.write("people.jsonl", '{"name":"Ana","age":3}\n{"name":"Ben","age":4}\n')
        yield* desk.write("pairs.jsonl", pair(1, "hi"))
        for (const [file, format, mend] of [
          ["people.jsonl", "langsmith", /Leave --format out/],
          ["pairs.jsonl", "langsmith", /Leave --format out/],
          ["people.jsonl", "pair", /--mapping/]
        ] as const) {
          const { code, json } = yield* desk.run(["import", file, "--format", format, "--json"])
          const { error } = json as { error: { message: string; mend?: string } }
          assert.strictEqual(code, 2)
          assert.match(error.mend ?? "", mend)
          assert.notMatch(error.mend ?? "", /or name the format/)
        }
      }),
    patience
  )

  it.live(
    "--watch goes on until Ctrl-C and is done then: exit code 0, one document, a line a commit on stderr",
    () =>
      Effect.gen(function* () {
        const desk = yield* makeDesk
        yield* desk.write("log.jsonl", liteLlmLines(2))
        const watch = yield* startUnderstudy(
          ["import", "log.jsonl", "--watch", "--name", "followed", "--json", "--home", desk.home],
          { cwd: desk.folder }
        )
        const ended = yield* Effect.forkChild(watch.ended)
        const calls = Effect.gen(function* () {
          const { json } = yield* desk.run(["archive", "followed", "--json"])
          return (json as { calls?: number }).calls
        })
        while ((yield* calls) !== 2) yield* Effect.sleep(100)
        appendFileSync(join(desk.folder, "log.jsonl"), liteLlmLines(5).split("\n").slice(2).join("\n"))
        while ((yield* calls) !== 5) yield* Effect.sleep(100)
        watch.kill("SIGINT", "all")
        const { code, json, stderr } = yield* Fiber.join(ended)
        assert.strictEqual(code, 0, stderr)
        const { imported } = json as Doc
        assert.strictEqual(imported, 5)
        assert.match(stderr, /followed: 2 calls added \(1 file read\)\n/)
        assert.match(stderr, /followed: 3 calls added/)
      }).pipe(Effect.scoped),
    patience
  )
})
