/**
 * A seeded source of whole numbers, spread evenly over 0 to 2^32 - 1: each call fills `into` with the next ones. The generator is sfc32
 * (Doty-Humphrey, *PractRand*), warmed up by 12 steps. The same seed, a whole number from 0 below 2^53, gives the same numbers everywhere.
 */
export const sfc32 = (seed: number): ((into: Uint32Array) => void) => {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`a seed of ${seed} is not a whole number from 0 on`)
  let [a, b, c, counter] = [0, seed | 0, Math.floor(seed / 2 ** 32) | 0, 1]
  const fill = (into: Uint32Array) => {
    // Locals, as the loop is hot.
    let [x, y, z, count] = [a, b, c, counter]
    for (let i = 0; i < into.length; i++) {
      const next = (x + y + count) | 0
      count = (count + 1) | 0
      x = y ^ (y >>> 9)
      y = (z + (z << 3)) | 0
      z = (((z << 21) | (z >>> 11)) + next) | 0
      into[i] = next
    }
    a = x
    b = y
    c = z
    counter = count
  }
  fill(new Uint32Array(12))
  return fill
}
