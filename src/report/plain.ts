import { stripVTControlCharacters } from "node:util"

/** Foreign text made safe to show: control characters neither run in a terminal nor hide in a page. */

const isControl = (code: number) => (code < 0x20 && code !== 0x09 && code !== 0x0a) || (code >= 0x7f && code <= 0x9f)
/** Marks that reorder or hide text: bidirectional controls, zero-width characters, the byte order mark. */
const isInvisible = (code: number) =>
  (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code === 0x200b || code === 0xfeff

const each = (text: string, shown: (code: number, character: string) => string) => {
  let out = ""
  for (const character of text) out += shown(character.codePointAt(0)!, character)
  return out
}

/** For a terminal, on one line: escape sequences and control characters are dropped, line breaks become spaces. */
export const plainLine = (text: string): string =>
  each(stripVTControlCharacters(text).replace(/\s*[\r\n\t]+\s*/g, " "), (code, character) =>
    isControl(code) || isInvisible(code) ? "" : character
  )

/** For a page: control characters can be seen (`␛`), marks that reorder text are named (`[U+202E]`); line ends are `\n`. */
export const visible = (text: string): string =>
  each(text.toWellFormed().replace(/\r\n?/g, "\n"), (code, character) => {
    if (isInvisible(code) || (code >= 0x80 && code <= 0x9f)) {
      return `[U+${code.toString(16).toUpperCase().padStart(4, "0")}]`
    }
    if (code === 0x7f) return "␡"
    return isControl(code) ? String.fromCodePoint(0x2400 + code) : character
  })
