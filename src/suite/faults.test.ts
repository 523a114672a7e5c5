import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"

import { checks } from "../checks/registry.ts"
import { combiners } from "../graders/combiners.ts"
import { graders } from "../graders/registry.ts"
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

/** What is said of a suite that differs from a right one in this. */
const said = Effect.fnUntraced(function* (more: object, files: Readonly<Record<string, string>> = {}) {
  const cwd = yield* writtenFolder({ "a.suite.ts": suiteText(more), ...files })
  const fault = yield* Effect.flip(load(cwd))
  assert.deepStrictEqual([fault.kind, fault.file, fault.exitCode], ["input", join(cwd, "a.suite.ts"), 2])
  return fault.message.replaceAll(`${cwd}/`, "")
})

/** The ids of these plug-ins as a message names them. */
const named = (plugins: ReadonlyArray<{ readonly id: string }>) => plugins.map(({ id }) => `"${id}"`).join(" | ")

const rung = { provider: "openai", model: "a" }

describe("what is wrong in a suite is told by its path, with what would be right", () => {
  it.effect.each<[string, object, string]>([
    [
      "a wrong key",
      { clim: {} },
      "clim: unknown key; allowed here: name, archive, cases, incumbent, noiseFloor, providers, setups, checks, graders, parity, stream, timeToFirstToken, refusedParameters, isolation, checkTrial, judgeTrial, budget, climb"
    ],
    [
      "an unknown grader",
      { graders: [{ use: "nmeric" }] },
      `graders[0].use: Expected ${named([...graders, ...checks, ...combiners])}, or the path of your own such as "./graders/mine.ts", got "nmeric"`
    ],
    [
      "a wrong option",
      { graders: [{ use: "exact", options: { trimm: true } }] },
      "graders[0].options.trimm: unknown key; allowed here: trim, caseInsensitive, collapseWhitespace, ignorePunctuation, unicode"
    ],
    [
      "an option's wrong value",
      { graders: [{ use: "numeric", options: { scale: "log" } }] },
      'graders[0].options.scale: Expected "absolute" | "relative", got "log"'
    ],
    [
      "a check's unknown option",
      { checks: [{ use: "jsonSchema", options: { from: "archives" } }] },
      'checks[0].options.from: Expected "request" | "archive", got "archives"'
    ],
    [
      "a grader among the checks",
      { checks: [{ use: "exact" }] },
      `checks[0].use: Expected ${named(checks)}, or the path of your own such as "./checks/mine.ts", got "exact"`
    ],
    [
      "a missing provider",
      { setups: [{ provider: "flet", models: "a" }] },
      'setups[0].provider: Expected "openai" | "anthropic" | "ollama", or another name that stands under providers, got "flet"'
    ],
    [
      "a negative margin",
      { parity: { margin: -0.05 } },
      "parity.margin: Expected a number from 0 to less than 1, got -0.05"
    ],
    ["an alpha of zero", { parity: { alpha: 0 } }, "parity.alpha: Expected a number above 0 and below 0.5, got 0"],
    [
      "a wrong kind",
      { providers: { f: { kind: "gpt" } } },
      'providers.f.kind: Expected "openai" | "anthropic" | "ollama", got "gpt"'
    ],
    [
      "a wrong axis value",
      { setups: [{ provider: "openai", models: "a", temperature: [0, 3] }] },
      "setups[0].temperature[1]: Expected a value between 0 and 2, got 3"
    ],
    [
      "an unknown axis",
      { setups: [{ provider: "openai", models: "a", temprature: 1 }] },
      "setups[0].temprature: unknown key; allowed here: provider, models, temperature, topP, maxTokens, reasoningEffort, repairs, samples, cascade, when"
    ],
    ["a setup without models", { setups: [{ provider: "openai" }] }, "setups[0].models: is missing"],
    [
      "samples that nothing selects among",
      { setups: [{ provider: "openai", models: "a", samples: [1, 4] }] },
      "setups[0].samples: the suite has no checks, and nothing else selects the best of several samples"
    ],
    [
      "a rule on checks that there are not",
      { setups: [{ cascade: [rung, "incumbent"], when: ["checkFailed"] }] },
      "setups[0].when[0]: the suite has no checks, so none can fail"
    ],
    ["a cascade without a rule", { setups: [{ cascade: [rung, "incumbent"] }] }, "setups[0].when: is missing"],
    [
      "a rule that is none",
      { setups: [{ cascade: [rung, "incumbent"], when: ["slow"] }] },
      'setups[0].when[0]: Expected "checkFailed" | "refusal" | "truncated", got "slow"'
    ],
    [
      "a threshold out of range",
      { setups: [{ cascade: [rung, "incumbent"], when: [{ agreementBelow: 80 }] }] },
      "setups[0].when[0].agreementBelow: Expected a number above 0 and at most 1, got 80"
    ],
    [
      "a judge of a rule that is not named",
      { setups: [{ cascade: [rung, "incumbent"], when: [{ judgeBelow: 0.6, provider: "openai" }] }] },
      "setups[0].when[0].model: is missing"
    ],
    [
      "an axis beside a cascade",
      { setups: [{ cascade: [rung, "incumbent"], when: ["refusal"], repairs: 2 }] },
      "setups[0].repairs: does not go beside `cascade`: it stands in each of its setups"
    ],
    [
      "a cascade of one",
      { setups: [{ cascade: [rung], when: ["refusal"] }] },
      "setups[0].cascade: Expected two setups at least, or one and the incumbent, got an array"
    ],
    [
      "an incumbent that is not the last",
      { setups: [{ cascade: [rung, "incumbent", rung], when: ["refusal"] }] },
      "setups[0].cascade[1]: only the last of a cascade may be the incumbent"
    ],
    [
      "an incumbent that cannot be asked",
      { setups: [{ cascade: [rung, "incumbent"], when: ["refusal"] }], noiseFloor: "skip" },
      'setups[0].cascade[1]: noiseFloor: "skip" says that the incumbent can no longer be asked'
    ],
    [
      "an unknown provider in a cascade",
      { setups: [{ cascade: [rung, { provider: "flet", model: "b" }], when: ["refusal"] }] },
      'setups[0].cascade[1].provider: Expected "openai" | "anthropic" | "ollama", or another name that stands under providers, got "flet"'
    ],
    [
      "words of a repair round without the message",
      { checks: [{ use: "jsonSchema", repair: { message: "Wrong." } }] },
      'checks[0].repair.message: Expected a text with {message} in it, where what the check says goes, got "Wrong."'
    ],
    ["no setups", { setups: [] }, "setups: Expected one at least, got an array"],
    [
      "no archive",
      { archive: {} },
      "archive: Expected either `name`, of an imported archive, or `paths`, of files to import, got an object"
    ],
    [
      "a wrong format",
      { archive: { paths: ["x"], format: "litelm" } },
      'archive.format: Expected "litellm" | "openai", got "litelm"'
    ],
    [
      "a slice that is none",
      { cases: { slice: "taskType" } },
      'cases.slice: Expected "label:NAME", "template", or a function of the call, got "taskType"'
    ],
    [
      "a day that is none",
      { cases: { where: { since: "2026-02-30" } } },
      'cases.where.since: Expected a day such as "2026-05-01", or a time with its zone such as "2026-05-01T12:00:00Z", got "2026-02-30"'
    ],
    [
      "an empty span",
      { cases: { where: { since: "2026-05-02", until: "2026-05-01" } } },
      'cases.where.until: Expected a time after `since`, got "2026-05-01"'
    ],
    [
      "references that are not there",
      { cases: { references: { path: "gold.jsonl" } } },
      "cases.references.path: there is no such file: gold.jsonl"
    ],
    [
      "graders that only report",
      { graders: [{ use: "exact", report: true }] },
      "graders: Expected a grader without `report: true`: one at least must decide, got an array"
    ],
    [
      "a schema that is none",
      { checks: [{ use: "jsonSchema", options: { schema: { type: "objct" } } }] },
      "checks[0].options: schema is invalid: data/type must be equal to one of the allowed values, data/type must be array, data/type must match a schema in anyOf"
    ],
    [
      "an unknown strategy",
      { climb: { strategy: "rce" } },
      'climb.strategy: Expected "cheapestFirst" | "race", got "rce"'
    ],
    [
      "a context that is no size",
      { providers: { f: { kind: "openai", models: { small: { context: "128k" } } } } },
      'providers.f.models.small.context: Expected number, got "128k"'
    ],
    [
      "time to first token without streams",
      { stream: false, timeToFirstToken: true },
      "timeToFirstToken: only a streamed answer tells it, and the suite says `stream: false`: leave one of them out"
    ],
    ["a stream that is neither", { stream: "yes" }, 'stream: Expected "auto" | boolean, got "yes"'],
    ["a negative budget", { budget: { usd: -1 } }, "budget.usd: Expected US dollars, zero or more, got -1"],
    [
      "a name that is no file name",
      { name: "a/b" },
      'name: Expected a name of letters, digits, ".", "_" and "-", got "a/b"'
    ]
  ])("%s", ([, more, sentence]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* said(more), `a.suite.ts: ${sentence}`)
    })
  )

  it.effect("all at once", () =>
    Effect.gen(function* () {
      const message = yield* said({ clim: {}, parity: { margin: 2 }, graders: [{ use: "./none.ts" }] })
      assert.match(
        message,
        /^a\.suite\.ts: 3 faults in this suite:\n {2}graders\[0\]\.use: none\.ts: There is no such file\.\n/
      )
      assert.include(message, "\n  clim: unknown key")
      assert.include(message, "\n  parity.margin: Expected")
    })
  )

  it.effect("a file of prices that is not there, by its name", () =>
    Effect.gen(function* () {
      const cwd = yield* writtenFolder({
        "a.suite.ts": suiteText({ providers: { f: { kind: "openai", prices: "./prices.json" } } })
      })
      const fault = yield* Effect.flip(load(cwd))
      assert.deepStrictEqual([fault.kind, fault.file], ["input", join(cwd, "prices.json")])
    })
  )
})

