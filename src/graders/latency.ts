import * as Schema from "effect/Schema"

import { grader } from "./contract.ts"
import { cannotTell } from "./reference.ts"

/** 1 when the answer took no longer than `maxMs` milliseconds, repair rounds in; an outcome: the original is held to the same. No score where its time is not known. */
export const latency = grader({
  id: "latency",
  kind: "outcome",
  about: "1 when the answer came in time",
  options: Schema.Struct({ maxMs: Schema.Finite.check(Schema.isGreaterThan(0)) }),
  make:
    ({ maxMs }) =>
    ({ measured }) => {
      const took = measured?.latencyMs ?? null
      if (took === null) return cannotTell("it is not known how long the answer took")
      return { score: took <= maxMs ? 1 : 0, why: `${Math.round(took)} ms of ${maxMs}` }
    }
})
