import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import type { RunResult } from "../domain/RunResult.ts"
import { counted, pointsInterval } from "../report/figures.ts"
import { visible } from "../report/plain.ts"
import { Runs } from "../store/Runs.ts"

/** The path of a climb as lines: its setups in the order in which they were first taken, the looks at each below it, and what became of it. */
const linesOf = ({ decision, path = [], standings, untried }: RunResult): ReadonlyArray<string> => {
  const ends = new Map(standings.map(({ reason, setup, verdict }) => [setup.id, `${verdict}: ${reason}`]))
  const groups = [...Map.groupBy(path, ({ setup }) => setup)]
  const tried = groups.flatMap(([id, steps]) => [
    visible(steps[0]!.label),
    ...steps.map(
      ({ cases, difference, from, level, to, verdict, why }) =>
        `  sessions ${from + 1} to ${to}, ${counted(cases, "case")}: ${visible(why)}\n    ${pointsInterval(difference)} points, ${level === 0 && verdict === "inconclusive" ? "nothing claimed" : verdict}`
    ),
    ...(ends.has(id) ? [`  in the end ${visible(ends.get(id)!)}`] : [])
  ])
  return [
    ...tried,
    ...untried.map(({ reason, setup }) => `${visible(setup.label)}\n  not tried: ${visible(reason)}`),
    "",
    ...(decision === undefined ? [] : [`Decision: ${decision.verdict}. ${visible(decision.reason)}`])
  ]
}

/** Why each setup of a finished climb was tried, dropped or kept. `Fault`, kind `input`: the run is no climb, or not finished. */
export const explainRun = Effect.fn("Runs.explain")(function* (name: string) {
  const runs = yield* Runs
  const { finished, id } = yield* runs.at((yield* runs.manifest(name)).run)
  const result = finished ? yield* runs.result(id) : undefined
  if (result?.path === undefined) {
    return yield* new Fault({
      kind: "input",
      sentence: finished
        ? `run ${id} searched nothing: it is a replay, or a climb of a version that kept no path`
        : `run ${id} is not finished, so there is no path to explain`,
      mend: "Name a finished climb: understudy climb SUITE makes one, and latest is the last run."
    })
  }
  const { decision, path, standings, untried } = result
  const short = standings.map(({ reason, setup, verdict }) => ({ setup, verdict, reason }))
  return { doc: { run: id, path, standings: short, untried, decision }, text: linesOf(result).join("\n") }
})
