import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { RunResult } from "../../domain/RunResult.ts"
import { fixtureSetups, gateResult, inconclusiveResult, runResult, standingDoc } from "../../testing/runResult.ts"
import type { Piece, ReportData, WorstCase } from "../contract.ts"
import { renderSections } from "../registry.ts"

type TablePiece = Extract<Piece, { _tag: "Table" }>

const piecesOf = (result: RunResult, over: Partial<ReportData> = {}) =>
  Effect.map(renderSections({ result, worst: [], worstOf: "x", ...over }), (all) => ({
    ids: all.map(({ id }) => id),
    of: (id: string): ReadonlyArray<Piece> => all.find((section) => section.id === id)?.pieces ?? []
  }))
const text = (pieces: ReadonlyArray<Piece>) => JSON.stringify(pieces)
const tables = (pieces: ReadonlyArray<Piece>) => pieces.filter((piece): piece is TablePiece => piece._tag === "Table")
const rowOf = (table: TablePiece | undefined, name: string) => table?.rows.find((row) => row.includes(name)) ?? []

describe("the sections", () => {
  it.effect("stand in reading order; those with nothing to say are left out", () =>
    Effect.gen(function* () {
      const full = yield* piecesOf(runResult())
      assert.deepStrictEqual(full.ids, [
        "verdict",
        "chart",
        "standings",
        "slices",
        "untried",
        "worst",
        "money",
        "method",
        "appendix"
      ])
      const bare = yield* piecesOf(runResult({ standings: [], untried: [] }))
      assert.deepStrictEqual(bare.ids, ["verdict", "money", "method", "appendix"])
    })
  )

  it.effect("say under every table which rows it is from", () =>
    Effect.gen(function* () {
      const { ids, of } = yield* piecesOf(runResult())
      const all = ids.flatMap((id) => tables(of(id)))
      assert.isAbove(all.length, 8)
      assert.deepStrictEqual(
        all.filter(({ source }) => source?.includes("20260524T201500Z-3f1a") !== true),
        []
      )
    })
  )

  it.effect("say that a fleet is simulated before they say the verdict", () =>
    Effect.gen(function* () {
      const { of } = yield* piecesOf(runResult({ archive: { ...runResult().archive, simulated: true } }))
      const [note, verdict] = of("verdict")
      assert.isTrue(note?._tag === "Callout" && note.tone === "note" && note.text.startsWith("Simulated"))
      assert.isTrue(verdict?._tag === "Callout" && verdict.tone === "parity")
    })
  )
})

describe("cost against quality", () => {
  it.effect("lists the setups that have no place in the chart, with the reason", () =>
    Effect.gen(function* () {
      const difference = { estimate: Number.NaN, lower: Number.NaN, upper: Number.NaN }
      const standings = [
        standingDoc(fixtureSetups.unpriced, -0.01, null),
        standingDoc(fixtureSetups.wordy, 0, "0.000000000"),
        standingDoc(fixtureSetups.small, 0, "0.0004", { gates: [gateResult(0, { difference })] }),
        standingDoc(fixtureSetups.medium, -0.01, "0.0012")
      ]
      const { of } = yield* piecesOf(runResult({ standings }))
      const lists = of("chart").flatMap((piece) => (piece._tag === "List" ? [piece.items] : []))
      assert.deepStrictEqual(lists, [
        ["3 – claude/medium temperature=0"],
        [
          "1 – ollama/wordy: it costs nothing at the run's prices, which has no place on a logarithmic axis",
          "2 – fleet/small: none of its answers could be compared",
          "4 – ollama/unknown-7b: it has no price"
        ]
      ])
    })
  )
})

