import type { CodeTask } from "../CodeTask.ts"

const millis: Readonly<Record<string, number>> = { milliseconds: 1, seconds: 1_000, minutes: 60_000 }

const parseDuration: CodeTask = {
  name: "parse-duration",
  signature: "parseDuration(text)",
  choices: [
    ["milliseconds", "seconds", "minutes"],
    ["hours", "days", "weeks"]
  ],
  describe: (unit, largest) =>
    `It reads a length of time such as "1h 30m" into a number of ${unit}. The units go from s (seconds) and m (minutes) up to ${largest} (${largest?.[0]}), each a whole number with the unit right behind it; between two parts there may be spaces. Anything else, the empty text included, gives null.`,
  constants: (unit = "", largest) => [
    `const one = ${millis[unit]}`,
    `const units = { s: 1000, m: 60000, h: 3600000${largest === "hours" ? "" : ", d: 86400000"}${largest === "weeks" ? ", w: 604800000" : ""} }`
  ],
  body: String.raw`
export const parseDuration = (text) => {
  const parts = [...text.matchAll(/(\d+)([a-z])/g)]
  const rest = text.replace(/(\d+)([a-z])/g, "").trim()
  if (parts.length === 0 || rest !== "") return null
  if (parts.some(([, , unit]) => !Object.hasOwn(units, unit))) return null
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit], 0) / one
}
`,
  slips: [
    ['parts.length === 0 || rest !== ""', 'rest !== ""'],
    ['parts.length === 0 || rest !== ""', "parts.length === 0"],
    ["(\\d+)([a-z])/g)]", "(\\d)([a-z])/g)]"],
    ["sum + Number(count)", "Number(count)"]
  ]
}

const toRoman: CodeTask = {
  name: "to-roman",
  signature: "toRoman(number)",
  choices: [
    ["99", "399", "999", "1999", "3999"],
    ["upper", "lower"]
  ],
  describe: (most, letters) =>
    `It writes a whole number as a Roman numeral in ${letters} case: 4 is IV, 9 is IX, 40 is XL. It throws a RangeError for numbers below 1 or above ${most}, and for numbers that are not whole.`,
  constants: (most, letters) => [
    `const most = ${most}`,
    `const inCase = (text) => text.to${letters === "upper" ? "Upper" : "Lower"}Case()`
  ],
  body: `
const signs = [
  [1000, "M"], [900, "CM"], [500, "D"], [400, "CD"], [100, "C"], [90, "XC"],
  [50, "L"], [40, "XL"], [10, "X"], [9, "IX"], [5, "V"], [4, "IV"], [1, "I"]
]

export const toRoman = (number) => {
  if (!Number.isInteger(number) || number < 1 || number > most) throw new RangeError("no Roman numeral: " + number)
  let left = number
  let text = ""
  for (const [value, sign] of signs) {
    while (left >= value) {
      text += sign
      left -= value
    }
  }
  return inCase(text)
}
`,
  slips: [
    ["number > most", "number >= most"],
    ['[40, "XL"], ', ""],
    ["!Number.isInteger(number) || ", ""],
    ["while (left >= value)", "while (left > value)"]
  ]
}

const movingAverage: CodeTask = {
  name: "moving-average",
  signature: "movingAverage(numbers)",
  choices: [
    ["2", "3", "4", "5"],
    ["1", "2", "3"]
  ],
  describe: (window, decimals) =>
    `It gives the moving averages of a list of numbers: for every place the mean of the ${window} numbers that end there, rounded to ${decimals} decimals. Places with fewer than ${window} numbers before and at them have none, so a list of fewer than ${window} numbers gives an empty list.`,
  constants: (window, decimals) => [`const window = ${window}`, `const decimals = ${decimals}`],
  body: `
export const movingAverage = (numbers) => {
  const averages = []
  for (let end = window; end <= numbers.length; end++) {
    const sum = numbers.slice(end - window, end).reduce((all, one) => all + one, 0)
    averages.push(Math.round((sum / window) * 10 ** decimals) / 10 ** decimals)
  }
  return averages
}
`,
  slips: [
    ["end <= numbers.length", "end < numbers.length"],
    ["let end = window", "let end = 1"],
    ["Math.round((sum / window) * 10 ** decimals) / 10 ** decimals", "Math.round(sum / window)"]
  ]
}

const formatMoney: CodeTask = {
  name: "format-money",
  signature: "formatMoney(cents)",
  choices: [
    ["point", "space", "apostrophe"],
    ["EUR", "CHF", "USD"]
  ],
  describe: (between, currency) =>
    `It writes an amount in whole cents as a text such as 1234,50 ${currency}: two decimals after a comma, groups of three digits with ${between === "apostrophe" ? "an" : "a"} ${between} between them, a space and ${currency} behind. A negative amount has a minus sign in front.`,
  constants: (between, currency) => [
    `const between = ${JSON.stringify({ point: ".", space: " ", apostrophe: "'" }[between ?? ""])}`,
    `const currency = "${currency}"`
  ],
  body: String.raw`
export const formatMoney = (cents) => {
  const whole = String(Math.trunc(Math.abs(cents) / 100)).replace(/\B(?=(\d{3})+$)/g, between)
  const rest = String(Math.abs(cents) % 100).padStart(2, "0")
  return (cents < 0 ? "-" : "") + whole + "," + rest + " " + currency
}
`,
  slips: [
    ['.padStart(2, "0")', ""],
    ['(cents < 0 ? "-" : "") + ', ""],
    ["(?=(\\d{3})+$)/g", "(?=\\d{3}$)/"]
  ]
}

const compareVersions: CodeTask = {
  name: "compare-versions",
  signature: "compareVersions(a, b)",
  choices: [
    ["2", "3", "4"],
    ["allowed", "refused"]
  ],
  describe: (most, prefix) =>
    `It compares two versions of up to ${most} whole numbers with points between them: -1 where the first is older, 1 where it is newer, 0 where they are the same. Numbers that are missing at the end count as 0. A v in front is ${prefix}. What is no such version throws a TypeError.`,
  constants: (most, prefix) => [
    `const most = ${most}`,
    `const form = /^${prefix === "allowed" ? "v?" : ""}\\d+(\\.\\d+)*$/`
  ],
  body: `
const numbersOf = (version) => {
  const numbers = form.test(version) ? version.replace("v", "").split(".").map(Number) : []
  if (numbers.length === 0 || numbers.length > most) throw new TypeError("no version: " + version)
  return numbers
}

export const compareVersions = (a, b) => {
  const [first, second] = [numbersOf(a), numbersOf(b)]
  for (let i = 0; i < most; i++) {
    const difference = (first[i] ?? 0) - (second[i] ?? 0)
    if (difference !== 0) return Math.sign(difference)
  }
  return 0
}
`,
  slips: [
    ["(first[i] ?? 0) - (second[i] ?? 0)", "(first[i] > second[i]) - (first[i] < second[i])"],
    ["i < most; i++", "i < most - 1; i++"],
    ["numbers.length === 0 || numbers.length > most", "numbers.length === 0"],
    ["return Math.sign(difference)", "return difference"]
  ]
}

/** Tasks about numbers. */
export const numbers: ReadonlyArray<CodeTask> = [parseDuration, toRoman, movingAverage, formatMoney, compareVersions]