describe("a key that stands in a suite", () => {
  const key = "sk-proj-0123456789abcdef"
  it.effect.each<[string, object, string]>([
    [
      "as apiKey",
      { providers: { f: { kind: "openai", apiKey: key } } },
      'providers.f.apiKey: Expected "env:NAME", the environment variable that holds the key'
    ],
    [
      "as another key of the provider",
      { providers: { f: { kind: "openai", api_key: key } } },
      "providers.f.api_key: unknown key"
    ],
    [
      "in the address",
      { providers: { f: { kind: "openai", baseURL: `https://u:${key}@example.org` } } },
      "providers.f.baseURL: Expected an http(s) address"
    ],
    [
      "in the address's query",
      { providers: { f: { kind: "openai", baseURL: `https://example.org/?key=${key}` } } },
      "providers.f.baseURL: Expected an http(s) address"
    ],
    ["where something else belongs", { incumbent: key }, "incumbent: Expected object, got a text that is not shown"],
    ["as a kind", { providers: { f: { kind: key } } }, "providers.f.kind: Expected"]
  ])("%s is a fault and is not repeated", ([, more, sentence]) =>
    Effect.gen(function* () {
      const message = yield* said(more)
      assert.include(message, sentence)
      assert.notInclude(message, key)
      assert.notInclude(message, "0123456789")
    })
  )
})

