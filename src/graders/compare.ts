import { digestOf } from "../domain/digest.ts"
import { bestPairing } from "./assignment.ts"
import { type Place, placeText } from "./paths.ts"

/** When two JSON values count as equal. */
export interface Rules {
  numbers(reference: number | bigint, value: number | bigint, place: Place): boolean
  texts(reference: string, value: string, place: Place): boolean
  /** What lies at this place does not count. */
  ignored(place: Place): boolean
  /**
   * The array at this place has no order. Its elements are paired by this key; where it is `null` or repeats, the same first,
   * then the most alike under these rules, up to 60 a side and while that is not too much work, else by position.
   */
  unordered(place: Place): { readonly key: string | null } | undefined
}

/** How far two JSON values are equal. A leaf is a scalar or an empty array or object; those of both sides count. */
export interface Comparison {
  readonly leaves: number
  readonly equal: number
  /** One sentence a difference, with its place. */
  readonly differences: ReadonlyArray<string>
}

type Pair = readonly [place: Place, reference: unknown, value: unknown]

/** Stands for an element or key that one side lacks; no JSON value is `undefined`. */
const absent = undefined

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
const own = (value: Readonly<Record<string, unknown>>, key: string) => (Object.hasOwn(value, key) ? value[key] : absent)

/** As JSON has no word for it, a number beyond a double is a text. */
const digits = (_key: string, value: unknown) =>
  typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value)) ? digitsOf(value) : value

/** The digits of a number; many zeros at its end as an exponent: `2e400`. */
const digitsOf = (value: bigint | number): string => String(value).replace(/0{30,}$/, (zeros) => `e${zeros.length}`)

const brief = (value: unknown): string => {
  const told = digits("", value)
  const text = isNumber(value) ? String(told) : JSON.stringify(told, digits)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

const leavesOf = (value: unknown, place: Place, rules: Rules): number => {
  if (rules.ignored(place)) return 0
  const inside: ReadonlyArray<readonly [string | number, unknown]> = Array.isArray(value)
    ? value.map((element, i) => [i, element] as const)
    : isObject(value)
      ? Object.entries(value)
      : []
  return inside.length === 0
    ? 1
    : inside.reduce((sum, [key, element]) => sum + leavesOf(element, [...place, key], rules), 0)
}

const inOrder = (reference: ReadonlyArray<unknown>, value: ReadonlyArray<unknown>, place: Place): ReadonlyArray<Pair> =>
  Array.from({ length: Math.max(reference.length, value.length) }, (_, i) => [[...place, i], reference[i], value[i]])

/** What a bigint stands for in a digest: no JSON value of its own. */
const spelt = (value: unknown): unknown =>
  typeof value === "bigint"
    ? { bigint: String(value) }
    : Array.isArray(value)
      ? value.map(spelt)
      : isObject(value)
        ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, spelt(inner)]))
        : value

const holdsBigint = (value: unknown): boolean =>
  typeof value === "bigint" || (typeof value === "object" && value !== null && Object.values(value).some(holdsBigint))

const nameOf = (value: unknown) => digestOf(holdsBigint(value) ? spelt(value) : value)

/** Elements a side that are paired by comparing each with each; more are paired by position. */
const most = 60
/** Values looked at for pairing in one comparison, as arrays inside arrays multiply; after these, pairs are by position. */
const effort = 500_000

type Indexes = ReadonlyArray<number>
/** The share of equal leaves of two elements, by their indexes; `undefined` when the effort is spent. */
type Likeness = (row: number, column: number) => number | undefined

/** The most alike of two groups of elements, as rows and columns; none where they are too many to compare. */
const mostAlike = (rows: Indexes, columns: Indexes, likeness: Likeness): ReadonlyArray<readonly [number, number]> => {
  if (rows.length === 0 || columns.length === 0 || Math.max(rows.length, columns.length) > most) return []
  const scores: Array<Array<number>> = []
  for (const row of rows) {
    const line: Array<number> = []
    for (const column of columns) {
      const score = likeness(row, column)
      if (score === undefined) return []
      line.push(score)
    }
    scores.push(line)
  }
  return bestPairing(scores).flatMap((at, i) => (at === -1 ? [] : [[rows[i]!, columns[at]!] as const]))
}

