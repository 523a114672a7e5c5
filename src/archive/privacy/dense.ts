import { lastAtMost } from "./unescape.ts"

/** Stands between texts that are looked through together: no pattern goes over it. */
export const separator = "\n\u0000\n"

/** The parts of a text in which a token can be, put together, and where each character stood. */
export interface Dense {
  readonly text: string
  at(offset: number): number
}

const shortest = 20
const around = 64
const inRun = new Uint8Array(128)
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+/=~:@%-")
  inRun[character.charCodeAt(0)] = 1

/**
 * The runs of twenty characters and more that tokens and lines of keys consist of, each with what stands close by. Most prose has none:
 * words are shorter. Runs are looked for in leaps.
 */
export const denseIn = (text: string): Dense => {
  const holds = (at: number) => inRun[text.charCodeAt(at)] === 1
  const pieces: Array<string> = []
  const outer: Array<number> = [0]
  const inner: Array<number> = [0]
  let length = 0
  let from = 0
  let to = 0
  const take = () => {
    if (to === 0) return
    pieces.push(text.slice(from, to))
    outer.push(from)
    inner.push(length)
    length += to - from + separator.length
  }
  for (let start = 0; start + shortest <= text.length; ) {
    let at = start + shortest - 1
    while (at >= start && holds(at)) at -= 1
    if (at >= start) {
      start = at + 1
      continue
    }
    let end = start + shortest
    while (end < text.length && holds(end)) end += 1
    const begin = Math.max(0, start - around)
    if (begin > to) {
      take()
      from = begin
    }
    to = Math.min(text.length, end + around)
    start = end + 1
  }
  take()
  const at = (offset: number) => {
    const piece = lastAtMost(inner, offset)
    return outer[piece]! + offset - inner[piece]!
  }
  return { text: pieces.join(separator), at }
}
