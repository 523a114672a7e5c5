import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { inFolder, lines, row } from "./testFolder.ts"

const patient = { timeout: 180_000 }

const pairRow = (id: string) => ({
  id,
  request: { model: "gpt-4o", messages: [{ role: "user", content: `hi ${id}` }] },
  response: { object: "chat.completion", choices: [{ index: 0, finish_reason: "stop", message: { content: "yo" } }] }
})

const generation = (id: string) => ({
  id: `gen-${id}`,
  model: "openai/gpt-4o",
  created_at: "2026-01-01T00:00:00Z",
  native_tokens_prompt: 3,
  native_tokens_completion: 4,
  total_cost: 0.1
})

/** Two lines of a Codex rollout of its first shape: the second is nothing without the first. */
const message = (role: string, type: string, text: string) => ({ type: "message", role, content: [{ type, text }] })
const rollout = [
  { id: "5973b6c0-94b8-487b-a530-2aeb6098ae0e", timestamp: "2025-08-01T00:00:00.000Z", instructions: null },
  message("user", "input_text", "list the files"),
  message("assistant", "output_text", "There are none.")
]

const session = (uuid: string, more: object) => ({
  sessionId: "5973b6c0-94b8-487b-a530-2aeb6098ae0f",
  uuid,
  parentUuid: null,
  timestamp: "2026-01-01T00:00:00.000Z",
  ...more
})
const transcript = [
  session("u1", { type: "user", message: { role: "user", content: "list the files" } }),
  session("u2", {
    type: "assistant",
    parentUuid: "u1",
    requestId: "r1",
    message: {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude-opus-4",
      content: [{ type: "text", text: "none" }],
      stop_reason: "end_turn",
      usage: { input_tokens: 3, output_tokens: 4 }
    }
  })
]

/** A newer rollout: a call is settled with the line behind it. */
const counts = { input_tokens: 1000, output_tokens: 125, total_tokens: 1125 }
const counted = [
  { timestamp: "2026-05-13T09:00:00.000Z", type: "turn_context", payload: { model: "gpt-5.2-codex" } },
  {
    timestamp: "2026-05-13T09:01:00.000Z",
    type: "event_msg",
    payload: { type: "token_count", info: { last_token_usage: counts, total_token_usage: counts } }
  }
]

const logs: ReadonlyArray<readonly [format: string, log: ReadonlyArray<unknown>]> = [
  ["litellm", [row("1"), row("2")]],
  ["pair", [pairRow("p1"), pairRow("p2")]],
  ["openrouter", [generation("1"), generation("2")]],
  ["codex", rollout],
  ["codex", counted],
  ["claude-code", transcript]
]

describe("a file in which logs of two formats lie behind one another", patient, () => {
  it.effect("gives the calls of both, in either order", () =>
    inFolder(({ run, write }) =>
      Effect.gen(function* () {
        const alone = yield* Effect.forEach(logs, ([format, log]) =>
          Effect.gen(function* () {
            yield* write("one.jsonl", lines(...log))
            const result = yield* run("one.jsonl", { dryRun: true })
            assert.deepStrictEqual(Object.keys(result.formats), [format])
            assert.isAbove(result.imported, 0, format)
            return result.imported
          })
        )
        for (const [i, [a, first]] of logs.entries())
          for (const [j, [b, second]] of logs.entries()) {
            if (a === b) continue
            yield* write("all.jsonl", lines(...first, ...second))
            const result = yield* run("all.jsonl", { dryRun: true })
            const told = `${a}, ${b}: ${JSON.stringify([result.other, result.skipped])}`
            assert.deepStrictEqual(result.formats, { [a]: alone[i]!, [b]: alone[j]! }, told)
            assert.deepStrictEqual(result.skipped, [], told)
            assert.sameMembers(result.files[0]?.format.split(", ") ?? [], [a, b], told)
          }
      })
    )
  )

  it.effect("tells the file's own lines from those of the other one, and leaves those of nobody as they were", () =>
    inFolder(({ at, run, write }) =>
      Effect.gen(function* () {
        const mixed = [
          row("1"),
          { note: 1 },
          pairRow("p1"),
          { call_type: "acompletion", id: "x" },
          { request: {}, response: {} }
        ]
        yield* write("all.jsonl", lines(...mixed))
        const result = yield* run("all.jsonl")
        assert.deepStrictEqual(result.formats, { litellm: 1, pair: 1 })
        assert.deepStrictEqual(result.other, { "unknown object": 1 })
        assert.deepStrictEqual(
          result.skipped.map(({ file, line }) => [file, line]),
          [
            [at("all.jsonl"), 4],
            [at("all.jsonl"), 5]
          ]
        )
        assert.strictEqual(result.read, 4)
      })
    )
  )

  it.effect("keeps a line of its own format that it cannot read, also where another format knows something in it", () =>
    inFolder(({ run, write }) =>
      Effect.gen(function* () {
        const drawing = row("2", { call_type: "atext_completion", request: pairRow("p").request })
        yield* write("all.jsonl", lines(row("1"), drawing))
        const result = yield* run("all.jsonl")
        assert.deepStrictEqual(result.formats, { litellm: 1 })
        assert.include(result.skipped[0]?.reason ?? "", "atext_completion")
      })
    )
  )

  it.effect("that the user names a format for is read in that one alone", () =>
    inFolder(({ run, write }) =>
      Effect.gen(function* () {
        yield* write("all.jsonl", lines(row("1"), pairRow("p1")))
        const result = yield* run("all.jsonl", { format: "litellm" })
        assert.deepStrictEqual([result.formats, result.skipped.length], [{ litellm: 1 }, 1])
      })
    )
  )
})
