import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import type { ArchivedCall } from "../domain/Call.ts"
import type { Block } from "../domain/Message.ts"
import type { AnswerRow } from "../domain/Output.ts"
import type { RunResult } from "../domain/RunResult.ts"
import { Answers } from "../store/Answers.ts"
import { Archives } from "../store/Archives.ts"
import { Home } from "../store/Home.ts"
import { type GradeRow, Runs } from "../store/Runs.ts"
import { fixtureSetups, gateResult, runResult, standingDoc } from "../testing/runResult.ts"
import { reportData } from "./data.ts"
import { renderReport } from "./render.ts"

const setup = fixtureSetups.smallRepaired
const caseId = (at: number) => `case${String(at).padStart(2, "0")}`
const usage = { basis: "reported" as const, input: null, output: null }
const response = (blocks: ReadonlyArray<Block>) => ({ blocks, stopReason: "end" as const, complete: true })

const call = (at: number): ArchivedCall => ({
  schema: "archived-call/1",
  id: `call${at}`,
  request: {
    wire: "openai.chat",
    model: "gpt-4o-2024-08-06",
    messages: [
      { role: "system", blocks: [{ type: "text", text: "Be brief." }] },
      { role: "user", blocks: [{ type: "text", text: `question ${at}` }] }
    ],
    tools: null,
    params: {}
  },
  response: response([{ type: "text", text: `original ${at}` }]),
  usage,
  billed: { nanoUsd: null, basis: "none", billing: "unknown" },
  timing: { startedAt: "2026-03-02T08:11:00.000Z", basis: "reported" },
  provenance: { importer: "test", file: "a.jsonl", native: {}, identity: "native" },
  grouping: { attempt: 0 },
  labels: { taskType: at % 2 === 0 ? "chat" : "extract" },
  signals: [],
  fidelity: { grade: "A", parts: {}, notes: [] }
})

const answer = (at: number): AnswerRow => ({
  v: 1,
  key: `key${at}`,
  provider: "fleet",
  model: "small",
  series: "candidate",
  repeat: 0,
  response: response([
    { type: "text", text: `answer ${at}` },
    { type: "tool_use", id: "t1", name: "refund", input: { amount: at }, kind: "function" }
  ]),
  usage,
  timing: { startedAt: "2026-05-24T20:15:02.000Z", basis: "reported" }
})

const grade = (at: number, by: string, score: number | null, grader = "exact"): GradeRow => ({
  v: 1,
  case: caseId(at),
  setup: by,
  grader,
  score,
  why: `${by} of ${at} by ${grader}`
})

const withHome = <A, E>(use: (home: string) => Effect.Effect<A, E, Runs | Archives | Answers>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "understudy-report-"))),
    (home) =>
      use(home).pipe(
        Effect.provide(Layer.mergeAll(Runs.layer, Archives.layer, Answers.layer).pipe(Layer.provide(Home.layer(home))))
      ),
    (home) => Effect.sync(() => rmSync(home, { recursive: true, force: true }))
  )

/** Keeps an archive of 14 calls, the answers to them and a finished run with these grades. Gives the run's id. */
const kept = Effect.fnUntraced(function* (
  grades: ReadonlyArray<GradeRow>,
  over: Partial<RunResult> = {},
  slices?: Readonly<Record<string, string>>,
  cached: (at: number) => boolean = () => true
) {
  const runs = yield* Runs
  const archives = yield* Archives
  const answers = yield* Answers
  const all = Array.from({ length: 14 }, (_, at) => at)
  const archive = yield* archives.writer("support-desk")
  yield* Effect.forEach(all, (at) => archive.add([{ call: call(at), dedupeKey: `call${at}`, rank: 0 }]))
  yield* archive.commit
  yield* Effect.forEach(all.filter(cached), (at) => answers.put(answer(at)))
  const writer = yield* runs.start({
    command: "climb",
    startedAt: "2026-05-24T20:15:00.000Z",
    archive: "support-desk",
    suite: runResult().suite,
    setups: { [setup.id]: setup.label },
    incumbent: "openai/gpt-4o-2024-08-06",
    versions: {},
    cases: Object.fromEntries(all.map((at) => [caseId(at), `call${at}`])),
    ...(slices === undefined ? {} : { slices })
  })
  yield* Effect.forEach(all, (at) =>
    writer.output({
      v: 1,
      case: caseId(at),
      setup: setup.id,
      series: "candidate",
      attempts: ["key-of-a-first-try", `key${at}`].map((key, round) => ({
        round,
        answer: key,
        cached: false,
        latencyMs: 5,
        checks: []
      })),
      losses: []
    })
  )
  yield* writer.grades(grades)
  yield* writer.finish(runResult({ run: writer.id, standings: [standingDoc(setup, -0.01, "0.0005")], ...over }))
  return writer.id
}, Effect.scoped)

