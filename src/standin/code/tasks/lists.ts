import type { CodeTask } from "../CodeTask.ts"

const groupRows: CodeTask = {
  name: "group-rows",
  signature: "groupRows(rows)",
  choices: [
    ["region", "team", "shop"],
    ["amount", "hours", "units"],
    ["largest", "smallest"]
  ],
  describe: (key, value, first) =>
    `It groups rows by their ${key} and adds up their ${value}: a list of objects { key, count, total }, the ${first} total first and equal totals by key in the order of the alphabet. A row whose ${value} is missing counts with 0. The rows that are given stay as they are.`,
  constants: (key, value, first) => [
    `const keyOf = (row) => row.${key}`,
    `const valueOf = (row) => row.${value}`,
    `const sign = ${first === "largest" ? -1 : 1}`
  ],
  body: `
export const groupRows = (rows) => {
  const groups = new Map()
  for (const row of rows) {
    const key = keyOf(row)
    const group = groups.get(key) ?? { key, count: 0, total: 0 }
    groups.set(key, { key, count: group.count + 1, total: group.total + (valueOf(row) ?? 0) })
  }
  return [...groups.values()].sort((a, b) => sign * (a.total - b.total) || (a.key < b.key ? -1 : 1))
}
`,
  slips: [
    ["(valueOf(row) ?? 0)", "valueOf(row)"],
    [" || (a.key < b.key ? -1 : 1)", ""],
    ["sign * (a.total - b.total)", "sign * (a.count - b.count)"],
    ["count: 0, total: 0", "count: 1, total: 0"]
  ]
}

const chunkList: CodeTask = {
  name: "chunk-list",
  signature: "chunkList(list)",
  choices: [
    ["2", "3", "4", "5"],
    ["kept", "dropped"]
  ],
  describe: (size, rest) =>
    `It cuts a list into pieces of ${size} members, in their order. A last piece that is shorter is ${rest}. An empty list gives an empty list.`,
  constants: (size, rest) => [`const size = ${size}`, `const keepsRest = ${rest === "kept"}`],
  body: `
export const chunkList = (list) => {
  const pieces = []
  for (let at = 0; at < list.length; at += size) {
    const piece = list.slice(at, at + size)
    if (keepsRest || piece.length === size) pieces.push(piece)
  }
  return pieces
}
`,
  slips: [
    ["keepsRest || piece.length === size", "!keepsRest || piece.length === size"],
    ["at + size)", "at + size - 1)"],
    ["let at = 0", "let at = 1"]
  ]
}

const mergeRanges: CodeTask = {
  name: "merge-ranges",
  signature: "mergeRanges(ranges)",
  choices: [["0", "1", "2", "3", "5", "7", "10", "15"]],
  describe: (gap) =>
    `It takes a list of ranges [start, end] in any order and gives the fewest ranges that cover the same, by their start. Two ranges are made into one where they overlap or touch, or where at most ${gap} lies between the end of one and the start of the next. The ranges that are given stay as they are.`,
  constants: (gap) => [`const gap = ${gap}`],
  body: `
export const mergeRanges = (ranges) => {
  const merged = []
  for (const [start, end] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1)
    if (last !== undefined && start - last[1] <= gap) last[1] = Math.max(last[1], end)
    else merged.push([start, end])
  }
  return merged
}
`,
  slips: [
    ["start - last[1] <= gap", "start - last[1] < gap"],
    ["Math.max(last[1], end)", "end"],
    ["[...ranges].sort((a, b) => a[0] - b[0])", "ranges"]
  ]
}

const addWorkdays: CodeTask = {
  name: "add-workdays",
  signature: "addWorkdays(date, days)",
  choices: [
    ["Saturday", "Friday"],
    ["forwards", "backwards"]
  ],
  describe: (off, way) =>
    `It takes a date such as 2026-03-06 and a whole number of working days, 0 or more, and gives the date that lies so many working days ${way}. ${off} and the day after it are no working days. With 0 days the date stays as it is.`,
  constants: (off, way) => [
    `const off = ${off === "Saturday" ? "[6, 0]" : "[5, 6]"}`,
    `const step = ${way === "forwards" ? 1 : -1}`
  ],
  body: `
export const addWorkdays = (date, days) => {
  const at = new Date(date + "T00:00:00Z")
  let left = days
  while (left > 0) {
    at.setUTCDate(at.getUTCDate() + step)
    if (!off.includes(at.getUTCDay())) left--
  }
  return at.toISOString().slice(0, 10)
}
`,
  slips: [
    ["left > 0", "left >= 0"],
    ["if (!off.includes(at.getUTCDay())) left--", "left--"],
    ["if (!off.includes(at.getUTCDay())) left--", "if (at.getUTCDay() !== off[0]) left--"]
  ]
}

/** Tasks about lists and dates. */
export const lists: ReadonlyArray<CodeTask> = [groupRows, chunkList, mergeRanges, addWorkdays]
