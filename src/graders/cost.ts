import * as Schema from "effect/Schema"

import { grader } from "./contract.ts"
import { cannotTell } from "./reference.ts"

/** 1 when the answer cost no more than `maxUsd` US dollars, repair rounds in; an outcome: the original is held to the same. No score where its cost is not known. */
export const cost = grader({
  id: "cost",
  kind: "outcome",
  about: "1 when the answer was cheap enough",
  options: Schema.Struct({ maxUsd: Schema.Finite.check(Schema.isGreaterThan(0)) }),
  make:
    ({ maxUsd }) =>
    ({ measured }) => {
      const usd = measured?.usd ?? null
      if (usd === null) return cannotTell("it is not known what the answer cost")
      return { score: usd <= maxUsd ? 1 : 0, why: `${usd} of ${maxUsd} USD` }
    }
})
