import * as Effect from "effect/Effect"

import type { Calls } from "../calls/Calls.ts"
import { type NanoUsd, sumOf, usd } from "../domain/Money.ts"
import type { OutputRow, RunWriter } from "../store/Runs.ts"

/** What became of a case under a setup, for those who look on. */
export interface CaseDone {
  /** A setup's id, or `floor`. */
  readonly setup: string
  readonly case: string
  readonly series: OutputRow["series"]
  /** The word for how it ended, and whether there is an answer. */
  readonly ended: string
  readonly answered: boolean
  /** Dollars of all its attempts, cached ones at what they cost when they were bought; `null`: unpriced, or nothing came back. */
  readonly cost: string | null
  /** Of all attempts; `null`: not known. */
  readonly latencyMs: number | null
  readonly attempts: number
}

/** Who is told. */
export interface Onlooker {
  /** An answer was bought just now for a setup, or for `floor`. */
  paid(setup: string, cost: NanoUsd): void
  done(about: CaseDone): void
}

const latencyOf = ({ attempts }: OutputRow) =>
  attempts.length === 0
    ? null
    : attempts.reduce<number | null>(
        (sum, { latencyMs }) => (sum === null || latencyMs === null ? null : sum + latencyMs),
        0
      )

/** The same calls and the same writer, with somebody who looks on: an output that is on disk is told with what its answers cost. */
export const observed = (
  calls: Calls["Service"],
  writer: RunWriter,
  onlooker: Onlooker
): { readonly calls: Calls["Service"]; readonly writer: RunWriter } => {
  const costs = new Map<string, NanoUsd | null>()
  const keyOf = (series: string, setup: string, caseId: string) => `${series} ${setup} ${caseId}`
  const kept = (row: OutputRow) => {
    const key = keyOf(row.series, row.setup, row.case)
    const cost = costs.get(key) ?? null
    costs.delete(key)
    onlooker.done({
      setup: row.setup,
      case: row.case,
      series: row.series,
      ended: row.ending ?? row.failure?.kind ?? "complete",
      answered: row.failure === undefined,
      cost: usd(cost),
      latencyMs: latencyOf(row),
      attempts: row.attempts.length
    })
  }
  return {
    calls: {
      ...calls,
      ask: (ask) =>
        Effect.map(calls.ask(ask), (answered) => {
          const { case: caseId, setup } = ask.for
          if (ask.series === "judge") return answered
          const key = keyOf(ask.series, setup, caseId)
          const before = costs.get(key)
          costs.set(key, before === undefined ? answered.cost : sumOf([before, answered.cost]))
          if (!answered.cached && answered.cost !== null) onlooker.paid(setup, answered.cost)
          return answered
        })
    },
    writer: {
      ...writer,
      output: (row) => Effect.map(writer.output(row), () => kept(row)),
      graded: (row, grades) => Effect.map(writer.graded(row, grades), () => kept(row))
    }
  }
}
