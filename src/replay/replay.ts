import * as Effect from "effect/Effect"

import type { ReplayCase } from "../domain/Case.ts"
import type { Setup, Target } from "../domain/Setup.ts"
import type { Missing } from "./ask.ts"
import { type Deciding, escalates } from "./escalate.ts"
import { type Manner, mannerOf, plainAsking } from "./manner.ts"
import { newTape, outputOf } from "./output.ts"
import type { LimitOf } from "./outputLimit.ts"
import { floorRequest, setupRequest } from "./request.ts"
import { answerRung, type Held, type ReadyCheck, type Rung } from "./rung.ts"

export type { ReadyCheck }

/** What a cascade needs to be told beside its first setup. */
export interface Beyond extends Deciding {
  /** How a target is asked: one for all cases of the setup. */
  mannerOf(target: Target): Manner
  /** Where a cascade ends in the incumbent; `repeats`: how often the noise floor asks it for a case. `null`: it cannot be asked. */
  readonly incumbent: (Target & { readonly repeats: number }) | null
}

const limitOf = (archived: ReplayCase, setup: Pick<Setup, "axes"> | undefined): LimitOf =>
  setup?.axes.maxTokens !== undefined
    ? "setup"
    : archived.request.params.maxOutputTokens === undefined
      ? "default"
      : "original"

/** Axes as a refused parameter is called. */
const namedOf = ({ axes }: Setup): ReadonlySet<string> =>
  new Set(Object.keys(axes).map((axis) => (axis === "reasoningEffort" ? "reasoning" : axis)))

const setupRung = (
  archived: ReplayCase,
  setup: Setup,
  payer: string,
  at: number,
  checks: ReadonlyArray<ReadyCheck>,
  manner: Manner
): Rung => ({
  at,
  about: {
    archived,
    provider: setup.provider,
    setup: payer,
    series: "candidate",
    manner,
    limitOf: limitOf(archived, setup),
    named: namedOf(setup)
  },
  repeat: archived.repeat,
  wanted: setupRequest(archived, setup),
  checks,
  samples: setup.axes.samples ?? 1,
  rounds: setup.axes.repairs ?? 0
})

const noAxes: ReadonlySet<string> = new Set()

/** The incumbent is asked as for the noise floor: the same answers, bought once. */
const incumbentRung = (
  archived: ReplayCase,
  incumbent: Target,
  payer: string,
  at: number,
  draw: number,
  checks: ReadonlyArray<ReadyCheck>,
  manner: Manner
): Rung => ({
  at,
  about: {
    archived,
    provider: incumbent.provider,
    setup: payer,
    series: "floor",
    manner,
    limitOf: limitOf(archived, undefined),
    named: noAxes
  },
  repeat: draw,
  wanted: floorRequest(archived, incumbent.model),
  checks,
  samples: 1,
  rounds: 0
})

/** The draw of the noise floor's `nth` answer, from 0, for a case. */
export const floorDraw = ({ repeat }: Pick<ReplayCase, "repeat">, repeats: number, nth: number): number =>
  repeat * repeats + nth

/**
 * What a setup answers for a case: samples, then repair rounds while checks fail and rounds are left; and where it is a cascade whose rules say
 * so, what the next setup answers to the same request. All that was asked is paid for. `manner` is one for all cases of the setup; `beyond` is
 * needed by a cascade. The incumbent at a cascade's end gives its first answer of the noise floor. A call that gets no answer ends the
 * case with its failure as data; `Fault` is only for what must stop the run.
 */
export const replayCase = Effect.fnUntraced(function* (
  archived: ReplayCase,
  setup: Setup,
  checks: ReadonlyArray<ReadyCheck>,
  manner: Manner = mannerOf(plainAsking, setup),
  beyond?: Beyond
) {
  const tape = newTape()
  const rungOf = (target: Setup | "incumbent", at: number): Rung => {
    if (target !== "incumbent") {
      const how = at === 0 ? manner : beyond?.mannerOf(target)
      if (how !== undefined) return setupRung(archived, target, setup.id, at, checks, how)
    }
    const incumbent = beyond?.incumbent
    if (beyond === undefined || incumbent === undefined || incumbent === null)
      throw new Error("a cascade is replayed with what follows its first setup")
    const draw = floorDraw(archived, incumbent.repeats, 0)
    return incumbentRung(archived, incumbent, setup.id, at, draw, checks, beyond.mannerOf(incumbent))
  }
  let target: Setup | "incumbent" = setup
  let held: Held | undefined
  for (let at = 0; ; at++) {
    const rung = rungOf(target, at)
    const got: Held | Missing = yield* answerRung(tape, rung)
    if ("failure" in got) {
      const stays = held !== undefined && got.failure.kind === "unsendable"
      return outputOf(archived, setup.id, tape, stays && held !== undefined ? held : got)
    }
    held = got
    if (target === "incumbent" || target.escalate === undefined) return outputOf(archived, setup.id, tape, held)
    if (beyond === undefined) throw new Error("a cascade is replayed with what its rules are decided by")
    const goesOn: boolean | Missing = yield* escalates(tape, rung, held, target.escalate.when, beyond)
    if (goesOn !== true) return outputOf(archived, setup.id, tape, goesOn === false ? held : goesOn)
    target = target.escalate.to
  }
})

/** The incumbent asked again for a case: the `draw`-th answer of its floor series. Checks and repairs play no part; else it is asked as a setup is. */
export const replayFloor = Effect.fnUntraced(function* (
  archived: ReplayCase,
  incumbent: Target,
  draw: number,
  manner: Manner = mannerOf(plainAsking, incumbent)
) {
  const tape = newTape()
  const got: Held | Missing = yield* answerRung(tape, incumbentRung(archived, incumbent, "floor", 0, draw, [], manner))
  return outputOf(archived, "floor", tape, got)
})
