import { writeFile } from "node:fs/promises"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import { Archives } from "../store/Archives.ts"
import { Home } from "../store/Home.ts"
import { temporaryFolder } from "../testing/folder.ts"
import { importPaths } from "./import.ts"
import { archiveSummary } from "./summary.ts"

const row = (id: string, more: object) => ({
  id,
  call_type: "acompletion",
  status: "success",
  custom_llm_provider: "openai",
  model: "gpt-4o",
  messages: [{ role: "user", content: `question ${id}` }],
  response: {
    id,
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hello" } }],
    usage: {
      prompt_tokens: 100,
      completion_tokens: 20,
      total_tokens: 120,
      prompt_tokens_details: { cached_tokens: 60, cache_creation_tokens: 10 },
      completion_tokens_details: { reasoning_tokens: 15 }
    }
  },
  model_parameters: {},
  ...more
})

describe("the summary of an archive", { timeout: 60_000 }, () => {
  it.effect("adds up calls, times, labels, sessions, tokens by kind and what was billed", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = join(folder, "log.jsonl")
      const rows = [
        row("1", { startTime: 1785578400, response_cost: 0.1, metadata: { task: "a", session_id: "s" } }),
        row("2", { startTime: 1785578300, response_cost: 0.2, metadata: { task: "a", session_id: "s" } }),
        row("3", { startTime: 1785578500, cache_hit: true, metadata: { task: 'it\'s "b".x' } }),
        row("4", { model: "gpt-4o-mini", status: "failure", response: null, error_str: "down", messages: null }),
        { request_id: "5", call_type: "acompletion", spend: 1 },
        { request_id: "6", call_type: "acompletion", spend: 1 }
      ]
      yield* Effect.promise(() => writeFile(file, rows.map((one) => `${JSON.stringify(one)}\n`).join("")))
      const summary = yield* Effect.gen(function* () {
        yield* importPaths({ paths: [file], name: "test", format: "auto", dryRun: false })
        return yield* archiveSummary("test")
      }).pipe(Effect.provide(Archives.layer.pipe(Layer.provide(Home.layer(join(folder, "home"))))))
      const { digest, skips, ...rest } = summary
      assert.match(digest, /^[0-9a-f]{64}$/)
      assert.deepStrictEqual(
        skips.map((skip) => skip.count),
        [2]
      )
      assert.deepStrictEqual(rest, {
        name: "test",
        calls: 4,
        incomplete: 1,
        from: "2026-08-01T09:58:20.000Z",
        to: "2026-08-01T10:01:40.000Z",
        untimed: 1,
        fidelity: { A: 3, B: 0, C: 0, D: 1 },
        formats: { litellm: 4 },
        models: [
          { model: "gpt-4o", provider: "openai", calls: 3 },
          { model: "gpt-4o-mini", provider: "openai", calls: 1 }
        ],
        labels: [
          { name: "session_id", calls: 2, values: 1, common: ["s"] },
          { name: "task", calls: 3, values: 2, common: ["a", 'it\'s "b".x'] }
        ],
        sessions: { count: 1, callsWithout: 2 },
        tokens: {
          uncachedInput: 90,
          cacheRead: 180,
          cacheWrite5m: 0,
          cacheWrite1h: 0,
          cacheWriteOther: 30,
          input: 300,
          outputText: 15,
          reasoning: 45,
          output: 60,
          callsWithoutUsage: 1,
          callsWithoutInput: 1,
          callsWithoutOutput: 1,
          callsWithoutSplit: 0
        },
        billed: { usd: "0.300000000", calls: 3, callsWithout: 1, cachedResponses: 1 }
      })
      assert.deepStrictEqual(JSON.parse(JSON.stringify(summary)), summary)
    }).pipe(Effect.scoped)
  )

  it.effect("counts what does not say, and groups records not imported by reason without their details", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = join(folder, "log.jsonl")
      const usage = { prompt_tokens: -5, completion_tokens: 7 }
      const answered = row("1", {}).response
      const lines = [
        JSON.stringify(row("1", { response_cost: 1e300, response: { ...answered, usage } })),
        JSON.stringify(row("2", { response_cost: -5, response: { ...answered, id: "2", usage: undefined } })),
        JSON.stringify(row("3", { response_cost: 0.5 })),
        '{"a": ',
        '{"a": "a text that is longer and does not end'
      ]
      yield* Effect.promise(() => writeFile(file, lines.join("\n")))
      const summary = yield* Effect.gen(function* () {
        const { skipped } = yield* importPaths({ paths: [file], name: "test", format: "auto", dryRun: false })
        assert.isTrue(skipped.every(({ reason }) => reason.startsWith("not valid JSON: ")))
        return yield* archiveSummary("test")
      }).pipe(Effect.provide(Archives.layer.pipe(Layer.provide(Home.layer(join(folder, "home"))))))
      assert.deepStrictEqual(summary.skips, [{ reason: "not valid JSON", count: 2 }])
      const { callsWithoutInput, callsWithoutOutput, callsWithoutUsage, input } = summary.tokens
      assert.deepStrictEqual([callsWithoutUsage, callsWithoutInput, callsWithoutOutput, input], [1, 2, 1, 100])
      assert.deepStrictEqual(summary.billed, { usd: "0.500000000", calls: 1, callsWithout: 2, cachedResponses: 0 })
    }).pipe(Effect.scoped)
  )

  it.effect("of an archive that is not there is a sentence", () =>
    Effect.gen(function* () {
      const home = Home.layer(join(yield* temporaryFolder, "home"))
      const fault = yield* Effect.flip(Effect.provide(archiveSummary("none"), Archives.layer.pipe(Layer.provide(home))))
      assert.strictEqual(fault.kind, "input")
      assert.include(fault.sentence, "none")
    }).pipe(Effect.scoped)
  )
})
