import { digestOfText } from "../domain/digest.ts"
import type { Said } from "../domain/Trials.ts"
import { shuffled } from "../evaluate/sampling.ts"

/** A pair that may be labelled. */
export interface Candidate {
  readonly caseId: string
  /** The judge's verdict, or the slice where there is no judge. */
  readonly stratum: string
}

/**
 * About `size` pairs, strata alike however rare, in the order in which they are to be asked: strata take turns, so that whoever stops early has
 * labelled of all. The same seed, the same sample: labels that are there already do not change it.
 */
export const labelSample = (
  all: ReadonlyArray<Candidate>,
  { seed, size }: { readonly size: number; readonly seed: number }
): ReadonlyArray<string> => {
  const strata = [...new Set(all.map(({ stratum }) => stratum))].sort().map((stratum) =>
    shuffled(
      all.flatMap((one) => (one.stratum === stratum ? [one.caseId] : [])),
      seed
    )
  )
  const chosen: Array<string> = []
  for (let turn = 0; chosen.length < Math.min(size, all.length); turn++) {
    for (const stratum of strata) {
      const next = stratum[turn]
      if (next !== undefined && chosen.length < size) chosen.push(next)
    }
  }
  return chosen
}

/** How a pair is shown: under an id, with the output first or second. Nobody can tell either from the other, or from the answers, without the home's secret. */
export const hiddenOf = (pair: string, secret: string): { readonly id: string; readonly outputFirst: boolean } => ({
  id: digestOfText(`${secret} id ${pair}`).slice(0, 16),
  outputFirst: Number.parseInt(digestOfText(`${secret} order ${pair}`).slice(0, 2), 16) % 2 === 0
})

/** What was said of the first and second answer shown, as a label of output and original. */
export const saidOf = (outputFirst: boolean, word: "1" | "2" | "tie"): Said =>
  word === "tie" ? "tie" : (word === "1") === outputFirst ? "output" : "original"
