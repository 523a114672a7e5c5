/** What grading costs: short cases a second of each grader on one core, beside a bare comparison. `npm run bench:graders`; code 1 where an aim is missed. */
import { isDeepStrictEqual } from "node:util"

import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import type { ToolCall } from "../../src/domain/Answer.ts"
import { codeEqual } from "../../src/graders/codeEqual.ts"
import type { GradeInput, Grader } from "../../src/graders/contract.ts"
import { exact } from "../../src/graders/exact.ts"
import { runGrader } from "../../src/graders/grade.ts"
import { jsonEqual } from "../../src/graders/jsonEqual.ts"
import { numeric } from "../../src/graders/numeric.ts"
import { textSimilarity } from "../../src/graders/textSimilarity.ts"
import { toolCalls } from "../../src/graders/toolCalls.ts"
import { answer, pair, seenCase, settled } from "../../src/testing/grading.ts"

const rounds = 5
/** Cases a second that a grader is to reach. */
const aim = 20_000

interface Row {
  readonly name: string
  readonly grader: Grader
  readonly options?: object
  readonly cases: number
  readonly wrongEvery: number
  readonly aim?: number
  /** The answer to case `i`; one in `wrongEvery` outputs is the answer to the next case. */
  answerOf(i: number): string | ReadonlyArray<ToolCall>
  /** What one would write by hand. */
  readonly bare: (input: GradeInput) => boolean | number
}

const sentence = (i: number) => `The refund of order A${i} was sent on ${1 + (i % 28)} May and takes three days.`
const order = (i: number) =>
  JSON.stringify({ id: `A${i}`, total: i / 4, paid: i % 2 === 0, items: [{ sku: "x", count: i % 9 }], note: null })
const code = (i: number) =>
  `const total = (items) => {\n  return items.reduce((sum, { price }) => sum + price, ${i})\n}\n`
const calls = (i: number) => [
  { name: "get_order", arguments: { order_id: `A${i}`, fields: ["total", "paid"], limit: 5 } },
  { name: "refund", arguments: { order_id: `A${i}`, amount: i / 4, reason: "arrived late" } }
]
const text = { type: "string" }
const tools = [
  { order_id: text, fields: { type: "array", items: text }, limit: { type: "integer", default: 5 } },
  { order_id: text, amount: { type: "number" }, reason: { anyOf: [text, { type: "null" }] } }
].map((properties, i) => ({
  name: ["get_order", "refund"][i] ?? "",
  inputSchema: { type: "object", properties, required: ["order_id"] },
  kind: "function" as const,
  basis: "recorded" as const
}))

const words = (value: string) => new Set(value.toLowerCase().split(/\s+/))
const inCommon = ({ original, output }: GradeInput) => words(original.text).intersection(words(output.text)).size
const likeness = (measure: string, cases: number): Row => ({
  name: `textSimilarity, ${measure}`,
  grader: textSimilarity,
  options: { measure },
  cases,
  // Texts that are the same are told without measuring.
  wrongEvery: 1,
  answerOf: sentence,
  bare: inCommon
})

const rows: ReadonlyArray<Row> = [
  {
    name: "exact",
    grader: exact,
    cases: 20_000,
    wrongEvery: 5,
    aim,
    answerOf: sentence,
    bare: ({ original, output }) => original.text.trim() === output.text.trim()
  },
  {
    name: "jsonEqual",
    grader: jsonEqual,
    cases: 20_000,
    wrongEvery: 5,
    aim,
    answerOf: order,
    bare: ({ original, output }) => isDeepStrictEqual(JSON.parse(original.text), JSON.parse(output.text))
  },
  {
    name: "numeric",
    grader: numeric,
    cases: 20_000,
    wrongEvery: 5,
    answerOf: (i) => `${i / 4}`,
    bare: ({ original, output }) => Math.abs(Number(original.text) - Number(output.text)) <= 1e-9
  },
  {
    name: "toolCalls, two calls of three arguments",
    grader: toolCalls,
    cases: 20_000,
    wrongEvery: 5,
    answerOf: calls,
    bare: ({ original, output }) => isDeepStrictEqual(original.toolCalls, output.toolCalls)
  },
  likeness("tokenF1", 20_000),
  likeness("levenshtein", 20_000),
  likeness("rougeL", 20_000),
  likeness("chrF", 5_000),
  {
    name: "codeEqual, js",
    grader: codeEqual,
    options: { language: "js" },
    cases: 300,
    wrongEvery: 5,
    answerOf: code,
    bare: ({ original, output }) => original.text.trim() === output.text.trim()
  }
]

const answerFor = (row: Row, i: number) => {
  const given = row.answerOf(i)
  return typeof given === "string" ? answer(given) : answer("", given)
}
/** Every case with a request of its own, as an archive has them. */
const inputsOf = (row: Row): ReadonlyArray<GradeInput> =>
  Array.from({ length: row.cases }, (_, i) => ({
    ...pair(answerFor(row, i % row.wrongEvery === 0 ? i + 1 : i), answerFor(row, i)),
    case: seenCase({ tools: structuredClone(tools) })
  }))

/** Seconds of CPU, the garbage collector's threads in. */
const seconds = async (work: () => unknown): Promise<number> => {
  const before = process.cpuUsage()
  await work()
  const { system, user } = process.cpuUsage(before)
  return (system + user) / 1e6
}
const median = (values: ReadonlyArray<number>) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

console.log(`| medians of ${rounds} rounds, Node ${process.versions.node} | cases/s | bare | ratio | aim |`)
console.log("| --- | ---: | ---: | ---: | ---: |")
for (const row of rows) {
  const grade = row.grader.make(Schema.decodeUnknownSync(row.grader.options)(row.options ?? {}))
  let ungraded = 0
  const ours: Array<number> = []
  const bare: Array<number> = []
  for (let round = 0; round <= rounds; round++) {
    const inputs = inputsOf(row)
    let found = 0
    const hand = await seconds(() => {
      for (const input of inputs) found += Number(row.bare(input))
    })
    const graded = await seconds(() =>
      settled(
        Effect.forEach(
          inputs,
          (input) =>
            Effect.map(runGrader(grade, input), ({ score }) => {
              found += score ?? 0
              ungraded += score === null ? 1 : 0
            }),
          { discard: true }
        )
      )
    )
    if (found === 0) throw new Error(`${row.name} graded nothing`)
    // The first round only warms up.
    if (round === 0) continue
    bare.push(row.cases / hand)
    ours.push(row.cases / graded)
  }
  if (ungraded > 0) throw new Error(`${row.name} could not grade ${ungraded} cases`)
  const [rate, beside] = [median(ours), median(bare)]
  const figure = (value: number) => Math.round(value).toLocaleString("en-US")
  const missed = row.aim !== undefined && rate < row.aim
  console.log(
    `| ${row.name} | ${figure(rate)} | ${figure(beside)} | ${(beside / rate).toFixed(1)} | ${row.aim === undefined ? "" : `${figure(row.aim)}${missed ? ", missed" : ""}`} |`
  )
  if (missed) process.exitCode = 1
}
