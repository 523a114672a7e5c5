import * as Effect from "effect/Effect"

import { type Case, type CaseRow, replayable } from "../domain/Case.ts"
import type { NanoUsd } from "../domain/Money.ts"
import type { Output } from "../domain/Output.ts"
import type { MachineRate } from "../domain/Price.ts"
import type { Setup, Target } from "../domain/Setup.ts"
import { type Asking, type Manner, mannerOf, plainAsking } from "../replay/manner.ts"
import { type Beyond, type ReadyCheck, replayCase } from "../replay/replay.ts"
import type { RunWriter } from "../store/Runs.ts"
import type { ReadyGrader } from "./gates.ts"
import { gradeAll } from "./grading.ts"
import { type CaseLoop, caseLoopOf } from "./loop.ts"
import { Marks } from "./marks.ts"
import { gradeRow, outputRow } from "./rows.ts"
import { keepMachineTime, type MachineTime, noMachineTime } from "./selfHosted.ts"
import { Told } from "./told.ts"

/** How a case ended under a setup. */
export const Ended = { notAsked: 0, answered: 1, infrastructure: 2, unsendable: 3, budget: 4 } as const

/** What was measured of one setup, a place a case in the run's order. */
export interface Tried {
  readonly setup: Setup
  readonly ended: Uint8Array
  /** By grader; NaN: ungraded or no answer. */
  readonly score: Readonly<Record<string, Float64Array>>
  /** All that was paid for a case, what brought no answer in; of a case that ended without an answer too. `null`: not known, or not asked. */
  readonly cost: Array<NanoUsd | null>
  /** Milliseconds, all rounds; NaN: unknown. */
  readonly latency: Float64Array
  /** Milliseconds to the first token, and those of the archived original; NaN: unknown. */
  readonly ttft: Float64Array
  readonly archivedTtft: Float64Array
  /** Of a setup that is priced by its machine's time. */
  readonly machine?: MachineTime
  /** 1 where a repair round was taken. */
  readonly repaired: Uint8Array
  /** 1 where a check itself failed to run. */
  readonly broken: Uint8Array
  /** How cases ended, why they cannot be sent, and what was lost of them, by word. */
  readonly endings: Marks
  readonly unsendable: Marks
  readonly losses: Marks
  /** 1 where the setup was asked again with a larger budget. */
  readonly enlarged: Uint8Array
  /** How each model that the setup may ask is asked, and what it taught. */
  mannerOf(target: Target): Manner
  /** What came of a case's checks; `undefined`: it had none, or was not asked. */
  readonly loop: Array<CaseLoop | undefined>
  /** What the first case that got no answer for reasons of infrastructure was told, and, by grader, why the first case was not graded. */
  readonly told: Told
}

const mannersOf = (asking: Asking) => {
  const all = new Map<string, Manner>()
  return (target: Target): Manner => {
    const name = JSON.stringify([target.provider, target.model])
    const manner = all.get(name) ?? mannerOf(asking, target)
    all.set(name, manner)
    return manner
  }
}

/** Nothing measured yet. */
export const untried = (
  setup: Setup,
  graders: ReadonlyArray<ReadyGrader>,
  cases: number,
  asking: Asking = plainAsking,
  rate?: MachineRate
): Tried => ({
  setup,
  ended: new Uint8Array(cases),
  score: Object.fromEntries(graders.map(({ id }) => [id, new Float64Array(cases).fill(Number.NaN)])),
  cost: new Array<NanoUsd | null>(cases).fill(null),
  latency: new Float64Array(cases).fill(Number.NaN),
  ttft: new Float64Array(cases).fill(Number.NaN),
  archivedTtft: new Float64Array(cases).fill(Number.NaN),
  ...(rate === undefined ? {} : { machine: noMachineTime(rate, cases) }),
  repaired: new Uint8Array(cases),
  broken: new Uint8Array(cases),
  endings: new Marks(cases),
  unsendable: new Marks(cases),
  losses: new Marks(cases),
  enlarged: new Uint8Array(cases),
  mannerOf: mannersOf(asking),
  loop: new Array<CaseLoop | undefined>(cases).fill(undefined),
  told: new Told()
})

