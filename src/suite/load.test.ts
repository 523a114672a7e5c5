import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { checks } from "../checks/registry.ts"
import { graders } from "../graders/registry.ts"
import { answer, pair, seenCase, settled } from "../testing/grading.ts"
import { writtenFolder } from "../testing/written.ts"
import { type LoadHow, loadSuite } from "./load.ts"

const registries: LoadHow["registries"] = {
  graders,
  checks,
  providers: [{ id: "openai" }, { id: "anthropic" }, { id: "ollama" }],
  importers: [{ id: "litellm" }, { id: "openai" }],
  strategies: [
    { id: "cheapestFirst", options: Schema.Struct({}) },
    { id: "race", options: Schema.Struct({ chains: Schema.optionalKey(Schema.Int) }) }
  ]
}
const load = (cwd: string, suite = "a.suite.ts", config?: string) =>
  loadSuite(suite, { registries, cwd, ...(config === undefined ? {} : { config }) })

const minimal = {
  name: "desk",
  archive: { name: "support-desk" },
  setups: [{ provider: "openai", models: ["small"] }],
  graders: [{ use: "exact" }]
}
const suiteText = (more: object = {}) => `export default ${JSON.stringify({ ...minimal, ...more })}`

describe("a suite", () => {
  it.effect("is read with its defaults", () =>
    Effect.gen(function* () {
      const cwd = yield* writtenFolder({ "suites/a.suite.ts": suiteText() })
      const suite = yield* load(cwd, "suites/a.suite.ts")
      assert.strictEqual(suite.file, join(cwd, "suites/a.suite.ts"))
      assert.deepStrictEqual(suite.cases, { where: { fidelity: ["A", "B"] }, cluster: "session" })
      assert.deepStrictEqual(
        [suite.noiseFloor, suite.parity, suite.climb, suite.config, suite.checks],
        [{ repeats: 1 }, { margin: 0.05, alpha: 0.05 }, { strategy: "cheapestFirst", options: {} }, null, []]
      )
      assert.deepStrictEqual(
        suite.graders.map(({ id, kind, report, use }) => [id, kind, report, use]),
        [["exact", "comparison", false, "exact"]]
      )
      assert.deepStrictEqual([suite.stream, suite.refusedParameters], ["auto", "drop"])
      assert.isUndefined(suite.budget)
    })
  )

  it.effect("may say everything", () =>
    Effect.gen(function* () {
      const cwd = yield* writtenFolder({
        "suites/a.suite.ts": suiteText({
          archive: { paths: ["../exports/*.jsonl"], format: "litellm" },
          cases: {
            where: {
              since: "2026-05-01",
              until: "2026-05-31",
              fidelity: ["A"],
              models: "big",
              labels: { team: ["a"], env: "prod" }
            },
            slice: "label:taskType",
            cluster: "label:thread",
            sample: { size: 600, by: "slice" },
            references: { path: "gold.jsonl", key: "label:item_id" }
          },
          incumbent: { provider: "gone", model: "big" },
          noiseFloor: "skip",
          providers: {
            fleet: {
              kind: "openai",
              baseURL: "http://127.0.0.1:8089/v1",
              apiKey: "env:FLEET_KEY",
              concurrency: 4,
              timeoutMs: 1000,
              prices: { small: { input: 0.1, output: "0.4" } },
              models: { small: { context: 8192, maxOutput: 1024, vision: false, tools: true, jsonSchema: false } },
              mayReceive: { labels: { team: "a" } }
            },
            other: { kind: "ollama", prices: "prices.json" }
          },
          setups: [{ provider: "fleet", models: ["small", "medium"], temperature: [0, 0.7], repairs: 2 }],
          checks: [{ use: "jsonSchema", options: { schema: { type: "object" } } }],
          graders: [
            { use: "toolCalls" },
            { use: "numeric", options: { field: "answer" }, report: true },
            { use: "numeric" },
            { use: "jsonSchema" }
          ],
          parity: { margin: 0.02, alpha: 0.1 },
          stream: false,
          refusedParameters: "refuse",
          budget: { usd: 20 },
          climb: { strategy: "race", options: { chains: 2 } }
        }),
        "suites/gold.jsonl": "",
        "suites/prices.json": '{ "local": { "input_per_mtok": 0.1, "output_per_mtok": 0.2 } }'
      })
      const suite = yield* load(cwd, "suites/a.suite.ts")
      assert.deepStrictEqual(suite.archive, { paths: [join(cwd, "exports/*.jsonl")], format: "litellm" })
      assert.deepStrictEqual(suite.cases, {
        where: {
          since: "2026-05-01T00:00:00.000Z",
          until: "2026-06-01T00:00:00.000Z",
          fidelity: ["A"],
          models: ["big"],
          labels: { team: ["a"], env: ["prod"] }
        },
        slice: "label:taskType",
        cluster: "label:thread",
        sample: { size: 600, by: "slice", seed: 7 },
        references: { path: join(cwd, "suites/gold.jsonl"), key: "label:item_id" }
      })
      assert.deepStrictEqual(suite.prices, {
        fleet: { small: { input: 0.1, output: "0.4" } },
        other: { local: { input_per_mtok: 0.1, output_per_mtok: 0.2 } }
      })
      assert.deepStrictEqual(suite.providers["fleet"]?.mayReceive, { labels: { team: ["a"] } })
      assert.deepStrictEqual(suite.providers["fleet"]?.models, {
        small: { context: 8192, maxOutput: 1024, vision: false, tools: true, jsonSchema: false }
      })
      assert.deepStrictEqual([suite.stream, suite.refusedParameters], [false, "refuse"])
      assert.strictEqual(suite.providers["other"]?.concurrency, "adaptive")
      assert.deepStrictEqual(
        suite.setups.map(({ label }) => label),
        [
          "fleet/small temperature=0 repairs=2",
          "fleet/small temperature=0.7 repairs=2",
          "fleet/medium temperature=0 repairs=2",
          "fleet/medium temperature=0.7 repairs=2"
        ]
      )
      assert.deepStrictEqual(
        suite.graders.map(({ id, kind, report }) => [id, kind, report]),
        [
          ["toolCalls", "comparison", false],
          ["numeric", "comparison", true],
          ["numeric-2", "comparison", false],
          ["jsonSchema", "outcome", false]
        ]
      )
      assert.deepStrictEqual(suite.climb, { strategy: "race", options: { chains: 2 } })
    })
  )

  it.effect("tries each setup once, however often it is listed", () =>
    Effect.gen(function* () {
      const setups = [
        { provider: "openai", models: ["a", "b", "a"], repairs: [0, 1] },
        { provider: "openai", models: "a" },
        { provider: "openai", models: "a", repairs: 1 }
      ]
      const { setups: all } = yield* load(yield* writtenFolder({ "a.suite.ts": suiteText({ setups }) }))
      assert.deepStrictEqual(
        all.map(({ label }) => label),
        ["openai/a", "openai/a repairs=1", "openai/b", "openai/b repairs=1"]
      )
    })
  )

  it.effect("reads cascades, and how a check's failures are told", () =>
    Effect.gen(function* () {
      const setups = [
        {
          cascade: [
            { provider: "openai", model: "a", repairs: 2, samples: 3 },
            { provider: "openai", model: "b" },
            "incumbent"
          ],
          when: ["checkFailed", { agreementBelow: 0.8 }]
        }
      ]
      const checks = [{ use: "jsonSchema", repair: { message: "Schema: {message}" } }, { use: "jsonSchema" }]
      const suite = yield* load(yield* writtenFolder({ "a.suite.ts": suiteText({ setups, checks }) }))
      assert.deepStrictEqual(
        suite.setups.map(({ label }) => label),
        [
          "openai/a repairs=2 samples=3, on checkFailed or agreement<0.8: openai/b, on checkFailed or agreement<0.8: incumbent"
        ]
      )
      assert.deepStrictEqual(
        suite.checks.map(({ repair }) => repair),
        [
          { message: "Schema: {message}", limit: 4_000 },
          { message: "{check}: {message}", limit: 4_000 }
        ]
      )
    })
  )

  it.effect("may leave a key out by giving it no value", () =>
    Effect.gen(function* () {
      const cwd = yield* writtenFolder({
        "a.suite.ts": `export default { ...${JSON.stringify(minimal)}, budget: undefined }`
      })
      assert.isUndefined((yield* load(cwd)).budget)
    })
  )

  it.effect("loads graders and checks of one's own, relative to itself", () =>
    Effect.gen(function* () {
      const cwd = yield* writtenFolder({
        "suites/a.suite.ts": suiteText({
          checks: [{ use: "../short.ts", options: { most: 2 } }],
          graders: [
            { use: "./graders/half.ts", options: { of: 0.5 } },
            { use: "../short.ts", options: { most: 1 } }
          ]
        }),
        "suites/graders/half.ts":
          'export default { id: "half", kind: "agreement", grade: async ({ output }: { output: { text: string } }, { of }: { of: number }) => output.text === "x" ? of : 0 }',
        "short.ts":
          'export default { id: "short", check: ({ output }: { output: { text: string } }, { most }: { most: number }) => output.text.length <= most }'
      })
      const suite = yield* load(cwd, "suites/a.suite.ts")
      assert.deepStrictEqual(
        suite.graders.map(({ id, kind, use }) => [id, kind, use]),
        [
          ["half", "agreement", "./graders/half.ts"],
          ["short", "outcome", "../short.ts"]
        ]
      )
      const grades = yield* Effect.promise(() =>
        settled(Effect.all(suite.graders.map(({ grade }) => grade(pair("x", "y")))))
      )
      assert.deepStrictEqual(
        grades.map(({ score }) => score),
        [0.5, 1]
      )
      const results = yield* Effect.all(
        suite.checks.map(({ run }) => run({ output: answer("long"), case: seenCase() }))
      )
      assert.deepStrictEqual(results, [
        { use: "short", pass: false, message: "The answer does not pass the check short" }
      ])
    })
  )

  it.effect("has a digest of its text and its plug-ins' texts, wherever they lie", () =>
    Effect.gen(function* () {
      const files = (grade: string) => ({
        "a.suite.ts": suiteText({ graders: [{ use: "./g.ts" }] }),
        "g.ts": `export default { id: "g", kind: "outcome", grade: () => ${grade} }`
      })
      const [one, same, other] = yield* Effect.forEach(["1", "1", "0"], (grade) =>
        Effect.flatMap(writtenFolder(files(grade)), (cwd) => load(cwd))
      )
      assert.strictEqual(one?.digest, same?.digest)
      assert.notStrictEqual(one?.digest, other?.digest)
    })
  )
})
