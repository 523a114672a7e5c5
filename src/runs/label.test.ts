import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import type { Said } from "../domain/Trials.ts"
import { askPairs, pairText } from "./label.ts"
import { csvOf, labelsIn, recordsOf } from "./labelCsv.ts"
import { shownText } from "./labelPairs.ts"
import { hiddenOf, labelSample, saidOf } from "./labelSample.ts"

const pair = (id: string, over: Partial<Parameters<typeof pairText>[0]> = {}) => ({
  pair: id,
  id,
  outputFirst: id !== "01",
  request: "[user] Hi",
  first: "one",
  second: "two",
  ...over
})

const knownOf = (...pairs: ReadonlyArray<string>) =>
  new Map(pairs.map((id) => [id, { pair: id, outputFirst: id !== "01" }]))

describe("the sample to be labelled", () => {
  const all = Array.from({ length: 500 }, (_, i) => ({
    caseId: `case-${i}`,
    stratum: i < 480 ? "better" : i < 495 ? "tie" : "worse"
  }))
  const strata = (ids: ReadonlyArray<string>) => {
    const counts: Record<string, number> = {}
    for (const { caseId, stratum } of all) if (ids.includes(caseId)) counts[stratum] = (counts[stratum] ?? 0) + 1
    return counts
  }
  it("takes rare verdicts as often as common ones, in turn, and is the same again", () => {
    const sample = labelSample(all, { size: 100, seed: 1 })
    assert.deepStrictEqual(strata(sample), { better: 80, tie: 15, worse: 5 })
    assert.deepStrictEqual(strata(sample.slice(0, 15)), { better: 5, tie: 5, worse: 5 })
    assert.deepStrictEqual(labelSample([...all].reverse(), { size: 100, seed: 1 }).toSorted(), sample.toSorted())
    assert.notDeepEqual(labelSample(all, { size: 100, seed: 2 }), sample)
    assert.strictEqual(new Set(labelSample(all, { size: 9_999, seed: 1 })).size, 500)
  })
  it("hides behind the home's secret which answer is whose: about half of each, and the id does not tell", () => {
    const keys = Array.from({ length: 400 }, (_, i) => `pair ${i}`)
    const hidden = keys.map((key) => hiddenOf(key, "secret"))
    const first = hidden.filter(({ outputFirst }) => outputFirst).length
    assert.isTrue(first > 150 && first < 250)
    const even = hidden.filter(
      ({ id, outputFirst }) => (Number.parseInt(id.slice(-1), 16) % 2 === 0) === outputFirst
    ).length
    assert.isTrue(even > 150 && even < 250)
    const other = keys.filter((key, i) => hiddenOf(key, "another").outputFirst !== hidden[i]!.outputFirst).length
    assert.isTrue(other > 150 && other < 250, "and the pair's key does not tell either")
    const shown = (outputFirst: boolean) => (["1", "2", "tie"] as const).map((word) => saidOf(outputFirst, word))
    assert.deepStrictEqual(shown(true), ["output", "original", "tie"])
    assert.deepStrictEqual(shown(false), ["original", "output", "tie"])
  })
})

describe("labels as CSV", () => {
  it("come back as they were filled in, whatever the texts hold", () => {
    const pairs = [pair("00", { first: 'a "quoted", b\nc' }), pair("01", { second: "=HYPERLINK(1)" }), pair("03")]
    const rows = csvOf(pairs).split("\r\n")
    const filled = [rows[0], `${rows[1]}1`, `${rows[2]}2`, `${rows[3]}TIE`, ""].join("\r\n")
    assert.deepStrictEqual(labelsIn(filled, knownOf("00", "01", "03")), [
      { pair: "00", said: "output" },
      { pair: "01", said: "output" },
      { pair: "03", said: "tie" }
    ])
    assert.include(filled, "'=HYPERLINK(1)") // a spreadsheet must not run what a model wrote
    assert.deepStrictEqual(labelsIn(csvOf(pairs), knownOf("00", "01", "03")), []) // nothing filled in
  })
  it("are read with any line ends, and with a byte order mark", () => {
    assert.deepStrictEqual(recordsOf('\uFEFFa,"b\nb"\nc,\n\nd'), [
      { line: 1, cells: ["a", "b\nb"] },
      { line: 3, cells: ["c", ""] },
      { line: 5, cells: ["d"] }
    ])
  })
  const known = knownOf("00")
  for (const [text, line, what] of [
    ["id,label\n00,1\nzz,1\n", 3, /"zz" is no pair/],
    ["id,label\n00,3\n", 2, /"3" is none/],
    ["id,request\n00,1\n", 1, /id and label/],
    ['id,label\n"00,1\n', 2, /never closed/],
    ['id,label\n"00"x,1\n', 2, /closing quote/],
    ["id;label\n00;1\n", 1, /no CSV with commas/],
    ["id,label\n00,1\n00,2\n", 3, /labelled in line 2 already/],
    ["", 1, /id and label/]
  ] as const)
    it(`are refused with the line: ${JSON.stringify(text)}`, () => {
      try {
        labelsIn(text, known)
        assert.fail("was read")
      } catch (cause) {
        assert.instanceOf(cause, Fault)
        assert.strictEqual((cause as Fault).line, line)
        assert.match((cause as Fault).sentence, what)
      }
    })
})

describe("asking at the terminal", () => {
  it.effect("keeps each label before the next pair is shown; s passes over, q ends", () =>
    Effect.gen(function* () {
      const events: Array<string> = []
      const words = ["1", "skip", "tie", "quit"] as const
      let at = 0
      const labelled = yield* askPairs(
        ["00", "01", "02", "03", "04"].map((id) => pair(id)),
        (text) => events.push(/pair \d of \d/.exec(text)?.[0] ?? ""),
        Effect.sync(() => words[at++]!),
        (id, said: Said) => Effect.sync(() => void events.push(`${id} ${said}`))
      )
      assert.strictEqual(labelled, 2)
      assert.deepStrictEqual(events, [
        "pair 1 of 5",
        "00 output",
        "pair 2 of 5",
        "pair 3 of 5",
        "02 tie",
        "pair 4 of 5"
      ])
    })
  )
  it("shows a long system prompt by its two ends, and all else whole", () => {
    const long = `begin ${"x".repeat(5_000)} end`
    assert.match(shownText("system", long), /^begin x+\n\[… 3810 characters of it are left out here …\]\nx+ end$/)
    assert.strictEqual(shownText("user", long), long)
    assert.strictEqual(shownText("system", "x".repeat(2_000)), "x".repeat(2_000))
  })
  it("runs no control characters of an answer, and tells nothing of whose it is", () => {
    const text = pairText(pair("00", { first: "\u001B[31mred\u0007" }), 1, 2)
    assert.notInclude(text, "\u001B")
    assert.notMatch(text, /original|output|setup|incumbent/)
  })
})
