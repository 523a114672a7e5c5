import * as Effect from "effect/Effect"

import type { PreparedRun } from "./prepare.ts"

/** Shows the originals of all cases to the checks that are learnt from past answers, one case at a time; without such checks nothing is read. */
export const teach = Effect.fnUntraced(function* ({
  load,
  rows,
  suite: { learners }
}: Pick<PreparedRun, "load" | "rows" | "suite">) {
  if (learners.length === 0) return
  for (const row of rows) {
    const { id, labels, original, request, slice } = yield* load(row)
    for (const learn of learners) learn({ output: original, case: { id, slice, labels, request } })
  }
})
