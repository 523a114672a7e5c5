import { normalCdf, normalQuantile } from "../parity/distributions.ts"
import { type Development, meansOf, resampled, shrunken } from "./policyTable.ts"
import { type Routed, route } from "./route.ts"

/** The policy that is expected to save most, and with what chance its test will show parity. */
export interface Choice {
  /** Options by slice; the last option is the incumbent. */
  readonly choice: ReadonlyArray<number>
  /** Cost a case, in the table's unit. */
  readonly cost: number
  readonly chance: number
}

/** Margins that are tried for the choice: the smaller, the surer its test. */
const steps = 10
const resamples = 8
/** What the verdict's engine asks beyond the normal quantile where cases are few. */
const slack = 0.1
/** As in the table: what sessions add to the variance of a mean. */
const deff = 1.4

/**
 * Chooses a policy on development sessions: for margins from 0 to the agreed one the cheapest choice (a knapsack), less what choosing the best of many
 * flatters it by (found by choosing again on resampled sessions); of these the one with the greatest expected saving below `than`. `undefined`: none
 * is expected to save anything. Claims nothing: the choice is to be tested on sessions that it has not seen.
 */
export const choosePolicy = (
  on: Development,
  {
    alpha,
    left,
    margin,
    than
  }: {
    readonly margin: number
    readonly alpha: number
    /** Cases of each slice in the sessions on which it will be tested. */
    readonly left: ReadonlyArray<number>
    /** What is to be saved against, a case. */
    readonly than: number
  }
): Choice | undefined => {
  const raw = meansOf(on)
  const means = shrunken(raw)
  const again = resampled(on.sessions, resamples).map((times) => shrunken(meansOf(on, times)))
  const least = on.slices.map(() => -2 * margin)
  const incumbent = on.difference.length - 1
  const gainOf = (gain: ReadonlyArray<ReadonlyArray<number>>, { choice }: Routed) =>
    choice.reduce((sum, k, h) => {
      const one = gain[h]![k]!
      return sum + on.share[h]! * (Number.isNaN(one) ? 0 : one)
    }, 0)
  let best: (Choice & { readonly worth: number }) | undefined
  for (let step = 0; step <= steps; step++) {
    const loss = (margin * step) / steps
    const found = route({ ...means, least }, loss)
    if (found === undefined) continue
    const flattered = again.flatMap((boot) => {
      const other = route({ ...boot, least }, loss)
      return other === undefined ? [] : [gainOf(boot.gain, other) - gainOf(means.gain, other)]
    })
    const optimism = flattered.length === 0 ? 0 : flattered.reduce((a, b) => a + b, 0) / flattered.length
    const mean = found.gain - Math.max(0, optimism)
    let [ofTest, known] = [0, 0]
    found.choice.forEach((k, h) => {
      if (k === incumbent) return
      // The spread of one case, from the standard error of the development cases.
      const cases = on.slice.filter((one, at) => one === h && !Number.isNaN(on.difference[k]![at]!)).length
      const variance = (raw.se[h]![k]! ** 2 * cases) / deff
      ofTest += (on.share[h]! ** 2 * variance * deff) / Math.max(1, left[h]!)
      known += on.share[h]! ** 2 * means.se[h]![k]! ** 2
    })
    const chance =
      ofTest === 0
        ? 1
        : normalCdf(
            ((mean + margin) / Math.sqrt(ofTest) - normalQuantile(1 - alpha) - slack) / Math.sqrt(1 + known / ofTest)
          )
    const worth = chance * (than - found.cost)
    if (worth > 0 && (best === undefined || worth > best.worth))
      best = { choice: found.choice, cost: found.cost, chance, worth }
  }
  return best
}
