import * as Schema from "effect/Schema"

import { combiner, gathering, scored, unscored } from "./combine.ts"

const sumOf = (weights: ReadonlyArray<number>) => weights.reduce((sum, one) => sum + one, 0)

const weight = { weight: Schema.Finite.check(Schema.isGreaterThan(0)) }

/** The weighted mean of its parts' scores, whose weights are above 0. No score where one of them cannot tell. */
export const weighted = combiner({
  id: "weighted",
  about: "the weighted mean of several graders",
  optionsOf: (part) => Schema.Struct({ of: Schema.NonEmptyArray(part(weight)) }),
  partsOf: ({ of }) => of,
  isBlind: ({ of }, blind) => {
    const weights = of.map(({ weight = 1 }) => weight)
    return sumOf(weights.filter((_, i) => blind[i])) * 2 >= sumOf(weights)
  },
  make: ({ of }, parts) => {
    const weights = of.map(({ weight = 1 }) => weight)
    const total = sumOf(weights)
    return gathering(parts, (grades) => {
      if (grades.some(({ score }) => score === null)) return unscored(grades)
      const sum = grades.reduce((all, { score }, i) => all + (score ?? 0) * weights[i]!, 0)
      return scored(Math.min(1, sum / total), grades)
    })
  }
})
