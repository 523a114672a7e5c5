import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { checks } from "../checks/registry.ts"
import { graders } from "../graders/registry.ts"
import { providers } from "../providers/registry.ts"
import { writtenFolder } from "../testing/written.ts"
import { loadSuite } from "./load.ts"

const registries = {
  graders,
  checks,
  providers,
  importers: [],
  strategies: [{ id: "race", options: Schema.Struct({}) }]
} as const
const loading = (...graders: ReadonlyArray<object>) =>
  Effect.gen(function* () {
    const suite = {
      name: "desk",
      archive: { name: "support-desk" },
      providers: { claude: { kind: "anthropic" } },
      setups: [{ provider: "openai", models: ["small"] }],
      graders
    }
    const cwd = yield* writtenFolder({ "a.suite.ts": `export default ${JSON.stringify(suite)}` })
    return yield* loadSuite("a.suite.ts", { registries, cwd })
  })
const embedding = (provider = "ollama", more: object = {}) => ({
  use: "embeddingSimilarity",
  options: { provider, model: "nomic-embed-text" },
  ...more
})
const inside = (...of: ReadonlyArray<object>) => ({ use: "all", options: { of } })

describe("likeness by embeddings in a suite", () => {
  it.effect.each([
    ["alone", [embedding()]],
    ["beside what is only reported", [embedding(), { use: "exact", report: true }]],
    ["twice", [embedding(), embedding("openai")]],
    ["inside a combination of nothing else", [inside(embedding(), inside(embedding()))]]
  ] as const)("cannot be the only gate: %s", ([, graders]) =>
    Effect.gen(function* () {
      const { sentence } = yield* Effect.flip(loading(...graders))
      assert.include(sentence, "graders: embeddingSimilarity is blind to negation")
      assert.include(sentence, "make it `report: true`, or add a gate")
    })
  )

  it.effect.each([
    ["reported", [embedding("ollama", { report: true }), { use: "exact" }]],
    ["a gate beside another", [embedding(), { use: "exact" }]],
    ["combined with another", [inside(embedding(), { use: "exact" })]]
  ] as const)("may be %s", ([, graders]) =>
    Effect.map(loading(...graders), (suite) => {
      const asks = suite.graders.flatMap(({ asks }) => asks)
      assert.deepStrictEqual(asks, [{ provider: "ollama", model: "nomic-embed-text", ownFamily: true, embeds: true }])
    })
  )

  it.effect.each(["anthropic", "claude"])("cannot ask %s, which has no embeddings", (provider) =>
    Effect.map(Effect.flip(loading(embedding(provider), { use: "exact" })), ({ sentence }) =>
      assert.include(
        sentence,
        `graders[0].options: the provider ${provider} is of the kind anthropic, which has no embeddings: name one of the kind openai, azure, ollama`
      )
    )
  )
})
