/**
 * A prompt's words with what changes from call to call masked, so that two prompts made of one template begin, or end, with the same words.
 *
 * A word is a run of letters, in lower case; case, white space and punctuation do not count. One `…` stands for whatever changes: anything that
 * has a digit in it (numbers, dates, times, ids, hashes, versions), e-mail addresses, URLs, paths, quoted text, fenced code and long runs without
 * a space; several in a row are one. A word that a colon ends keeps it (`ticket:`), one that ends its line gets `¶`, for there data often begins;
 * one that ends its sentence gets `.`.
 */
export type Words = ReadonlyArray<string>

/** What stands for text that changes. */
export const masked = "…"

const fence = "```"

/** What changes (1), or a word (2). */
const token = new RegExp(
  `(${[
    "```[^]*?(?:```|$)",
    "[A-Za-z][A-Za-z0-9+.-]{1,15}://[^\\s<>\"']+",
    String.raw`[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}`,
    // Paths of two steps or more.
    String.raw`(?:[A-Za-z]:\\|~\/|\.{1,2}\/|\/)?(?:[\w.@-]{1,80}[\\/]){2,}[\w.@-]*`,
    String.raw`"[^"\n]{1,300}"|“[^”\n]{1,300}”|«[^»\n]{1,300}»|\u0060[^\u0060\n]{1,300}\u0060`,
    String.raw`'[^'\n]{1,200}'(?![\p{L}\p{N}])`,
    String.raw`[\p{L}\p{M}_-]*\p{N}[\p{L}\p{M}\p{N}_.,:\/+-]*`,
    String.raw`[A-Za-z+\/_=-]{40,}`
  ].join("|")})|(\\p{L}[\\p{L}\\p{M}'’_-]*)`,
  "uy"
)

const withEnd = (word: string, end: string): string => {
  const mark = end === ":" ? ":" : end === "\n" ? "¶" : "."
  if (word === masked || /[:¶]$/.test(word)) return word
  return word.endsWith(".") ? (mark === "." ? word : `${word.slice(0, -1)}${mark}`) : `${word}${mark}`
}

const isLetter = (code: number) => (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
/** Characters after which a run of letters was a word for certain: white space and commas. */
const isGap = (code: number) => code === 32 || code === 44 || (code >= 9 && code <= 13)

/** The end of a common word that begins here: letters and then a gap, as nearly all are; -1 for anything else, which `token` reads. */
const commonWord = (text: string, from: number): number => {
  let at = from
  while (isLetter(text.charCodeAt(at))) at += 1
  if (at === from || at - from >= 40) return -1
  const code = text.charCodeAt(at)
  if (Number.isNaN(code) || isGap(code)) return at
  const isEnd = code === 46 || code === 58 || code === 33 || code === 63
  return isEnd && (at + 1 === text.length || isGap(text.charCodeAt(at + 1))) ? at : -1
}

const isMark = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at)
  if (code === 58 || code === 10) return true
  if (code !== 46 && code !== 33 && code !== 63) return false
  return at + 1 === text.length || isGap(text.charCodeAt(at + 1))
}

/** The words of a text until there are `most`. */
const read = (text: string, most: number): Array<string> => {
  const words: Array<string> = []
  let last = -1
  for (let at = 0, end = 0; at < text.length; at = end) {
    end = commonWord(text, at)
    let word: string | undefined
    if (end !== -1) word = text.slice(at, end).toLowerCase()
    else if (text.charCodeAt(at) === 32 || isMark(text, at)) {
      end = at + 1
      if (last !== -1 && text.charCodeAt(at) !== 32) words[last] = withEnd(words[last]!, text[at]!)
      continue
    } else {
      token.lastIndex = at
      const found = token.exec(text)
      end = at + Math.max(1, found?.[0].length ?? 1)
      word = found === null ? undefined : (found[2]?.toLowerCase() ?? masked)
    }
    if (word === undefined || (word === masked && last !== -1 && words[last] === masked)) continue
    if (last + 1 === most) break // one further, for the end of the last word
    words.push(word)
    last += 1
  }
  return words
}

/** Characters of a text's beginning in which its first words are looked for, and of its end for each of its last. */
const headChars = 8192
const charsOfWord = 12

/** The first words of a text, `most` at most. */
export const firstWords = (text: string, most: number): Words => read(text.slice(0, headChars), most)

/** The last words of a text, `most` at most and the last one last. */
export const lastWords = (text: string, most: number): Words => {
  const chars = most * charsOfWord
  if (text.length <= chars) return read(text, chars).slice(-most)
  const cut = outsideFence(text, text.length - chars)
  const words = read(text.slice(cut), chars)
  return words.slice(cut === text.length - chars ? 1 : 0).slice(-most) // the first word may be cut
}

/** The place itself, or the end of the fenced code that it is in. */
const outsideFence = (text: string, place: number): number => {
  let inside = false
  let at = text.indexOf(fence)
  for (; at !== -1 && at < place; at = text.indexOf(fence, at + fence.length)) inside = !inside
  if (!inside) return place
  return at === -1 ? text.length : at + fence.length
}

/** True for a word after which something of its own begins: a colon or the end of a line follows it. */
export const endsThere = (word: string): boolean => /[:¶]$/.test(word)

/** True for a word that ends at least a sentence. */
export const endsSentence = (word: string): boolean => /[.:¶]$/.test(word)

/** The word without its end. */
export const bare = (word: string): string => (endsSentence(word) ? word.slice(0, -1) : word)

/** The words of a template's text. */
export const wordsIn = (text: string): Words => text.split(" ").filter((word) => word !== "")
