import { normalQuantile } from "../../src/parity/distributions.ts"
import { sfc32 } from "../../src/parity/random.ts"

/** Seeded random draws of the kinds that simulated archives need. */
export interface Rng {
  /** In (0, 1). */
  uniform(): number
  normal(): number
  /** Trials until the first success, from 1. */
  geometric(p: number): number
  /** A place, by its share. */
  choice(shares: ReadonlyArray<number>): number
  /** The numbers 0 to `n - 1` in random order. */
  permutation(n: number): ReadonlyArray<number>
}

/** Random draws from a seed; the same seed gives the same draws. */
export const rngOf = (seed: number): Rng => {
  const fill = sfc32(seed)
  const block = new Uint32Array(1024)
  let at = block.length
  const uniform = () => {
    if (at === block.length) {
      fill(block)
      at = 0
    }
    return (block[at++]! + 0.5) / 2 ** 32
  }
  return {
    uniform,
    normal: () => normalQuantile(uniform()),
    geometric: (p) => Math.max(1, Math.ceil(Math.log(uniform()) / Math.log1p(-p))),
    choice: (shares) => {
      const all = shares.reduce((a, b) => a + b, 0)
      let left = uniform() * all
      const place = shares.findIndex((share) => {
        left -= share
        return left < 0
      })
      return place === -1 ? shares.length - 1 : place
    },
    permutation: (n) => {
      const order = Array.from({ length: n }, (_, i) => i)
      for (let i = n - 1; i > 0; i--) {
        const j = Math.floor(uniform() * (i + 1))
        const swapped = order[i]!
        order[i] = order[j]!
        order[j] = swapped
      }
      return order
    }
  }
}
