import * as Schema from "effect/Schema"

import { Axes, type Setup, setupOf } from "../domain/Setup.ts"
import type { Suite } from "./schema.ts"

const axesOf = Schema.decodeUnknownSync(Axes)
const names = Object.keys(Axes.fields)

/** Every choice of one value from each list, the last list's values changing fastest. */
const combinations = (lists: ReadonlyArray<readonly [string, ReadonlyArray<unknown>]>): ReadonlyArray<object> =>
  lists.reduce<ReadonlyArray<object>>(
    (rows, [name, values]) => rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value }))),
    [{}]
  )

/** All setups of a suite: each entry's models with every combination of its axes, in the suite's order, each setup once. */
export const expandSetups = (suite: Pick<Suite, "setups">): ReadonlyArray<Setup> => {
  const all = suite.setups.flatMap((entry) => {
    const written: Readonly<Record<string, unknown>> = entry
    const lists = names.flatMap((name) => {
      const values = written[name]
      return Array.isArray(values) ? [[name, values] as const] : []
    })
    return entry.models.flatMap((model) =>
      combinations(lists).map((axes) => setupOf(entry.provider, model, axesOf(axes)))
    )
  })
  const first = new Map<string, Setup>()
  for (const setup of all) if (!first.has(setup.id)) first.set(setup.id, setup)
  return [...first.values()]
}
