import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { checks } from "../checks/registry.ts"
import { graders } from "../graders/registry.ts"
import { pair, settled } from "../testing/grading.ts"
import { writtenFolder } from "../testing/written.ts"
import { defineSuite } from "./define.ts"
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
}
const loading = (grader: object, more: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function* () {
    const text = `export default ${JSON.stringify({ ...minimal, graders: [grader] })}`
    const cwd = yield* writtenFolder({ "a.suite.ts": text, ...more })
    return yield* loadSuite("a.suite.ts", { registries, cwd })
  })

const mine = (kind: string) => `export default { id: "mine", kind: "${kind}", grade: () => 0.25 }`

describe("graders inside graders in a suite", () => {
  it.effect("may be own ones, checks and such combinations again", () =>
    Effect.gen(function* () {
      const grader = {
        use: "bySlice",
        options: {
          slices: { other: { use: "exact" } },
          otherwise: {
            use: "weighted",
            options: {
              of: [
                { use: "all", options: { of: [{ use: "exact", options: { caseInsensitive: true } }] }, weight: 3 },
                {
                  use: "any",
                  options: { of: [{ use: "./mine.ts" }, { use: "jsonSchema", options: { schema: true } }] },
                  weight: 1
                }
              ]
            }
          }
        }
      }
      const suite = yield* loading(grader, { "mine.ts": mine("outcome") })
      const [made] = suite.graders
      assert.deepStrictEqual([made?.id, made?.kind], ["bySlice", "comparison"])
      const grade = yield* Effect.promise(() => settled(made!.grade(pair("YES", "yes"))))
      assert.strictEqual(grade.score, (3 * 1 + 0.25) / 4)
    })
  )

  it.effect("see what an entry extracts, and what the parts extract of that", () =>
    Effect.gen(function* () {
      const parts = [
        { use: "numeric", extract: { path: "n" } },
        { use: "./mine.ts", extract: "lastNumber" }
      ]
      const fenced = { use: "all", extract: { fenced: "json" }, options: { of: parts } }
      const grade = `({ output }) => output.text === "4" ? 1 : 0`
      const suite = yield* loading(fenced, {
        "mine.ts": `export default { id: "mine", kind: "outcome", grade: ${grade} }`
      })
      const graded = (output: string) =>
        Effect.promise(() => settled(suite.graders[0]!.grade(pair(output, '```json\n{"n":4}\n```'))))
      assert.strictEqual((yield* graded('5 files:\n```json\n{"n": 4}\n```\nby 9')).score, 1)
      assert.strictEqual((yield* graded('```json\n{"n": 5}\n```')).score, 0)
      assert.deepStrictEqual(yield* graded("4"), { score: 0, why: "the output has no fenced block of json" })
    })
  )

  it.effect.each([
    [
      "an option",
      { use: "all", options: { of: [{ use: "exact", options: { trimm: true } }] } },
      /graders\[0\]\.options\.of\[0\]\.options\.trimm: unknown key/
    ],
    [
      "a name, two levels down",
      { use: "all", options: { of: [{ use: "first", options: { of: [{ use: "exakt" }] } }] } },
      /graders\[0\]\.options\.of\[0\]\.options\.of\[0\]\.use: Expected "exact"/
    ],
    [
      "a weight",
      { use: "weighted", options: { of: [{ use: "exact", weight: 0 }] } },
      /graders\[0\]\.options\.of\[0\]\.weight: Expected/
    ],
    [
      "what a part extracts",
      { use: "all", options: { of: [{ use: "exact", extract: { regex: "(" } }] } },
      /graders\[0\]\.options\.of\[0\]\.extract.*(Unterminated group|Invalid regular expression)/
    ],
    [
      "what an entry extracts",
      { use: "exact", extract: { path: "items[" } },
      /graders\[0\]\.extract.*one path such as/
    ],
    ["no part", { use: "any", options: { of: [] } }, /graders\[0\]\.options\.of/],
    [
      "a file that is not there",
      { use: "bySlice", options: { slices: { a: { use: "./gone.ts" } } } },
      /graders\[0\]\.options\.slices\.a\.use: .*gone\.ts/
    ],
    [
      "a preference beside another kind",
      { use: "all", options: { of: [{ use: "./mine.ts" }, { use: "exact" }] } },
      /graders\[0\]\.options: .*compares with one half and cannot be combined with exact/
    ]
  ] as const)("are checked where they stand: %s", ([, grader, message]) =>
    Effect.gen(function* () {
      const fault = yield* Effect.flip(loading(grader, { "mine.ts": mine("preference") }))
      assert.strictEqual(fault.kind, "input")
      assert.match(fault.message, message)
    })
  )

  it("are typed where a suite is written", () => {
    const suite = (grader: Parameters<typeof defineSuite>[0]["graders"][number]) =>
      defineSuite({ ...minimal, graders: [grader] })
    const right = suite({ use: "weighted", options: { of: [{ use: "exact", options: { trim: true }, weight: 2 }] } })
    // @ts-expect-error a part without a weight
    const wrong = suite({ use: "weighted", options: { of: [{ use: "exact" }] } })
    assert.strictEqual(right.graders.length + wrong.graders.length, 2)
  })
})
