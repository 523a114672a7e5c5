import { rm } from "node:fs/promises"

import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"

import { Fault } from "../domain/Fault.ts"
import type { ArchiveWriter } from "./Archives.ts"
import { addCall, addSkip, addSource, addVerdict } from "./adding.ts"
import { openArchiveFiles, rollback } from "./archiveFiles.ts"
import { archiveIsThere, folderOf, publish, publishLate } from "./archiveFolder.ts"
import { clearPending, commitFiles } from "./committing.ts"
import { wordsIn } from "./digestTable.ts"
import { diskFault } from "./disk.ts"
import { clearDrafts } from "./drafts.ts"
import type { Home } from "./Home.ts"
import { prepareHome } from "./layout.ts"

/**
 * Opens an archive for adding, alone. Content is appended behind what was committed, its index rows wait in `pending/`; `commit` makes
 * the content durable and takes the rows into the index in one transaction, together with the new lengths of the files. Whatever lies
 * behind the committed lengths is cut off when the scope ends, or, after a crash, by the next writer. A new archive is made in a
 * hidden folder and appears with its first commit; one that was cut off between the two appears now. What other imports have left that were cut
 * off goes. A writer commits once.
 */
export const openWriter = (home: Home["Service"], name: string): Effect.Effect<ArchiveWriter, Fault, Scope.Scope> =>
  Effect.gen(function* () {
    const folder = yield* folderOf(home, name)
    yield* clearDrafts(home, name)
    const isNew = !(yield* archiveIsThere(folder)) && !(yield* publishLate(folder))
    const work = isNew ? folder.draft : folder.path
    yield* prepareHome(home.root)

    // The index and the files have a scope of their own: a commit closes them before the caller's scope ends.
    const held = yield* Scope.make()
    let mine = false
    let committed = false
    yield* Effect.addFinalizer(() =>
      Scope.close(held, Exit.void).pipe(
        Effect.andThen(
          isNew && mine && !committed ? Effect.promise(() => rm(work, { recursive: true, force: true })) : Effect.void
        )
      )
    )
    const files = yield* openArchiveFiles(work).pipe(Scope.provide(held))
    mine = true
    yield* Scope.addFinalizer(
      held,
      Effect.suspend(() => (committed ? Effect.void : Effect.promise(() => rollback(files))))
    )

    let closed: Fault | undefined
    const attempt = <A>(run: () => A): Effect.Effect<A, Fault> =>
      Effect.suspend(() =>
        closed !== undefined
          ? Effect.fail(closed)
          : Effect.try({
              try: run,
              catch: (cause) => {
                closed = diskFault(work, cause)
                return closed
              }
            })
      )
    const commit = Effect.gen(function* () {
      if (closed !== undefined) return yield* closed
      closed = new Fault({ kind: "internal", sentence: `this import into "${name}" has ended: a writer commits once` })
      const importedAt = DateTime.formatIso(yield* DateTime.now)
      const { calls, skips } = files.counts
      yield* commitFiles(files, [{ import: files.import, importedAt, calls, skips }])
      committed = true
      yield* clearPending(files)
      yield* Scope.close(held, Exit.void)
      if (isNew) yield* publish(folder)
    })
    return {
      key: files.key,
      folder: work,
      holds: (messageDigest) => files.known.parts.has(wordsIn(messageDigest)),
      add: (calls) => attempt(() => calls.map((call) => addCall(files, call))),
      verdict: ({ of, signal }) => attempt(() => addVerdict(files, of, signal)),
      skip: (skip) => attempt(() => addSkip(files, skip)),
      mark: (source) => attempt(() => addSource(files, source)),
      commit: Effect.uninterruptible(commit)
    }
  })