describe("the tables", () => {
  it.effect("have the figures of each setup, what it could not answer, and unpriced instead of zero", () =>
    Effect.gen(function* () {
      const { of } = yield* piecesOf(runResult())
      const [table] = tables(of("standings"))
      assert.deepStrictEqual(rowOf(table, "ollama/wordy"), [
        "5",
        "ollama/wordy",
        "inconclusive",
        "612",
        "−2.2 (−4.2 to −0.2)",
        "−4.80",
        "$0.00163",
        "39 % (37 to 41)",
        "420 ms / 1.8 s",
        "0",
        "3 failed, 2 not sendable"
      ])
      assert.deepStrictEqual(rowOf(table, "ollama/unknown-7b").slice(6, 8), ["unpriced", "–"])
      assert.include(rowOf(table, "openai/gpt-4o-2024-08-06 (incumbent)"), "$0.00421")
      const partly = yield* piecesOf(
        runResult({ standings: [standingDoc(fixtureSetups.small, -0.01, "0.0004", { priced: 605 })] })
      )
      assert.strictEqual(rowOf(tables(partly.of("standings"))[0], "fleet/small")[6], "$0.000400 (of 605)")
    })
  )

  it.effect("show each grader by itself where there are several", () =>
    Effect.gen(function* () {
      const one = yield* piecesOf(runResult())
      assert.strictEqual(tables(one.of("standings")).length, 1)
      const standing = standingDoc(fixtureSetups.medium, -0.01, "0.0012", {
        reported: [gateResult(-0.2, { grader: "textSimilarity", ungraded: 3 })]
      })
      const two = yield* piecesOf(runResult({ standings: [standing] }))
      assert.deepStrictEqual(rowOf(tables(two.of("standings"))[1], "textSimilarity (reported only)").slice(3), [
        "–",
        "72.0",
        "92.0",
        "−20.0 (−22.0 to −18.0)",
        "−22.60",
        "612",
        "3"
      ])
    })
  )

  it.effect("say of a slice that it has few sessions, too few, or was not looked at", () =>
    Effect.gen(function* () {
      const base = runResult()
      const standing = standingDoc(fixtureSetups.smallRepaired, -0.01, "0.0005")
      const slices = [standing.slices[2]!, { ...standing.slices[1]!, clusters: 3 }]
      const { of } = yield* piecesOf({ ...base, standings: [{ ...standing, slices }] })
      const [table] = tables(of("slices"))
      assert.strictEqual(rowOf(table, "tools").at(-1), "few sessions: read with care")
      assert.strictEqual(rowOf(table, "extract").at(-1), "too few sessions to decide")
      assert.strictEqual(rowOf(table, "chat").at(-1), "not looked at (300 cases from 80 sessions in the archive)")
    })
  )

  it.effect("mark a saving that is of simulated money", () =>
    Effect.gen(function* () {
      const { of } = yield* piecesOf(runResult({ archive: { ...runResult().archive, simulated: true } }))
      assert.strictEqual(rowOf(tables(of("money"))[0], "Saving a year, in simulated money")[1], "$14,310")
    })
  )

  it.effect(
    "tell what was spent, what would be saved and within which interval, and that unpriced calls are not in it",
    () =>
      Effect.gen(function* () {
        const { of } = yield* piecesOf(runResult())
        const [costs, spent] = tables(of("money"))
        assert.deepStrictEqual(rowOf(costs, "Saving a year").slice(1), [
          "$14,310",
          "95 % interval $13,901 to $14,721, at the archive's volume and mix"
        ])
        assert.strictEqual(rowOf(costs, "The same as billed")[1], "$2.80")
        assert.strictEqual(rowOf(spent, "Of it, for the noise floor")[1], "$2.58")
        assert.deepStrictEqual(rowOf(spent, "Calls without a price").slice(1), [
          "612",
          "their money is in none of these figures"
        ])
        const unbilled = yield* piecesOf(
          runResult({ archive: { ...runResult().archive, usdBilled: null, usdAtRunPrices: null } })
        )
        const [archive] = tables(unbilled.of("money"))
        assert.strictEqual(rowOf(archive, "The same as billed")[1], "not recorded")
        assert.strictEqual(rowOf(archive, "The archived calls of the cases, at the run's prices")[1], "unpriced")
      })
  )

  it.effect(
    "carry all that was fixed beforehand, the floor with its interval, every assumption, price and digest",
    () =>
      Effect.gen(function* () {
        const result = runResult()
        const { of } = yield* piecesOf(result)
        const method = text(of("method"))
        for (const part of [
          "0.83 %",
          "cheapestFirst",
          "2026-05-24T20:15:01.000Z",
          "89.7 to 94.1",
          "label:taskType",
          ...result.assumptions
        ]) {
          assert.include(method, part)
        }
        const appendix = text(of("appendix"))
        for (const part of [
          "@pydantic/genai-prices 0.1.8",
          result.suite.digest,
          result.archive.digest,
          "another model answered",
          "127.0.0.1",
          fixtureSetups.dear.id
        ]) {
          assert.include(appendix, part)
        }
      })
  )
})

