import { basename, dirname } from "node:path"

import type { Found, Importer, Line, Session } from "../contract.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, objectIn } from "../json.ts"
import { callsOf } from "./tau2Bench/call.ts"

const isResults = (row: JsonObject): boolean => {
  const info = objectIn(row["info"])
  return (
    info !== undefined &&
    ("simulations" in row || arrayIn(row["tasks"]) !== undefined) &&
    ["agent_info", "environment_info", "user_info"].some((name) => name in info)
  )
}

const isSimulation = (row: JsonObject): boolean =>
  "task_id" in row && "termination_reason" in row && ("messages" in row || "ticks" in row)

/** A results file without simulations: those of its run lie in files of their own beside it. */
interface Head {
  readonly file: string
  readonly line: number
  readonly info: JsonObject | undefined
  /** True when a simulation has been read with it, or it was told that there is none. */
  done: boolean
}

const start = (): Session => {
  const heads = new Map<string, Head>()
  const read = (file: string, line: Line): ReadonlyArray<Found> => {
    if ("error" in line) return [{ _tag: "Skip", line: line.line, reason: line.error }]
    const row = objectIn(line.json)
    if (row === undefined) return [{ _tag: "Skip", line: line.line, reason: "not a JSON object" }]
    const place = { file, line: line.line }
    const folder = dirname(file)
    if (isSimulation(row)) {
      const head = basename(folder) === "simulations" ? heads.get(dirname(folder)) : undefined
      if (head !== undefined) head.done = true
      return callsOf(place, head?.info, row)
    }
    if (!isResults(row)) return [{ _tag: "Other", type: "unknown object" }]
    const info = objectIn(row["info"])
    const simulations = arrayIn(row["simulations"]) ?? []
    if (simulations.length === 0) {
      heads.set(folder, { ...place, info, done: false })
      return [{ _tag: "Other", type: "results of a run" }]
    }
    return simulations.flatMap((one): ReadonlyArray<Found> => {
      const simulation = objectIn(one)
      return simulation === undefined
        ? [{ _tag: "Skip", line: line.line, reason: "a simulation that is no object" }]
        : callsOf(place, info, simulation)
    })
  }
  return {
    open: (file) => ({ line: (line) => read(file, line), end: () => [] }),
    end: () => {
      const alone = [...heads.values()].filter(({ done }) => !done)
      for (const head of alone) head.done = true
      return alone.map(
        ({ file, line }): Found => ({
          _tag: "Skip",
          file,
          line,
          reason:
            "results without simulations: a voice run keeps them in its folder `simulations`, which was not read with it"
        })
      )
    }
  }
}

/**
 * τ²-bench results: a run in one file, or a results file with its folder of simulations. Each answer of the agent is a call, with the reward
 * of its simulation. Voice simulations hold sound and are skipped.
 */
export const tau2Bench: Importer = {
  id: "tau2-bench",
  about: "τ²-bench results (results.json, simulations/*.json)",
  together: true,
  sniff: ({ first }) =>
    first.some((value) => {
      const row = objectIn(value)
      return row !== undefined && (isResults(row) || isSimulation(row))
    }),
  start
}