/** The places among some at which a case was paid for and ended without an answer. */
export const unansweredOf = (
  { cost, ended }: Pick<Tried, "cost" | "ended">,
  places: ReadonlyArray<number>
): ReadonlyArray<number> => places.filter((at) => ended[at] !== Ended.answered && (cost[at] ?? 0n) > 0n)

/** Of a case without an answer, attempts whose price is not known add nothing to what is. */
const costOfCase = ({ answer, cost, unanswered }: Output): NanoUsd | null =>
  unanswered === undefined ? cost : cost === null && answer !== null ? null : (cost ?? 0n) + unanswered.cost

/** Keeps how a case ended. */
const mark = (into: Tried, at: number, { attempts, ending, failure, losses }: Output) => {
  into.endings.set(ending, at)
  if (failure?.kind === "unsendable") into.unsendable.set(failure.why ?? "request", at)
  for (const { what } of losses) into.losses.set(what, at)
  into.enlarged[at] = attempts.some(({ enlarged }) => enlarged !== undefined) ? 1 : 0
  into.repaired[at] = attempts.some(({ round }) => round > 0) ? 1 : 0
}

/**
 * Replays and grades one case under one setup and keeps what was measured; the replay is handed nothing of the original. Output and grades are on
 * disk before they count. `checks` are those that drive this case's test loop; `beyond` is what a cascade needs.
 */
export const tryCase = Effect.fnUntraced(function* (
  into: Tried,
  at: number,
  loaded: Case,
  graders: ReadonlyArray<ReadyGrader>,
  checks: ReadonlyArray<ReadyCheck>,
  writer: RunWriter,
  beyond?: Omit<Beyond, "mannerOf">
) {
  const { mannerOf: manners, setup } = into
  const output = yield* replayCase(
    replayable(loaded),
    setup,
    checks,
    manners(setup),
    beyond === undefined ? undefined : { ...beyond, mannerOf: manners }
  )
  const { answer } = output
  const grades =
    answer === null
      ? []
      : yield* gradeAll(graders, loaded, answer, {
          latencyMs: output.latencyMs,
          usd: output.cost === null ? null : Number(output.cost) / 1e9
        })
  yield* writer.graded(
    outputRow(output, "candidate"),
    grades.map((grade, place) => gradeRow(loaded.id, into.setup.id, graders[place]!.id, grade))
  )
  for (const [place, grade] of grades.entries()) {
    const { id } = graders[place]!
    into.score[id]![at] = grade.score ?? Number.NaN
    if (grade.score === null) into.told.ungraded(id, at, grade)
  }
  into.cost[at] = costOfCase(output)
  into.latency[at] = output.latencyMs ?? Number.NaN
  into.ttft[at] = output.ttftMs ?? Number.NaN
  into.archivedTtft[at] = loaded.ttftMs ?? Number.NaN
  if (into.machine !== undefined) keepMachineTime(into.machine, at, output)
  if (checks.length > 0) into.loop[at] = caseLoopOf(output)
  mark(into, at, output)
  into.broken[at] = output.attempts.some(({ checks: run }) => run.some(({ broken }) => broken === true)) ? 1 : 0
  if (output.failure?.kind === "infrastructure") into.told.withheld(at, output.failure)
  if (output.failure?.kind === "budget" || output.failure?.why === "request")
    into.told.unsent(output.failure.kind === "budget" ? "budget" : "unsendable", at, output.failure.message)
  if (output.failure?.cap !== undefined) into.told.capped(at, output.failure.cap)
  into.ended[at] = answer === null ? Ended[output.failure?.kind ?? "infrastructure"] : Ended.answered
})

/** Counts a case that may not go to `provider`, which the setup may ask; nothing is sent. */
export const keepBack = (into: Tried, at: number, row: CaseRow, provider: string, writer: RunWriter) => {
  const output: Output = {
    caseId: row.id,
    setupId: into.setup.id,
    answer: null,
    failure: {
      kind: "unsendable",
      why: "mayReceive",
      message: `mayReceive: this call may not be sent to ${provider}`
    },
    ending: "unsendable",
    attempts: [],
    losses: [],
    cost: null,
    latencyMs: null
  }
  mark(into, at, output)
  into.ended[at] = Ended.unsendable
  return writer.output(outputRow(output, "candidate"))
}
