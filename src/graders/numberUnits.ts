import { numberMatches } from "./number.ts"
import { currencies, degrees, table } from "./unitTable.ts"
import { tidy } from "./unitText.ts"

/** What a number counts: units of one dimension are converted into each other, money only into itself. */
export interface Unit {
  readonly name: string
  readonly dimension: string
  /** How many of the dimension's base units it is; `base` = value × `scale` + `offset`. */
  readonly scale: number
  readonly offset: number
  /** A word that is in no table: it counts against another word or unit, never against a bare number. */
  readonly isWord?: true
}

/** A number with its unit, `null` where it has none. */
export interface Quantity {
  readonly value: number
  readonly unit: Unit | null
  /** What it was multiplied by, as it is written: `M`. */
  readonly multiple?: string
}

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
    "a about after again already all also altogether an and are as at be because before but by each either else exactly for from had has have " +
    "he here hence i if in instead into is it its left less minus more not now of off on only or out over overall per plus remaining she since so st nd rd th " +
    "than that the then there therefore these they this thus times to today tomorrow total under until was we were when where which while " +
    "who will with x yesterday yet you"
  ).split(" ")
)

/** One of many: `boxes`, `cities`, `lumens`. */
const oneOf = (name: string): string =>
  name
    .replace(/(?<=\p{L}{2})ies$/u, "y")
    .replace(/(?<=x|ch|sh|ss|z|us)es$/u, "")
    .replace(/(?<=\p{L}{2}[^su])s$/u, "")

/** A word that is in no table is a unit of its own, however it is capitalised and of whatever number. */
const ownUnit = (word: string): Unit | undefined => {
  const name = word.toLowerCase()
  if (noUnits.has(name.split("/")[0] ?? "")) return undefined
  return { name: word, dimension: `the word ${oneOf(name)}`, scale: 1, offset: 0, isWord: true }
}

const unitOf = (word: string): Unit | undefined => knownUnit(word) ?? powerOf(word) ?? rateOf(word) ?? ownUnit(word)

const sign = /^\s?-?([$€£¥₹])/u
/** On the number's line: letters, `%` and `°`, with powers, and what they are divided or multiplied by. */
const word = /^[^\S\n]?-?([°%‰µμ\p{L}]+[²³23]?(?:[/·][°%‰µμ\p{L}]+[²³23]?)*)/u
const prefix = /(\p{L}*[$€£¥₹]|(?<!\p{L})(?:[A-Z]{3}|Rs))\s?-?$/u

const behindOf = (after: string): Unit | undefined => {
  const found = sign.exec(after)?.[1] ?? word.exec(after)?.[1]
  return found === undefined ? undefined : unitOf(found)
}

const isMoney = (unit: Unit | undefined): unit is Unit =>
  unit !== undefined && Object.hasOwn(currencies, unit.dimension)

/** Only money stands before its number; a sign with letters that are not known is money of its own. */
const moneyOf = (before: string): Unit | undefined => {
  const written = prefix.exec(before)?.[1] ?? ""
  const unit = knownUnit(written)
  if (isMoney(unit)) return unit
  return /\p{L}[$€£¥₹]$/u.test(written)
    ? { name: written, dimension: `the money ${written}`, scale: 1, offset: 0 }
    : undefined
}

const multipleOf = (after: string, isMoney: boolean): readonly [number, string, string] => {
  const found = /^(?:(k|K|m|b|B|T|mn|bn)|\s?(M|thousand|million|billion|trillion|bn|mn))(?!\p{L})/u.exec(after)
  const name = found?.[1] ?? found?.[2] ?? ""
  const factor = multiples[name] ?? (isMoney ? ofMoney[name] : undefined)
  return factor === undefined || found === null ? [1, after, ""] : [factor, after.slice(found[0].length), name]
}

/** The numbers of a text in order, each with its unit: `-$1.2k` is -1200 USD, `5 km` 5 km, `7 apples` 7 apples, `7 of` 7. */
export const quantitiesIn = (text: string): ReadonlyArray<Quantity> =>
  numberMatches(tidy(text)).map(({ after, before, value }): Quantity => {
    const money = moneyOf(before)
    const [factor, rest, multiple] = multipleOf(after, money !== undefined)
    const behind = behindOf(rest)
    // `$5 CAD`: the code says which dollars.
    const unit = money?.name === "USD" && isMoney(behind) ? behind : (money ?? behind ?? null)
    return { value: value * factor, unit, ...(multiple === "" ? {} : { multiple }) }
  })

/** `5 km`, `50 %`, `7`; a number that was multiplied by a letter says so, since the letter may have been meant for a unit. */
export const quantityText = ({ multiple = "", unit, value }: Quantity): string => {
  const text = unit === null ? `${value}` : `${value} ${unit.name}`
  return multiple.length === 1 && unit === null ? `${text} (${multiple} is ${multiples[multiple]}, and no unit)` : text
}

/** To 15 digits: what conversion rounds does not count. */
const round = (value: number): number => Number(value.toPrecision(15))

/**
 * A quantity's value in the unit of a reference; `undefined` where the units do not go together. Where the reference has no unit, the number as it is
 * written, but a share as the number it is: 50 % is 0.5, on either side. A word that is no known unit asks for none.
 */
export const valueIn = (reference: Unit | null, { unit, value }: Quantity): number | undefined => {
  if (reference === null) return unit?.dimension === "share" ? round(value * unit.scale) : value
  if (reference === unit) return value
  if (unit === null) {
    if (reference.isWord === true) return value
    return reference.dimension === "share" ? round(value / reference.scale) : undefined
  }
  if (unit.dimension !== reference.dimension) return undefined
  return round((value * unit.scale + unit.offset - reference.offset) / reference.scale)
}