describe("the worst cases", () => {
  const worst: WorstCase = {
    caseId: "9f3c".repeat(8),
    slice: "extract",
    grader: "exact",
    score: 0,
    reference: 1,
    why: "differs",
    asked: "q",
    original: "o",
    answered: "a"
  }
  const sides = (pieces: ReadonlyArray<Piece>) =>
    pieces.flatMap((piece) => (piece._tag === "Compare" ? [piece.sides] : []))[0] ?? []

  it.effect("stand side by side with the original, a long text with what was left out", () =>
    Effect.gen(function* () {
      const { of } = yield* piecesOf(runResult(), { worst: [{ ...worst, answered: "x".repeat(5_000) }] })
      const found = sides(of("worst"))
      assert.deepStrictEqual(
        found.slice(0, 3).map((side) => side.text),
        ["q", "differs", "o"]
      )
      assert.include(found[3]?.text, "… 2000 more characters; understudy show 20260524T201500Z-3f1a 9f3c")
    })
  )

  it.effect("show nothing that is shaped like a key, wherever it stands, and say so once", () =>
    Effect.gen(function* () {
      const keys = [
        "sk-ant-api03-abcdefgh12345678",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_abcdefghijklmnopqrst12",
        "abcdef123456"
      ]
      const [asked, original, why, token] = keys
      const leaky = {
        ...worst,
        asked: `use ${asked}`,
        original: `${"x".repeat(2_990)} ${original}`,
        answered: `call({"auth": "Bearer ${token}"})`,
        why: `differs at ${why}`
      }
      const { of } = yield* piecesOf(runResult(), { worst: [leaky, worst] })
      const shown = text(of("worst"))
      for (const key of keys) assert.notInclude(shown, key.slice(0, 12))
      assert.strictEqual(sides(of("worst"))[0]?.text, "use [removed: looks like a key]")
      assert.strictEqual(shown.split("In one case something shaped like a key").length - 1, 1)
      assert.include(shown, "as the archive and the answers hold it (an import replaces the secrets that it finds")
      assert.notInclude(text((yield* piecesOf(runResult(), { worst: [worst] })).of("worst")), "shaped like a key")
    })
  )

  it.effect("say what is no longer there instead of showing an empty text", () =>
    Effect.gen(function* () {
      const missing = { original: "There is no archive." }
      const { of } = yield* piecesOf(runResult(), {
        worst: [{ ...worst, asked: "", original: "", answered: "", missing }]
      })
      assert.deepStrictEqual(
        sides(of("worst")).map((side) => [side.text, side.absent]),
        [
          ["There is no archive.", true],
          ["differs", undefined],
          ["There is no archive.", true],
          ["(empty)", true]
        ]
      )
    })
  )

  it.effect("tell no losses from lost lines, and which setup they are of", () =>
    Effect.gen(function* () {
      const none = yield* piecesOf(runResult())
      assert.include(text(none.of("worst")), "In no case did it score below its reference")
      const lost = yield* piecesOf(inconclusiveResult(), { worstMissing: "The lines are gone." })
      assert.include(text(lost.of("worst")), "cannot be shown: The lines are gone.")
      assert.include(text(lost.of("worst")), "claude/medium temperature=0, the best of the 3 tried; no setup is named")
    })
  )
})
