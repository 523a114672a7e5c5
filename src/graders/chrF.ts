/** Longest run of characters that is counted, and the weight of recall (Popović 2015, 2016: chrF2). */
const longest = 6
const weight = 2 ** 2

const runsOf = (characters: ReadonlyArray<string>, length: number): Map<string, number> => {
  const counts = new Map<string, number>()
  for (let i = 0; i + length <= characters.length; i++) {
    const run = characters.slice(i, i + length).join("")
    counts.set(run, (counts.get(run) ?? 0) + 1)
  }
  return counts
}

/**
 * chrF2 of two texts, from 0 to 1, as sacreBLEU computes it for one sentence (`chrF2|nc:6|nw:0|space:no|eff:yes`): precision and recall of runs
 * of 1 to 6 characters, white space removed, averaged over the lengths that both texts have, recall weighted twice. Case counts.
 * `undefined` where the reference has no character.
 */
export const chrF = (reference: string, output: string): number | undefined => {
  const [right, given] = [reference, output].map((text) => [...text.replace(/\s+/gu, "")])
  if (right === undefined || given === undefined || right.length === 0) return undefined
  const lengths = Math.min(longest, right.length, given.length)
  if (lengths === 0) return 0
  let precision = 0
  let recall = 0
  for (let length = 1; length <= lengths; length++) {
    const wanted = runsOf(right, length)
    let common = 0
    for (const [run, count] of runsOf(given, length)) common += Math.min(count, wanted.get(run) ?? 0)
    precision += common / (given.length - length + 1) / lengths
    recall += common / (right.length - length + 1) / lengths
  }
  return precision + recall === 0 ? 0 : ((1 + weight) * precision * recall) / (weight * precision + recall)
}
