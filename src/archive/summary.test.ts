import { writeFile } from "node:fs/promises"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import { Archives } from "../store/Archives.ts"
import { Home } from "../store/Home.ts"
import { temporaryFolder } from "../testing/folder.ts"
import { importPaths } from "./import.ts"
import { nameSlices } from "./slices/file.ts"
import { dimensionsOf } from "./summary/groups.ts"
import { archiveGroups, archiveSummary } from "./summary.ts"

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

/** Writes rows as lines of a log, imports them, and does something with the archive `test` that they make. */
const withArchive = <A, E>(lines: ReadonlyArray<object | string>, use: Effect.Effect<A, E, Archives>) =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const file = join(folder, "log.jsonl")
    const text = lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("")
    yield* Effect.promise(() => writeFile(file, text))
    return yield* Effect.gen(function* () {
      yield* importPaths({ paths: [file], name: "test", format: "auto", dryRun: false })
      return yield* use
    }).pipe(Effect.provide(Archives.layer.pipe(Layer.provide(Home.layer(join(folder, "home"))))))
  }).pipe(Effect.scoped)

describe("the summary of an archive", { timeout: 180_000 }, () => {
  it.effect("adds up calls, times, labels, sessions, tokens by kind, and what was billed", () =>
    Effect.gen(function* () {
      const rows = [
        row("1", { startTime: 1785578400, response_cost: 0.1, metadata: { task: "a", session_id: "s" } }),
        row("2", { startTime: 1785578300, response_cost: 0.2, metadata: { task: "a", session_id: "s" } }),
        row("3", { startTime: 1785578500, cache_hit: true, metadata: { task: 'it\'s "b".x' } }),
        row("4", { model: "gpt-4o-mini", status: "failure", response: null, error_str: "down", messages: null }),
        { request_id: "5", call_type: "acompletion", spend: 1 },
        { request_id: "6", call_type: "acompletion", spend: 1 }
      ]
      const summary = yield* withArchive(rows, archiveSummary("test"))
      assert.match(String(summary.digest), /^[0-9a-f]{64}$/)
      const { calls, days, fidelity, formats, from, incomplete, name, sessions, to, untimed } = summary
      assert.deepStrictEqual(
        { name, calls, incomplete, from, to, days, untimed, fidelity, formats, sessions },
        {
          name: "test",
          calls: 4,
          incomplete: 1,
          from: "2026-08-01T09:58:20.000Z",
          to: "2026-08-01T10:01:40.000Z",
          days: 0.002,
          untimed: 1,
          fidelity: { A: 3, B: 0, C: 0, D: 1 },
          formats: { litellm: 4 },
          sessions: { count: 1, callsWithout: 2 }
        }
      )
      assert.deepStrictEqual(
        summary.labels.filter(({ name: label }) => label === "task" || label === "session_id"),
        [
          { name: "session_id", calls: 2, values: 1, common: ["s"] },
          { name: "task", calls: 3, values: 2, common: ["a", 'it\'s "b".x'] }
        ]
      )
      assert.deepStrictEqual(summary.tokens, {
        input: 300,
        prompt: 300,
        context: 0,
        inputUnsplit: 0,
        output: 60,
        outputText: 15,
        reasoning: 45,
        outputUnsplit: 0,
        uncachedInput: 90,
        cacheRead: 180,
        cacheWrite5m: 0,
        cacheWrite1h: 0,
        cacheWriteOther: 30,
        callsWithoutUsage: 1,
        callsWithoutInput: 1,
        callsWithoutOutput: 1,
        callsWithoutContext: 0,
        callsWithoutSplit: 0
      })
      assert.deepStrictEqual(summary.billed, {
        usd: "0.300000000",
        calls: 3,
        callsWithout: 1,
        cachedResponses: 1,
        bases: { gateway: 3 }
      })
      assert.deepStrictEqual(
        summary.skips.map((skip) => skip.count),
        [2]
      )
      assert.isAbove(summary.disk.content + summary.disk.index, 0)
      assert.deepStrictEqual(JSON.parse(JSON.stringify(summary)), summary)
    })
  )

  it.effect("reprices each call at the price of its day, and counts what has no price by model and reason", () =>
    Effect.gen(function* () {
      const at = (day: number, more: object) => row(`${day}`, { startTime: 1785578400 + 86_400 * day, ...more })
      const rows = [
        at(0, { response_cost: 0.1 }),
        at(1, { cache_hit: true }),
        at(2, { model: "mystery" }),
        at(3, { model: "mystery" }),
        at(4, { response: { ...row("4", {}).response, usage: undefined } })
      ]
      const { forecast, leading, models, months, repriced, topSessions } = yield* withArchive(
        rows,
        archiveSummary("test")
      )
      // gpt-4o at 2.50 in, 1.25 cache read, 10 out: 30 x 2.5 + 60 x 1.25 + 10 x 2.5 (written to the cache, no price of its own) + 20 x 10 millionths
      assert.deepStrictEqual(
        { usd: repriced.usd, calls: repriced.calls, callsWithout: repriced.callsWithout, unpriced: repriced.unpriced },
        {
          usd: "0.000375000",
          calls: 2,
          callsWithout: 3,
          unpriced: [
            { model: "mystery", provider: "openai", reason: "no price", calls: 2 },
            { model: "gpt-4o", provider: "openai", reason: "its tokens are not known", calls: 1 }
          ]
        }
      )
      assert.deepStrictEqual(
        repriced.prices.map(({ batch, calls, from, input, model, to }) => [model, from, to, input, batch, calls]),
        [["gpt-4o", "2026-08-01", "2026-08-05", "2.5", false, 2]]
      )
      assert.strictEqual(leading, "billed")
      assert.deepStrictEqual(
        models.map((one) => [one.model, one.calls, one.billed.usd, one.repriced.usd]),
        [
          ["gpt-4o", 3, "0.100000000", "0.000375000"],
          ["mystery", 2, null, null]
        ]
      )
      assert.deepStrictEqual(
        months.map((one) => [one.month, one.calls, one.tokens.input, one.billed.usd]),
        [["2026-08", 5, 400, "0.100000000"]]
      )
      // ten cents in four days, times 365; and the list price likewise
      assert.strictEqual(forecast.billed.usdPerYear, "9.125000000")
      assert.strictEqual(forecast.repriced.usdPerYear, "0.034218750")
      assert.deepStrictEqual([forecast.billed.basis?.days, forecast.billed.basis?.callsWithout], [4, 3])
      assert.deepStrictEqual(topSessions, [])
    })
  )

  it.effect("ranks sessions by cost, and names their engineer where they have one", () =>
    Effect.gen(function* () {
      const of = (id: string, session: string, user: string, cost: number) =>
        row(id, { response_cost: cost, metadata: { session_id: session, user_api_key_user_id: user } })
      const rows = [
        of("1", "cheap", "ann", 0.1),
        of("2", "dear", "bo", 0.2),
        of("3", "dear", "bo", 0.2),
        of("4", "two", "ann", 0.1),
        of("5", "two", "bo", 0.1)
      ]
      const { topSessions } = yield* withArchive(rows, archiveSummary("test"))
      assert.deepStrictEqual(
        topSessions.map((one) => [one.session, one.calls, one.engineer, one.project, one.billed.usd]),
        [
          ["dear", 2, "bo", null, "0.400000000"],
          ["two", 2, null, null, "0.200000000"],
          ["cheap", 1, "ann", null, "0.100000000"]
        ]
      )
    })
  )

  it.effect("says why calls have their grade, what they may be used for, and what would mend it", () =>
    Effect.gen(function* () {
      const cut = row("2", {
        messages: [{ role: "user", content: "a long text (litellm_truncated 9000 chars)" }]
      })
      const { grades } = yield* withArchive([row("1", {}), cut], archiveSummary("test"))
      assert.deepStrictEqual(
        grades.map(({ calls, grade }) => [grade, calls]),
        [
          ["A", 1],
          ["B", 0],
          ["C", 1],
          ["D", 0]
        ]
      )
      const c = grades[2]!
      assert.deepInclude(c.reasons, { text: "the log cut the conversation short", calls: 1 })
      assert.match(c.mends[0]!.text, /MAX_STRING_LENGTH_PROMPT_IN_DB/)
      assert.isTrue(grades.every(({ usedFor }) => usedFor !== ""))
    })
  )

  it.effect("counts what does not say, and groups records not imported by reason without their details", () =>
    Effect.gen(function* () {
      const usage = { prompt_tokens: -5, completion_tokens: 7 }
      const answered = row("1", {}).response
      const lines = [
        row("1", { response_cost: 1e300, response: { ...answered, usage } }),
        row("2", { response_cost: -5, response: { ...answered, id: "2", usage: undefined } }),
        row("3", { response_cost: 0.5 }),
        '{"a": ',
        '{"a": "a text that is longer and does not end'
      ]
      const summary = yield* withArchive(lines, archiveSummary("test"))
      assert.deepStrictEqual(summary.skips, [{ reason: "not valid JSON", count: 2 }])
      const { callsWithoutInput, callsWithoutOutput, callsWithoutUsage, input } = summary.tokens
      assert.deepStrictEqual([callsWithoutUsage, callsWithoutInput, callsWithoutOutput, input], [1, 2, 1, 100])
      const { calls, callsWithout, usd } = summary.billed
      assert.deepStrictEqual([usd, calls, callsWithout], ["0.500000000", 1, 2])
      assert.strictEqual(summary.forecast.billed.reason, "no call carries a time")
    })
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

describe("the calls of an archive by group", { timeout: 180_000 }, () => {
  const of = (id: string, user: string | undefined, day: number, more: object = {}) =>
    row(id, {
      startTime: 1785578400 + 86_400 * day, // Saturday, 1 August 2026
      response_cost: 0.1,
      metadata: { ...(user === undefined ? {} : { user_api_key_user_id: user }), "a/b~c": `x${day}` },
      ...more
    })
  const rows = [of("1", "ann", 0), of("2", "ann", 1), of("3", "bo", 2), of("4", undefined, 3)]
  const grouped = (...by: ReadonlyArray<string>) =>
    Effect.flatMap(dimensionsOf(by), (dimensions) => archiveGroups("test", dimensions))

  it.effect("have their tokens by kind and their spend; what is not known is a group of its own", () =>
    Effect.gen(function* () {
      const { groups, more } = yield* withArchive(rows, grouped("engineer"))
      assert.deepStrictEqual(
        groups.map(({ billed, calls, tokens, values }) => [
          values,
          calls,
          [tokens.prompt, tokens.context, tokens.reasoning, tokens.outputText],
          billed.usd
        ]),
        [
          [["ann"], 2, [200, 0, 30, 10], "0.200000000"],
          [["bo"], 1, [100, 0, 15, 5], "0.100000000"],
          [[null], 1, [100, 0, 15, 5], "0.100000000"]
        ]
      )
      assert.strictEqual(more, 0)
    })
  )

  it.effect("may be by several dimensions, by time in order, and by any label", () =>
    Effect.gen(function* () {
      const names = ["team", "project", "model", "slice", "month", "day", "session"]
      const { all, byLabel, byWeek } = yield* withArchive(
        rows,
        Effect.gen(function* () {
          return {
            byWeek: yield* grouped("week,engineer"),
            byLabel: yield* grouped("label:a/b~c"),
            all: yield* Effect.forEach(names, (name) => grouped(name))
          }
        })
      )
      assert.deepStrictEqual(
        byWeek.groups.map(({ calls, values }) => [...values, calls]),
        [
          ["2026-07-27", "ann", 2],
          ["2026-08-03", "bo", 1],
          ["2026-08-03", null, 1]
        ]
      )
      assert.deepStrictEqual(byLabel.groups.map(({ values }) => values[0]).sort(), ["x0", "x1", "x2", "x3"])
      for (const { by, groups } of all) {
        assert.strictEqual(
          groups.reduce((sum, { calls }) => sum + calls, 0),
          4,
          by.join()
        )
      }
    })
  )

  it.effect("by a label that no call carries tells which there are", () =>
    Effect.gen(function* () {
      const [absent, there] = yield* withArchive(
        rows,
        Effect.all([grouped("model,label:nope"), grouped("label:a/b~c")])
      )
      assert.deepStrictEqual(absent.notThere?.labels, ["nope"])
      assert.include(absent.notThere?.there ?? [], "a/b~c")
      assert.isUndefined(there.notThere)
    })
  )

  it.effect("by slice, and all in all, want of the slices file what an import wants", () =>
    Effect.gen(function* () {
      const broken = '[{"slice": "a", "templates": ["*.*.*.*.*"]}, {"slice": "b", "templates": ["*.*.*.*.*"]}]'
      const faults = yield* withArchive(
        rows,
        Effect.gen(function* () {
          const file = join(yield* (yield* Archives).folder("test"), "slices.json")
          yield* Effect.promise(() => writeFile(file, broken))
          return {
            ofImport: yield* Effect.flip(nameSlices("test")),
            ofGroups: yield* Effect.flip(grouped("slice")),
            ofSummary: yield* Effect.flip(archiveSummary("test")),
            byModel: yield* grouped("model")
          }
        })
      )
      const { ofGroups, ofImport, ofSummary } = faults
      assert.include(ofImport.message, "is named twice")
      assert.strictEqual(ofGroups.message, ofImport.message)
      assert.strictEqual(ofSummary.message, ofImport.message)
    })
  )

  it.effect("by a name that is none is a sentence with those there are", () =>
    Effect.gen(function* () {
      const fault = yield* Effect.flip(dimensionsOf(["engineer,mood"]))
      assert.strictEqual(fault.kind, "usage")
      assert.include(fault.message, '"mood"')
      assert.include(fault.message, "label:NAME")
    })
  )
})
