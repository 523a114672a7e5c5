import type { CodeTask } from "../CodeTask.ts"

const marks: Readonly<Record<string, string>> = {
  dash: "-",
  underscore: "_",
  dot: ".",
  comma: ",",
  semicolon: ";",
  pipe: "|",
  star: "*",
  hash: "#"
}
const quoted = (name = "") => JSON.stringify(marks[name])

const slugify: CodeTask = {
  name: "slugify",
  signature: "slugify(text)",
  choices: [
    ["dash", "underscore", "dot"],
    ["12", "16", "20", "24", "32"]
  ],
  describe: (mark, most) =>
    `It turns a title into a part of an address: lower case, accents taken off the letters (é becomes e), every run of characters that are neither a to z nor 0 to 9 becomes one ${mark}, and there is no ${mark} at either end. The result has at most ${most} characters; a ${mark} that is last after the cut is taken off too.`,
  constants: (mark, most) => [`const mark = ${quoted(mark)}`, `const most = ${most}`],
  body: String.raw`
const trimmed = (text) => {
  let [start, end] = [0, text.length]
  while (start < end && text[start] === mark) start++
  while (end > start && text[end - 1] === mark) end--
  return text.slice(start, end)
}

export const slugify = (text) => {
  const plain = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
  const joined = plain.replace(/[^a-z0-9]+/g, mark)
  return trimmed(trimmed(joined).slice(0, most))
}
`,
  slips: [
    ["trimmed(trimmed(joined).slice(0, most))", "trimmed(joined).slice(0, most)"],
    ['.normalize("NFD").replace(/\\p{M}/gu, "")', ""],
    ["[^a-z0-9]+", "[^a-z0-9]"],
    ["slice(0, most)", "slice(0, most - 1)"]
  ]
}

const csvLine: CodeTask = {
  name: "csv-line",
  signature: "csvLine(line)",
  choices: [
    ["comma", "semicolon", "pipe", "hash"],
    ["kept", "trimmed"]
  ],
  describe: (mark, spaces) =>
    `It splits one line of a file into a list of fields. Fields stand apart by a ${mark}. A field in double quotes may hold that character, and two double quotes in it stand for one. An empty line is one empty field. Spaces around a field without quotes are ${spaces}.`,
  constants: (mark, spaces) => [`const mark = ${quoted(mark)}`, `const trims = ${spaces === "trimmed"}`],
  body: `
export const csvLine = (line) => {
  const fields = []
  let field = ""
  let quoted = false
  let wasQuoted = false
  const close = () => {
    fields.push(trims && !wasQuoted ? field.trim() : field)
    field = ""
    wasQuoted = false
  }
  for (let i = 0; i < line.length; i++) {
    const letter = line[i]
    if (quoted && letter === '"' && line[i + 1] === '"') {
      field += '"'
      i++
    } else if (letter === '"') {
      quoted = !quoted
      wasQuoted = true
    } else if (letter === mark && !quoted) close()
    else field += letter
  }
  close()
  return fields
}
`,
  slips: [
    ["letter === mark && !quoted", "letter === mark"],
    ["      field += '\"'\n      i++", "      i++"],
    ["  close()\n  return", '  if (field !== "") close()\n  return']
  ]
}

const maskId: CodeTask = {
  name: "mask-id",
  signature: "maskId(id)",
  choices: [
    ["star", "hash"],
    ["2", "3", "4", "5"]
  ],
  describe: (mark, shown) =>
    `It hides an identifier: letters and digits become a ${mark}, but for the last ${shown} of them; spaces and all other characters stay as they are. An identifier with ${shown} letters and digits or fewer is hidden whole.`,
  constants: (mark, shown) => [`const mark = ${quoted(mark)}`, `const shown = ${shown}`],
  body: `
export const maskId = (id) => {
  const count = [...id].filter((one) => /[a-z0-9]/i.test(one)).length
  let left = count <= shown ? count : count - shown
  return [...id].map((one) => (/[a-z0-9]/i.test(one) && left-- > 0 ? mark : one)).join("")
}
`,
  slips: [
    ["count <= shown ? count : count - shown", "count - shown"],
    ["left-- > 0", "left-- > 1"],
    ["[...id].filter((one) => /[a-z0-9]/i.test(one)).length", "id.length"]
  ]
}

const topWords: CodeTask = {
  name: "top-words",
  signature: "topWords(text)",
  choices: [
    ["2", "3", "4"],
    ["2", "3", "4"]
  ],
  describe: (most, least) =>
    `It gives the ${most} words that a text uses most, as a list of pairs [word, count], the commonest first and equally common ones by the alphabet. Words are runs of the letters a to z, in lower case; words of fewer than ${least} letters do not count.`,
  constants: (most, least) => [`const most = ${most}`, `const least = ${least}`],
  body: `
export const topWords = (text) => {
  const counts = new Map()
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) {
    if (word.length >= least) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, most)
}
`,
  slips: [
    ["word.length >= least", "word.length > least"],
    ["n - m || (a < b ? -1 : 1)", "n - m"],
    ["text.toLowerCase()", "text"],
    [" ?? []", ""]
  ]
}

const parseQuery: CodeTask = {
  name: "parse-query",
  signature: "parseQuery(text)",
  choices: [
    ["first", "last", "joined"],
    ["true", "empty"]
  ],
  describe: (repeated, bare) =>
    `It reads the query of an address into a plain object of texts. A question mark in front does not count, a plus is a space, and percent signs are decoded, in names and values. Of a name that comes more than once ${repeated === "joined" ? "the values are joined by a comma" : `the ${repeated} value counts`}. A name without an equals sign has the value ${bare === "true" ? '"true"' : "of an empty text"}. Empty parts are passed over.`,
  constants: (repeated, bare) => [
    `const bare = ${JSON.stringify(bare === "true" ? "true" : "")}`,
    repeated === "joined"
      ? 'const both = (before, now) => before + "," + now'
      : `const both = (before, now) => ${repeated === "first" ? "before" : "now"}`
  ],
  body: String.raw`
const decoded = (text) => decodeURIComponent(text.replace(/\+/g, " "))

export const parseQuery = (text) => {
  const found = {}
  for (const part of text.replace(/^\?/, "").split("&")) {
    if (part === "") continue
    const at = part.indexOf("=")
    const name = decoded(at < 0 ? part : part.slice(0, at))
    const value = at < 0 ? bare : decoded(part.slice(at + 1))
    found[name] = Object.hasOwn(found, name) ? both(found[name], value) : value
  }
  return found
}
`,
  slips: [
    ['text.replace(/\\+/g, " ")', "text"],
    ['    if (part === "") continue\n', ""],
    ['part.indexOf("=")', 'part.lastIndexOf("=")'],
    ["at < 0 ? bare", "at < 0 ? null"]
  ]
}

/** Tasks about texts. */
export const text: ReadonlyArray<CodeTask> = [slugify, csvLine, maskId, topWords, parseQuery]
