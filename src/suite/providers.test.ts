import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { graders } from "../graders/registry.ts"
import { writtenFolder } from "../testing/written.ts"
import { loadSuite } from "./load.ts"

const registries = {
  graders,
  checks: [],
  providers: [
    { id: "openai", apis: ["chat", "responses"] },
    { id: "azure", apis: ["chat", "responses"], needs: ["baseURL", "apiVersion"] as const },
    { id: "ollama" }
  ],
  importers: [],
  strategies: [{ id: "cheapestFirst", options: Schema.Struct({}) }] as const
}
const load = (cwd: string) => loadSuite("suites/a.suite.ts", { registries, cwd })
const written = (providers: object, files: Readonly<Record<string, string>> = {}) =>
  writtenFolder({
    "suites/a.suite.ts": `export default ${JSON.stringify({
      name: "desk",
      archive: { name: "support-desk" },
      setups: [{ provider: "f", models: ["small"] }],
      graders: [{ use: "exact" }],
      providers
    })}`,
    ...files
  })

const azure = { kind: "azure", baseURL: "https://desk.openai.azure.com", apiVersion: "2024-10-21" }

describe("an entry under providers", () => {
  it.effect("names the endpoint, the version, and a file of certificates beside it", () =>
    Effect.gen(function* () {
      const cwd = yield* written(
        { f: { kind: "openai", api: "responses", caFile: "certs/ours.pem" }, g: azure },
        {
          "understudy.config.ts": `export default ${JSON.stringify({
            providers: { h: { kind: "ollama", caFile: "theirs.pem" } }
          })}`
        }
      )
      const { providers } = yield* load(cwd)
      assert.deepInclude(providers["f"], { api: "responses", caFile: join(cwd, "suites/certs/ours.pem") })
      assert.deepInclude(providers["g"], azure)
      assert.strictEqual(providers["h"]?.caFile, join(cwd, "theirs.pem"))
    })
  )

  it.effect.each<[string, object, string]>([
    ["another endpoint", { kind: "openai", api: "batch" }, 'f.api: Expected "chat" | "responses", got "batch"'],
    [
      "an endpoint of a kind that has one",
      { kind: "ollama", api: "chat" },
      'f.api: Expected with kind "openai" | "azure" only: ollama has one API, got "chat"'
    ],
    [
      "a version elsewhere than with Azure",
      { kind: "openai", apiVersion: "2024-10-21" },
      'f.apiVersion: Expected with kind "azure" only, got "2024-10-21"'
    ],
    [
      "Azure without its version",
      { kind: "azure", baseURL: azure.baseURL },
      'f.apiVersion: Expected with kind "azure": the version of its API, such as "2024-10-21"'
    ],
    [
      "Azure without its address",
      { kind: "azure", apiVersion: "2024-10-21" },
      'f.baseURL: Expected with kind "azure": the address of its resource, such as "https://NAME.openai.azure.com"'
    ],
    [
      "an hour's cost beside prices",
      { kind: "openai", costPerHour: 2, prices: { small: { input: 1, output: 1 } } },
      "f.costPerHour: Expected without prices: a provider is priced by the hour or by the token"
    ],
    [
      "utilisation of nothing",
      { kind: "openai", costPerHour: 2, utilisation: 0 },
      "f.utilisation: Expected a share above 0 and at most 1, such as 0.5, got 0"
    ],
    ["utilisation alone", { kind: "openai", utilisation: 0.5 }, "f.utilisation: Expected with costPerHour only"]
  ])("says what is wrong: %s", ([, entry, sentence]) =>
    Effect.gen(function* () {
      const cwd = yield* written({ f: entry })
      const fault = yield* Effect.flip(load(cwd))
      assert.include(fault.message, `providers.${sentence}`)
    })
  )
})
