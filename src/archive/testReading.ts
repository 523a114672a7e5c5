import { readFileSync } from "node:fs"

import type { ArchivedCall } from "../domain/Call.ts"
import type { Found, Importer, ImporterOptions } from "./contract.ts"
import { makeLines } from "./lines.ts"

/** What an importer finds in the rows of some files, one row a line, in one import; in a test. */
export const readRows = (
  importer: Importer,
  files: Readonly<Record<string, ReadonlyArray<unknown>>>,
  options: ImporterOptions = {}
): ReadonlyArray<Found> => {
  const session = importer.start(options)
  const found = Object.entries(files).flatMap(([file, rows]) => {
    const reader = session.open(file)
    return [...rows.flatMap((json, at) => reader.line({ line: at + 1, json })), ...reader.end()]
  })
  return [...found, ...session.end()]
}

/** What an importer finds in files as they lie on the disk, in one import. */
export const readFiles = (importer: Importer, paths: ReadonlyArray<string>): ReadonlyArray<Found> => {
  const session = importer.start({})
  const found = paths.flatMap((path) => {
    const lines = makeLines()
    const all = [...lines.push(readFileSync(path)), ...lines.end()]
    const reader = session.open(path)
    return [...all.flatMap((line) => reader.line(line)), ...reader.end()]
  })
  return [...found, ...session.end()]
}

/** The calls among what was found. */
export const callsIn = (found: ReadonlyArray<Found>): ReadonlyArray<ArchivedCall> =>
  found.flatMap((one) => (one._tag === "Call" ? [one.call] : []))

/** The reasons of the skips among what was found. */
export const skipsIn = (found: ReadonlyArray<Found>): ReadonlyArray<string> =>
  found.flatMap((one) => (one._tag === "Skip" ? [one.reason] : []))

/** The types of what was no record. */
export const othersIn = (found: ReadonlyArray<Found>): ReadonlyArray<string> =>
  found.flatMap((one) => (one._tag === "Other" ? [one.type] : []))

const oddities: ReadonlyArray<unknown> = [
  null,
  true,
  0,
  -1,
  1e300,
  "",
  "x",
  "{",
  "[]",
  [],
  [null],
  {},
  { __proto__: 1 },
  "data: {",
  "\ud800",
  [[[]]],
  { a: { b: [] } }
]

/** Copies of a value in which some parts are of the wrong kind or gone; the same ones for the same seed. */
export function* mutations(value: unknown, count: number, seed: number): Generator<unknown> {
  let state = seed
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
  const mutated = (one: unknown): unknown => {
    if (random() < 0.06) return oddities[Math.floor(random() * oddities.length)]
    if (typeof one === "string" && one.length > 1 && random() < 0.05)
      return one.slice(0, Math.floor(random() * one.length))
    if (Array.isArray(one)) return one.map(mutated)
    if (typeof one !== "object" || one === null) return one
    return Object.fromEntries(
      Object.entries(one).flatMap(([name, part]) => (random() < 0.03 ? [] : [[name, mutated(part)]]))
    )
  }
  for (let n = 0; n < count; n++) yield mutated(value)
}
