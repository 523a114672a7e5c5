import { availableParallelism } from "node:os"

import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"

import type { Calls } from "../calls/Calls.ts"
import type { Answer } from "../domain/Answer.ts"
import type { Case, CaseRow } from "../domain/Case.ts"
import type { Fault } from "../domain/Fault.ts"
import type { NanoUsd } from "../domain/Money.ts"
import type { MachineRate } from "../domain/Price.ts"
import type { FloorDoc } from "../domain/RunResult.ts"
import { type Setup, targetsOf } from "../domain/Setup.ts"
import type { Standing } from "../domain/Standing.ts"
import type { Stretch } from "../domain/Stretch.ts"
import type { CheckDoc, Said } from "../domain/Trials.ts"
import type { Deciding } from "../replay/escalate.ts"
import { type Asking, mannerOf, plainAsking } from "../replay/manner.ts"
import type { ReadyCheck } from "../replay/replay.ts"
import type { RunWriter } from "../store/Runs.ts"
import { composedHeard, composedTried, servedBy } from "./composed.ts"
import {
  emptyReference,
  fillReference,
  type Incumbent,
  needsFloor,
  selectionSessions,
  settleReference,
  unpaidFloor
} from "./floor.ts"
import { floorDoc } from "./floorDoc.ts"
import { foilsOnce } from "./foils.ts"
import { kindAt, kindOver, type ReadyGrader } from "./gates.ts"
import { Hearing } from "./hearing.ts"
import { withJudges } from "./judgeGate.ts"
import { isSelected } from "./selected.ts"
import { standingOf } from "./standing.ts"
import { makeTrial } from "./trial.ts"
import { Ended, keepBack, type Tried, tryCase, untried } from "./tried.ts"

/** Everything an evaluation needs, settled before the first score. */
export interface EvaluateInput {
  /** In the run's one random session order, the cases of a session together. */
  readonly rows: ReadonlyArray<CaseRow>
  load(row: CaseRow): Effect.Effect<Case, Fault>
  readonly graders: ReadonlyArray<ReadyGrader>
  readonly checks: ReadonlyArray<ReadyCheck>
  /** The incumbent where it can be asked again; `null`: it cannot. */
  readonly incumbent: Incumbent | null
  readonly noiseFloor: { readonly repeats: number } | "skip"
  /** At the run's prices, from the archived usage. */
  readonly incumbentCost: ReadonlyArray<NanoUsd | null>
  readonly margin: number
  readonly alpha: number
  readonly writer: RunWriter
  /** Whether a case may go to a provider at all; one that may not is counted, not sent. */
  mayReceive(provider: string, row: CaseRow): boolean
  /** How targets are asked; left out: as where a suite says nothing. */
  readonly asking?: Asking
  /** How the rules of cascades are decided; needed where a setup is one. */
  readonly deciding?: Deciding
  /** The rate of a setup that is priced by its machine's time; left out: none is. */
  machineOf?(setup: Setup): MachineRate | undefined
  /** Cases at work at once; the rate gates of `calls` bound what is in flight. */
  readonly atOnce: number
  /** Whether an answer for a case under a setup (`floor`: the incumbent asked again) is kept from before; a run begins with those that are missing. */
  wasAsked?(setup: string, caseId: string): boolean
  /** Share of originals that may fail a check of the suite before the run stops, and the suite's file for what is said then; left out: a half. */
  readonly checkTrial?: { readonly maxOriginalFailures: number; readonly file?: string }
  /** Answers kept of each judge to be put before it again; left out: none. */
  readonly judgeRepeats?: number
  /** Foils put before each judge, 0: the suite wants none; left out: none, and nothing is said of it. */
  readonly foils?: number
  /** What people said of a pair of answers; left out: nothing. */
  labelOf?(caseId: string, original: Answer, output: Answer): Said | undefined
  /** Told of every case done, for progress. */
  onCase(what: string, total: number): void
}

/** Replay, grade and compare: the arrow that a climb is given. */
export interface Evaluator {
  /** Cases of each session, in the run's order, and each slice's share of the traffic. */
  readonly sizes: ReadonlyArray<number>
  readonly shares: ReadonlyMap<string, number>
  /** Judges a setup on a stretch of the sessions. Only what is missing is replayed. The stretch's noise floor and references are completed first. */
  evaluate(setup: Setup, stretch: Stretch): Effect.Effect<Standing, Fault, Calls>
  readonly floor: Effect.Effect<FloorDoc>
  /** What became of the suite's checks on trial, so far. */
  readonly checks: Effect.Effect<ReadonlyArray<CheckDoc>>
  /** What judges said, so far. */
  readonly hearing: Hearing
}

