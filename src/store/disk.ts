import { randomBytes } from "node:crypto"
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises"
import { dirname } from "node:path"

import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"

/** The system's error code of a failed call: `ENOENT`, `ENOSPC` …; `undefined` where there is none. */
export const codeOf = (cause: unknown): string | undefined =>
  typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : undefined

/** The sentence of a disk without room. */
export const fullDisk = "the disk is full"

const known: Readonly<Record<string, readonly [sentence: string, mend: string]>> = {
  ENOSPC: [fullDisk, "Free some space and run the same command again: what was acknowledged is kept."],
  EDQUOT: [
    "the disk quota is used up",
    "Free some space and run the same command again: what was acknowledged is kept."
  ],
  EACCES: ["may not be read or written", "Give the folder's rights to this user, or name another folder with --home."],
  EPERM: ["may not be read or written", "Give the folder's rights to this user, or name another folder with --home."],
  EROFS: ["lies on a read-only disk", "Name a folder that can be written with --home."],
  EMFILE: ["too many files are open", "Raise the limit of open files (ulimit -n)."],
  ENOTDIR: ["a file is where a folder should be", "Move the file away, or name another folder with --home."]
}

/** A failed read or write as a sentence, kind `infrastructure`; a `Fault` stays as it is; what is no system error is a bug, kind `internal`. */
export const diskFault = (file: string, cause: unknown): Fault => {
  if (cause instanceof Fault) return cause
  const code = codeOf(cause)
  const entry = code === undefined ? undefined : known[code]
  if (entry !== undefined) return new Fault({ kind: "infrastructure", file, sentence: entry[0], mend: entry[1] })
  const said = cause instanceof Error ? cause.message : String(cause)
  return code === undefined
    ? new Fault({ kind: "internal", file, sentence: said })
    : new Fault({ kind: "infrastructure", file, sentence: `the disk failed: ${said}` })
}

/** Runs a promise of the file system; its failure is `diskFault`'s. */
export const onDisk = <A>(file: string, run: () => Promise<A>): Effect.Effect<A, Fault> =>
  Effect.tryPromise({ try: run, catch: (cause) => diskFault(file, cause) })

/** Makes the entries of a folder durable: a new or renamed file survives a power cut only after this. */
export const syncFolder = async (folder: string): Promise<void> => {
  if (process.platform === "win32") return // Windows syncs no folders
  const handle = await open(folder, "r")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes a file's bytes durable. */
export const syncFile = async (file: string): Promise<void> => {
  const handle = await open(file, "r+")
  try {
    await handle.datasync()
  } finally {
    await handle.close()
  }
}

/** Writes a whole file: it has its old content or the new one, never a part, and is durable when this returns. */
export const writeAtomically = async (file: string, content: string | Uint8Array): Promise<void> => {
  const draft = `${file}.${randomBytes(4).toString("hex")}.draft`
  try {
    const handle = await open(draft, "wx")
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, file)
    await syncFolder(dirname(file))
  } catch (cause) {
    await rm(draft, { force: true })
    throw cause
  }
}

/** Makes one folder; one that is there will do. */
const makeOne = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder)
  } catch (cause) {
    const there = await stat(folder).catch(() => undefined)
    if (there?.isDirectory() !== true) throw cause
  }
}

/**
 * Makes a folder with its parents. Step by step: Node's own `recursive` never ends where a parent is there and takes no
 * folders, as `/proc` does; here that throws a `Fault`.
 */
export const makeFolder = async (folder: string): Promise<void> => {
  try {
    await makeOne(folder)
  } catch (cause) {
    if (codeOf(cause) !== "ENOENT" || dirname(folder) === folder) throw cause
    await makeFolder(dirname(folder))
    await makeOne(folder).catch((again: unknown) => {
      if (codeOf(again) !== "ENOENT") throw again
      throw new Fault({
        kind: "input",
        file: folder,
        sentence: "no folder can be made here",
        mend: "Name another folder with --home or --out."
      })
    })
  }
}

/** Names in a folder, sorted; none when there is no such folder. */
export const namesIn = async (folder: string): Promise<ReadonlyArray<string>> => {
  try {
    return (await readdir(folder)).sort()
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return []
    throw cause
  }
}
