import type { ToolCall } from "../domain/Answer.ts"
import { digestOf } from "../domain/digest.ts"
import { bestOrderedPairing, bestPairing } from "./assignment.ts"
import { isIdName } from "./toolSchema.ts"

/** For every row the column it is paired with, or -1. */
export type Pairing = ReadonlyArray<number>

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The arguments of a call by name; what is no object is one argument. */
export const argumentsOf = (call: ToolCall): Readonly<Record<string, unknown>> =>
  isObject(call.arguments) ? call.arguments : { arguments: call.arguments }

/** A writing call among the others of its side. */
interface Change {
  readonly index: number
  /** What it works on: each id argument with its value, of a list with each element. Sorted. */
  readonly things: ReadonlyArray<string>
  /** The same for the same call. By name first, so that calls that are nearly the same sort alike. */
  readonly key: string
}

const thingsOf = (call: ToolCall): ReadonlyArray<string> =>
  Object.entries(argumentsOf(call))
    .filter(([name]) => isIdName(name))
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one: unknown) => [name, one] as const))
    .filter(([, one]) => one !== null && one !== "")
    .map((named) => JSON.stringify(named))
    .sort()

const changesOf = (calls: ReadonlyArray<ToolCall>, writes: (name: string) => boolean): ReadonlyArray<Change> =>
  calls.flatMap((call, index) => {
    const things = writes(call.name) ? thingsOf(call) : []
    return things.length === 0
      ? []
      : [{ index, things, key: [call.name, ...things, digestOf(argumentsOf(call))].join(" ") }]
  })

/** The group of each thing that is changed: things that one call works on are in one group. */
const groupsOf = (changes: ReadonlyArray<Change>): ReadonlyMap<string, number> => {
  const groupOf = new Map<string, number>()
  for (const { index, things } of changes) {
    const joined = new Set(things.map((thing) => groupOf.get(thing)))
    for (const [thing, group] of groupOf) if (joined.has(group)) groupOf.set(thing, index)
    for (const thing of things) groupOf.set(thing, index)
  }
  return groupOf
}

const share = (one: Change, other: Change) => one.things.some((thing) => other.things.includes(thing))

/**
 * The changes in the one order that all orders have that differ only in calls that share no thing: of those that wait for no earlier
 * one the first by its key, again and again (the lexicographic normal form of a trace).
 */
const canonical = (changes: ReadonlyArray<Change>): ReadonlyArray<number> => {
  const waitsFor = changes.map((change, i) => changes.slice(0, i).filter((earlier) => share(earlier, change)).length)
  const left = new Set(changes.keys())
  const order: Array<number> = []
  while (left.size > 0) {
    let next = -1
    for (const i of left) if (waitsFor[i] === 0 && (next === -1 || changes[i]!.key < changes[next]!.key)) next = i
    left.delete(next)
    order.push(changes[next]!.index)
    for (const i of left) if (i > next && share(changes[next]!, changes[i]!)) waitsFor[i]! -= 1
  }
  return order
}

/**
 * Pairs the changes of each group of things in order, then all that is left freely: two calls that share no id argument (same
 * name, same value) have no order. What is left of a group is out of order, so it pairs with calls of other groups only.
 */
export const pairedByThing = (
  reference: ReadonlyArray<ToolCall>,
  calls: ReadonlyArray<ToolCall>,
  scores: ReadonlyArray<ReadonlyArray<number>>,
  writes: (name: string) => boolean
): Pairing => {
  const wanted = changesOf(reference, writes)
  const groupOf = groupsOf(wanted)
  const grouped = (changes: ReadonlyArray<Change>) =>
    Map.groupBy(changes, ({ things }) => things.map((thing) => groupOf.get(thing)).find((group) => group !== undefined))
  const columnsOf = grouped(changesOf(calls, writes))
  const columnOf = new Array<number>(reference.length).fill(-1)
  const rowGroup = new Map<number, number>()
  const columnGroup = new Map<number, number>()
  const pair = (
    rows: ReadonlyArray<number>,
    columns: ReadonlyArray<number>,
    pairing: typeof bestPairing,
    scoreOf: (row: number, column: number) => number
  ) =>
    pairing(rows.map((row) => columns.map((column) => scoreOf(row, column)))).forEach((column, i) => {
      if (column !== -1) columnOf[rows[i]!] = columns[column]!
    })
  for (const [group, changes] of grouped(wanted)) {
    if (group === undefined || new Set(changes.map(({ key }) => key)).size === 1) continue
    const found = columnsOf.get(group) ?? []
    for (const { index } of changes) rowGroup.set(index, group)
    for (const { index } of found) columnGroup.set(index, group)
    pair(canonical(changes), canonical(found), bestOrderedPairing, (row, column) => scores[row]![column]!)
  }
  const taken = new Set(columnOf)
  const rows = [...reference.keys()].filter((row) => columnOf[row] === -1)
  const columns = [...calls.keys()].filter((column) => !taken.has(column))
  const outOfOrder = (row: number, column: number) => rowGroup.has(row) && rowGroup.get(row) === columnGroup.get(column)
  pair(rows, columns, bestPairing, (row, column) => (outOfOrder(row, column) ? 0 : scores[row]![column]!))
  return columnOf
}
