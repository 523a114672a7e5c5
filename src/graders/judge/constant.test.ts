import { assert, describe, it } from "@effect/vitest"

import { seenCase } from "../../testing/grading.ts"
import { constantAnswers, type Given, givenOf } from "./constant.ts"

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

describe("answers that only say the number or the id of their request again", () => {
  const words = [
    "apple",
    "birch",
    "cedar",
    "dahlia",
    "elm",
    "fir",
    "gorse",
    "holly",
    "iris",
    "jasmine",
    "kale",
    "larch"
  ]
  const id = (i: number) => `ord-${String.fromCharCode(97 + i)}${i}f-${1000 + i * 37}`
  const given = (output: (i: number) => string, original: (i: number) => string, asks = (i: number) => id(i)) =>
    words.map((word, i) => {
      const { request } = seenCase({
        messages: [{ role: "user", blocks: [{ type: "text", text: `What of ${asks(i)}, the ${word}?` }] }]
      })
      return givenOf({ output: { text: output(i) }, original: { text: original(i) }, case: { request } })
    })
  const prose = (i: number) => `It was sent with the ${words[i]} on the ${i + 1}th, as you asked: ${id(i)}.`
  const number = (i: number) => String(1000 + i * 37)
  const cases: ReadonlyArray<readonly [string, ReadonlyArray<Given>, number]> = [
    ["an id again", given((i) => `Thank you for asking about ${id(i)}, all is well.`, prose), 12],
    ["an id in other letters", given((i) => `Thank you for asking about ${id(i).toUpperCase()}.`, prose), 12],
    ["a number again", given((i) => `Case ${number(i)}: all is well with it.`, prose, number), 12],
    ["a number that is not the request's", given((i) => `Case ${i}: all is well with it.`, prose), 0],
    ["sums and dates", given((i) => `It comes to 1,${200 + i}.50 on 2026-01-${10 + i}, thank you.`, prose), 0],
    ["words of its own", given(prose, prose), 0],
    ["a word that is the request's and no id", given((i) => `All is well with the ${words[i]}.`, prose), 0],
    ["numbers", given((i) => `${40 + i}`, prose), 0],
    ["amounts", given((i) => `${17 + i}.5 kg`, prose), 0],
    ["labels with numbers", given((i) => `category ${i % 3}`, prose), 0],
    [
      "a form that the originals have too",
      given(
        (i) => `The sum of all is ${i}.`,
        (i) => `The sum of all is ${i + 1}.`
      ),
      0
    ],
    [
      "originals that are numbers",
      given(
        (i) => `The sum of all is ${i}.`,
        (i) => `${i}`
      ),
      0
    ],
    ["ids of another's", given((i) => `Thank you for asking about ${id((i + 1) % 12)}.`, prose), 0]
  ]
  for (const [name, rows, found] of cases)
    it(`${name}: ${found}`, () => assert.strictEqual(constantAnswers(rows).length, found))
})
