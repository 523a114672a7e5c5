import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { checks } from "../checks/registry.ts"
import { graders } from "../graders/registry.ts"
import { pair, settled } from "../testing/grading.ts"
import { writtenFolder } from "../testing/written.ts"
import { defineSuite, type SuiteInput } from "./define.ts"
import { loadSuite } from "./load.ts"

const registries = {
  graders,
  checks,
  providers: [{ id: "openai" }],
  importers: [],
  strategies: [{ id: "race", options: Schema.Struct({}) }]
} as const
const minimal = {
  name: "desk",
  archive: { name: "support-desk" },
  setups: [{ provider: "openai", models: ["small"] }]
} as const
const mine = 'export default { id: "mine", kind: "outcome", grade: ({ output }) => ({ score: 1, why: output.text }) }'

const loading = (grader: unknown) =>
  Effect.gen(function* () {
    const text = `export default ${JSON.stringify({ ...minimal, graders: [grader] })}`
    const cwd = yield* writtenFolder({ "a.suite.ts": text, "mine.ts": mine })
    return yield* loadSuite("a.suite.ts", { registries, cwd })
  })
type Grader = SuiteInput["graders"][number]

describe("extract in a suite", () => {
  it.effect.each<readonly [string, Grader]>([
    ["a registered grader", { use: "exact", extract: "lastNumber" }],
    ["a check", { use: "regex", options: { pattern: "^4$" }, extract: "lastNumber" }],
    ["an own grader", { use: "./mine.ts", extract: "lastNumber" }],
    ["a part of a combination", { use: "all", options: { of: [{ use: "exact", extract: "lastNumber" }] } }],
    ["a whole combination", { use: "any", options: { of: [{ use: "exact" }] }, extract: { regex: "\\d" } }]
  ])("stands before %s", ([, grader]) =>
    Effect.gen(function* () {
      assert.strictEqual(defineSuite({ ...minimal, graders: [grader] }).graders.length, 1)
      const suite = yield* loading(grader)
      const score = (output: string) =>
        Effect.promise(() => settled(suite.graders[0]!.grade(pair(output, "so it is 4")))).pipe(
          Effect.map((grade) => grade.score)
        )
      assert.deepStrictEqual([yield* score("It is 4."), yield* score("None.")], [1, 0])
    })
  )

  it.effect("is checked where it stands", () =>
    Effect.gen(function* () {
      const fault = yield* Effect.flip(loading({ use: "exact", extract: { regex: "(" } }))
      assert.strictEqual(fault.kind, "input")
      assert.match(fault.message, /graders\[0\]\.extract/)
    })
  )
})
