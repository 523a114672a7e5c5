import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { Calls } from "../calls/Calls.ts"
import { strategies } from "../climb/registry.ts"
import { Fault } from "../domain/Fault.ts"
import type { RunResult } from "../domain/RunResult.ts"
import { type Evaluator, makeEvaluator } from "../evaluate/evaluate.ts"
import { needsFloor } from "../evaluate/floor.ts"
import { counted } from "../report/figures.ts"
import { Runs } from "../store/Runs.ts"
import { progressLines } from "../telemetry/progress.ts"
import type { Outcome } from "./outcome.ts"
import type { PreparedRun } from "./prepare.ts"
import { resultOf } from "./result.ts"
import { versions } from "./versions.ts"

/** Cases at work at once; the rate gates bound what is really in flight. */
const atOnce = 128

const progressEveryMs = 2_000

/** The strategy of a suite; the registry's first is the default, and the suite's schema let no other through. */
export const strategyOf = ({ suite }: PreparedRun) =>
  strategies.find(({ id }) => id === suite.climb.strategy) ?? strategies[0]

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
 * Runs a prepared suite: opens the run's journal and the calls, hands an evaluator to `search`, and keeps the result.
 * Whatever happens, what was paid for is on disk.
 */
export const executeRun = Effect.fn("Runs.execute")(function* (
  command: RunResult["command"],
  prepared: PreparedRun,
  search: (evaluator: Evaluator) => Effect.Effect<Outcome, Fault, Calls>
) {
  yield* checkFloor(prepared)
  const { accounts, archive, budget, incumbent, rows, setups, suite } = prepared
  const runs = yield* Runs
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
    cases: Object.fromEntries(rows.map((row) => [row.id, row.callId])),
    slices: Object.fromEntries(rows.map((row) => [row.id, row.slice]))
  })
  const clock = yield* Clock.Clock
  const run = Effect.gen(function* () {
    const calls = yield* Calls
    const progress = progressLines({
      write: (line) => process.stderr.write(`${line}\n`),
      now: () => clock.currentTimeMillisUnsafe(),
      everyMs: progressEveryMs,
      spent: () => Effect.runSync(calls.spend).usd,
      simulated: prepared.simulated
    })
    progress.say(
      `run ${writer.id}: ${counted(rows.length, "case")} in ${counted(new Set(rows.map((row) => row.cluster)).size, "session")} of archive ${archive.name}, ${counted(setups.length, "setup")}`
    )
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
      atOnce,
      mayReceive: prepared.mayReceive,
      onCase: progress.tick
    })
    const outcome = yield* search(evaluator)
    return { outcome, floor: yield* evaluator.floor, spend: yield* calls.spend }
  })
  const done = yield* run.pipe(Effect.provide(Calls.layer({ accounts, budget, journal: writer.journal })))
  const result = resultOf(prepared, {
    ...done,
    run: writer.id,
    command,
    startedAt,
    endedAt: DateTime.formatIso(yield* DateTime.now)
  })
  yield* writer.finish(result)
  return result
})
