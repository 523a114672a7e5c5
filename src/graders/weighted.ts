import * as Schema from "effect/Schema"

import { combiner, gathering, scored, unscored } from "./combine.ts"

const weight = { weight: Schema.Finite.check(Schema.isGreaterThan(0)) }

/** The weighted mean of its parts' scores, whose weights are above 0. No score where one of them cannot tell. */
export const weighted = combiner({
  id: "weighted",
  about: "the weighted mean of several graders",
  optionsOf: (part) => Schema.Struct({ of: Schema.NonEmptyArray(part(weight)) }),
  partsOf: ({ of }) => of,
  make: ({ of }, parts) => {
    const weights = of.map(({ weight = 1 }) => weight)
    const total = weights.reduce((sum, one) => sum + one, 0)
    return gathering(parts, (grades) => {
      if (grades.some(({ score }) => score === null)) return unscored(grades)
      const sum = grades.reduce((all, { score }, i) => all + (score ?? 0) * weights[i]!, 0)
      return scored(Math.min(1, sum / total), grades)
    })
  }
})
