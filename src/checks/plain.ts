const esc = String.fromCharCode(27)
const bell = String.fromCharCode(7)
const ansi = new RegExp(`${esc}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${bell}${esc}]*(?:${bell}|${esc}\\\\)|[@-Z\\\\-_])`, "g")

/** What a terminal would show of an output: no colours, no cursor moves, of a line that is written over the last version. */
export const plain = (text: string): string =>
  text
    .replace(ansi, "")
    .replaceAll("\r\n", "\n")
    .replace(/^.*\r(?=[^\n])/gm, "")
    .replace(/\p{Cc}/gu, (control) => (control === "\n" || control === "\t" ? control : ""))

/** The end of a text, cut at the beginning of a line, of at most `most` characters; it says when something was left out. */
export const tailOf = (text: string, most: number): string => {
  const trimmed = text.trimEnd()
  if (trimmed.length <= most) return trimmed.replace(/^\n+/, "")
  const cut = trimmed.slice(-most)
  const start = cut.indexOf("\n")
  return `[…]\n${start < 0 || start > most / 2 ? cut : cut.slice(start + 1)}`
}
