import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { gunzipSync } from "node:zlib"

import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { pair, settled } from "../testing/grading.ts"
import type { GradeInput, Grading } from "./contract.ts"
import { runGrader as run } from "./grade.ts"
import { numberInField, numbersIn } from "./number.ts"
import { numeric } from "./numeric.ts"

const runGrader = (grade: Grading, input: GradeInput) => settled(run(grade, input))

describe("numbers in a text", () => {
  it.for([
    ["-$1,234.50 of 3", [-1234.5, 3]],
    ["10-5", [10, 5]],
    ["(-5)", [-5]],
    ["\u22127 degrees", [-7]],
    [".5 and 18.", [0.5, 18]],
    ["1e3, 2.5E-1", [1000, 0.25]],
    ["1e999", []],
    ["version 3.2.1", [3.2, 0.1]],
    ["none", []]
  ] as const)("%j", ([text, numbers]) => {
    assert.deepStrictEqual(numbersIn(text), [...numbers])
  })
})

describe("the number in a field", () => {
  it.for([
    ["plain JSON", '{"reasoning": "3 + 4", "answer": "7"}', 7],
    ["a number value", '{"answer": 7.5}', 7.5],
    ["a fenced block", 'Here it is:\n```json\n{"answer": "$1,200 in all, 3 times"}\n```\nDone.', 1200],
    ["text around it", 'The answer: 3. So {"answer": "7"} it is', 7],
    ["broken quotes", '{"reasoning": "He sang "Deck the Halls" twice", "answer": "540"}', 540],
    ["line ends in strings", '```json\n{\n "reasoning": "1.\n2.",\n "answer": "460"\n}\n```\n3. more', 460],
    ["a mention before it", '{"reasoning": "my "answer": 3 was wrong", "answer": 4}', 4],
    ["single quotes", "{'answer': '12'}", 12],
    ["an end that was cut off", '{"reasoning": "x", "answer": "42', 42],
    ["an empty field", '{"answer": null, "other": 3}', undefined],
    ["another field only", '{"reasoning": "the answer: 5"}', undefined],
    ["no JSON at all", "It is 5", undefined]
  ] as const)("is found in %s", ([, text, number]) => {
    assert.strictEqual(numberInField(text, "answer"), number)
  })

  it("may lie deeper", () => {
    assert.strictEqual(numberInField('{"total": {"amount": "9 EUR"}}', "total.amount"), 9)
  })

  const recorded = fileURLToPath(new URL("../../../shared/data/replay/zeroeval_dev.jsonl.gz", import.meta.url))
  it.skipIf(!existsSync(recorded))(
    "is what the recordings' own evaluation took it for, in all 5,500 answers [needs ../shared]",
    () => {
      const Row = Schema.fromJsonString(
        Schema.Struct({
          group: Schema.String,
          output: Schema.Struct({ content: Schema.String }),
          labels: Schema.Struct({ pass: Schema.Finite, gold: Schema.NullOr(Schema.String) })
        })
      )
      const lines = gunzipSync(readFileSync(recorded)).toString().trim().split("\n")
      const rows = lines
        .filter((line) => line.includes('"math-word-problem-json"'))
        .map((line) => Schema.decodeSync(Row)(line))
      const wrong = rows.filter(({ labels, output }) => {
        const same = numberInField(output.content, "answer") === numbersIn(labels.gold ?? "")[0]
        return same !== (labels.pass === 1)
      })
      assert.deepStrictEqual([rows.length, wrong], [5500, []])
    }
  )
})

describe("numeric", () => {
  const grade = (options: typeof numeric.options.Encoded, ...of: Parameters<typeof pair>) =>
    runGrader(numeric.make(Schema.decodeSync(numeric.options)(options)), pair(...of))

  it.for([
    ["the last number", {}, "2 + 2 = 4", "so 4", undefined, 1],
    ["the first number", { pick: "first" }, "4, not 5", "4", undefined, 1],
    ["a wrong number", {}, "5", "4", undefined, 0],
    ["no number", {}, "four", "4", undefined, 0],
    ["a tolerance", { tolerance: 0.5 }, "4.4", "4", undefined, 1],
    ["a tolerance passed", { tolerance: 0.5 }, "4.6", "4", undefined, 0],
    ["a relative tolerance", { tolerance: 0.1, scale: "relative" }, "109", "100", undefined, 1],
    ["a relative tolerance passed", { tolerance: 0.1, scale: "relative" }, "111", "100", undefined, 0],
    ["rounding", {}, `${0.1 + 0.2}`, "0.3", undefined, 1],
    ["a reference", {}, "8", "4", 8, 1],
    ["a reference as text", {}, "57500", "4", "57,500", 1],
    ["a field", { field: "answer" }, '{"answer": "18", "n": 3}', '{"answer": 18}', undefined, 1],
    ["a field that is not there", { field: "answer" }, "18", '{"answer": 18}', undefined, 0],
    ["a field against a reference", { field: "answer" }, '{"answer": "18"}', "?", "18", 1],
    ["a field against a reference of that shape", { field: "answer" }, '{"answer": "18"}', "?", { answer: 18 }, 1]
  ] as const)("takes %s", async ([, options, output, original, expected, score]) => {
    assert.strictEqual((await grade(options, output, original, expected)).score, score)
  })

  it("gives no score where original or reference has no number", async () => {
    assert.deepStrictEqual(await grade({}, "4", "four"), { score: null, why: "the original has no number" })
    assert.strictEqual((await grade({}, "4", "4", "four")).score, null)
    assert.strictEqual((await grade({}, "4", "4", { a: 4 })).score, null)
  })
})
