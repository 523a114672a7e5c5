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

/** By dimension: the scale, then the ways the unit is written. SI, and the international yard and pound (1959); US gallon, calendar-free days. */
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
    [604_800, "week weeks"]
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
  { scale: 1, offset: -273.15, written: "kelvin Kelvin" }
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

const unitOf = (word: string | undefined): Unit | undefined =>
  word === undefined ? undefined : (known.get(word) ?? (word.length > 2 ? known.get(word.toLowerCase()) : undefined))

/** Not before what makes another unit of it: `m/s`, `km²`, `MB per second`. */
const word = /^\s?-?([°%‰$€£¥₹]|[°µμ\p{L}]+[³3]?(?![\p{L}³²^·/]|\s+per\b)|°[CF])/u
const degree = /^\s?(°[CF])(?!\p{L})/u
const prefix = /([$€£¥₹]|(?<!\p{L})[A-Z]{3})\s?-?$/u

const multipleOf = (after: string, isMoney: boolean): readonly [number, string] => {
  const found = /^(?:(k|K|M|m|b|B|T|mn|bn)|\s?(thousand|million|billion|trillion|bn|mn))(?!\p{L})/u.exec(after)
  const name = found?.[1] ?? found?.[2] ?? ""
  const factor = multiples[name] ?? (isMoney ? ofMoney[name] : undefined)
  return factor === undefined || found === null ? [1, after] : [factor, after.slice(found[0].length)]
}

/** The numbers of a text in order, each with its unit: `-$1.2k` is -1200 USD, `5 km` 5 km, `7 apples` 7. A word that is no unit of the table is none. */
export const quantitiesIn = (text: string): ReadonlyArray<Quantity> =>
  numberMatches(text).map(({ after, before, value }): Quantity => {
    const money = unitOf(prefix.exec(before)?.[1])
    const [factor, rest] = multipleOf(after, money !== undefined)
    const behind = unitOf(degree.exec(rest)?.[1] ?? word.exec(rest)?.[1])
    return { value: value * factor, unit: money ?? behind ?? null }
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
