import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import { cell } from "../report/columns.ts"
import { Archives } from "../store/Archives.ts"
import type { Draft } from "../store/drafts.ts"
import { bytes } from "./archivePage.ts"

/** What imports have left or are at, by name and size, as a sentence's piece. */
export const draftsText = (drafts: ReadonlyArray<Draft>): string =>
  `not done, or cut off: the first import of ${drafts.map(({ bytes: size, name }) => `${cell(name, 40)} (${bytes(size)})`).join(", ")}; the next import clears what nobody writes, \`understudy archive delete NAME\` does at once`

/** The one archive there is, when none is named. */
export const onlyArchive = Effect.fnUntraced(function* (name: string | undefined) {
  if (name !== undefined) return name
  const names = yield* (yield* Archives).names
  const [only, ...more] = names
  if (only !== undefined && more.length === 0) return only
  const drafts = only === undefined ? yield* (yield* Archives).drafts : []
  return yield* new Fault({
    kind: "input",
    sentence:
      only === undefined
        ? `there is no archive here yet${drafts.length === 0 ? "" : `; ${draftsText(drafts)}`}`
        : `there are ${names.length} archives: ${names.join(", ")}`,
    mend: only === undefined ? "Import one: understudy import PATH" : "Name one of them."
  })
})
