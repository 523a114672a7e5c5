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

/** How runners tell the time that something took: `duration_ms: 12.5`, `(3 ms)`, `in 0.12s`, `# time=4ms`, `Duration  1.20s`, `Start at  12:00:01`. */
const times: ReadonlyArray<RegExp> = [
  /\bduration_ms:?[ \t]*\d+(?:\.\d+)?/g,
  /[ \t]*\((?:\d+(?:\.\d+)?[ ]?(?:ms|s|m)[ ,]*)+\)/g,
  /\b(?:in|after|took)[ \t]+(?:~[ ]?)?\d+(?:\.\d+)?[ ]?(?:ms|s|sec|secs|seconds|milliseconds)\b/g,
  /[ \t]*#[ \t]*time=\d+(?:\.\d+)?m?s\b/g,
  /^[ \t]*(?:Duration|Start at|Time:|Ran all test suites\b.*|real|user|sys)[ \t]+\d.*$/gm,
  /(?<=[ \t])\d+(?:\.\d+)?ms$/gm
]

/**
 * A text without the times that its tests took, which are others at every run: a model that is told the same again is not asked anew, since its
 * answer is kept.
 */
export const steady = (text: string): string => times.reduce((rest, time) => rest.replace(time, ""), text)

/** The end of a text, cut at the beginning of a line, of at most `most` characters; it says when something was left out. */
export const tailOf = (text: string, most: number): string => {
  const trimmed = text.trimEnd()
  if (trimmed.length <= most) return trimmed.replace(/^\n+/, "")
  const cut = trimmed.slice(-most)
  const start = cut.indexOf("\n")
  return `[…]\n${start < 0 || start > most / 2 ? cut : cut.slice(start + 1)}`
}
