import type { Finding } from "./finding.ts"

const keyBegin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g
const keyEnd = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g
const keyLines =
  /(?:[\s>|+#*,"'\\]*[A-Za-z0-9+/=]{16,})+(?:[\s>|+#*]*\n[\s>|+#*]*(?=[A-Za-z]*[0-9+/=])[A-Za-z0-9+/=]{1,15}(?![A-Za-z0-9+/=]))?/y
const keyHeaders = /(?:\s*[A-Za-z-]+: [^\n]{1,100})*/y
const putty = /(?<=Private-Lines: \d{1,4}\s{1,4})(?:[A-Za-z0-9+/=]{16,}\s*)+/g
const longest = 20_000

/** Long enough to be a key's, not the dots of an example. */
const isKeyBody = (body: string): boolean =>
  /[A-Za-z0-9+/=]{16,}/.test(body) && body.replace(/[^A-Za-z0-9+/=]/g, "").length >= 40

const isBase64 = /[A-Za-z0-9+/=]/
const isBetween = /[\s>|#*,"'\\]/

/** Where the lines of a key begin that end at a place: base64 in words of sixteen characters and more, the last one may be shorter. */
const linesBefore = (text: string, end: number): number => {
  let start = end
  for (let at = end; at > 0 && end - at < longest; ) {
    while (at > 0 && isBetween.test(text[at - 1]!)) at -= 1
    const wordEnd = at
    while (at > 0 && isBase64.test(text[at - 1]!)) at -= 1
    if (wordEnd === at || (wordEnd - at < 16 && start !== end)) break
    start = at
  }
  return start
}

/** Blocks of private keys: whole ones, ones whose end was cut off and ones whose beginning was. None goes on past a NUL. */
export const privateKeysIn = (text: string): ReadonlyArray<Finding> => {
  const kind = "private-key"
  const found: Array<Finding> = []
  if (text.includes("Private-Lines"))
    for (const { 0: lines, index } of text.matchAll(putty))
      if (isKeyBody(lines)) found.push({ start: index, end: index + lines.trimEnd().length, kind })
  if (!text.includes("PRIVATE KEY")) return found
  const ends = [...text.matchAll(keyEnd)].map((end) => ({ start: end.index, end: end.index + end[0].length }))
  const begins = [...text.matchAll(keyBegin)].map((begin) => ({
    start: begin.index,
    end: begin.index + begin[0].length
  }))
  for (const [at, begin] of begins.entries()) {
    const barrier = text.indexOf("\u0000", begin.end)
    const next = Math.min(begins[at + 1]?.start ?? text.length, barrier === -1 ? text.length : barrier)
    const end = ends.find(({ start }) => start >= begin.end && start < next && start - begin.end < longest)
    if (end !== undefined) {
      if (isKeyBody(text.slice(begin.end, end.start))) found.push({ start: begin.start, end: end.end, kind })
      continue
    }
    keyHeaders.lastIndex = begin.end
    keyLines.lastIndex = begin.end + (keyHeaders.exec(text)?.[0].length ?? 0)
    const lines = keyLines.exec(text)
    if (lines !== null && isKeyBody(lines[0])) found.push({ start: begin.start, end: keyLines.lastIndex, kind })
  }
  for (const end of ends) {
    if (found.some((one) => one.start < end.start && one.end >= end.end)) continue
    const start = linesBefore(text, end.start)
    if (isKeyBody(text.slice(start, end.start))) found.push({ start, end: end.end, kind })
  }
  return found
}
