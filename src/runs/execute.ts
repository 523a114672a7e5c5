import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { Calls } from "../calls/Calls.ts"
import { askedFor } from "../calls/key.ts"
import { strategies } from "../climb/registry.ts"
import type { CaseRow } from "../domain/Case.ts"
import { Fault } from "../domain/Fault.ts"
import type { RunResult } from "../domain/RunResult.ts"
import type { Setup } from "../domain/Setup.ts"
import { type Evaluator, makeEvaluator } from "../evaluate/evaluate.ts"
import { needsFloor } from "../evaluate/floor.ts"
import { counted } from "../report/figures.ts"
import { Answers } from "../store/Answers.ts"
import { Labels, pairKey } from "../store/Labels.ts"
import { Runs } from "../store/Runs.ts"
import { some } from "./cases.ts"
import { estimateBefore, estimateSentence } from "./estimate.ts"
import { machineOfSetup, unpricedUnderCap } from "./expected.ts"
import { goingOn } from "./going.ts"
import { checkJudgeRoom } from "./judgeRoom.ts"
import { checkFamilies } from "./judges.ts"
import { judgeTrial } from "./judgeTrial.ts"
import { foilsOf } from "./judging.ts"
import { checkNeeds, teach } from "./learn.ts"
import { leftOpenBefore } from "./leftOpen.ts"
import { noRoomForOneTry } from "./oneTry.ts"
import { originsOf } from "./origins.ts"
import type { Outcome } from "./outcome.ts"
import type { PreparedRun } from "./prepare.ts"
import { resultOf } from "./result.ts"
import { versions } from "./versions.ts"

/** Something of every case, by its id. */
const byCase = (rows: PreparedRun["rows"], of: (row: CaseRow) => string): Readonly<Record<string, string>> => {
  const all: Record<string, string> = {}
  for (const row of rows) all[row.id] = of(row)
  return all
}

/** Cases at work at once; the rate gates bound what is really in flight. */
const atOnce = 128

/** The strategy of a suite; the registry's first is the default, and the suite's schema let no other through. */
export const strategyOf = ({ suite }: PreparedRun) =>
  strategies.find(({ id }) => id === suite.climb.strategy) ?? strategies[0]

/** A cap and no price at all: nothing could be asked. */
const checkPrices = (prepared: PreparedRun): Effect.Effect<void, Fault> => {
  const { setups, suite } = prepared
  const kept = setups.flatMap((setup) => unpricedUnderCap(prepared, setup) ?? [])
  if (setups.length === 0 || kept.length < setups.length) return Effect.void
  const models = [...new Set(kept.map(({ model, provider }) => `${provider}/${model}`))]
  return Effect.fail(
    new Fault({
      kind: "input",
      sentence: `a run with a budget asks nothing without a price, and none is known for ${some(models)}`,
      file: suite.file,
      mend: `Give them one under providers.${kept[0]!.provider}.prices, or leave the budget out.`
    })
  )
}

/** A floor that is needed and cannot be had must be known before anything is spent. */
const checkFloor = ({ incumbent, rows, suite }: PreparedRun): Effect.Effect<void, Fault> => {
  const wanted = suite.noiseFloor !== "skip" && rows.some((row) => needsFloor(suite.graders, row))
  if (!wanted || incumbent.whyNot === null) return Effect.void
  return Effect.fail(
    new Fault({
      kind: "input",
      sentence: `the incumbent ${incumbent.provider}/${incumbent.model} must be asked again for the noise floor, and cannot be: ${incumbent.whyNot}`,
      file: suite.file,
      mend: 'Make it reachable, bring reference answers (cases.references), or say noiseFloor: "skip": then a setup can meet a target, but parity is not claimed.'
    })
  )
}

/**
 * Runs a prepared suite, of which `tried` are the setups that may be asked: opens the run's journal and the calls, hands an evaluator to `search`, and keeps the result.
 * Whatever happens, what was paid for is on disk.
 */
