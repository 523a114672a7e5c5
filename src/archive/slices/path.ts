import type { Words } from "./words.ts"

/**
 * Where prompts are told apart, part by part and each from coarse to fine. A template's key is the path of its digests: the digest at a rung
 * covers all words up to it, so prompts that begin alike have keys that begin alike, part by part.
 */
export const rungs = {
  /** Who asks, then with which tools. */
  kind: [1, 2],
  systemHead: [4, 8, 16, 32],
  systemTail: [8, 16, 32],
  userHead: [1, 2, 3, 4, 5, 6, 8, 12, 16],
  userTail: [4, 8, 16]
} as const

/** The parts of a key, in its order. */
export const parts = ["kind", "systemHead", "systemTail", "userHead", "userTail"] as const
export type Part = (typeof parts)[number]

/** Characters of a rung's digest. */
export const rungChars = { kind: 4, systemHead: 3, systemTail: 3, userHead: 3, userTail: 3 } as const satisfies Record<
  Part,
  number
>

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/** FNV-1a, 32 bits: cheap, and as good as any for telling some thousand prompts apart. */
const fold = (hash: number, text: string): number => {
  let at = hash
  for (let i = 0; i < text.length; i++) at = Math.imul(at ^ text.charCodeAt(i), 0x01000193)
  return at
}

/** The lowest bits of the mixed hash (the finish of MurmurHash3), six a character. */
const written = (hash: number, chars: number): string => {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  mixed = (mixed ^ (mixed >>> 16)) >>> 0
  let text = ""
  for (let i = 0; i < chars; i++, mixed >>>= 6) text += alphabet[mixed & 63]
  return text
}

/** The path of some words: a digest at each rung of the part. A text that ends before a rung is told from one that goes on. */
export const pathOf = (words: Words, part: Part): string => {
  let hash = 0x811c9dc5
  let read = 0
  let path = ""
  for (const rung of rungs[part]) {
    for (; read < rung && read < words.length; read++) hash = fold(hash, `${words[read]}\n`)
    path += written(words.length < rung ? fold(hash, "\0") : hash, rungChars[part])
  }
  return path
}

/** How many characters of each part a pattern fixes, in the key's order. */
export type Fixed = readonly [kind: number, systemHead: number, systemTail: number, userHead: number, userTail: number]

/** A part's characters in full. */
export const wholePart = (part: Part): number => rungs[part].length * rungChars[part]

/** The pattern of all keys that have these characters in common with the key. */
export const patternOf = (key: string, fixed: Fixed): string =>
  key
    .split(".")
    .map((path, at) => (fixed[at]! >= path.length ? path : `${path.slice(0, fixed[at])}*`))
    .join(".")

/** The pattern of all keys. */
export const everything = "*.*.*.*.*"

/** What a pattern fixes; `undefined` for a text that is none. */
export const fixedOf = (pattern: string): Fixed | undefined => {
  const paths = pattern.split(".")
  if (paths.length !== parts.length) return undefined
  const lengths = paths.map((path, at) => {
    const read = /^([A-Za-z0-9_-]*)(\*?)$/.exec(path)
    if (read === null) return -1
    const chars = read[1]!.length
    const whole = wholePart(parts[at]!)
    return read[2] === "*" ? (chars < whole ? chars : -1) : chars === whole ? chars : -1
  })
  const [kind, systemHead, systemTail, userHead, userTail] = lengths
  return lengths.includes(-1) ? undefined : [kind!, systemHead!, systemTail!, userHead!, userTail!]
}

const finer = (a: Fixed, b: Fixed): number => {
  const at = a.findIndex((length, i) => length !== b[i])
  return at === -1 ? 0 : b[at]! - a[at]!
}

/**
 * Finds the pattern that a key belongs to: of those that fit, the one whose fixed lengths are the greatest in list order, as a trie would be
 * walked part after part. Patterns must be proper ones.
 */
export const matcher = <A>(patterns: Iterable<readonly [pattern: string, belongs: A]>) => {
  const levels = new Map<string, { readonly fixed: Fixed; readonly by: Map<string, A> }>()
  for (const [pattern, belongs] of patterns) {
    const fixed = fixedOf(pattern)!
    const level = levels.get(fixed.join()) ?? { fixed, by: new Map<string, A>() }
    levels.set(fixed.join(), level)
    level.by.set(pattern.replaceAll("*", ""), belongs)
  }
  const order = [...levels.values()].sort((a, b) => finer(a.fixed, b.fixed))
  return (key: string): A | undefined => {
    const paths = key.split(".")
    for (const { by, fixed } of order) {
      const found = by.get(paths.map((path, at) => path.slice(0, fixed[at])).join("."))
      if (found !== undefined) return found
    }
    return undefined
  }
}
