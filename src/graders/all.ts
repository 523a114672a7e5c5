import * as Schema from "effect/Schema"

import { combiner, gathering, scored, unscored } from "./combine.ts"

/** The lowest score of its parts: all must be right. No score where one of them cannot tell. */
export const all = combiner({
  id: "all",
  about: "the lowest score of several graders",
  optionsOf: (part) => Schema.Struct({ of: Schema.NonEmptyArray(part({})) }),
  partsOf: ({ of }) => of,
  make: (_, parts) =>
    gathering(parts, (grades) => {
      const scores = grades.flatMap(({ score }) => (score === null ? [] : [score]))
      return scores.length < grades.length ? unscored(grades) : scored(Math.min(...scores), grades)
    })
})