const agreement = Array.from({ length: 14 }, (_, at) => [
  grade(at, setup.id, 1 - at / 20),
  grade(at, "floor", 0.9)
]).flat()
const found = (data: Effect.Success<ReturnType<typeof reportData>>) =>
  data.worst.map((one) => [one.caseId, Number(one.score.toFixed(3)), Number(one.reference.toFixed(3))])

describe("the worst cases", () => {
  it.live("are the ten furthest below the incumbent asked again, with the texts of both", () =>
    withHome(() =>
      Effect.gen(function* () {
        const data = yield* reportData(yield* kept(agreement))
        assert.deepStrictEqual(
          found(data),
          [13, 12, 11, 10, 9, 8, 7, 6, 5, 4].map((at) => [caseId(at), Number((1 - at / 20).toFixed(3)), 0.9])
        )
        assert.deepStrictEqual(data.worst[0], {
          caseId: "case13",
          slice: "extract",
          grader: "exact",
          score: 1 - 13 / 20,
          reference: 0.9,
          why: `${setup.id} of 13 by exact`,
          asked: "question 13",
          original: "original 13",
          answered: 'answer 13\nrefund({\n  "amount": 13\n})'
        })
        assert.strictEqual(data.worstOf, setup.label)
      })
    )
  )

  it.live(
    "compare with the original's own score where it has one, with the incumbent asked again where the archive is selected",
    () =>
      withHome(() =>
        Effect.gen(function* () {
          const grades = [0, 1, 2].flatMap((at) => [
            grade(at, setup.id, 0.5),
            grade(at, "original", [1, 0.8, 0.2][at]!),
            grade(at, "floor", [0.1, 0.9, 0.7][at]!)
          ])
          const standings = [standingDoc(setup, -0.01, "0.0005", { gates: [gateResult(-0.01, { kind: "outcome" })] })]
          const plain = yield* reportData(yield* kept(grades, { standings }))
          assert.deepStrictEqual(found(plain), [
            ["case00", 0.5, 1],
            ["case01", 0.5, 0.8]
          ])
          const floor = { ...runResult().floor, selected: true }
          const selected = yield* reportData(yield* kept(grades, { standings, floor }))
          assert.deepStrictEqual(found(selected), [
            ["case01", 0.5, 0.9],
            ["case02", 0.5, 0.7]
          ])
        })
      )
  )

  it.live("compare preferences with one half, and agreement without a floor with one", () =>
    withHome(() =>
      Effect.gen(function* () {
        const of = (kind: "preference" | "agreement", mode: "measured" | "skipped") =>
          Effect.gen(function* () {
            const standings = [standingDoc(setup, -0.01, "0.0005", { gates: [gateResult(-0.01, { kind })] })]
            const grades = [grade(0, setup.id, 0.4), grade(1, setup.id, 0.7), grade(2, setup.id, null)]
            const floor = { ...runResult().floor, mode }
            return found(yield* reportData(yield* kept(grades, { standings, floor })))
          })
        assert.deepStrictEqual(yield* of("preference", "measured"), [["case00", 0.4, 0.5]])
        assert.deepStrictEqual(yield* of("agreement", "skipped"), [
          ["case00", 0.4, 1],
          ["case01", 0.7, 1]
        ])
        assert.deepStrictEqual(yield* of("agreement", "measured"), [], "without a reference there is no pair")
      })
    )
  )

  it.live("name each case once, by the grader it fell furthest behind on, and the slice the run noted", () =>
    withHome(() =>
      Effect.gen(function* () {
        const gates = [gateResult(-0.01), gateResult(-0.01, { grader: "toolCalls" })]
        const grades = [0, 1].flatMap((at) => [
          grade(at, setup.id, 0.6),
          grade(at, "floor", 1),
          grade(at, setup.id, 0.1 + 0.8 * at, "toolCalls"),
          grade(at, "floor", 1, "toolCalls"),
          grade(at, setup.id, 0, "reportedOnly")
        ])
        const run = yield* kept(
          grades,
          { standings: [standingDoc(setup, -0.01, "0.0005", { gates })] },
          { case00: "noted" }
        )
        const { worst } = yield* reportData(run)
        assert.deepStrictEqual(
          worst.map((one) => [one.caseId, one.grader, one.slice]),
          [
            ["case00", "toolCalls", "noted"],
            ["case01", "exact", "extract"]
          ]
        )
      })
    )
  )

  it.live("are told from grade lines that are lost", () =>
    withHome((home) =>
      Effect.gen(function* () {
        const run = yield* kept(agreement)
        rmSync(join(home, "runs", run, "grades.jsonl"))
        assert.strictEqual((yield* reportData(run)).worstMissing, "The run's grade lines are no longer there.")
      })
    )
  )
})

