import type { Dirent } from "node:fs"
import { readdir, realpath, stat } from "node:fs/promises"
import { extname, join, relative, resolve } from "node:path"

import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import { fileFault } from "./bytes.ts"

/** A file to read. */
export interface SourceFile {
  readonly file: string
  /** True when the user named it; false when it was found in a folder, where other things may lie about. */
  readonly named: boolean
}

/** What the paths lead to. */
export interface Walked {
  /**
   * In a fixed order: the paths as given; of a folder its files first, `*.meta.json` before the others, then its folders, each by name. A
   * file that several paths lead to comes once.
   */
  readonly files: ReadonlyArray<SourceFile>
  /** Files in folders that are no exports by their names, by extension, and links that are not followed. */
  readonly passedOver: Readonly<Record<string, number>>
  /** Folders in folders that this user may not read, with the reason. */
  readonly closed: ReadonlyArray<{ readonly file: string; readonly reason: string }>
}

const packed = /\.(gz|gzip|zst|zstd)$/i
/** Names that an export may have; those of formats that are not read yet are among them, so that they are named rather than passed over. */
const exports = /\.(jsonl?|ndjson|log|har|eval|traj|db|sqlite3?|vscdb|parquet|ya?ml|csv|zip|sse)$/i

/** Whether a file in a folder, or in a ZIP, is looked at: by its name. */
export const mayBeExport = (name: string): boolean => packed.test(name) || exports.test(name)

/** Files and folders that nobody means: hidden ones, and what package managers and archivers put there. */
export const isPassedOver = (name: string): boolean =>
  name.startsWith(".") || name === "node_modules" || name === "__MACOSX"

/** What a file without an export's name is counted as. */
export const passedOverAs = (name: string): string => `file ${extname(name) || "without extension"}`

interface Tally {
  readonly files: Map<string, SourceFile>
  readonly passedOver: Record<string, number>
  readonly closed: Array<{ readonly file: string; readonly reason: string }>
  readonly folders: Set<string>
}

const isInside = (place: string, root: string) => {
  const way = relative(root, place)
  return way !== ".." && !way.startsWith("../") && way !== resolve(way)
}

type Kind = "file" | "folder" | "pipe, socket or device" | "link out of the folder" | "link that leads nowhere"

const kindOf = async (path: string, entry: Dirent, root: string): Promise<Kind> => {
  if (!entry.isSymbolicLink())
    return entry.isFile() ? "file" : entry.isDirectory() ? "folder" : "pipe, socket or device"
  const place = await realpath(path).catch(() => undefined)
  if (place === undefined) return "link that leads nowhere"
  if (!isInside(place, root)) return "link out of the folder"
  const status = await stat(place)
  return status.isFile() ? "file" : status.isDirectory() ? "folder" : "pipe, socket or device"
}

const byName = (a: Dirent, b: Dirent) => {
  const isMeta = (entry: Dirent) => entry.name.endsWith(".meta.json")
  if (isMeta(a) !== isMeta(b)) return isMeta(a) ? -1 : 1
  return a.name < b.name ? -1 : 1
}

const walkFolder = async (folder: string, root: string, tally: Tally): Promise<void> => {
  const place = await realpath(folder)
  if (tally.folders.has(place)) return
  tally.folders.add(place)
  const folders: Array<string> = []
  for (const entry of (await readdir(folder, { withFileTypes: true })).sort(byName)) {
    if (isPassedOver(entry.name)) continue
    const path = join(folder, entry.name)
    const kind = await kindOf(path, entry, root)
    if (kind === "folder") folders.push(path)
    else if (kind === "file" && mayBeExport(entry.name)) {
      if (!tally.files.has(path)) tally.files.set(path, { file: path, named: false })
    } else {
      const as = kind === "file" ? passedOverAs(entry.name) : kind // to read a pipe or a device may never end
      tally.passedOver[as] = (tally.passedOver[as] ?? 0) + 1
    }
  }
  for (const path of folders) {
    await walkFolder(path, root, tally).catch((cause) => {
      tally.closed.push({ file: path, reason: fileFault(path, cause).sentence })
    })
  }
}

const walk = async (path: string, tally: Tally) => {
  const status = await stat(path)
  if (status.isDirectory()) return walkFolder(path, await realpath(path), tally)
  if (status.isFile()) return void tally.files.set(path, { file: path, named: true })
  throw new Fault({
    kind: "input",
    file: path,
    sentence: "is a pipe, a socket or a device, neither a file nor a folder",
    mend: "Write what comes out of it into a file, and import that."
  })
}

/**
 * The files behind paths: files as they are, folders walked through, links followed that stay in the folder. Fails with a sentence for a
 * path that is not there or is neither file nor folder; what is neither in a folder is counted and not read.
 */
export const filesOf = (paths: ReadonlyArray<string>): Effect.Effect<Walked, Fault> =>
  Effect.gen(function* () {
    const tally: Tally = { files: new Map(), passedOver: {}, closed: [], folders: new Set() }
    for (const path of paths)
      yield* Effect.tryPromise({ try: () => walk(path, tally), catch: (cause) => fileFault(path, cause) })
    return { files: [...tally.files.values()], passedOver: tally.passedOver, closed: tally.closed }
  })