/** For every element of the reference the index of its partner, or none. */
const partners = (
  reference: ReadonlyArray<unknown>,
  value: ReadonlyArray<unknown>,
  key: string | null,
  likeness: Likeness
): ReadonlyMap<number, number> => {
  const columnOf = new Map<number, number>()
  const taken = new Set<number>()
  const pair = (row: number, column: number) => {
    columnOf.set(row, column)
    taken.add(column)
  }
  const open = (rows: Indexes, columns: Indexes) =>
    [rows.filter((row) => !columnOf.has(row)), columns.filter((column) => !taken.has(column))] as const
  /** The same first, then the most alike, then by position. */
  const pairAll = (rows: Indexes, columns: Indexes) => {
    const waiting = Map.groupBy(columns, (column) => nameOf(value[column]))
    for (const row of rows) {
      const column = waiting.get(nameOf(reference[row]))?.shift()
      if (column !== undefined) pair(row, column)
    }
    for (const [row, column] of mostAlike(...open(rows, columns), likeness)) pair(row, column)
    const [left, free] = open(rows, columns)
    left.slice(0, free.length).forEach((row, i) => {
      pair(row, free[i]!)
    })
  }
  const [rows, columns] = [[...reference.keys()], [...value.keys()]]
  if (key === null) {
    pairAll(rows, columns)
    return columnOf
  }
  const keyOf = (element: unknown) => nameOf(isObject(element) ? own(element, key) : element)
  const waiting = Map.groupBy(columns, (column) => keyOf(value[column]))
  for (const [name, of] of Map.groupBy(rows, (row) => keyOf(reference[row]))) {
    const found = waiting.get(name) ?? []
    if (of.length === 1 && found.length === 1) pair(of[0]!, found[0]!)
    else if (found.length > 0) pairAll(of, found)
  }
  // Keys may be written another way that the rules forgive; only what is equal as a whole tells so.
  const whole: Likeness = (row, column) => {
    const score = likeness(row, column)
    return score === undefined ? undefined : Math.floor(score)
  }
  for (const [row, column] of mostAlike(...open(rows, columns), whole)) pair(row, column)
  return columnOf
}

const paired = (
  reference: ReadonlyArray<unknown>,
  value: ReadonlyArray<unknown>,
  place: Place,
  key: string | null,
  likeness: (...pair: Pair) => number | undefined
): ReadonlyArray<Pair> => {
  const columnOf = partners(reference, value, key, (row, column) =>
    likeness([...place, row], reference[row], value[column])
  )
  const taken = new Set(columnOf.values())
  const left = value.filter((_, column) => !taken.has(column))
  return [
    ...reference.map((element, row): Pair => {
      const column = columnOf.get(row)
      return [[...place, row], element, column === undefined ? absent : value[column]]
    }),
    ...left.map((element, i): Pair => [[...place, reference.length + i], absent, element])
  ]
}

const isNumber = (value: unknown): value is number | bigint => typeof value === "number" || typeof value === "bigint"

const same = (one: unknown, other: unknown, place: Place, rules: Rules): boolean =>
  isNumber(one) && isNumber(other)
    ? rules.numbers(one, other, place)
    : typeof one === "string" && typeof other === "string"
      ? rules.texts(one, other, place)
      : one === other

interface Tally {
  leaves: number
  equal: number
  /** None are written for pairing, where only the share counts. */
  readonly differences: Array<string> | undefined
}

/** Compares two JSON values leaf by leaf; a bigint is a number whose digits count. */
export const compareJson = (reference: unknown, value: unknown, rules: Rules): Comparison => {
  let looked = 0
  const likeness = (...pair: Pair): number | undefined => {
    const tally: Tally = { leaves: 0, equal: 0, differences: undefined }
    walk(tally, ...pair)
    if (looked > effort) return undefined
    return tally.leaves === 0 ? 1 : tally.equal / tally.leaves
  }
  const inside = (place: Place, one: unknown, other: unknown): ReadonlyArray<Pair> | undefined => {
    if (Array.isArray(one) && Array.isArray(other)) {
      const free = rules.unordered(place)
      return free === undefined ? inOrder(one, other, place) : paired(one, other, place, free.key, likeness)
    }
    if (isObject(one) && isObject(other)) {
      const keys = new Set([...Object.keys(one), ...Object.keys(other)])
      return [...keys].map((key) => [[...place, key], own(one, key), own(other, key)])
    }
    return undefined
  }
  const walk = (tally: Tally, place: Place, one: unknown, other: unknown): void => {
    const pairing = tally.differences === undefined
    if (pairing && ++looked > effort) return
    if (rules.ignored(place)) return
    if (one === absent || other === absent) {
      const count = leavesOf(one === absent ? other : one, place, rules)
      tally.leaves += count
      if (count > 0) tally.differences?.push(`${placeText(place)} ${one === absent ? "is too much" : "is missing"}`)
      return
    }
    const pairs = inside(place, one, other)
    if (pairs !== undefined && pairs.length > 0) {
      for (const pair of pairs) walk(tally, ...pair)
      return
    }
    const alike = pairs !== undefined || same(one, other, place, rules)
    tally.leaves += alike ? 1 : Math.max(leavesOf(one, place, rules), leavesOf(other, place, rules))
    if (alike) tally.equal += 1
    else tally.differences?.push(`${placeText(place)} is ${brief(other)} instead of ${brief(one)}`)
  }
  const differences: Array<string> = []
  const tally: Tally = { leaves: 0, equal: 0, differences }
  walk(tally, [], reference, value)
  return { leaves: tally.leaves, equal: tally.equal, differences }
}