describe("a report", () => {
  it.live("is written in every format asked for, and a rerun replaces it and leaves nothing else", () =>
    withHome((home) =>
      Effect.gen(function* () {
        const run = yield* kept(agreement)
        const folder = join(home, "reports", "new")
        const paths = yield* renderReport("latest", ["html", "md", "json", "csv", "md"], folder)
        assert.deepStrictEqual(
          paths,
          ["report.html", "report.md", "report.json", "report.csv"].map((name) => join(folder, name))
        )
        yield* renderReport(run, ["html", "json"], folder)
        assert.deepStrictEqual(readdirSync(folder).sort(), ["report.csv", "report.html", "report.json", "report.md"])
        assert.deepStrictEqual(
          JSON.parse(readFileSync(join(folder, "report.json"), "utf8")),
          yield* (yield* Runs).result(run)
        )
        assert.include(readFileSync(join(folder, "report.html"), "utf8"), "original 13")
      })
    )
  )

  it.live("of a deleted archive and a pruned cache still comes, and says so", () =>
    withHome((home) =>
      Effect.gen(function* () {
        const run = yield* kept(agreement, {}, undefined, (at) => at !== 13)
        rmSync(join(home, "archive"), { recursive: true })
        const folder = join(home, "reports")
        const written = () => readFileSync(join(folder, "report.md"), "utf8")
        yield* renderReport(run, ["md"], folder)
        assert.match(written(), /^# Parity: fleet\/small repairs=2 can take over/)
        assert.include(written(), "_There is no archive")
        assert.include(written(), "_The answer is no longer in the answer cache._")
        assert.include(written(), "answer 12")
        assert.include(written(), `${setup.id} of 13 by exact`, "the grader's evidence is the run's own and stays")
        rmSync(join(home, "runs", run, "outputs.jsonl"))
        yield* renderReport(run, ["md"], folder)
        assert.include(written(), "_The run's lines no longer tell which answer this was._")
      })
    )
  )

  it.live("of an unknown format or run is a sentence, and nothing is written", () =>
    withHome((home) =>
      Effect.gen(function* () {
        yield* kept(agreement)
        const folder = join(home, "reports")
        const format = yield* Effect.flip(renderReport("latest", ["html", "docx"], folder))
        assert.match(format.message, /no report format "docx"\n {2}The formats there are: html, md, json, csv\./)
        const unknown = yield* Effect.flip(renderReport("nope", ["html"], folder))
        assert.match(unknown.message, /nope/)
        assert.notInclude(readdirSync(home), "reports")
      })
    )
  )
})
