import type { Finding } from "./finding.ts"
import { isPassword, isPlainPassword, isRandom, isSetPassword } from "./likeness.ts"

/** A port between colons: a cheap first look. */
const port = /:(?:\d{4,5}|\*):/g
const host = /(?:^|\s)(?:\*|[A-Za-z][\w.-]{0,90}|\d{1,3}(?:\.\d{1,3}){3})$/
const rest = /[\w.*-]{1,63}:[\w.*-]{1,63}:([^\s:"'`<>\\]{6,100})(?=\s|$)/y
/** Those that databases listen on: 5432 and its neighbours, or any. */
const usual = /^:(?:\*|[56][45]3[2-9]):$/

const isWord = (value: string) => isSetPassword(value) && !/^passw/i.test(value)

/** Passwords in lines of `.pgpass`: `HOST:PORT:DATABASE:USER:HERE`. */
export const pgpassIn = (text: string): ReadonlyArray<Finding> => {
  const all: Array<Finding> = []
  for (const { 0: gate, index } of text.matchAll(port)) {
    rest.lastIndex = index + gate.length
    const value = rest.exec(text)?.[1]
    if (value === undefined || !host.test(text.slice(Math.max(0, index - 100), index))) continue
    const isSecret = usual.test(gate)
      ? isPassword(value) || isPlainPassword(value) || isWord(value)
      : isRandom(value, 8)
    if (isSecret) all.push({ start: rest.lastIndex - value.length, end: rest.lastIndex, kind: "password", weak: true })
  }
  return all
}
