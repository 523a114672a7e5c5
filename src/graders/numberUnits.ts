import { numberMatches } from "./number.ts"

/** What a number counts: units of one dimension are converted into each other, money only into itself. */
export interface Unit {
  readonly name: string
  readonly dimension: string
  /** How many of the dimension's base units it is; `base` = value × `scale` + `offset`. */
  readonly scale: number
  readonly offset: number
}

/** A number with its unit, `null` where it has none. */
export interface Quantity {
  readonly value: number
  readonly unit: Unit | null
}

/**
 * By dimension: the scale, then the ways the unit is written. SI, and the international yard and pound (1959); US gallon. Months and years are no
 * number of days.
 */
const table: Readonly<Record<string, ReadonlyArray<readonly [number, string]>>> = {
  length: [
    [1e-9, "nm nanometre nanometres nanometer nanometers"],
    [1e-6, "µm μm um micrometre micrometres micrometer micrometers"],
    [0.001, "mm millimetre millimetres millimeter millimeters"],
    [0.01, "cm centimetre centimetres centimeter centimeters"],
    [1, "m metre metres meter meters"],
    [1000, "km kilometre kilometres kilometer kilometers"],
    [0.0254, "inch inches"],
    [0.3048, "ft foot feet"],
    [0.9144, "yd yard yards"],
    [1609.344, "mi mile miles"]
  ],
  area: [
    [1e4, "ha hectare hectares"],
    [4046.8564224, "acres acre"],
    [1, "sqm"],
    [0.09290304, "sqft"]
  ],
  mass: [
    [1e-6, "mg milligram milligrams"],
    [0.001, "g gram grams"],
    [1, "kg kilogram kilograms kilo kilos"],
    [1000, "t tonne tonnes"],
    [0.028349523125, "oz ounce ounces"],
    [0.45359237, "lb lbs pound pounds"]
  ],
  volume: [
    [0.001, "ml mL millilitre millilitres milliliter milliliters"],
    [0.01, "cl cL centilitre centilitres centiliter centiliters"],
    [1, "l L litre litres liter liters"],
    [1000, "m³ m3"],
    [3.785411784, "gal gallon gallons"]
  ],
  time: [
    [1e-6, "µs μs us microsecond microseconds"],
    [0.001, "ms millisecond milliseconds"],
    [1, "s sec secs second seconds"],
    [60, "min mins minute minutes"],
    [3600, "h hr hrs hour hours"],
    [86_400, "d day days"],
    [604_800, "weeks week wk wks"]
  ],
  calendar: [
    [1, "months month mo mos"],
    [3, "quarters quarter"],
    [12, "years year yr yrs"],
    [120, "decades decade"],
    [1200, "centuries century"]
  ],
  "length/time": [
    [1 / 3.6, "kph kmh"],
    [0.44704, "mph"],
    [1852 / 3600, "knots knot"]
  ],
  frequency: [
    [1, "Hz hz hertz"],
    [1e3, "kHz khz kilohertz"],
    [1e6, "MHz mhz megahertz"],
    [1e9, "GHz ghz gigahertz"]
  ],
  energy: [
    [1, "J joule joules"],
    [1e3, "kJ kilojoule kilojoules"],
    [1e6, "MJ megajoule megajoules"],
    [4184, "kcal kilocalorie kilocalories"],
    [3600, "Wh watthour watthours"],
    [3.6e6, "kWh kwh kilowatthour kilowatthours"],
    [3.6e9, "MWh megawatthour megawatthours"],
    [3.6e12, "GWh gwh gigawatthour gigawatthours"]
  ],
  power: [
    [1e-3, "mW milliwatt milliwatts"],
    [1, "W watt watts"],
    [1e3, "kW KW kilowatt kilowatts"],
    [1e6, "MW megawatt megawatts"],
    [1e9, "GW gigawatt gigawatts"]
  ],
  angle: [
    [1, "° degree degrees deg"],
    [180 / Math.PI, "rad radian radians"]
  ],
  bytes: [
    [0.125, "bit bits"],
    [1, "B byte bytes"],
    [1e3, "kB KB kilobyte kilobytes"],
    [1e6, "MB megabyte megabytes"],
    [1e9, "GB gigabyte gigabytes"],
    [1e12, "TB terabyte terabytes"],
    [2 ** 10, "KiB kibibyte kibibytes"],
    [2 ** 20, "MiB mebibyte mebibytes"],
    [2 ** 30, "GiB gibibyte gibibytes"],
    [2 ** 40, "TiB tebibyte tebibytes"]
  ],
  share: [
    [0.01, "% percent"],
    [0.001, "‰ permille"]
  ]
}
const currencies: Readonly<Record<string, string>> = {
  USD: "$ dollar dollars",
  EUR: "€ euro euros",
  GBP: "£",
  JPY: "¥ yen",
  INR: "₹ rupee rupees",
  ...Object.fromEntries(
    "CHF CAD AUD NZD CNY SEK NOK DKK PLN CZK BRL MXN KRW SGD HKD ZAR".split(" ").map((c) => [c, ""])
  )
}
const degrees = [
  { scale: 1, offset: 0, written: "°C Celsius celsius" },
  { scale: 5 / 9, offset: -160 / 9, written: "°F Fahrenheit fahrenheit" },
  { scale: 1, offset: -273.15, written: "kelvin Kelvin K" }
]

