import * as Effect from "effect/Effect"

import type { Setup } from "../domain/Setup.ts"
import type { Standing } from "../domain/Standing.ts"
import type { Stretch } from "../domain/Stretch.ts"
import type { Look, Stop, Strategy, StrategyInput } from "./contract.ts"

/** How a climb went: the last standing of each setup tried, in the order of trying, every look, and what the strategy ended with. */
export interface Climbed {
  readonly looks: ReadonlyArray<Look>
  readonly standings: ReadonlyArray<Standing>
  readonly named: Setup | null
  readonly reason: string
  readonly notes: Stop["notes"]
  /** The greatest error at which one setup's parity was claimed, all looks at it together; 0: nothing was to be claimed. */
  readonly level: number
  /** The budget ended it before the strategy did. */
  readonly cut: boolean
}

/** The last standing of each setup on which something could be claimed; of one that was only looked at in development, the last of all. */
const standingsIn = (looks: ReadonlyArray<Look>): ReadonlyArray<Standing> => {
  const tells = ({ move }: Look) => move.level > 0 || move.inferiorAt !== 0
  const last = new Map<string, Look>()
  for (const look of looks) {
    const known = last.get(look.move.setup.id)
    if (known === undefined || tells(look) || !tells(known)) last.set(look.move.setup.id, look)
  }
  return [...last.values()].map(({ standing }) => standing)
}

/**
 * Asks a strategy what to try next and tries it until it stops, or until the run's budget leaves a standing incomplete.
 * A setup that only a budget of its own has stopped is one that was tried.
 * Knows no model: `evaluate` is handed in.
 */
export const climb = Effect.fnUntraced(function* <E, R>(
  next: ReturnType<Strategy["make"]>,
  input: StrategyInput,
  evaluate: (setup: Setup, stretch: Stretch) => Effect.Effect<Standing, E, R>
) {
  const looks: Array<Look> = []
  const ended = ({ named, notes, reason }: Stop, cut: boolean): Climbed => ({
    looks,
    standings: standingsIn(looks),
    named,
    reason,
    notes,
    level: looks.reduce((most, { move }) => Math.max(most, move.errorOfLooks ?? move.level), 0),
    cut
  })
  const known = new Set(input.setups.map(({ setup }) => setup.id))
  const isKnown = ({ id, routes }: Setup): boolean =>
    routes === undefined ? known.has(id) : routes.every(({ to }) => to === "incumbent" || known.has(to.id))
  while (true) {
    const move = next(looks)
    if (move._tag === "Stop") return ended(move, false)
    if (!isKnown(move.setup))
      return yield* Effect.die(new Error(`the strategy asked for an unknown setup: ${move.setup.label}`))
    const standing = yield* evaluate(move.setup, move)
    looks.push({ move, standing })
    if (standing.blocked?.by === "budget" && standing.blocked.own !== true) {
      const best = looks
        .filter((look) => look.standing.verdict === "parity")
        .sort((a, b) => Number(a.standing.costPerCase) - Number(b.standing.costPerCase))[0]
      const named = best?.standing.setup ?? null
      return ended({ _tag: "Stop", named, reason: "the budget is spent", notes: [] }, true)
    }
  }
})
