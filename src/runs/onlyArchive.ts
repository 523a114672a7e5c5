import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import { Archives } from "../store/Archives.ts"

/** The one archive there is, when none is named. */
export const onlyArchive = Effect.fnUntraced(function* (name: string | undefined) {
  if (name !== undefined) return name
  const names = yield* (yield* Archives).names
  const [only, ...more] = names
  if (only !== undefined && more.length === 0) return only
  return yield* new Fault({
    kind: "input",
    sentence:
      only === undefined ? "there is no archive here yet" : `there are ${names.length} archives: ${names.join(", ")}`,
    mend: only === undefined ? "Import one: understudy import PATH" : "Name one of them."
  })
})
