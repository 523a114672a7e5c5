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
    ["1,234,567 or 12,345.6", [1234567, 12345.6]],
    ["12,3", [12.3]],
    ["12,3, 4", [12.3, 4]],
    ["1,2,3", [1, 2, 3]],
    ["[12, 3,5]", [12, 3, 5]],
    ["[1,234]", [1234]],
    ["[1,2]", [1, 2]],
    ["[1.5,2.5,30]", [1.5, 2.5, 30]],
    ["0,125", [0.125]],
    ["1,2345", [1.2345]],
    ["1,234,5", [1, 234, 5]],
    ["1e3,500", [1000, 500]],
    ["-1.234,50 \u20ac and 1.234.567,8", [-1234.5, 1234567.8]],
    ["1.234,567 and 1.234", [1234.567, 1.234]],
    ["1.234.567", [1234567]],
    ["total 1 234", [1234]],
    ["1\u202f234\u2009567\u00a0890,5", [1234567890.5]],
    ["1 234.50 and -1'234", [1234.5, -1234]],
    ["1 234 5", [1, 234, 5]],
    ["12 34", [12, 34]],
    ["1234 567", [1234, 567]],
    ["1{,}234 or 1\\,234", [1234, 1234]],
    ["$1 $234", [1, 234]],
    ["3/4", [0.75]],
    ["-1 3/4, 1\u00bd, \u00bd, 1\\frac{1}{2}", [-1.75, 1.5, 0.5, 1.5]],
    ["12/25/2024", [12, 25, 2024]],
    ["3/0", [3, 0]],
    ["1,000/8", [125]],
    ["1.5 x 10^3, 2\u00d710\u207b\u00b2, 3\\times 10^{4}, 10^2", [1500, 0.02, 30000, 100]],
    ["[1.234,50,3]", [1.234, 50, 3]],
    ["0.234,50", [0.234, 50]],
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
    ["groups by spaces", {}, "total 1 234", "total 9 234", undefined, 0],
    ["groups by spaces and commas", {}, "1 234 567", "1,234,567", undefined, 1],
    ["a decimal comma", {}, "12,5", "13,5", undefined, 0],
    ["a decimal comma and a point", {}, "1.234,5", "1,234.5", undefined, 1],
    ["a fraction", {}, "3/4", "1/4", undefined, 0],
    ["a field in a list", { field: "a[0].b" }, '{"a":[{"b":1}]}', '{"a":[{"b":2}]}', undefined, 0],
    ["a field from the top", { field: "$.a" }, '{"a":1}', '{"a":1,"b":2}', undefined, 1],
    ["a field by dots", { field: "a.0.b" }, '{"a":[{"b":1}]}', '{"a":[{"b":1}]}', undefined, 1],
    ["a field with a dot in it", { field: '["a.b"]' }, '{"a.b":1}', '{"a.b":1}', undefined, 1],
    ["a field against a reference", { field: "answer" }, '{"answer": "18"}', "?", "18", 1],
    ["a field against a reference of that shape", { field: "answer" }, '{"answer": "18"}', "?", { answer: 18 }, 1]
  ] as const)("takes %s", async ([, options, output, original, expected, score]) => {
    assert.strictEqual((await grade(options, output, original, expected)).score, score)
  })

  it.for([
    ["a length", "5 km", "5000 m", 1],
    ["feet", "6 feet", "1.8288 m", 1],
    ["a wrong unit", "5 kg", "5 km", 0],
    ["no unit", "5", "5 km", 0],
    ["a unit where none is needed", "5 km", "5", 1],
    ["time", "1.5 hours", "90 min", 1],
    ["time in words", "in 2 weeks", "14 days", 1],
    ["bytes", "1.5 GB", "1500 MB", 1],
    ["binary bytes", "1 GiB", "1024 MiB", 1],
    ["decimal for binary bytes", "1 GB", "1024 MiB", 0],
    ["the same money", "It costs $1,200.50", "1200.50 USD", 1],
    ["a sign behind", "12 €", "EUR 12", 1],
    ["other money", "€12", "$12", 0],
    ["a debt", "-$5", "USD -5", 1],
    ["money by the thousand", "$1.2k", "$1,200", 1],
    ["money by the million", "$5m", "5 million USD", 1],
    ["metres, not millions", "5m", "500 cm", 1],
    ["millions", "3M", "3,000,000", 1],
    ["billions", "3 bn", "3 billion", 1],
    ["a share", "50%", "50 percent", 1],
    ["a share as a number", "0.5", "50%", 1],
    ["not a share", "50", "50%", 0],
    ["degrees", "212 °F", "100 °C", 1],
    ["a word that is no unit", "7 apples", "7", 1],
    ["a speed for a length", "12 m/s", "12 m", 0],
    ["an area for a length", "12 km²", "12 km", 0],
    ["a rate in words", "3 MB per second", "3 MB", 0],
    ["a cubic metre", "3 m³.", "3000 l", 1],
    ["months for years", "3 months", "3 years", 0],
    ["months for days", "12 months", "12 days", 0],
    ["days for months", "12 days", "12 months", 0],
    ["months in a year", "12 months", "1 year", 1],
    ["energy", "5 kWh", "5 MWh", 0],
    ["the same energy", "5000 kWh", "5 MWh", 1],
    ["energy in words", "5 kilowatt-hours", "5000 Wh", 1],
    ["energy for power", "5 kilowatt-hours", "5 kilowatts", 0],
    ["power", "5 mW", "5 MW", 0],
    ["a frequency", "5 MHz", "5 GHz", 0],
    ["the same frequency", "5 GHz", "5000 MHz", 1],
    ["an area", "5 acres", "5 hectares", 0],
    ["the same area", "1 hectare", "10,000 m²", 1],
    ["an area in words", "5 square metres", "5 square feet", 0],
    ["an area in words as a sign", "5 square metres", "5 m^2", 1],
    ["a speed", "60 km/h", "60 m/s", 0],
    ["the same speed", "18 km/h", "5 m/s", 1],
    ["the same speed in words", "60 kilometres per hour", "60 km/h", 1],
    ["unknown units", "5 lumens", "5 pascals", 0],
    ["the same unknown unit", "5 Lumens", "5 lumens", 1],
    ["one and many of an unknown unit", "1 lumen", "1 lumens", 1],
    ["unknown units of several", "5 lm/W", "5 lm/m²", 0],
    ["an unknown unit for a known one", "5 lumens", "5 km", 0],
    ["a known unit for an unknown one", "5 km", "5 lumens", 0],
    ["no unit where lumens are right", "5", "5 lumens", 0],
    ["an unknown unit where none is needed", "5 lumens", "5", 1],
    ["a word between numbers", "5 and", "5 of them", 1],
    ["the next sentence", "It is 5. Apples are red.", "5 \n\nPears", 1],
    ["a sentence's end after a unit", "It is 5 lux.", "5 lux", 1],
    ["an unknown word after a factor", "5 million people", "5,000,000 cars", 0],
    ["degrees in words", "20 degrees Celsius", "20 °C", 1],
    ["degrees of an angle", "20°", "20 degrees", 1],
    ["a word in capitals before a number", "DAY 5", "5 km", 0],
    ["a bold number", "**5** km", "5 kg", 0],
    ["a bold number's unit", "**5** km", "5000 m", 1],
    ["a bold unit", "5 **km**", "5 kg", 0],
    ["a bold unit that is right", "It is 5 **km**.", "5 km", 1],
    ["code and italics", "`5` _km_", "__5__ *km*", 1],
    ["bold money", "$**5**", "5 USD", 1],
    ["a product", "3*-4 km", "-4 km", 1],
    ["a product of numbers", "2*30 m", "30 m", 1],
    ["LaTeX", "\\(5\\text{ km}\\)", "5 kg", 0],
    ["LaTeX that is right", "\\(5\\text{ km}\\)", "5 km", 1],
    ["LaTeX in a box", "\\[\\boxed{5\\,\\mathrm{m/s}^2}\\]", "5 m/s²", 1],
    ["LaTeX between dollars", "$5\\text{ km}$", "5 km", 1],
    ["LaTeX between two dollars", "$$5\\text{ km}$$", "5 km", 1],
    ["LaTeX around the number alone", "\\(5\\) km", "5 kg", 0],
    ["all of it in bold or code", "**5 km**", "`5 km`", 1],
    ["a bold unit that is in no table", "**5** lumens", "5 **lux**", 0],
    ["a power as a digit", "5 m2", "50,000 cm²", 1],
    ["items", "3 items", "3", 1],
    ["degrees in LaTeX", "\\(20^\\circ\\text{C}\\)", "20 °C", 1],
    ["a per cent sign in LaTeX", "\\(50\\%\\)", "50%", 1],
    ["other dollars", "A$5", "$5", 0],
    ["two other dollars", "C$5", "US$5", 0],
    ["the same other dollars", "A$5", "5 Australian dollars", 1],
    ["dollars by name", "US$5", "5 US dollars", 1],
    ["dollars that a code behind them names", "$5 CAD", "$5", 0],
    ["dollars that a code behind them names, the same", "$5 CAD", "C$5", 1],
    ["a sign with unknown letters", "$5", "Z$5", 0],
    ["pounds of money", "5 pounds sterling", "£5", 1],
    ["pounds of money for a mass", "5 pounds sterling", "5 lb", 0],
    ["a share for a number", "50%", "50", 0],
    ["a share for the number it is", "50%", "0.5", 1],
    ["inches", "5 in", "5 inches", 1],
    ["inches as a sign", '5"', "5 inches", 1],
    ["inches as a sign of another number", 'It is 5" long', "6 inches", 0],
    ["a number in quotes", 'It is "5"', "5", 1],
    ["a number in quotes for inches", 'It is "5"', "5 inches", 0],
    ["in as a word", "5 in total", "5 inches", 0],
    ["powers of ten", "1.5 x 10^3 m", "1.5 km", 1],
    ["powers of ten in other ways", "1.5*10³ m", "1.5\\times 10^{3}\\text{ m}", 1],
    ["another power of ten", "1.5 x 10^4 m", "1.5 km", 0],
    ["a power as a digit in a rate", "5 kg/m3", "5 kg/m³", 1],
    ["degrees by a letter", "-40F", "-40C", 1],
    ["other degrees by a letter", "40F", "40C", 0],
    ["a word that is no unit in the reference", "42", "42 today", 1],
    ["a word that is no unit in the output", "42 today", "42", 1],
    ["two words that are no units", "42 now", "42 today", 1],
    ["one and many boxes", "3 boxes", "3 box", 1],
    ["one and many cities", "3 city", "3 cities", 1],
    ["other things", "3 apples", "3 pears", 0],
    ["no unit where a word stands", "3", "3 pears", 1],
    ["groups by spaces", "1 234 567 m", "1,234.567 km", 1],
    ["a decimal comma", "12,5 km", "12.5 km", 1],
    ["a product of hundreds", "3*400 m", "400 m", 1],
    ["a fraction", "3/4 km", "750 m", 1],
    ["large numbers, whatever conversion rounds", "123456789 miles", "198684442636.416 m", 1]
  ] as const)("reads units: %s", async ([, output, original, score]) => {
    const got = await grade({ units: true, tolerance: 1e-6 }, output, original)
    assert.strictEqual(got.score, score, got.why)
  })

  it("says which unit is right, and holds the tolerance in it", async () => {
    assert.deepStrictEqual(await grade({ units: true }, "5 kg", "5 km"), {
      score: 0,
      why: "5 kg has another unit: 5 km is right"
    })
    for (const [output, original, why] of [
      ["3 months", "3 years", "3 months instead of 3 years"],
      ["5 kWh", "5 MWh", "5 kWh instead of 5 MWh"],
      ["60 km/h", "60 m/s", "60 km/h instead of 60 m/s"],
      ["5 Lumens", "5 lux", "5 lm has another unit: 5 lx is right"],
      ["5 m", "5 M", "5 m instead of 5000000 (M is 1000000, and no unit)"],
      ["5 M", "5 m", "5000000 (M is 1000000, and no unit) has no unit: 5 m is right"]
    ] as const) {
      assert.strictEqual((await grade({ units: true }, output, original)).why, why)
    }
    assert.strictEqual((await grade({ units: true }, "5", "5 km")).why, "5 has no unit: 5 km is right")
    assert.strictEqual((await grade({ units: true, tolerance: 0.1 }, "5050 m", "5 km")).score, 1)
    assert.strictEqual((await grade({ units: true, tolerance: 0.1 }, "5150 m", "5 km")).score, 0)
  })

  it("reads units in a field too, and leaves them alone unless it is asked", async () => {
    const json = (length: string) => JSON.stringify({ length })
    assert.strictEqual((await grade({ units: true, field: "length" }, json("5 km"), json("5000 m"))).score, 1)
    assert.strictEqual((await grade({}, "5 kg", "5 km")).score, 1)
  })

  it("refuses a field that is many places or none", () => {
    for (const field of ["a[*].b", "a]"]) {
      assert.throws(() => Schema.decodeSync(numeric.options)({ field }), /one path such as "answer"/)
    }
  })

  it("gives no score where original or reference has no number", async () => {
    assert.deepStrictEqual(await grade({}, "4", "four"), { score: null, why: "the original has no number" })
    assert.strictEqual((await grade({}, "4", "4", "four")).score, null)
    assert.strictEqual((await grade({}, "4", "4", { a: 4 })).score, null)
  })
})
