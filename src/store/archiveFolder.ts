import { rename, rm, stat } from "node:fs/promises"
import { join } from "node:path"

import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import { makeFolder, namesIn, onDisk, syncFolder } from "./disk.ts"
import { openDuck } from "./duck.ts"
import type { Home } from "./Home.ts"

/** The folder an archive lies in, and the one it is made in: the first import becomes visible by a rename. */
export interface ArchiveFolder {
  readonly name: string
  readonly path: string
  readonly draft: string
}

/** The folders of a name. A name that could leave the home, or hide in it, is a `Fault`. */
export const folderOf = (home: Home["Service"], name: string): Effect.Effect<ArchiveFolder, Fault> =>
  /^[\p{L}\p{N}_-][\p{L}\p{N}._ -]{0,99}$/u.test(name)
    ? Effect.succeed({ name, path: home.path("archive", name), draft: home.path("archive", `.${name}.draft`) })
    : Effect.fail(
        new Fault({
          kind: "input",
          sentence: `"${name}" cannot be the name of an archive`,
          mend: "Use up to 100 letters, digits, dots, dashes, underscores and spaces; the first is no dot and no space."
        })
      )

/** Names of the archives there are, sorted. */
export const archiveNames = (home: Home["Service"]): Effect.Effect<ReadonlyArray<string>, Fault> =>
  onDisk(home.path("archive"), async () => {
    const names = (await namesIn(home.path("archive"))).filter((name) => !name.startsWith("."))
    const whole = await Promise.all(names.map((name) => isThere(home.path("archive", name, "index.duckdb"))))
    return names.filter((_, index) => whole[index])
  })

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false
  )

/** Whether the archive is there already. */
export const archiveIsThere = (folder: ArchiveFolder): Effect.Effect<boolean> =>
  Effect.promise(() => isThere(join(folder.path, "index.duckdb")))

/** The folder of an archive that must be there. */
export const existingFolder = Effect.fnUntraced(function* (home: Home["Service"], name: string) {
  const folder = yield* folderOf(home, name)
  if (yield* archiveIsThere(folder)) return folder
  const names = yield* archiveNames(home)
  return yield* new Fault({
    kind: "input",
    sentence: `there is no archive "${name}"`,
    mend:
      names.length === 0
        ? `Import one first: understudy import PATH --name ${name}`
        : `The archives there are: ${names.join(", ")}.`
  })
})

/** Removes an archive's folder with all that is in it, and what a cut-off first import left. Fails while somebody has its index open. */
export const removeArchive = Effect.fnUntraced(function* (home: Home["Service"], name: string) {
  const folder = yield* existingFolder(home, name)
  yield* openDuck(join(folder.path, "index.duckdb"), "write")
  const gone = home.path("archive", `.${name}.removed`)
  yield* onDisk(folder.path, async () => {
    await rm(gone, { recursive: true, force: true })
    await rename(folder.path, gone)
    await rm(gone, { recursive: true, force: true })
    await rm(folder.draft, { recursive: true, force: true })
  })
}, Effect.scoped)

/** Makes a draft the archive. */
export const publish = (folder: ArchiveFolder): Effect.Effect<void, Fault> =>
  onDisk(folder.path, async () => {
    await makeFolder(folder.draft)
    await rename(folder.draft, folder.path)
    await syncFolder(join(folder.path, ".."))
  })
