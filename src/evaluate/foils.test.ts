import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { Case, CaseRow } from "../domain/Case.ts"
import type { Grade } from "../domain/Grade.ts"
import type { GradeInput } from "../graders/contract.ts"
import type { GradeRow } from "../store/Runs.ts"
import { answer, seenCase, settled } from "../testing/grading.ts"
import { type FoilsHeard, type FoilsInput, foiled, foilsDoc, foilsOnce, silenced, spread } from "./foils.ts"
import type { ReadyGrader } from "./gates.ts"

const usage = { basis: "reported", input: null, output: null } as const
const rowOf = (i: number, more: Partial<CaseRow> = {}): CaseRow => ({
  id: `case-${i}`,
  callId: `call-${i}`,
  slice: "all",
  cluster: `session-${i}`,
  weight: 1,
  requestDigest: `request-${i}`,
  repeat: 0,
  model: "premium",
  usage,
  outputTokens: 10,
  startedAt: null,
  labels: {},
  ...more
})
const manyRows = (n: number, of: (i: number) => Partial<CaseRow> = () => ({})) =>
  Array.from({ length: n }, (_, i) => rowOf(i, of(i)))

type Says = (seen: GradeInput, at: number) => Grade | number
const judgeOf = (says: Says, more: Partial<ReadyGrader> = {}) => {
  const asked: Array<GradeInput> = []
  const grader: ReadyGrader = {
    id: "judge",
    kind: "preference",
    report: false,
    asks: [{ provider: "fleet", model: "judge", ownFamily: false }],
    grade: (seen) =>
      Effect.sync(() => {
        asked.push(seen)
        const said = says(seen, asked.length - 1)
        return typeof said === "number"
          ? { score: said, why: "", evidence: { judges: [{ judge: "fleet/judge", scores: [said, said] }] } }
          : said
      }),
    ...more
  }
  return { asked, grader }
}

/** What a judge says of foils. `texts`: the originals by place. */
const heardOf = async (
  says: Says,
  {
    foils = 10,
    grader: more = {},
    rows = manyRows(40),
    texts = (i: number) => `original ${i}`,
    ...how
  }: Partial<FoilsInput> & {
    readonly grader?: Partial<ReadyGrader>
    readonly texts?: (i: number) => string
  } = {}
) => {
  const { asked, grader } = judgeOf(says, more)
  const noted: Array<ReadonlyMap<string, FoilsHeard>> = []
  const kept: Array<GradeRow> = []
  const load = (row: CaseRow) =>
    Effect.succeed<Case>({
      ...row,
      request: seenCase().request,
      original: { ...answer(texts(Number(row.id.slice(5)))), usage }
    })
  const writer = { grades: (lines: ReadonlyArray<GradeRow>) => Effect.sync(() => void kept.push(...lines)) }
  const once = foilsOnce([grader], { rows, load, mayReceive: () => true, writer, foils, ...how }, (all) =>
    noted.push(all)
  )
  await settled(once)
  await settled(once)
  assert.strictEqual(noted.length, 1, "asked once")
  const heard = noted[0]!.get("judge")
  return {
    asked,
    doc: heard === undefined ? undefined : foilsDoc(heard),
    why: foiled(heard),
    closed: silenced(heard),
    kept
  }
}
const unread = (): Grade => ({
  score: null,
  why: "no readable verdict",
  evidence: { judges: [{ judge: "fleet/judge", scores: [null, null] }] }
})
const down = (): Grade => ({ ...unread(), failure: { kind: "infrastructure", message: "down" } })
const unpaid = (): Grade => ({ score: null, why: "", failure: { kind: "budget", message: "spent" } })

