/** Seconds that a meter looks back. */
const seconds = 10

/** Counts tokens as they come, and tells how many a second there were of late. */
export interface Meter {
  /** An answer brought so many tokens; `now` in milliseconds. */
  add(input: number, output: number, now: number): void
  /** Tokens a second over the last ten seconds, or since the first answer where that is less. */
  rate(now: number): { readonly input: number; readonly output: number }
}

/** Nothing counted yet. One slot a second, used again every ten: adding costs the same however much there is. */
export const makeMeter = (): Meter => {
  const slots = Array.from({ length: seconds }, () => ({ second: -1, input: 0, output: 0 }))
  let first: number | undefined
  return {
    add: (input, output, now) => {
      first ??= now
      const second = Math.floor(now / 1000)
      const slot = slots[second % seconds]!
      if (slot.second !== second) {
        slot.second = second
        slot.input = 0
        slot.output = 0
      }
      slot.input += input
      slot.output += output
    },
    rate: (now) => {
      if (first === undefined) return { input: 0, output: 0 }
      const second = Math.floor(now / 1000)
      let [input, output] = [0, 0]
      for (const slot of slots) {
        if (slot.second <= second - seconds) continue
        input += slot.input
        output += slot.output
      }
      const from = Math.max(first, (second - seconds + 1) * 1000)
      const span = Math.max(1000, now - from) / 1000
      return { input: input / span, output: output / span }
    }
  }
}
