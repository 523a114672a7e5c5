import * as Effect from "effect/Effect"

import { answerOf } from "../domain/Answer.ts"
import type { CallRequest } from "../domain/Call.ts"
import { Fault } from "../domain/Fault.ts"
import { classOf } from "../evaluate/judgeGate.ts"
import { subjectOf } from "../report/subject.ts"
import { answerText, blockText } from "../report/texts.ts"
import { Answers } from "../store/Answers.ts"
import { Archives } from "../store/Archives.ts"
import { Labels, pairKey } from "../store/Labels.ts"
import { type Manifest, Runs } from "../store/Runs.ts"
import { some } from "./cases.ts"
import type { Shown } from "./labelCsv.ts"
import { type Candidate, hiddenOf } from "./labelSample.ts"

/** Which pairs of a run are to be labelled. */
export interface Asked {
  readonly setup?: string | undefined
  readonly grader?: string | undefined
}

/** Messages of a request that a person is shown: the last ones. */
const turns = 4

/** Of a long system prompt, which is the same for pair after pair: its beginning, and more of its end. */
const shownOfSystem = { start: 300, end: 900 }

/** A message's text as a person is shown it. */
export const shownText = (role: string, text: string): string => {
  const { end, start } = shownOfSystem
  const left = text.length - start - end
  return role !== "system" || left < end
    ? text
    : `${text.slice(0, start)}\n[… ${left} characters of it are left out here …]\n${text.slice(-end)}`
}

const requestText = ({ messages }: CallRequest) =>
  messages
    .slice(-turns)
    .map(({ blocks, role }) => `[${role}] ${shownText(role, blocks.map(blockText).join("\n"))}`)
    .join("\n")

const chosenSetup = Effect.fnUntraced(function* (manifest: Manifest, wanted: string | undefined) {
  const { run, setups } = manifest
  const ids = Object.keys(setups)
  if (wanted !== undefined) {
    const exact = ids.filter((id) => id === wanted)
    const found = exact.length > 0 ? exact : ids.filter((id) => id.startsWith(wanted) || setups[id]!.includes(wanted))
    if (found.length === 1) return found[0]!
    return yield* new Fault({
      kind: "usage",
      sentence:
        found.length === 0
          ? `no setup of run ${run} fits --setup ${wanted}`
          : `${found.length} setups of run ${run} fit --setup ${wanted}`,
      mend: `Setups: ${some((found.length === 0 ? ids : found).map((id) => `${setups[id]} (${id})`))}.`
    })
  }
  const subject = yield* Effect.option(Effect.map((yield* Runs).result(run), (result) => subjectOf(result)))
  const id = subject._tag === "Some" ? subject.value?.standing.setup.id : undefined
  if (id !== undefined) return id
  if (ids.length === 1) return ids[0]!
  return yield* new Fault({
    kind: "usage",
    sentence: `run ${run} has no result that tells which of its ${ids.length} setups to label`,
    mend: `Name one with --setup: ${some(ids.map((one) => `${setups[one]} (${one})`))}.`
  })
})

/** The judge whose verdicts stratify the sample: the one named, else the run's first that compares with the original; `undefined`: there is none. */
const chosenGrader = Effect.fnUntraced(function* (run: string, setup: string, wanted: string | undefined) {
  const runs = yield* Runs
  const rows = yield* runs.query(run, "SELECT DISTINCT grader FROM grades WHERE setup = $setup ORDER BY grader", {
    setup
  })
  const graders = rows.map((row) => String(row["grader"]))
  if (wanted !== undefined) {
    if (graders.includes(wanted)) return wanted
    return yield* new Fault({
      kind: "usage",
      sentence: `no answer of that setup was graded by ${wanted} in run ${run}`,
      mend: `Graders: ${some(graders)}.`
    })
  }
  const result = yield* Effect.option(runs.result(run))
  if (result._tag === "None") return undefined
  const gates = result.value.standings.flatMap((standing) => [...standing.gates, ...standing.reported])
  return gates.find(({ grader, kind }) => kind === "preference" && graders.includes(grader))?.grader
})

/** The pairs of a run and setup that can be labelled, and how one is loaded. */
export const pairsOf = Effect.fnUntraced(function* (runName: string, asked: Asked) {
  const runs = yield* Runs
  const answers = yield* Answers
  const manifest = yield* runs.manifest(runName)
  const { run } = manifest
  const setup = yield* chosenSetup(manifest, asked.setup)
  const grader = yield* chosenGrader(run, setup, asked.grader)
  const rows = yield* runs.query(
    run,
    `SELECT o."case" AS id, any_value(g.score) AS score FROM outputs o
       LEFT JOIN grades g ON g."case" = o."case" AND g.setup = o.setup AND g.grader = $grader
      WHERE o.setup = $setup AND o.series = 'candidate' AND o.failure IS NULL GROUP BY o."case" ORDER BY o."case"`,
    { setup, grader: grader ?? "" }
  )
  const candidates = rows.map(({ id, score }): Candidate => {
    const stratum =
      grader === undefined
        ? (manifest.slices?.[String(id)] ?? "")
        : score === null || score === undefined
          ? "ungraded"
          : classOf(Number(score))
    return { caseId: String(id), stratum }
  })
  const secret = yield* (yield* Labels).secret
  const reader = yield* (yield* Archives).reader(manifest.archive)

  /** `undefined`: the answer is no longer in the cache. */
  const load = Effect.fnUntraced(function* (caseId: string) {
    const row = (yield* runs.outputs(run, caseId)).findLast((one) => one.setup === setup && one.series === "candidate")
    const key = row?.attempts[row.chosen ?? row.attempts.length - 1]?.answer
    const kept = key === undefined ? undefined : yield* answers.get(key)
    const callId = manifest.cases[caseId]
    if (kept === undefined || callId === undefined) return undefined
    const call = yield* reader.load(callId)
    const output = answerOf(kept.response, kept.usage)
    const original = answerOf(call.response, call.usage)
    const pair = pairKey(caseId, original, output)
    const hidden = hiddenOf(pair, secret)
    const [first, second] = hidden.outputFirst ? [output, original] : [original, output]
    const shown: Shown = {
      pair,
      ...hidden,
      request: requestText(call.request),
      first: answerText(first),
      second: answerText(second)
    }
    return shown
  })
  return { run, setup, label: manifest.setups[setup] ?? setup, grader, candidates, load }
})
