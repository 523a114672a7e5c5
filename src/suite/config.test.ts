import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { checks } from "../checks/registry.ts"
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

describe("the config", () => {
  const shared = `export default ${JSON.stringify({
    providers: {
      fleet: {
        kind: "openai",
        baseURL: "http://127.0.0.1:1/v1",
        prices: { small: { input: 1, output: 2 }, big: { input: 5, output: 6 } }
      },
      other: { kind: "ollama" }
    },
    prices: { openai: { a: { input: 3, output: 4 } }, fleet: "shared.json" },
    budget: { usd: 5 }
  })}`
  const files = {
    ".git/HEAD": "",
    "understudy.config.ts": shared,
    "shared.json": '{ "small": { "input": 9, "output": 9 }, "tiny": { "input": 9, "output": 9 } }'
  }
  const setups = [{ provider: "fleet", models: "small" }]

  it.effect("is found upwards, and the suite wins over it", () =>
    Effect.gen(function* () {
      const cwd = yield* writtenFolder({
        ...files,
        "team/suites/a.suite.ts": suiteText({
          setups,
          providers: { fleet: { kind: "anthropic", prices: { small: { input: 7, output: 8 } } } }
        })
      })
      const suite = yield* load(join(cwd, "team"), "suites/a.suite.ts")
      assert.strictEqual(suite.config?.file, join(cwd, "understudy.config.ts"))
      assert.deepStrictEqual(
        [suite.providers["fleet"]?.kind, suite.providers["fleet"]?.baseURL, suite.providers["other"]?.kind],
        ["anthropic", undefined, "ollama"]
      )
      assert.deepStrictEqual(suite.prices, {
        openai: { a: { input: 3, output: 4 } },
        fleet: { small: { input: 7, output: 8 }, big: { input: 5, output: 6 }, tiny: { input: 9, output: 9 } },
        other: {}
      })
      assert.deepStrictEqual(suite.budget, { usd: 5 })
    })
  )

  it.effect("is not looked for beyond the repository, nor above a folder that is in none", () =>
    Effect.gen(function* () {
      const cwd = yield* writtenFolder({
        "understudy.config.ts": "throw new Error('must not run')",
        "repo/.git/HEAD": "",
        "repo/a.suite.ts": suiteText(),
        "plain/a.suite.ts": suiteText()
      })
      assert.isNull((yield* load(join(cwd, "repo"))).config)
      assert.isNull((yield* load(join(cwd, "plain"))).config)
    })
  )

  it.effect("may be named, and is told what is wrong in it", () =>
    Effect.gen(function* () {
      const cwd = yield* writtenFolder({
        "a.suite.ts": suiteText({ setups }),
        "mine.ts": shared,
        "shared.json": files["shared.json"],
        "wrong.ts": "export default { salaries: {} }"
      })
      assert.deepStrictEqual((yield* load(cwd, "a.suite.ts", "mine.ts")).budget, { usd: 5 })
      const wrong = yield* Effect.flip(load(cwd, "a.suite.ts", "wrong.ts"))
      assert.strictEqual(
        wrong.message,
        `${join(cwd, "wrong.ts")}: salaries: unknown key; allowed here: providers, prices, budget`
      )
      const absent = yield* Effect.flip(load(cwd, "a.suite.ts", "absent.ts"))
      assert.strictEqual(absent.message, `${join(cwd, "absent.ts")}: There is no such file.\n  Check the path.`)
    })
  )
})