describe("a file that cannot be used", () => {
  const ways = Effect.fnUntraced(function* (files: Readonly<Record<string, string>>, suite = "a.suite.ts") {
    const cwd = yield* writtenFolder(files)
    const fault = yield* Effect.flip(load(cwd, suite))
    assert.strictEqual(fault.exitCode, 2)
    return fault.message.replaceAll(`${cwd}/`, "")
  })

  it.effect("is named when it is not there, is a folder, or exports nothing", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* ways({}, "none.suite.ts"), "none.suite.ts: There is no such file.\n  Check the path.")
      assert.strictEqual(
        yield* ways({ "suites/x": "" }, "suites"),
        "suites: It is a folder, not a file.\n  Name a file in it."
      )
      assert.strictEqual(
        yield* ways({ "a.suite.ts": "export const suite = {}" }),
        "a.suite.ts: It has no default export.\n  End it with `export default defineSuite({ … })`."
      )
    })
  )

  it.effect("is not waited for longer than a minute", () =>
    Effect.gen(function* () {
      const said = yield* Effect.forkChild(ways({ "a.suite.ts": "await new Promise(() => {})" }), {
        startImmediately: true
      })
      yield* TestClock.adjust("61 seconds").pipe(
        Effect.andThen(Effect.promise(() => new Promise((go) => setImmediate(go)))),
        Effect.repeat({ until: () => said.pollUnsafe() !== undefined })
      )
      assert.match(yield* Fiber.join(said), /^a\.suite\.ts: It is not read to its end within 60 s/)
    })
  )

  it.effect("is named with the line that throws", () =>
    Effect.gen(function* () {
      const message = yield* ways({ "a.suite.ts": '\n\nthrow new Error("no such team")' })
      assert.strictEqual(message, "a.suite.ts:3: It cannot be read as a module: no such team")
    })
  )

  it.effect("as a plug-in is told at its place in the suite", () =>
    Effect.gen(function* () {
      const of = (text: string) => said({ graders: [{ use: "./g.ts" }] }, { "g.ts": text })
      assert.match(yield* said({ graders: [{ use: "./g.ts" }] }), /graders\[0\]\.use: g\.ts: There is no such file\./)
      assert.match(
        yield* of("export const grade = 1"),
        /graders\[0\]\.use: g\.ts: It has no default export\.\n.*defineGrader/
      )
      const wrong = /graders\[0\]\.use: g\.ts: its default export is no grader; right is defineGrader\(/
      assert.match(yield* of('export default { id: "g", grade: () => 1 }'), wrong)
      assert.match(yield* of('export default { kind: "outcome", grade: () => 1 }'), wrong)
      assert.match(yield* of("export default () => 1"), wrong)
      const asCheck = yield* said({ checks: [{ use: "./g.ts" }] }, { "g.ts": "export default 1" })
      assert.match(asCheck, /checks\[0\]\.use: g\.ts: its default export is no check; right is defineCheck\(/)
    })
  )
})