const known = new Map<string, Unit>()
const add = (written: string, properties: Omit<Unit, "name">) => {
  const [name = "", ...others] = written.split(" ")
  const unit: Unit = { name, ...properties }
  for (const one of [name, ...others]) known.set(one, unit)
}
for (const [dimension, units] of Object.entries(table)) {
  for (const [scale, written] of units) add(written, { dimension, scale, offset: 0 })
}
for (const [code, written] of Object.entries(currencies)) {
  add(`${code} ${written}`.trim(), { dimension: code, scale: 1, offset: 0 })
}
for (const { offset, scale, written } of degrees) add(written, { dimension: "temperature", scale, offset })

const multiples: Readonly<Record<string, number>> = {
  k: 1e3,
  K: 1e3,
  thousand: 1e3,
  M: 1e6,
  mn: 1e6,
  million: 1e6,
  bn: 1e9,
  billion: 1e9,
  trillion: 1e12
}
/** Of money only, where it cannot be a metre or a byte: `$5m`, `$2B`. */
const ofMoney: Readonly<Record<string, number>> = { m: 1e6, b: 1e9, B: 1e9, T: 1e12 }

const knownUnit = (word: string): Unit | undefined =>
  known.get(word) ?? (word.length > 2 ? known.get(word.toLowerCase()) : undefined)

/** `m²` and `ft³`, of units that start at zero. */
const powerOf = (word: string): Unit | undefined => {
  const [, base = "", sign] = /^(.+)([²³23])$/u.exec(word) ?? []
  const unit = knownUnit(base)
  if (unit === undefined || unit.dimension === "temperature") return undefined
  const power = sign === "²" || sign === "2" ? 2 : 3
  const scale = unit.scale ** power
  const name = `${unit.name}${power === 2 ? "²" : "³"}`
  if (unit.dimension !== "length") return { name, dimension: `${unit.dimension}^${power}`, scale, offset: 0 }
  return power === 2
    ? { name, dimension: "area", scale, offset: 0 }
    : { name, dimension: "volume", scale: scale * 1000, offset: 0 }
}

/** `km/h`, of two units that start at zero. */
const rateOf = (word: string): Unit | undefined => {
  const [over = "", under = "", more] = word.split("/")
  const above = knownUnit(over) ?? powerOf(over)
  const below = knownUnit(under) ?? powerOf(under)
  if (more !== undefined || above === undefined || below === undefined) return undefined
  if (above.dimension === "temperature" || below.dimension === "temperature") return undefined
  return {
    name: `${above.name}/${below.name}`,
    dimension: `${above.dimension}/${below.dimension}`,
    scale: above.scale / below.scale,
    offset: 0
  }
}

/** Words that follow a number and are no unit. */
const noUnits = new Set(
  (
    "a about after all also altogether an and are as at be because before but by each either else exactly for from had has have " +
    "he here hence i if in instead into is it its minus not of off on or out over overall per plus she since so st nd rd th " +
    "than that the then there therefore these they this thus times to total under until was we were when where which while " +
    "who will with x you"
  ).split(" ")
)

/** A word that is in no table is a unit of its own, however it is capitalised; `lumens` are many a `lumen`. */
const ownUnit = (word: string): Unit | undefined => {
  const name = word.toLowerCase()
  if (noUnits.has(name.split("/")[0] ?? "")) return undefined
  return { name, dimension: `the word ${name.replace(/(?<=\p{L}{3})s$/u, "")}`, scale: 1, offset: 0 }
}

const unitOf = (word: string): Unit | undefined => knownUnit(word) ?? powerOf(word) ?? rateOf(word) ?? ownUnit(word)

const sign = /^\s?-?([$€£¥₹])/u
/** On the number's line: letters, `%` and `°`, with powers, and what they are divided or multiplied by. */
const word = /^[^\S\n]?-?([°%‰µμ\p{L}]+[²³23]?(?:[/·][°%‰µμ\p{L}]+[²³23]?)*)/u
const prefix = /([$€£¥₹]|(?<!\p{L})[A-Z]{3})\s?-?$/u

const behindOf = (after: string): Unit | undefined => {
  const found = sign.exec(after)?.[1] ?? word.exec(after)?.[1]
  return found === undefined ? undefined : unitOf(found)
}

/** Only money stands before its number. */
const moneyOf = (before: string): Unit | undefined => {
  const unit = knownUnit(prefix.exec(before)?.[1] ?? "")
  return unit !== undefined && Object.hasOwn(currencies, unit.dimension) ? unit : undefined
}