/** `ends[i]`: number of cases in the first `i + 1` sessions. */
export const sessionEnds = (rows: ReadonlyArray<CaseRow>): ReadonlyArray<number> => {
  const ends: Array<number> = []
  rows.forEach((row, at) => {
    if (at > 0 && row.cluster !== rows[at - 1]!.cluster) ends.push(at)
  })
  return rows.length === 0 ? [] : [...ends, rows.length]
}

/** Each slice's share of the traffic that the cases stand for. */
const sharesOf = (rows: ReadonlyArray<CaseRow>): ReadonlyMap<string, number> => {
  const weights = new Map<string, number>()
  for (const { slice, weight } of rows) weights.set(slice, (weights.get(slice) ?? 0) + weight)
  const all = [...weights.values()].reduce((a, b) => a + b, 0)
  return new Map([...weights].map(([slice, weight]) => [slice, weight / all]))
}

/** The places of a stretch's cases, `ends` as {@link sessionEnds} gives them. */
const placesOf = (ends: ReadonlyArray<number>, { from, perSession = Infinity, to }: Stretch): ReadonlyArray<number> =>
  ends.slice(from, to).flatMap((end, i) => {
    const start = ends[from + i - 1] ?? 0
    return Array.from({ length: Math.min(end - start, perSession) }, (_, k) => start + k)
  })

/** Works through `places` in order, `atOnce` of them at a time. Few fibers take the next one each: a fiber a case would cost as much as a cached case. */
const inTurn = <E, R>(
  places: ReadonlyArray<number>,
  atOnce: number,
  work: (at: number) => Effect.Effect<void, E, R>
): Effect.Effect<void, E, R> =>
  Effect.suspend(() => {
    let next = 0
    const worker = Effect.gen(function* () {
      while (next < places.length) yield* work(places[next++]!)
    })
    return Effect.all(
      Array.from({ length: Math.min(atOnce, places.length) }, () => worker),
      { concurrency: "unbounded", discard: true }
    )
  })

