import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
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

/** Fails where a check needs what this machine has not, such as a sandbox: before anything is paid for. */
export const checkNeeds = Effect.fnUntraced(function* ({ suite: { file, needs } }: Pick<PreparedRun, "suite">) {
  for (const need of needs) {
    const sentence = yield* need
    if (sentence !== undefined)
      return yield* new Fault({
        kind: "input",
        sentence,
        file,
        mend: 'Install bubblewrap, name a container\'s image (isolation), or say isolation: "none": then commands that models wrote run on this machine without a wall.'
      })
  }
})