const wrapped = /\\(?:text(?:bf|it|rm)?|math(?:rm|bf|it)|mbox|operatorname|boxed)\s?\{([^{}]*)\}/g
/** Of nested commands, the inner ones first. */
const unwrapped = (text: string, levels = 8): string => {
  const inner = text.replace(wrapped, "$1")
  return inner === text || levels === 0 ? text : unwrapped(inner, levels - 1)
}

/** Without LaTeX's marks. Dollars are some of them where they enclose a command with braces: `$5\text{ km}$`. */
const withoutLatex = (text: string): string =>
  unwrapped(text.replace(/(?<!\\)\${1,2}([^$\n]{0,200}\\[a-z]+\{[^$\n]{0,200})(?<!\\)\${1,2}/g, "$1"))
    .replace(/\\[()[\]]/g, "")
    .replace(/\\([%$])/g, "$1")
    .replace(/\\[,;:! ]|(?<=\d)~(?=\p{L})/gu, " ")
    .replace(/\^\{?\s?\\circ\s?\}?\s?/g, "°")

/** Without Markdown's marks. What multiplies stays apart: `3*4` are two numbers. */
const withoutMarkdown = (text: string): string =>
  text
    .replace(/(?<=\p{L})\*(?=\p{L})/gu, "·")
    .replace(/(?<=\d)[*`]+(?=[-\d.]*\d)/g, " ")
    .replace(/[*`]+/g, "")
    .replace(/(?<![\p{L}\p{N}])_+|_+(?![\p{L}\p{N}])/gu, "")

const shapes: Readonly<Record<string, string>> = { sq: "²", cu: "³" }

/** A text whose units are written in one way: `square metres` as `metres²`, `m^2` as `m²`, `km per hour` as `km/hour`. */
const tidy = (text: string): string =>
  withoutMarkdown(withoutLatex(text))
    .replace(/[^\S\n]{2,}/g, " ")
    .replace(/(?<=[°%²³\p{L}])\^\{?([23])\}?/gu, (_, power: string) => (power === "2" ? "²" : "³"))
    .replace(/(?<=\d\s?)([cdkm]?m|ft|yd|mi)([23])(?![\p{L}\p{N}])/gu, (_, name: string, power: string) => {
      return `${name}${power === "2" ? "²" : "³"}`
    })
    .replace(/\b(sq|cu)(?:uare|bic|\.)?\s(\p{L}+)/giu, (_, shape: string, name: string) => {
      return `${name}${shapes[shape.toLowerCase()] ?? ""}`
    })
    .replace(/\s?(?:°|\bdegrees?)\s?([CF]|[Cc]elsius|[Ff]ahrenheit)(?!\p{L})/gu, (_, name: string) => {
      return ` °${name.charAt(0).toUpperCase()}`
    })
    .replace(/(?<=watt)[-\s](?=hours?\b)/gi, "")
    .replace(/(?<=[°%²³\p{L}])\s+per\s+(?=\p{L})/gu, "/")
    .replace(/(?<=[°%²³\p{L}])\s\/\s(?=\p{L})/gu, "/")

const multipleOf = (after: string, isMoney: boolean): readonly [number, string] => {
  const found = /^(?:(k|K|M|m|b|B|T|mn|bn)|\s?(thousand|million|billion|trillion|bn|mn))(?!\p{L})/u.exec(after)
  const name = found?.[1] ?? found?.[2] ?? ""
  const factor = multiples[name] ?? (isMoney ? ofMoney[name] : undefined)
  return factor === undefined || found === null ? [1, after] : [factor, after.slice(found[0].length)]
}

/** The numbers of a text in order, each with its unit: `-$1.2k` is -1200 USD, `5 km` 5 km, `7 apples` 7 apples, `7 of` 7. */
export const quantitiesIn = (text: string): ReadonlyArray<Quantity> =>
  numberMatches(tidy(text)).map(({ after, before, value }): Quantity => {
    const money = moneyOf(before)
    const [factor, rest] = multipleOf(after, money !== undefined)
    return { value: value * factor, unit: money ?? behindOf(rest) ?? null }
  })

/** `5 km`, `50 %`, `7`. */
export const quantityText = ({ unit, value }: Quantity): string =>
  unit === null ? `${value}` : `${value} ${unit.name}`

/**
 * A quantity's value in the unit of a reference; `undefined` where the units do not go together. Where the reference has no unit, the number as it is
 * written; a number without a unit is a share where the reference is one: 0.5 is 50 %.
 */
export const valueIn = (reference: Unit | null, { unit, value }: Quantity): number | undefined => {
  if (reference === null || reference === unit) return value
  if (unit === null) return reference.dimension === "share" ? value / reference.scale : undefined
  if (unit.dimension !== reference.dimension) return undefined
  // 15 digits: what conversion rounds does not count.
  return Number(((value * unit.scale + unit.offset - reference.offset) / reference.scale).toPrecision(15))
}
