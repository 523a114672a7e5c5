import * as Schema from "effect/Schema"

import type { Standing } from "../domain/Standing.ts"
import type { Evaluate, Note, Priced, Stop, StrategyInput } from "./contract.ts"

/** Share of the sessions on which a strategy looks without claiming anything. */
export const developmentShare = Schema.Finite.check(Schema.isGreaterThan(0), Schema.isLessThan(1))

/** Number of sessions of a development share: at least one, and at least one is left. */
export const developmentOf = ({ sizes }: Pick<StrategyInput, "sizes">, share: number): number =>
  Math.max(1, Math.min(sizes.length - 1, Math.round(share * sizes.length)))

/** Mean difference of the gate that is nearest to failing; minus infinite where the data do not tell. */
const meanOf = ({ blocked, gates }: Standing): number =>
  blocked !== undefined || gates.length === 0
    ? -Infinity
    : Math.min(...gates.map(({ difference }) => (Number.isNaN(difference.estimate) ? -Infinity : difference.estimate)))

/** Orders what was seen in development: what lies within the margin from the cheapest up, then the rest from the best down. For searching, not for claiming. */
export const ranked = (
  seen: ReadonlyArray<{ readonly priced: Priced; readonly standing: Standing }>,
  margin: number
): ReadonlyArray<{ readonly priced: Priced; readonly standing: Standing }> =>
  [...seen].sort((a, b) => {
    const [x, y] = [meanOf(a.standing), meanOf(b.standing)]
    const [inside, other] = [x >= -margin, y >= -margin]
    if (inside !== other) return inside ? -1 : 1
    return (
      (inside ? a.priced.usdPerCase - b.priced.usdPerCase : y - x) || (a.priced.setup.id < b.priced.setup.id ? -1 : 1)
    )
  })

/** Judges the one setup that a search in development came to on the sessions that it has not seen: one claim, at alpha. */
export function* confirm(
  { setup }: Priced,
  from: number,
  { alpha, sizes }: Pick<StrategyInput, "alpha" | "sizes">,
  notes: ReadonlyArray<Note>
): Generator<Evaluate, Stop, Standing> {
  const why = "the search in development came to it: now judged on the sessions that no decision has seen"
  const { reason, verdict } = yield { _tag: "Evaluate", setup, from, to: sizes.length, level: alpha, why }
  return verdict === "parity"
    ? { _tag: "Stop", named: setup, reason: "confirmed on sessions that the search has not seen", notes }
    : {
        _tag: "Stop",
        named: null,
        reason: "what the search came to was not confirmed",
        notes: [...notes, { setup, reason }]
      }
}
