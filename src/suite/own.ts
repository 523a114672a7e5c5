import { dirname, resolve } from "node:path"

import * as Effect from "effect/Effect"
import pLimit from "p-limit"

import type { Check } from "../checks/contract.ts"
import { refusedOptions } from "../checks/options.ts"
import { checkOf, type Limit, type OwnCheck } from "../checks/own.ts"
import type { GraderKind } from "../domain/Grade.ts"
import { combiners } from "../graders/combiners.ts"
import type { Grader } from "../graders/contract.ts"
import { graderOf, type OwnGrader } from "../graders/own.ts"
import type { Wrong } from "./faults.ts"
import { importDefault } from "./module.ts"
import { settled } from "./patience.ts"
import { isPath } from "./use.ts"

/** Users' functions at work at once, graders and checks together. */
const atOnce = 8

const kinds: ReadonlyArray<GraderKind> = ["outcome", "agreement", "preference"]

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined

const named = (value: unknown): boolean => typeof field(value, "id") === "string" && field(value, "id") !== ""
const isGrader = (value: unknown): value is OwnGrader =>
  named(value) && typeof field(value, "grade") === "function" && kinds.some((kind) => kind === field(value, "kind"))
const isCheck = (value: unknown): value is OwnCheck => named(value) && typeof field(value, "check") === "function"

const right = {
  graders:
    'its default export is no grader; right is defineGrader({ id: "mine", kind: "outcome" | "agreement" | "preference", grade: … })',
  checks: 'its default export is no check; right is defineCheck({ id: "mine", check: … })'
}
const mends = {
  graders: 'End it with `export default defineGrader({ id: "mine", kind: "outcome", grade: … })`.',
  checks: 'End it with `export default defineCheck({ id: "mine", check: … })`.'
}

/** A user's plug-in with the path that the suite names it by. */
export interface Own {
  readonly use: string
  readonly id: string
  readonly text: string
  readonly grader?: Grader
  readonly check?: Check
}

type Written = { readonly entry: unknown; readonly path: ReadonlyArray<PropertyKey> }

const inside = (value: unknown, path: ReadonlyArray<PropertyKey>): ReadonlyArray<Written> =>
  Array.isArray(value)
    ? value.map((entry: unknown, i) => ({ entry, path: [...path, i] }))
    : typeof value === "object" && value !== null
      ? Object.entries(value).map(([key, entry]) => ({ entry, path: [...path, key] }))
      : []

/** An entry and, where it combines graders, those in it. */
const withParts = ({ entry, path }: Written): ReadonlyArray<Written> => {
  const use = field(entry, "use")
  if (!combiners.some(({ id }) => id === use)) return [{ entry, path }]
  const options = field(entry, "options")
  const at = [...path, "options"]
  const otherwise = { entry: field(options, "otherwise"), path: [...at, "otherwise"] }
  const parts = ["of", "slices"].flatMap((key) => inside(field(options, key), [...at, key]))
  return [...parts, otherwise].flatMap(withParts)
}

/** The paths that a suite names under `graders` or `checks`, with their places; the suite is not checked yet. */
const usesOf = (suite: unknown, list: "graders" | "checks") => {
  const entries = inside(field(suite, list), [list])
  return (list === "graders" ? entries.flatMap(withParts) : entries).flatMap(({ entry, path }) => {
    const use = field(entry, "use")
    return typeof use === "string" && isPath(use) ? [{ list, use, path: [...path, "use"] }] : []
  })
}

/**
 * Loads the graders and checks that a suite names by path, relative to the suite's file. What is wrong with one is told at its
 * place in the suite; the others are loaded all the same. `missing`: the paths that gave none. A few of their functions run at a time,
 * each for a minute at most.
 */
export const loadOwn = Effect.fnUntraced(function* (suiteFile: string, suite: unknown) {
  const bound = pLimit(atOnce)
  const limit: Limit = (run) => bound(() => settled(run))
  const own: Array<Own> = []
  const wrongs: Array<Wrong> = []
  const missing: Array<string> = []
  const refuse = (wrong: Wrong, use: string) => {
    wrongs.push(wrong)
    missing.push(use)
  }
  for (const { list, path, use } of [...usesOf(suite, "graders"), ...usesOf(suite, "checks")]) {
    const file = resolve(dirname(suiteFile), use)
    const module = yield* Effect.result(importDefault(file, mends[list]))
    if (module._tag === "Failure") {
      refuse({ path, message: module.failure.message }, use)
      continue
    }
    const { text, value } = module.success
    const isRight = (list === "graders" && isGrader(value)) || isCheck(value)
    const refused = isRight ? refusedOptions(value.options) : right[list]
    if (refused !== undefined) refuse({ path, message: `${file}: ${refused}` }, use)
    else if (list === "graders" && isGrader(value))
      own.push({ use, id: value.id, text, grader: graderOf(value, limit) })
    else if (isCheck(value)) own.push({ use, id: value.id, text, check: checkOf(value, limit) })
  }
  return { own, missing, wrongs }
})
