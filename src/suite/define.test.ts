import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { defineCheck, defineGrader, defineSuite, type SuiteInput } from "./define.ts"
import type { suiteOf } from "./schema.ts"

const right = {
  name: "desk",
  archive: { name: "support-desk" },
  setups: [{ provider: "openai", models: ["small"], temperature: [0, 0.7], repairs: 2 }],
  graders: [{ use: "numeric", options: { field: "answer" } }]
} as const satisfies SuiteInput

describe("what a suite's author may write", () => {
  it("is what the schema reads, as far as types go", () => {
    type Read = ReturnType<typeof suiteOf>["Encoded"]
    // Graders and checks are typed closer than the schema's; the rest must be the same shape.
    const read = (suite: SuiteInput): Omit<Read, "graders" | "checks"> => suite
    assert.strictEqual(read(right), right)
  })

  it("is refused by the compiler where an option, an axis or a key is wrong", () => {
    const wrong = [
      // @ts-expect-error no such option of this grader
      defineSuite({ ...right, graders: [{ use: "numeric", options: { tolerence: 1 } }] }),
      // @ts-expect-error no such value of this option
      defineSuite({ ...right, graders: [{ use: "numeric", options: { pick: "middle" } }] }),
      // @ts-expect-error no such grader
      defineSuite({ ...right, graders: [{ use: "nmeric" }] }),
      // @ts-expect-error an axis of another type
      defineSuite({ ...right, setups: [{ provider: "openai", models: "a", temperature: "hot" }] }),
      // @ts-expect-error a key in clear
      defineSuite({ ...right, providers: { f: { kind: "openai", apiKey: "sk-1" } } }),
      // @ts-expect-error no such key
      defineSuite({ ...right, clim: {} })
    ]
    assert.strictEqual(wrong.length, 6)
  })

  it("may be a plug-in of one's own by path, with any options", () => {
    const suite = defineSuite({
      ...right,
      graders: [{ use: "./mine.ts", options: { a: 1 }, report: true }, { use: "jsonSchema" }]
    })
    assert.strictEqual(suite.graders.length, 2)
  })
})

describe("a plug-in's options", () => {
  it("have the type of its schema", () => {
    const grader = defineGrader({
      id: "min",
      kind: "outcome",
      options: Schema.Struct({ min: Schema.Finite }),
      grade: ({ output }, { min }) => (output.text.length >= min ? 1 : 0)
    })
    const check = defineCheck<{ most: number }>({
      id: "most",
      check: ({ output }, { most }) => output.text.length <= most
    })
    assert.deepStrictEqual([grader.id, check.id], ["min", "most"])
  })
})
