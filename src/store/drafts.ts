import { rm, stat } from "node:fs/promises"

import * as Effect from "effect/Effect"

import { type ArchiveFolder, folderOf, holdDraft, publishLate } from "./archiveFolder.ts"
import { namesIn, onDisk } from "./disk.ts"
import { bytesOf } from "./diskUsed.ts"
import type { Home } from "./Home.ts"

/** What a first import has begun that is not done, or was cut off: no archive yet. */
export interface Draft {
  /** Of the archive that it is to be. */
  readonly name: string
  /** On the disk. */
  readonly bytes: number
}

const draftName = /^\.(.+)\.draft$/

/** The drafts of a home, by name. */
export const draftsIn = (home: Home["Service"]) =>
  onDisk(home.path("archive"), async () => {
    const drafts: Array<Draft> = []
    for (const entry of await namesIn(home.path("archive"))) {
      const name = draftName.exec(entry)?.[1]
      if (name !== undefined) drafts.push({ name, bytes: await bytesOf(home.path("archive", entry)) })
    }
    return drafts
  })

/** Longer than an import needs from making the folder of its draft to having its index open. */
const underWay = 60_000

/** Publishes a draft that was committed, removes one that nobody writes; leaves one that is being written. */
const clear = Effect.fnUntraced(function* (folder: ArchiveFolder) {
  if (yield* publishLate(folder)) return
  const isOpen = yield* holdDraft(folder)
  yield* onDisk(folder.draft, async () => {
    const { mtimeMs } = await stat(folder.draft)
    if (isOpen || Date.now() - mtimeMs >= underWay) await rm(folder.draft, { recursive: true, force: true })
  })
}, Effect.scoped)

/** Clears what first imports have left that were cut off, that of `but` aside. What cannot be cleared stays: it is no fault of whoever asks. */
export const clearDrafts = (home: Home["Service"], but: string): Effect.Effect<void> =>
  Effect.ignore(
    Effect.flatMap(draftsIn(home), (drafts) =>
      Effect.forEach(
        drafts.filter(({ name }) => name !== but),
        ({ name }) => Effect.ignore(Effect.flatMap(folderOf(home, name), clear))
      )
    )
  )
