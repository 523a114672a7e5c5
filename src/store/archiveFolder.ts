import { rename, rm, stat } from "node:fs/promises"
import { join } from "node:path"

import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import { schema } from "./archiveIndex.ts"
import { codeOf, namesIn, onDisk, syncFolder } from "./disk.ts"
import { openDuck } from "./duck.ts"
import type { Home } from "./Home.ts"

/** The folder an archive lies in, and the one it is made in: the first import becomes visible by a rename. */
export interface ArchiveFolder {
  readonly name: string
  readonly path: string
  readonly draft: string
  /** Where a rewrite makes the archive anew. */
  readonly anew: string
}

/** The folders of a name. A name that could leave the home, or hide in it, is a `Fault`. */
export const folderOf = (home: Home["Service"], name: string): Effect.Effect<ArchiveFolder, Fault> =>
  /^[\p{L}\p{N}_-][\p{L}\p{N}._ -]{0,99}$/u.test(name)
    ? Effect.succeed({
        name,
        path: home.path("archive", name),
        draft: home.path("archive", `.${name}.draft`),
        anew: home.path("archive", `.${name}.anew`)
      })
    : Effect.fail(
        new Fault({
          kind: "input",
          sentence: `"${name}" cannot be the name of an archive`,
          mend: "Use up to 100 letters, digits, dots, dashes, underscores and spaces; the first is no dot and no space."
        })
      )

const entryAt = (path: string) =>
  stat(path).catch((cause: unknown) => {
    if (codeOf(cause) === "ENOENT") return undefined
    throw cause
  })
const indexOf = (path: string) => join(path, "index.duckdb")

/** Names of the archives there are, sorted; those that have lost their index too, so that they can be deleted. */
export const archiveNames = (home: Home["Service"]): Effect.Effect<ReadonlyArray<string>, Fault> =>
  onDisk(home.path("archive"), async () => {
    const names = (await namesIn(home.path("archive"))).filter((name) => !name.startsWith("."))
    const entries = await Promise.all(names.map((name) => entryAt(home.path("archive", name))))
    return names.filter((_, index) => entries[index]?.isDirectory())
  })

/** An archive is `broken` where its folder is there and its index is not. */
const standingOf = (folder: ArchiveFolder): Effect.Effect<"none" | "broken" | "whole", Fault> =>
  onDisk(folder.path, async () => {
    // The folder first: a new archive appears with its index.
    if ((await entryAt(folder.path)) === undefined) return "none"
    return (await entryAt(indexOf(folder.path))) === undefined ? "broken" : "whole"
  })

/** Whether the archive is there already. One without its index is a `Fault`: nothing can be read from it, and nothing added. */
export const archiveIsThere = Effect.fnUntraced(function* (folder: ArchiveFolder) {
  const standing = yield* standingOf(folder)
  if (standing !== "broken") return standing === "whole"
  return yield* new Fault({
    kind: "input",
    file: folder.path,
    sentence: `the archive "${folder.name}" has lost its index.duckdb and cannot be read`,
    mend: `Delete it with \`understudy archive delete ${folder.name}\` and import again.`
  })
})

/** The folder of an archive that must be there, with its index. */
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

const isStump = ({ sentence }: Fault) => /not a valid DuckDB|not read enough bytes/.test(sentence)

/** Keeps others from the draft of an archive for the scope; false where it has no index that could be held. Fails while an import is at it. */
export const holdDraft = Effect.fnUntraced(function* ({ draft }: ArchiveFolder) {
  if ((yield* onDisk(draft, () => entryAt(indexOf(draft)))) === undefined) return false
  return yield* openDuck(indexOf(draft), "write").pipe(
    Effect.as(true),
    Effect.catch((fault) => (isStump(fault) ? Effect.succeed(false) : Effect.fail(fault)))
  )
})

/** The folder of an archive that is there, with its index or without, or of one whose first import was cut off, kept from others for the scope. Fails while somebody has its index open. */
export const heldFolder = Effect.fnUntraced(function* (home: Home["Service"], name: string) {
  const folder = yield* folderOf(home, name)
  const standing = yield* standingOf(folder)
  if (standing === "broken") return folder
  if (standing === "none" && (yield* onDisk(folder.draft, () => entryAt(folder.draft))) !== undefined) {
    yield* holdDraft(folder)
    return folder
  }
  yield* existingFolder(home, name)
  yield* openDuck(indexOf(folder.path), "write")
  // What a rewrite that was cut off left: nobody else is at it, for the index is ours.
  yield* onDisk(folder.anew, () => rm(folder.anew, { recursive: true, force: true }))
  return folder
})

/** Removes an archive's folder with all that is in it, and what a cut-off first import left. Fails while somebody has its index open. */
export const removeArchive = Effect.fnUntraced(function* (home: Home["Service"], name: string) {
  const folder = yield* heldFolder(home, name)
  const gone = home.path("archive", `.${name}.removed`)
  yield* onDisk(folder.path, async () => {
    await rm(gone, { recursive: true, force: true })
    await rename(folder.path, gone).catch((cause: unknown) => {
      if (codeOf(cause) !== "ENOENT") throw cause // a draft alone
    })
    await rm(gone, { recursive: true, force: true })
    await rm(folder.draft, { recursive: true, force: true })
    await rm(folder.anew, { recursive: true, force: true })
  })
}, Effect.scoped)

/** Makes a committed draft the archive. That another import has done it already is no fault. */
export const publish = (folder: ArchiveFolder): Effect.Effect<void, Fault> =>
  onDisk(folder.path, async () => {
    await rename(folder.draft, folder.path).catch(async (cause: unknown) => {
      if (codeOf(cause) !== "ENOENT" || (await entryAt(indexOf(folder.path))) === undefined) throw cause
    })
    await syncFolder(join(folder.path, ".."))
  })

/** DuckDB makes a database by writing its three headers one after the other, of this many bytes together; a shorter file is none yet. */
const headers = 3 * 4096

/** Removes the index of a draft that was cut off while it was made; whether it was. One that another import is just making is in use. */
const withoutStump = Effect.fnUntraced(function* (index: string, bytes: number) {
  if (bytes >= headers) return false
  const stump = yield* Effect.scoped(openDuck(index, "write")).pipe(
    Effect.as(false),
    Effect.catch((fault) => (isStump(fault) ? Effect.succeed(true) : Effect.fail(fault)))
  )
  if (stump) yield* onDisk(index, () => rm(index))
  return stump
})

/** Publishes the draft of a first import that was cut off after its commit; whether there was one. */
export const publishLate = Effect.fnUntraced(function* (folder: ArchiveFolder) {
  const index = indexOf(folder.draft)
  const entry = yield* onDisk(index, () => entryAt(index))
  if (entry === undefined || (yield* withoutStump(index, entry.size))) return false
  const imports = yield* Effect.scoped(
    Effect.gen(function* () {
      const duck = yield* openDuck(index, "write")
      yield* duck.transaction(schema)
      return yield* duck.query("SELECT import FROM imports")
    })
  )
  if (imports.length === 0) return false
  yield* publish(folder)
  return true
})
