import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { Answer } from "../domain/Answer.ts"
import type { Case, CaseRow } from "../domain/Case.ts"
import type { CheckResult } from "../domain/Output.ts"
import type { ReadyCheck } from "../replay/replay.ts"
import { answer } from "../testing/grading.ts"
import { mutantsOf } from "./mutants.ts"
import { makeTrial, type TrialInput } from "./trial.ts"

const rowsOf = (count: number): ReadonlyArray<CaseRow> =>
  Array.from({ length: count }, (_, i) => ({
    id: `case-${i}`,
    callId: `call-${i}`,
    slice: i % 2 === 0 ? "even" : "odd",
    cluster: `session-${i}`,
    weight: 1,
    requestDigest: `request-${i}`,
    repeat: 0,
    model: "premium",
    usage: { basis: "reported", input: null, output: null },
    outputTokens: 10,
    startedAt: null,
    labels: {}
  }))

const check = (use: string, of: (output: Answer, id: string) => boolean | Partial<CheckResult>): ReadyCheck => ({
  use,
  run: ({ case: { id }, output }) =>
    Effect.sync(() => {
      const got = of(output, id)
      return { use, pass: got === true, message: `${use} says no`, ...(typeof got === "boolean" ? {} : got) }
    })
})

const trialOf = (
  checks: ReadonlyArray<ReadyCheck>,
  {
    count = 60,
    textOf = (i: number) => `{"n":${i}}`,
    ...more
  }: Partial<TrialInput> & {
    readonly count?: number
    readonly textOf?: (i: number) => string
  } = {}
) =>
  makeTrial({
    rows: rowsOf(count),
    load: (row) =>
      Effect.succeed<Case>({
        ...row,
        request: { wire: "openai.chat", model: "premium", messages: [], tools: [], params: {} },
        original: answer(textOf(Number(row.id.slice("case-".length))))
      }),
    checks,
    maxOriginalFailures: 0.5,
    atOnce: 4,
    ...more
  })

const isJson = check("json", ({ text }) => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
})

describe("mutants of an original", () => {
  const calls = [{ name: "refund", arguments: { id: 1 } }]
  it("are blank, another's, cut in half, without calls, and with another's calls", () => {
    const other = answer("b", [{ name: "refund", arguments: { id: 2 } }])
    assert.deepStrictEqual(
      mutantsOf(answer("aaaa", calls), other).map(({ answer: { text, toolCalls }, kind }) => [
        kind,
        text,
        toolCalls.map(({ arguments: given }) => given)
      ]),
      [
        ["blank", "", []],
        ["another", "b", [{ id: 2 }]],
        ["truncated", "aa", [{ id: 1 }]],
        ["callsDropped", "aaaa", []],
        ["anothersCalls", "aaaa", [{ id: 2 }]]
      ]
    )
  })
  it("are left out where they do not differ from the original or from one another", () => {
    const kinds = (original: Answer, other?: Answer) => mutantsOf(original, other).map(({ kind }) => kind)
    assert.deepStrictEqual(kinds(answer("")), [])
    assert.deepStrictEqual(kinds(answer("", calls)), ["blank"])
    assert.deepStrictEqual(kinds(answer("a")), ["blank"])
    assert.deepStrictEqual(kinds(answer("abc"), answer("abc")), ["blank", "truncated"])
  })
})

const firstPlaces = (count: number) => [...Array(count).keys()]

describe("a check on trial", () => {
  it.effect("is told by which mutants it fails; one that fails none is worthless", () =>
    Effect.gen(function* () {
      const trial = trialOf([isJson, check("always", () => true)])
      yield* trial.prepare(firstPlaces(60))
      const [json, always] = trial.docs
      assert.deepStrictEqual(json, {
        use: "json",
        originals: { tried: 60, passed: 60, failed: 0, broken: 0, notApplicable: 0 },
        quarantined: 0,
        mutants: [
          { kind: "blank", tried: 40, caught: 40 },
          { kind: "another", tried: 40, caught: 0 },
          { kind: "truncated", tried: 40, caught: 40 }
        ],
        answersFailed: 0,
        worthless: false
      })
      assert.isTrue(always?.worthless)
      assert.isTrue(always?.mutants.every(({ caught, tried }) => tried === 40 && caught === 0))
    })
  )

  it.effect("does not drive repairs where the original fails it; other checks do, and elsewhere it does", () =>
    Effect.gen(function* () {
      const trial = trialOf([check("low", (_, id) => Number(id.slice(5)) !== 3), isJson])
      yield* trial.prepare(firstPlaces(60))
      const used = (at: number) => trial.checksAt(at).map(({ use }) => use)
      assert.deepStrictEqual([used(3), used(4)], [["json"], ["low", "json"]])
      assert.deepInclude(trial.docs[0], { quarantined: 1 })
      assert.deepInclude(trial.docs[0]!.originals, { failed: 1, passed: 59 })
    })
  )

  it.effect("stops the run where more originals fail than may: the check, the share, the first message, the mend", () =>
    Effect.gen(function* () {
      const most = check("picky", (_, id) => (Number(id.slice(5)) % 3 === 0 ? true : { message: `no ${id}` }))
      const fault = yield* Effect.flip(trialOf([isJson, most]).prepare(firstPlaces(60)))
      assert.strictEqual(fault.exitCode, 2)
      assert.match(
        fault.sentence,
        /^the harness is broken, not the models: 40 of 60 archived answers fail the check picky; the first was told: no case-1$/
      )
      assert.include(fault.mend, "maxOriginalFailures: 0.67")
      yield* trialOf([most], { maxOriginalFailures: 0.67 }).prepare(firstPlaces(60))
      yield* trialOf([most], { count: 9 }).prepare(firstPlaces(9)) // too few to tell
    })
  )

  it.effect(
    "counts an original on which the check itself fails as failed, tells it apart, and quarantines nothing for it",
    () =>
      Effect.gen(function* () {
        const trial = trialOf([check("broken", () => ({ broken: true, message: "no schema" }))])
        const fault = yield* Effect.flip(trial.prepare(firstPlaces(60)))
        assert.include(fault.sentence, "(in 60 the check itself failed to run)")
        assert.deepInclude(trial.docs[0], { quarantined: 0, mutants: [], worthless: false })
      })
  )

  it.effect("is not tried on originals in which there is nothing to check", () =>
    Effect.gen(function* () {
      const trial = trialOf([check("rare", () => ({ pass: true, applies: false }))])
      yield* trial.prepare(firstPlaces(60))
      assert.deepStrictEqual(trial.docs[0]!.originals, { tried: 0, passed: 0, failed: 0, broken: 0, notApplicable: 60 })
      assert.isFalse(trial.docs[0]!.worthless)
    })
  )

  it.effect("tries no original twice, and of a longer run the same mutants as at once", () =>
    Effect.gen(function* () {
      const seen = new Map<string, number>()
      const counting = check("counting", ({ text }, id) => {
        if (text === `{"n":${id.slice(5)}}`) seen.set(id, (seen.get(id) ?? 0) + 1)
        return text !== ""
      })
      const trial = trialOf([counting])
      for (const cases of [10, 10, 60, 60]) yield* trial.prepare(firstPlaces(cases))
      assert.deepStrictEqual([seen.size, Math.max(...seen.values())], [60, 1])
      const atOnce = trialOf([counting])
      yield* atOnce.prepare(firstPlaces(60))
      assert.deepStrictEqual(trial.docs, atOnce.docs)
    })
  )
})
