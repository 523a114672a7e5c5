import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { combiner, type PartGrade, unscored } from "./combine.ts"

/**
 * The first of its parts that gives a score; those after it are not asked. A judge's call that failed ends the search without a
 * score: what another grader thinks does not stand for it.
 */
export const first = combiner({
  id: "first",
  about: "the score of the first of several graders that can tell",
  optionsOf: (part) => Schema.Struct({ of: Schema.NonEmptyArray(part({})) }),
  partsOf: ({ of }) => of,
  // Of any part: what comes after a part that cannot tell decides alone.
  isBlind: (_, blind) => blind.includes(true),
  make: (_, parts) => (input) =>
    Effect.gen(function* () {
      const silent: Array<PartGrade> = []
      for (const { grade, use } of parts) {
        const got = yield* grade(input)
        if (got.score !== null) return { ...got, why: `${use}: ${got.why}` }
        silent.push({ ...got, use })
        if (got.failure !== undefined) break
      }
      return unscored(silent)
    })
})
