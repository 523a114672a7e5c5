import type { AnswerRow } from "../domain/Output.ts"
import { brokenLine, parseLine, type RawLine } from "./lines.ts"

/** The key comes first, and for whom it was asked, so that they are found without parsing the line. */
export const answerLine = ({ asked, key, v, ...rest }: AnswerRow) => ({ v, key, asked, ...rest })
const askedHead = '","asked":"'
const askedDigits = 24

/** For whom the answer of a line with this key was asked; `undefined`: it does not say. */
export const askedIn = ({ buffer, end, start }: RawLine, key: string): string | undefined => {
  const from = start + head.length + key.length
  const to = from + askedHead.length + askedDigits
  if (to >= end || buffer.toString("latin1", from, from + askedHead.length) !== askedHead) return undefined
  return buffer.toString("latin1", from + askedHead.length, to)
}
const head = Buffer.from('{"v":1,"key":"')
const quote = '"'.charCodeAt(0)

/** The key of an answer's line. A line that has none throws its `Fault`. */
export const keyOf = (file: string, line: RawLine): string => {
  const { buffer, end, start } = line
  const from = start + head.length
  const to = buffer.indexOf(quote, from)
  if (to !== -1 && to < end && buffer.compare(head, 0, head.length, start, from) === 0) {
    const key = buffer.toString("latin1", from, to)
    if (/^[\w.:-]+$/.test(key)) return key
  }
  const row = parseLine(file, line)
  if (typeof row === "object" && row !== null && "key" in row && typeof row.key === "string") return row.key
  throw brokenLine(file, line.line)
}