describe("a judge on foils", () => {
  const rows: ReadonlyArray<readonly [string, Says, readonly [tried: number, caught: number], string | undefined]> = [
    ["that tells them", () => 0, [10, 10], undefined],
    ["that ties everything", () => 0.5, [10, 0], "only 0 of 10 answers that belong to other requests worse"],
    ["that always prefers the output", () => 1, [10, 0], "only 0 of 10"],
    ["that finds three of ten", (_, at) => (at < 3 ? 0 : 0.5), [10, 3], "only 3 of 10"],
    ["that finds half of them", (_, at) => (at < 5 ? 0 : 0.5), [10, 5], undefined],
    ["that is paid for four", (_, at) => (at < 4 ? 0.5 : unpaid()), [4, 0], undefined],
    ["that is paid for five", (_, at) => (at < 5 ? 0.5 : unpaid()), [5, 0], "only 0 of 5"]
  ]
  for (const [name, says, [tried, caught], why] of rows)
    it(`${name}: ${caught} of ${tried}, ${why === undefined ? "fit" : "unfit"}`, async () => {
      const found = await heardOf(says)
      assert.deepInclude(found.doc, { tried, caught })
      if (why === undefined) assert.isUndefined(found.why)
      else assert.include(found.why, why)
      assert.isAtMost(found.asked.length, 10)
    })

  it("sees another's original of the same slice, never of the same session or request, each kept on disk", async () => {
    const { asked, kept } = await heardOf(() => 0, {
      rows: manyRows(40, (i) => ({ slice: i % 4 === 0 ? "rare" : "often", cluster: `session-${i >> 1}` }))
    })
    const placeOf = (text: string) => Number(text.slice("original ".length))
    for (const { case: seen, original, output } of asked) {
      const [foil, own] = [placeOf(output.text), placeOf(original.text)]
      assert.strictEqual(seen.id, `case-${own}`)
      assert.strictEqual(foil % 4 === 0, own % 4 === 0, "of the same slice")
      assert.notStrictEqual(foil >> 1, own >> 1)
    }
    assert.strictEqual(asked.filter(({ case: seen }) => seen.slice === "rare").length, 5, "the slices in turn")
    assert.deepStrictEqual([...new Set(kept.map(({ setup }) => setup))], ["foil"])
    assert.strictEqual(kept.length, 10)
  })

  it("is asked nothing where originals are alike but for case and dots, or are answers to one request", async () => {
    const alike = await heardOf(() => 0.5, { texts: (i) => (i % 2 === 0 ? "Yes." : "yes") })
    const one = await heardOf(() => 0.5, { rows: manyRows(40, () => ({ requestDigest: "one" })) })
    for (const { asked, doc, why } of [alike, one]) {
      assert.deepInclude(doc, { tried: 0, why: "too few archived answers differ and may be read by it" })
      assert.deepStrictEqual([asked.length, why], [0, undefined])
    }
  })

  it("is shown no original that may not go to its provider", async () => {
    const { asked, doc } = await heardOf(() => 0, { mayReceive: (_, { id }) => Number(id.slice(5)) % 2 === 0 })
    assert.deepInclude(doc, { tried: 10 })
    for (const { original, output } of asked)
      for (const { text } of [original, output]) assert.strictEqual(Number(text.slice(9)) % 2, 0)
  })

  it("that scores an answer by itself is held against its score of the original; one that scores 0 cannot be beaten", async () => {
    const grader = { kind: "outcome" } as const
    const same = await heardOf(() => 0.75, { grader })
    assert.include(same.why, "only 0 of 10")
    const tells = await heardOf(({ original, output }) => (output === original ? 0.75 : 0.5), { grader })
    assert.deepInclude(tells.doc, { tried: 10, caught: 10 })
    const none = await heardOf(() => 0, { grader })
    assert.deepInclude(none.doc, { tried: 0, caught: 0 })
    assert.isUndefined(none.why)
  })

  it("goes on to other cases where it has no say", async () => {
    const silent: Grade = { score: null, why: "not of this slice" }
    const { doc } = await heardOf(({ case: { slice } }) => (slice === "mine" ? 0 : silent), {
      rows: manyRows(60, (i) => ({ slice: ["mine", "b", "c", "d"][i % 4]! }))
    })
    assert.deepInclude(doc, { tried: 10, caught: 10 })
  })

  it("is not tried where the suite wants none, nor where no model judges", async () => {
    const { asked, doc } = await heardOf(() => 0.5, { foils: 0 })
    assert.deepStrictEqual([asked.length, doc?.tried], [0, 0])
    assert.include(doc?.why, "judgeTrial.repeats: 0")
    const embeds = await heardOf(() => 0.5, {
      grader: { asks: [{ provider: "fleet", model: "embed", ownFamily: false, embeds: true }] }
    })
    assert.deepStrictEqual([embeds.asked.length, embeds.doc], [0, undefined])
  })

  const silent: ReadonlyArray<readonly [string, Says, Partial<ReadyGrader>, number | undefined]> = [
    ["of which nothing could be read", unread, {}, 10],
    ["of which nothing could be read of the originals", unread, { kind: "outcome" }, 10],
    ["of which five could not be read before it went down", (_, at) => (at < 5 ? unread() : down()), {}, 5],
    ["of which four could not be read before it went down", (_, at) => (at < 4 ? unread() : down()), {}, undefined],
    ["of which one could be read", (_, at) => (at === 9 ? 0 : unread()), {}, undefined],
    ["that scores an original 0", (_, at) => (at === 0 ? 0 : unread()), { kind: "outcome" }, undefined],
    ["that is down", down, {}, undefined],
    ["that is not paid for", (_, at) => (at < 4 ? unread() : unpaid()), {}, undefined],
    ["that has no say", () => ({ score: null, why: "not of this slice" }), {}, undefined]
  ]
  for (const [name, says, grader, tried] of silent)
    it(`${name} is ${tried === undefined ? "asked on" : "not asked again"}`, async () => {
      const { closed, doc } = await heardOf(says, { grader })
      if (tried === undefined) assert.isUndefined(closed)
      else {
        const told = `no readable verdict on any of ${tried} answers to other requests`
        assert.strictEqual(closed, `the judge gave ${told}: it is not asked`)
        assert.deepStrictEqual(doc, { tried: 0, caught: 0, why: `it gave ${told}` })
      }
    })

  it("counts the foils that were heard for progress, and no others", async () => {
    const counts = []
    for (const says of [
      () => 0,
      unread,
      (_: GradeInput, at: number) => (at < 3 ? 0 : unread())
    ] as ReadonlyArray<Says>) {
      let count = 0
      await heardOf(says, { onCase: () => void count++ })
      counts.push(count)
    }
    assert.deepStrictEqual(counts, [10, 0, 3])
  })

  it("sees the slices in turn", () =>
    assert.deepStrictEqual(spread(["a", "a", "b", "a"].map((slice) => ({ slice }))), [0, 2, 1, 3]))
})
