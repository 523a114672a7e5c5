import { rm } from "node:fs/promises"
import { join } from "node:path"

import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"

import { Fault } from "../domain/Fault.ts"
import type { ArchiveWriter } from "./Archives.ts"
import { addCall, addSkip } from "./adding.ts"
import { openArchiveFiles, pendingFile, rollback, syncContent } from "./archiveFiles.ts"
import { archiveIsThere, folderOf, publish, publishLate } from "./archiveFolder.ts"
import { contentFiles, fill, noteCommit, tables } from "./archiveIndex.ts"
import { diskFault, onDisk } from "./disk.ts"
import type { Home } from "./Home.ts"
import { prepareHome } from "./layout.ts"

/**
 * Opens an archive for adding, alone. Content is appended behind what was committed, its index rows wait in `pending/`; `commit` makes
 * the content durable and takes the rows into the index in one transaction, together with the new lengths of the files. Whatever lies
 * behind the committed lengths is cut off when the scope ends, or, after a crash, by the next writer. A new archive is made in a
 * hidden folder and appears with its first commit; one that was cut off between the two appears now. A writer commits once.
 */
export const openWriter = (home: Home["Service"], name: string): Effect.Effect<ArchiveWriter, Fault, Scope.Scope> =>
  Effect.gen(function* () {
    const folder = yield* folderOf(home, name)
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

    const before = { calls: files.known.calls.size, skips: files.known.skips.size }
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
      yield* onDisk(work, () => syncContent(files))
      yield* files.duck.transaction([
        ...tables.map((table) => fill(table, pendingFile(work, table))),
        ...noteCommit(
          {
            import: files.import,
            importedAt,
            calls: files.known.calls.size - before.calls,
            skips: files.known.skips.size - before.skips
          },
          contentFiles.map((file) => [file, files.content[file].size] as const)
        )
      ])
      committed = true
      yield* onDisk(work, () => rm(join(work, "pending"), { recursive: true, force: true }))
      yield* Scope.close(held, Exit.void)
      if (isNew) yield* publish(folder)
    })
    return {
      add: (calls) =>
        attempt(() => calls.map(({ call, dedupeKey }) => (addCall(files, call, dedupeKey) ? "added" : "duplicate"))),
      verdict: () => Effect.void,
      skip: (skip) => attempt(() => addSkip(files, skip)),
      commit: Effect.uninterruptible(commit)
    }
  })
