import * as Schema from "effect/Schema"

import { combiner } from "./combine.ts"
import { cannotTell } from "./reference.ts"

/** Another grader for each slice; `otherwise` for those that are not named, which get no score without it. */
export const bySlice = combiner({
  id: "bySlice",
  about: "another grader for each slice",
  optionsOf: (part) =>
    Schema.Struct({ slices: Schema.Record(Schema.String, part({})), otherwise: Schema.optionalKey(part({})) }),
  partsOf: ({ otherwise, slices }) => [...Object.values(slices), ...(otherwise === undefined ? [] : [otherwise])],
  // Of any part: it is its slice's only one.
  isBlind: (_, blind) => blind.includes(true),
  make: ({ otherwise, slices }, parts) => {
    const names = Object.keys(slices)
    const rest = otherwise === undefined ? undefined : parts.at(-1)
    const bySlice = new Map(names.map((name, i) => [name, parts[i]!]))
    return (input) => {
      const { slice } = input.case
      const part = bySlice.get(slice) ?? rest
      return part === undefined ? cannotTell(`no grader is named for the slice ${slice}`) : part.grade(input)
    }
  }
})
