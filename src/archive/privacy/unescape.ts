/** A text as it reads once JSON's escapes in it are undone, and where each of its characters stands in the original. */
export interface Form {
  readonly text: string
  /** The place in the original of the character at this offset. */
  at(offset: number): number
  /** The place in the original where what ends at this offset ends. */
  end(offset: number): number
  /** No further level of escapes is undone after it. */
  readonly last: boolean
}

/** One level of escapes undone. */
type Level = Pick<Form, "text" | "at">

const sequence = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/g
const plain: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }
const mostLevels = 3

const characterOf = (written: string): string =>
  written[1] === "u" && written.length === 6
    ? String.fromCharCode(Number.parseInt(written.slice(2), 16))
    : (plain[written[1]!] ?? written[1]!)

/** The text with one level of escapes undone; `undefined` where it has none. */
const once = (text: string): Level | undefined => {
  sequence.lastIndex = 0
  let found = sequence.exec(text)
  if (found === null) return undefined
  const pieces: Array<string> = []
  // A run begins after each escape: there the offset of the form and that of the original are known.
  const outer = [0]
  const inner = [0]
  let from = 0
  let length = 0
  for (; found !== null; found = sequence.exec(text)) {
    pieces.push(text.slice(from, found.index), characterOf(found[0]))
    length += found.index - from + 1
    from = sequence.lastIndex
    outer.push(from)
    inner.push(length)
  }
  pieces.push(text.slice(from))
  const at = (offset: number) => {
    const run = lastAtMost(inner, offset)
    return outer[run]! + offset - inner[run]!
  }
  return { text: pieces.join(""), at }
}

/** The index of the last number that is at most `limit`, in numbers that rise. */
export const lastAtMost = (numbers: ArrayLike<number>, limit: number): number => {
  let low = 0
  let high = numbers.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (numbers[middle]! <= limit) low = middle
    else high = middle - 1
  }
  return low
}

/** The ways to read a text: as it is and, where JSON was written into it, unescaped, up to three times over. */
export const formsOf = (text: string): ReadonlyArray<Form> => {
  const levels: Array<Level> = [{ text, at: (offset) => offset }]
  while (levels.length <= mostLevels) {
    const last = levels.at(-1)!
    const next = last.text.includes("\\") ? once(last.text) : undefined
    if (next === undefined) break
    levels.push({ text: next.text, at: (offset) => last.at(next.at(offset)) })
  }
  return levels.map((level, depth) => ({ ...level, end: level.at, last: depth === levels.length - 1 }))
}

/** The text with its JSON escapes undone, so that the same value is the same text however deep it was written. */
export const unescaped = (text: string): string => formsOf(text).at(-1)!.text

/** The range without the halves of escapes at its edges: the `n` of a line break in JSON is no letter of the word after it. */
export const outsideEscapes = (text: string, start: number, end: number): readonly [number, number] => {
  const odd = (before: number) => {
    let count = 0
    while (text.charCodeAt(before - 1 - count) === 92) count += 1
    return count % 2 === 1
  }
  const sticky = /u[0-9a-fA-F]{4}|["\\/bfnrt]/y
  sticky.lastIndex = start
  const half = odd(start) ? (sticky.exec(text)?.[0].length ?? 0) : 0
  return [start + half, odd(end) ? end - 1 : end]
}
