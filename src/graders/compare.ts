import { digestOf } from "../domain/digest.ts"
import { type Place, placeText } from "./paths.ts"

/** When two JSON values count as equal. */
export interface Rules {
  numbers(reference: number, value: number, place: Place): boolean
  texts(reference: string, value: string, place: Place): boolean
  /** What lies at this place does not count. */
  ignored(place: Place): boolean
  /** The array at this place has no order: its elements are paired by this key, or by themselves where it is `null`. */
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

const brief = (value: unknown): string => {
  const text = JSON.stringify(value)
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

const paired = (
  reference: ReadonlyArray<unknown>,
  value: ReadonlyArray<unknown>,
  place: Place,
  key: string | null
): ReadonlyArray<Pair> => {
  const nameOf = (element: unknown) =>
    digestOf(key === null ? element : isObject(element) ? own(element, key) : element)
  const waiting = Map.groupBy(value, nameOf)
  const pairs = reference.map((element): Pair => [place, element, waiting.get(nameOf(element))?.shift()])
  const left = [...waiting.values()].flat()
  // Elements without a key that found no equal are compared with each other in order, so that a small difference stays small.
  const second =
    key === null ? pairs.map(([, element, found]) => found ?? (element === absent ? absent : left.shift())) : []
  return [
    ...pairs.map(([, element, found], i): Pair => [[...place, i], element, found ?? second[i]]),
    ...left.map((element, i): Pair => [[...place, reference.length + i], absent, element])
  ]
}

const inside = (reference: unknown, value: unknown, place: Place, rules: Rules): ReadonlyArray<Pair> | undefined => {
  if (Array.isArray(reference) && Array.isArray(value)) {
    const free = rules.unordered(place)
    return free === undefined ? inOrder(reference, value, place) : paired(reference, value, place, free.key)
  }
  if (isObject(reference) && isObject(value)) {
    const keys = new Set([...Object.keys(reference), ...Object.keys(value)])
    return [...keys].map((key) => [[...place, key], own(reference, key), own(value, key)])
  }
  return undefined
}

/** Compares two JSON values leaf by leaf. */
export const compareJson = (reference: unknown, value: unknown, rules: Rules): Comparison => {
  const differences: Array<string> = []
  let leaves = 0
  let equal = 0
  const walk = (place: Place, one: unknown, other: unknown): void => {
    if (rules.ignored(place)) return
    if (one === absent || other === absent) {
      const count = leavesOf(one === absent ? other : one, place, rules)
      leaves += count
      if (count > 0) differences.push(`${placeText(place)} ${one === absent ? "is too much" : "is missing"}`)
      return
    }
    const pairs = inside(one, other, place, rules)
    if (pairs !== undefined && pairs.length > 0) {
      for (const pair of pairs) walk(...pair)
      return
    }
    const same =
      pairs !== undefined ||
      (typeof one === "number" && typeof other === "number"
        ? rules.numbers(one, other, place)
        : typeof one === "string" && typeof other === "string"
          ? rules.texts(one, other, place)
          : one === other)
    leaves += same ? 1 : Math.max(leavesOf(one, place, rules), leavesOf(other, place, rules))
    if (same) equal += 1
    else differences.push(`${placeText(place)} is ${brief(other)} instead of ${brief(one)}`)
  }
  walk([], reference, value)
  return { leaves, equal, differences }
}
