import { assert, describe, it } from "@effect/vitest"

import { jsonSchema } from "../checks/jsonSchema.ts"
import { answer, inSuite, seenCase } from "../testing/grading.ts"
import { learntDocs } from "./learn.ts"

const secret = "sk-abcdefgh12345678"

/** The check, taught 40 answers of slice `a` and two of slice `b`. */
const learner = () => {
  const made = jsonSchema.make({ from: "archive" }, inSuite)
  if (typeof made === "function") throw new Error("it is not taught")
  for (let i = 0; i < 40; i++)
    made.learn({
      output: answer(JSON.stringify({ kind: i % 2 === 0 ? secret : "plain", [secret]: 1 })),
      case: { ...seenCase(), slice: "a" }
    })
  for (let i = 0; i < 2; i++) made.learn({ output: answer("no JSON"), case: { ...seenCase(), slice: "b" } })
  return { use: "jsonSchema", learn: () => {}, describe: () => made.describe?.() ?? {} }
}

describe("what checks were taught", () => {
  it("is told once where a check is a grader too, by slice, without what is shaped like a key", () => {
    const docs = learntDocs([learner(), learner(), { use: "silent", learn: () => {} }])
    assert.strictEqual(docs.length, 1)
    assert.deepStrictEqual(
      docs[0]!.slices.map(({ learnt, notJson, slice }) => [slice, learnt, notJson]),
      [
        ["a", 40, 0],
        ["b", 0, 2]
      ]
    )
    const [a, b] = docs[0]!.slices
    assert.notInclude(JSON.stringify(docs), secret)
    assert.include(JSON.stringify(a!.schema), '"enum":["plain","[removed: looks like a key]"]')
    assert.isUndefined(b!.schema)
    assert.match(b!.why ?? "", /2 past answers are too few/)
  })
})
