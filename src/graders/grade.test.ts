import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { checks } from "../checks/registry.ts"
import { inSuite, pair, seenCase, settled } from "../testing/grading.ts"
import type { GradeInput, Grading } from "./contract.ts"
import { runGrader as run } from "./grade.ts"
import { graderOfCheck } from "./ofCheck.ts"
import { graderOf, type OwnGrader } from "./own.ts"
import { graders } from "./registry.ts"

const foreman = { learning: () => {}, needing: () => {} }
const runGrader = (grade: Grading, input: GradeInput) => settled(run(grade, input))

const limit = <A>(run: () => A | PromiseLike<A>) => Promise.resolve().then(run)
const own = (grade: OwnGrader["grade"]) => graderOf({ id: "mine", kind: "outcome", grade }, limit).make({})
const given = (value: unknown) =>
  runGrader(
    own(() => value as never),
    pair("x", "y")
  )

describe("a grader of one's own", () => {
  it.for([
    ["a number", 0.25, { score: 0.25, why: "" }],
    ["a score with its reason", { score: 1, why: "good" }, { score: 1, why: "good" }],
    ["a score without a reason", { score: 0 }, { score: 0, why: "" }],
    ["that it cannot tell", { score: null, why: "the judge failed" }, { score: null, why: "the judge failed" }]
  ] as const)("may give %s", async ([, value, grade]) => {
    assert.deepStrictEqual(await given(value), grade)
  })

  it.for([
    ["a number above 1", 1.5],
    ["a number below 0", -0.1],
    ["NaN", Number.NaN],
    ["a boolean", true],
    ["nothing", undefined],
    ["a text", "0.5"]
  ] as const)("gives no score when it gives %s", async ([, value]) => {
    const { score, why } = await given(value)
    assert.strictEqual(score, null)
    assert.match(why, /the grader gave/)
  })

  it("gives no score, and its message, when it throws or rejects", async () => {
    const thrown = await runGrader(
      own(() => {
        throw new Error("no such field")
      }),
      pair("x", "y")
    )
    const rejected = await runGrader(
      own(async () => Promise.reject(new Error("no such field"))),
      pair("x", "y")
    )
    for (const grade of [thrown, rejected]) {
      assert.deepStrictEqual(grade, { score: null, why: "the grader itself failed: no such field" })
    }
  })

  it("sees output, original, reference, case and its options", async () => {
    const grader = graderOf(
      {
        id: "mine",
        kind: "outcome",
        grade: ({ case: c, expected, original, output }, options) =>
          [output.text, original.text, expected, c.id, options].join() === "o,r,e,case-1,9" ? 1 : 0
      },
      limit
    )
    assert.strictEqual((await runGrader(grader.make(9), pair("o", "r", "e"))).score, 1)
  })
})

describe("a check as a grader", () => {
  it("scores 1 for a pass and 0 for a fail, and nothing when the check itself fails", async () => {
    const check = (run: () => { pass: boolean; message: string }) =>
      graderOfCheck({ ...checks[0], make: () => run }, inSuite, foreman)
    const grade = (run: () => { pass: boolean; message: string }) => runGrader(check(run).make({}), pair("x", "y"))
    assert.deepStrictEqual(await grade(() => ({ pass: true, message: "fits" })), { score: 1, why: "fits" })
    assert.deepStrictEqual(await grade(() => ({ pass: false, message: "no" })), { score: 0, why: "no" })
    assert.strictEqual(
      (
        await grade(() => {
          throw new Error("broken")
        })
      ).score,
      null
    )
  })
})

describe("jsonSchema as a grader", () => {
  const [jsonSchema] = checks
  const made = (options: typeof jsonSchema.options.Encoded) =>
    graderOfCheck(jsonSchema, inSuite, foreman).make(Schema.decodeSync(jsonSchema.options)(options))

  it("gives no score where no schema was asked for: nothing was checked", async () => {
    assert.deepStrictEqual(await runGrader(made({}), pair("Hi", "Hi")), {
      score: null,
      why: "the request asks for no schema"
    })
  })

  it("scores against the request's schema, and against the suite's where the request has none", async () => {
    const asked = (output: string) => ({
      ...pair(output, "1"),
      case: seenCase({ responseFormat: { type: "json_schema", schema: { type: "number" } } })
    })
    assert.deepStrictEqual(await runGrader(made({}), asked("1")), { score: 1, why: "fits the schema" })
    assert.strictEqual((await runGrader(made({}), asked("Hi"))).score, 0)
    assert.strictEqual((await runGrader(made({ schema: { type: "number" } }), pair("1", "1"))).score, 1)
  })
})

describe("the registries", () => {
  it("name each plug-in once, so that a suite's `use` means one", () => {
    const ids = [...graders, ...checks].map(({ id }) => id)
    assert.deepStrictEqual(ids, [...new Set(ids)])
  })
})