/** Makes the evaluator of a run. */
export const makeEvaluator = (input: EvaluateInput): Effect.Effect<Evaluator> =>
  Effect.gen(function* () {
    const { asking = plainAsking, graders, incumbent, noiseFloor, rows, writer } = input
    const asked = incumbent ?? { provider: "", model: "" }
    const floorManner = mannerOf(asking, asked)
    const ends = sessionEnds(rows)
    const shares = sharesOf(rows)
    const reference = emptyReference(graders, rows.length)
    const tried = new Map<string, Tried>()
    const trial = makeTrial({
      rows,
      load: (row) => input.load(row),
      checks: input.checks,
      atOnce: availableParallelism(),
      onCase: (total) => input.onCase("originals under the checks", total),
      ...(input.checkTrial ?? { maxOriginalFailures: 0.5 })
    })
    const hearing = new Hearing(graders, rows.length, input.judgeRepeats ?? 0, (...pair) => input.labelOf?.(...pair))
    const turn = yield* Semaphore.make(1) // evaluations of one run follow each other, so that the floor is bought once
    const canAsk = incumbent !== null && noiseFloor !== "skip"
    const outcomeGates = graders.filter((grader) => !grader.report && kindOver(grader.kind, rows) !== "agreement")
    const referenced = new Uint8Array(rows.length)
    let selected: boolean | null = null
    let tested = false

    /** A run that goes on where another stopped sends at once, and not only when it has gone through all that is there. */
    const missingFirst = (setup: string, places: ReadonlyArray<number>) => {
      const known = Uint8Array.from(places, (at) => (input.wasAsked?.(setup, rows[at]!.id) === true ? 1 : 0))
      return known.includes(1)
        ? [...places.filter((_, i) => known[i] === 0), ...places.filter((_, i) => known[i] === 1)]
        : places
    }
    /** A case of which nothing is to be scored or bought needs no content: its reference scores are settled at once. */
    const needsContent = (row: CaseRow) => graders.some(({ kind }) => kindAt(kind, row) === "outcome")
    const fill = (places: ReadonlyArray<number>, ask: (at: number) => boolean) =>
      Effect.suspend(() => {
        const asks = (at: number) => canAsk && ask(at)
        const how = { selected: selected === true, floor: noiseFloor !== "skip" }
        const wanted: Array<number> = []
        for (const at of places) {
          referenced[at] = 1
          if (asks(at) || needsContent(rows[at]!)) wanted.push(at)
          else settleReference(reference, at, rows[at]!, graders, how)
        }
        return inTurn(missingFirst("floor", wanted), input.atOnce, (at) =>
          Effect.gen(function* () {
            const row = rows[at]!
            yield* fillReference(reference, at, yield* input.load(row), graders, {
              ...how,
              incumbent: asked,
              manner: floorManner,
              repeats: noiseFloor === "skip" ? 1 : noiseFloor.repeats,
              ask: asks(at),
              originalCost: input.incumbentCost[at] ?? null,
              allowed: incumbent !== null && input.mayReceive(incumbent.provider, row),
              writer
            })
            input.onCase(asks(at) ? "noise floor" : "reference scores", wanted.length)
          })
        )
      })
    const testSelection = Effect.gen(function* () {
      const probe = ends[Math.min(selectionSessions, ends.length) - 1] ?? 0
      yield* fill([...Array(probe).keys()], () => true)
      tested = true
      selected = isSelected(rows.slice(0, probe), outcomeGates, reference)
      if (selected === true) referenced.fill(0) // a selected archive is scored again with the re-run as its reference
    })
    const onCase = (total: number) => input.onCase("judges on foils", total)
    const tryOnFoils = foilsOnce(graders, { ...input, onCase }, (foils) => hearing.noteFoils(foils))
    const complete = Effect.fnUntraced(function* (places: ReadonlyArray<number>) {
      if (canAsk && outcomeGates.length > 0 && !tested) yield* testSelection
      yield* fill(
        places.filter((at) => referenced[at] === 0),
        (at) => selected === true || needsFloor(graders, rows[at]!)
      )
    })

    const triedOf = (setup: Setup): Tried => {
      const state = tried.get(setup.id) ?? untried(setup, graders, rows.length, asking, input.machineOf?.(setup))
      tried.set(setup.id, state)
      return state
    }
    /** Replays what is missing of a setup at some places. */
    const replayAt = Effect.fnUntraced(function* (setup: Setup, places: ReadonlyArray<number>) {
      const state = triedOf(setup)
      const missing = places.filter((at) => state.ended[at] === Ended.notAsked)
      if (missing.length > 0) yield* tryOnFoils
      const targets = targetsOf(setup, asked)
      const beyond = input.deciding && {
        ...input.deciding,
        incumbent: incumbent && { ...incumbent, repeats: noiseFloor === "skip" ? 1 : noiseFloor.repeats }
      }
      yield* inTurn(missingFirst(setup.id, missing), input.atOnce, (at) =>
        Effect.gen(function* () {
          const row = rows[at]!
          const closed = targets.find(({ provider }) => !input.mayReceive(provider, row))
          if (closed === undefined) {
            const [heard, checks] = [hearing.graders(setup.id, at), trial.checksAt(at)]
            yield* tryCase(state, at, yield* input.load(row), heard, checks, writer, beyond)
          } else yield* keepBack(state, at, row, closed.provider, writer)
          input.onCase(setup.label, missing.length)
        })
      )
    })

    return {
      sizes: ends.map((end, i) => end - (ends[i - 1] ?? 0)),
      shares,
      evaluate: (setup, stretch) =>
        Effect.gen(function* () {
          const places = placesOf(ends, stretch)
          yield* trial.prepare(places)
          yield* complete(places)
          // Nothing is bought for a comparison that the budget has left without a noise floor.
          if (!places.some((at) => unpaidFloor(reference, graders, at))) {
            const served = Map.groupBy(places, (at) => servedBy(setup, rows[at]!))
            for (const [by, some] of served) if (by !== "incumbent") yield* replayAt(by, some)
          }
          const standing = standingOf(
            setup.routes === undefined
              ? triedOf(setup)
              : composedTried(setup, places, {
                  rows,
                  graders,
                  reference,
                  incumbentCost: input.incumbentCost,
                  triedOf
                }),
            places,
            {
              rows,
              shares,
              graders,
              reference,
              incumbentCost: input.incumbentCost,
              floor: noiseFloor !== "skip",
              selected,
              margin: input.margin,
              alpha: stretch.inferiorAt ?? input.alpha,
              level: stretch.level,
              errorOfLooks: stretch.errorOfLooks,
              heard: (grader) =>
                setup.routes === undefined
                  ? hearing.of(setup.id, grader)
                  : composedHeard(setup, places, rows, ({ id }) => hearing.of(id, grader))
            }
          )
          return withJudges(standing)
        }).pipe(turn.withPermit),
      floor: Effect.sync(() =>
        floorDoc(
          input,
          reference,
          [...referenced.keys()].filter((at) => referenced[at] === 1),
          { selected, tested }
        )
      ),
      checks: Effect.sync(() => trial.docs),
      hearing
    }
  })