export const executeRun = Effect.fn("Runs.execute")(function* (
  command: RunResult["command"],
  prepared: PreparedRun,
  tried: ReadonlyArray<Setup>,
  search: (evaluator: Evaluator) => Effect.Effect<Outcome, Fault, Calls>
) {
  yield* checkPrices(prepared)
  yield* checkFloor(prepared)
  const { accounts, archive, budget, caps, incumbent, rows, setups, suite } = prepared
  const runs = yield* Runs
  const answers = yield* Answers
  const labels = yield* (yield* Labels).all
  const wasAsked = (setup: string, caseId: string) => answers.wasAsked(askedFor(setup, caseId))
  yield* checkNeeds(prepared)
  yield* checkFamilies(prepared, tried)
  yield* teach(prepared)
  const noRoom = noRoomForOneTry(prepared, tried, wasAsked)
  if (noRoom !== undefined) return yield* noRoom
  yield* checkJudgeRoom(prepared, tried, wasAsked)
  const startedAt = DateTime.formatIso(yield* DateTime.now)
  const writer = yield* runs.start({
    command,
    startedAt,
    archive: archive.name,
    suite: { name: suite.name, file: prepared.suiteFile, digest: suite.digest },
    ...(suite.config === null ? {} : { config: suite.config.digest }),
    setups: Object.fromEntries(setups.map(({ id, label }) => [id, label])),
    incumbent: `${incumbent.provider}/${incumbent.model}`,
    versions,
    cases: byCase(rows, ({ callId }) => callId),
    slices: byCase(rows, ({ slice }) => slice)
  })
  const warnings: Array<string> = []
  const warn = (sentence: string) => {
    warnings.push(sentence)
    process.stderr.write(`${sentence}\n`)
  }
  const origins = originsOf(prepared.simulated, (sentence) => process.stderr.write(`${sentence}\n`))
  const estimate = estimateBefore(prepared, tried, command === "climb")
  const sessions = new Set(rows.map((row) => row.cluster)).size
  const self = {
    command,
    get simulated() {
      return origins.only
    },
    archive: archive.name,
    asks: [...new Set(accounts.map(({ host, kind }) => `${kind} at ${host}`))],
    cap: budget,
    works: new Map([
      ["floor", { label: "noise floor", account: incumbent.provider }],
      ...setups.map(({ id, label, provider }) => [id, { label, account: provider }] as const)
    ]),
    about: {
      archive: archive.name,
      suite: suite.name,
      cases: rows.length,
      sessions,
      setups: setups.map(({ id, label, model, provider }) => ({ id, label, provider, model }))
    }
  }
  yield* Effect.annotateCurrentSpan({ run: writer.id, command, cases: rows.length, sessions, setups: setups.length })
  const run = goingOn(writer, self, ({ onCase, say, writer }) =>
    Effect.gen(function* () {
      const calls = yield* Calls
      say(
        `run ${writer.id}: ${counted(rows.length, "case")} in ${counted(sessions, "session")} of archive ${archive.name}, ${counted(setups.length, "setup")}`
      )
      if (tried.length > 0)
        say(estimateSentence(estimate, { search: command === "climb", simulated: prepared.simulated }))
      yield* Effect.forkChild(Effect.map(leftOpenBefore(writer.id), (words) => words === undefined || say(words)))
      const evaluator = yield* makeEvaluator({
        rows,
        load: prepared.load,
        graders: suite.graders,
        checks: suite.checks,
        incumbent: incumbent.whyNot === null ? incumbent : null,
        noiseFloor: suite.noiseFloor,
        incumbentCost: prepared.incumbentCost,
        margin: suite.parity.margin,
        alpha: suite.parity.alpha,
        writer,
        asking: prepared.asking,
        deciding: suite.deciding,
        machineOf: (setup) => machineOfSetup(prepared, setup),
        atOnce,
        mayReceive: prepared.mayReceive,
        wasAsked,
        checkTrial: { ...suite.checkTrial, file: suite.file },
        judgeRepeats: suite.judgeTrial.repeats,
        foils: foilsOf(suite),
        labelOf: (caseId, original, output) =>
          labels.size === 0 ? undefined : labels.get(pairKey(caseId, original, output)),
        onCase
      })
      const outcome = yield* search({
        ...evaluator,
        evaluate: (setup, stretch) =>
          evaluator.evaluate(setup, stretch).pipe(
            Effect.withSpan("Evaluate.setup", {
              attributes: {
                setup: setup.id,
                provider: setup.provider,
                model: setup.model,
                from: stretch.from,
                to: stretch.to
              }
            })
          )
      })
      const judges = yield* judgeTrial(suite.graders, evaluator.hearing, outcome.standings)
      const result = resultOf(prepared, {
        checks: yield* evaluator.checks,
        judges,
        estimate,
        outcome,
        floor: yield* evaluator.floor,
        spend: yield* calls.spend,
        simulated: origins.doc,
        warnings,
        run: writer.id,
        command,
        startedAt,
        endedAt: DateTime.formatIso(yield* DateTime.now)
      })
      yield* writer.finish(result)
      return result
    })
  )
  return yield* run.pipe(
    Effect.provide(
      Calls.layer({ accounts, budget, caps: caps.parts, journal: writer.journal, warn, came: origins.came })
    )
  )
})
