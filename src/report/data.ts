import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

import { answerOf } from "../domain/Answer.ts"
import { Fault } from "../domain/Fault.ts"
import type { RunResult, StandingDoc } from "../domain/RunResult.ts"
import { Answers } from "../store/Answers.ts"
import { Archives } from "../store/Archives.ts"
import { Runs } from "../store/Runs.ts"
import type { ReportData, WorstCase } from "./contract.ts"
import { subjectOf } from "./subject.ts"
import { answerText, askedText } from "./texts.ts"
import { asSentence } from "./wording.ts"
import { worstCount, worstQuery, worstValues } from "./worst.ts"

/** A case found by the query, before its texts are read. */
type Found = Pick<WorstCase, "caseId" | "grader" | "score" | "reference" | "why">

const findWorst = Effect.fnUntraced(function* (runs: Runs["Service"], result: RunResult, standing: StandingDoc) {
  const [left] = yield* runs.query(result.run, "SELECT count(*) AS n FROM grades WHERE setup = $setup", {
    setup: standing.setup.id
  })
  if (Number(left?.["n"]) === 0 && standing.cases > 0) {
    return yield* new Fault({ kind: "input", sentence: "the run's grade lines are no longer there" })
  }
  return yield* Effect.map(
    Effect.forEach(standing.gates, (gate) =>
      Effect.map(runs.query(result.run, worstQuery, worstValues(result, standing, gate)), (rows) =>
        rows.map(
          (row): Found => ({
            caseId: String(row["case_id"]),
            grader: gate.grader,
            score: Number(row["score"]),
            reference: Number(row["reference"]),
            why: row["why"] == null ? "" : String(row["why"])
          })
        )
      )
    ),
    (byGate) => {
      const loss = ({ reference, score }: Found) => reference - score
      const sorted = byGate
        .flat()
        .sort((a, b) => loss(b) - loss(a) || (a.caseId < b.caseId ? -1 : a.caseId > b.caseId ? 1 : 0))
      return sorted
        .filter((one, at) => sorted.findIndex(({ caseId }) => caseId === one.caseId) === at)
        .slice(0, worstCount)
    }
  )
})

/** The slice of a case: as the run noted it, else by the label that slices are named by; empty when neither tells. */
const sliceOf = (noted: string | undefined, rule: string, labels: Readonly<Record<string, string>> | undefined) =>
  noted ?? (rule.startsWith("label:") ? labels?.[rule.slice("label:".length)] : undefined) ?? ""

/** Reads the texts of the cases found; what is no longer there is said, never made up. */
const readTexts = Effect.fnUntraced(function* (result: RunResult, setup: string, found: ReadonlyArray<Found>) {
  const runs = yield* Runs
  const archives = yield* Archives
  const answers = yield* Answers
  const opened = yield* Effect.result(
    Effect.gen(function* () {
      const manifest = yield* runs.manifest(result.run)
      return { manifest, reader: yield* archives.reader(manifest.archive) }
    })
  )

  const originalOf = Effect.fnUntraced(function* (caseId: string) {
    const { manifest, reader } = yield* Effect.fromResult(opened)
    const callId = manifest.cases[caseId]
    if (callId === undefined) {
      return yield* new Fault({
        kind: "input",
        sentence: `the run's manifest does not name the call of case ${caseId}`
      })
    }
    return { slice: manifest.slices?.[caseId], call: yield* reader.load(callId) }
  })
  const answeredOf = Effect.fnUntraced(function* (caseId: string) {
    const outputs = yield* runs.outputs(result.run, caseId)
    const output = outputs.findLast((row) => row.setup === setup && row.series === "candidate")
    const key = output?.attempts.at(output.chosen ?? -1)?.answer
    if (key === undefined) {
      return yield* new Fault({ kind: "input", sentence: "the run's lines no longer tell which answer this was" })
    }
    const row = yield* answers.get(key)
    if (row === undefined) {
      return yield* new Fault({ kind: "input", sentence: "the answer is no longer in the answer cache" })
    }
    return answerText(answerOf(row.response, row.usage))
  })

  return yield* Effect.forEach(found, (one) =>
    Effect.gen(function* () {
      const original = yield* Effect.result(originalOf(one.caseId))
      const answered = yield* Effect.result(answeredOf(one.caseId))
      const known = Result.isSuccess(original) ? original.success : undefined
      const missing = {
        ...(Result.isFailure(original) ? { original: asSentence(original.failure.sentence) } : {}),
        ...(Result.isFailure(answered) ? { answered: asSentence(answered.failure.sentence) } : {})
      }
      const worst: WorstCase = {
        ...one,
        slice: sliceOf(known?.slice, result.method.slice, known?.call.labels),
        asked: known === undefined ? "" : askedText(known.call.request),
        original: known === undefined ? "" : answerText(answerOf(known.call.response, known.call.usage)),
        answered: Result.isSuccess(answered) ? answered.success : "",
        ...(Object.keys(missing).length === 0 ? {} : { missing })
      }
      return worst
    })
  )
}, Effect.scoped)

/**
 * Everything a report is made of: the run's result, and the ten worst cases of the setup it names (else of the best one tried) with their texts.
 * A deleted archive, a pruned cache or lost grade lines are no failure: the report says what is missing. Fails when the run or its result is not there.
 */
export const reportData = Effect.fn("Report.data")(function* (run: string) {
  const runs = yield* Runs
  const result = yield* runs.result(run)
  const standing = subjectOf(result)?.standing
  if (standing === undefined) return { result, worst: [], worstOf: null } satisfies ReportData
  const worstOf = standing.setup.label
  const found = yield* Effect.result(findWorst(runs, result, standing))
  if (Result.isFailure(found)) {
    return { result, worst: [], worstOf, worstMissing: asSentence(found.failure.sentence) } satisfies ReportData
  }
  const data: ReportData = { result, worst: yield* readTexts(result, standing.setup.id, found.success), worstOf }
  return data
})
