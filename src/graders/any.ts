import * as Schema from "effect/Schema"

import { combiner, gathering, scored, unscored } from "./combine.ts"

/** The highest score of its parts. Where one of them cannot tell, there is a score only if another gave 1: it might have been higher. */
export const any = combiner({
  id: "any",
  about: "the highest score of several graders",
  optionsOf: (part) => Schema.Struct({ of: Schema.NonEmptyArray(part({})) }),
  partsOf: ({ of }) => of,
  // Of any part: one part that says 1 is enough.
  isBlind: (_, blind) => blind.includes(true),
  make: (_, parts) =>
    gathering(parts, (grades) => {
      const scores = grades.flatMap(({ score }) => (score === null ? [] : [score]))
      const best = Math.max(...scores)
      return scores.length < grades.length && best !== 1 ? unscored(grades) : scored(best, grades)
    })
})
