import * as Effect from "effect/Effect"

import type { Setup } from "../domain/Setup.ts"
import type { Standing } from "../domain/Standing.ts"
import type { Look, Move, Strategy, StrategyInput } from "./contract.ts"

/** How a climb went: the last standing of each setup tried, in the order of trying, every look, and what the strategy ended with. */
export interface Climbed {
  readonly looks: ReadonlyArray<Look>
  readonly standings: ReadonlyArray<Standing>
  readonly named: Setup | null
  readonly reason: string
  /** The budget ended it before the strategy did. */
  readonly cut: boolean
}

/**
 * Asks a strategy what to try next and tries it until it stops, or until the run's budget leaves a standing incomplete.
 * A setup that only a budget of its own has stopped is one that was tried.
 * Knows no model: `evaluate` is handed in.
 */
export const climb = Effect.fnUntraced(function* <E, R>(
  next: ReturnType<Strategy["make"]>,
  input: StrategyInput,
  evaluate: (setup: Setup, sessions: number, level: number) => Effect.Effect<Standing, E, R>
) {
  const looks: Array<Look> = []
  const ended = (stop: Extract<Move, { _tag: "Stop" }>, cut: boolean): Climbed => ({
    looks,
    standings: [...new Map(looks.map(({ standing }) => [standing.setup.id, standing])).values()],
    named: stop.named,
    reason: stop.reason,
    cut
  })
  const known = new Set(input.setups.map(({ setup }) => setup.id))
  while (true) {
    const move = next(looks)
    if (move._tag === "Stop") return ended(move, false)
    if (!known.has(move.setup.id))
      return yield* Effect.die(new Error(`the strategy asked for an unknown setup: ${move.setup.label}`))
    const standing = yield* evaluate(move.setup, move.sessions, move.level)
    looks.push({ move, standing })
    if (standing.blocked?.by === "budget" && standing.blocked.own !== true) {
      const best = looks
        .filter((look) => look.standing.verdict === "parity")
        .sort((a, b) => Number(a.standing.costPerCase) - Number(b.standing.costPerCase))[0]
      return ended({ _tag: "Stop", named: best?.standing.setup ?? null, reason: "the budget is spent" }, true)
    }
  }
})
