import { assert, describe, it } from "@effect/vitest"

import { constantAnswers, type Given } from "./constant.ts"

const rows = (n: number, at: (i: number) => Partial<Given> = () => ({})): ReadonlyArray<Given> =>
  Array.from({ length: n }, (_, i) => ({ text: "same", original: `original ${i}`, request: `request ${i}`, ...at(i) }))

describe("answers that are one constant text", () => {
  const cases: ReadonlyArray<readonly [string, ReadonlyArray<Given>, number]> = [
    ["six requests with six originals", rows(6), 6],
    ["five are not enough", rows(5), 0],
    ["one request asked six times", rows(6, () => ({ request: "one" })), 0],
    ["originals that are one label", rows(40, () => ({ original: "one" })), 0],
    ["originals of five labels", rows(40, (i) => ({ original: `label ${i % 5}` })), 0],
    ["originals of eight labels, each five times", rows(40, (i) => ({ original: `label ${i % 8}` })), 0],
    ["texts of their own", rows(40, (i) => ({ text: `text ${i}` })), 0],
    ["a constant for every second request", rows(12, (i) => (i % 2 === 0 ? {} : { text: `text ${i}` })), 6],
    ["two constants", rows(14, (i) => ({ text: `text ${i % 2}` })), 14]
  ]
  for (const [name, given, found] of cases)
    it(`${name}: ${found}`, () => assert.strictEqual(constantAnswers(given).length, found))

  it("are told by their places, in order", () =>
    assert.deepStrictEqual(
      constantAnswers(rows(14, (i) => (i < 2 ? { text: `own ${i}` } : { text: `text ${i % 2}` }))),
      [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
    ))
})
