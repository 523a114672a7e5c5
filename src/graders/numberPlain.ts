const space = "[ \\u00a0\\u2009\\u202f'\u2019]"
/** Where a number begins that is not the rest of another: of a decimal, a date, a time, a fraction. */
const begins = "(?<![\\p{L}\\d.,]|\\d[-:/]|\\d[eE][-+]?)"

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹"
const power = /(?<=\d)(\s?(?:[x×*·]|\\times|\\cdot)\s?)10(?:\s?(?:\^|\*\*)\s?\{?([-+]?\d+)\}?|([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+))/gu
const alone = /(?<![\p{L}\d.,^])10(?:\s?\^\s?\{?([-+]?\d+)\}?|([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+))/gu
const raised = (digits = "", small = "") =>
  digits === ""
    ? [...small].map((one) => (one === "⁻" ? "-" : one === "⁺" ? "" : `${superscripts.indexOf(one)}`)).join("")
    : digits

/** Powers of ten as JSON writes them: `1.5 x 10^3` is `1.5e3`, `10³` is `1e3`. */
export const withPowers = (text: string): string =>
  text
    .replaceAll("\u2212", "-")
    .replace(power, (_, __, digits?: string, small?: string) => `e${raised(digits, small)}`)
    .replace(alone, (_, digits?: string, small?: string) => `1e${raised(digits, small)}`)

/** A JSON list of numbers: its commas part them, unless all of it is one number with groups of three. */
const list = /(?<!\\)\[[-+\d.,eE\s]*\]/g
const oneNumber = /^\[\s*-?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?\s*\]$/
/** `1 234 567`, `1'234`. What is followed by a group of another length is none. */
const spaceGroups = new RegExp(
  `${begins}(?<!\\d${space})[1-9]\\d{0,2}(?:${space}\\d{3})+(?!\\d|${space}\\d|/\\d)`,
  "gu"
)
/** `1.234,50`: dots with exactly three digits behind each, then a comma with digits. */
const dotGroups = /(?<![\d.,]|\d[eE][-+]?)([1-9]\d{0,2}(?:\.\d{3})+),(\d+)(?![.,]?\d)/g
/** `1.234.567`: two dots at least, since one alone is a decimal point. */
const dotsOnly = /(?<![\d.,]|\d[eE][-+]?)[1-9]\d{0,2}(?:\.\d{3}){2,}(?![.,]?\d)/g
/** `1,234,567`: commas with exactly three digits behind each. */
const commaGroups = /(?<![\d.,]|\d[eE][-+]?)[1-9]\d{0,2}(?:,\d{3})+(?!,?\d)/g
/** `12,5`: the one comma that is left between digits. */
const decimalComma = /(?<![\d.,]|\d[eE][-+]?)(\d+),(\d+)(?![.,]?\d)/g
const signs = /(?:(\d)\s?)?([\u00bc-\u00be\u2150-\u215e])/gu
const latexFraction = /(?:(\d)\s?)?\\[dt]?frac\s?\{(\d+)\}\s?\{(\d+)\}/g
const fraction = new RegExp(
  `${begins}(?<!/)(?:(\\d+)\\s)?(\\d+(?:\\.\\d+)?)\\s?[/\u2044]\\s?(\\d+(?:\\.\\d+)?)(?![\\d/]|[.,-]\\d)`,
  "gu"
)

/**
 * A text with its numbers as JSON writes them. Groups of exactly three digits behind one to three are one number, parted by spaces, apostrophes,
 * commas or two dots and more; any other single comma between digits is a decimal one, a single dot is a decimal point. `3/4` and `1 3/4` are one
 * number. In a JSON list, and where several commas part no groups, the commas part numbers.
 */
export const plain = (text: string): string =>
  withPowers(text)
    .replace(/(?<=\d)\{,\}(?=\d)/g, ",")
    .replace(/(?<=\d)\\,(?=\d)/g, "\u2009")
    .replace(signs, (_, whole: string | undefined, sign: string) => {
      return `${whole === undefined ? "" : `${whole} `}${sign.normalize("NFKC")}`
    })
    .replace(latexFraction, (_, whole: string | undefined, over: string, under: string) => {
      return `${whole === undefined ? "" : `${whole} `}${over}/${under}`
    })
    .replace(list, (all) => (oneNumber.test(all) ? all : all.replaceAll(",", " , ")))
    .replace(spaceGroups, (number) => number.replace(/\D/g, ""))
    .replace(dotGroups, (_, whole: string, part: string) => `${whole.replaceAll(".", "")}.${part}`)
    .replace(dotsOnly, (number) => number.replaceAll(".", ""))
    .replace(commaGroups, (number) => number.replaceAll(",", ""))
    .replace(decimalComma, "$1.$2")
    .replace(fraction, (all, whole: string | undefined, over: string, under: string) => {
      const part = Number(over) / Number(under)
      // Only a part of one goes with a whole number before it: `5 3/4`, not `5 7/4`.
      if (!Number.isFinite(part)) return all
      return whole === undefined ? `${part}` : part < 1 ? `${Number(whole) + part}` : `${whole} ${part}`
    })
