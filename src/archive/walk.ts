import type { Dirent } from "node:fs"
import { readdir, realpath, stat } from "node:fs/promises"
import { extname, join, relative, resolve } from "node:path"

import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import { fileFault } from "./bytes.ts"
import { isForeignName, Looks, mayBeExport } from "./looks.ts"

/** A file to read. */
export interface SourceFile {
  readonly file: string
  /** True when the user named it; false when it was found in a folder, where other things may lie about. */
  readonly named: boolean
  /** True where nothing but its first bytes spoke for reading it: one that nobody reads is passed over then, and no skip. */
  readonly guessed?: boolean
}

/** What the paths lead to. */
export interface Walked {
  /**
   * In a fixed order: the paths as given; of a folder its files first, `*.meta.json` before the others, then its folders, each by name. A
   * file that several paths lead to comes once.
   */
  readonly files: ReadonlyArray<SourceFile>
  /** Files in folders that are no exports by their names and first bytes, by extension, and links that are not followed. */
  readonly passedOver: Readonly<Record<string, number>>
  /** Folders in folders that this user may not read, with the reason. */
  readonly closed: ReadonlyArray<{ readonly file: string; readonly reason: string }>
}

/** Files and folders that nobody means: hidden ones, and what package managers and archivers put there. */
export const isPassedOver = (name: string): boolean =>
  name.startsWith(".") || name === "node_modules" || name === "__MACOSX"

/** What a file that is no export is counted as. */
export const passedOverAs = (name: string): string => `file ${extname(name) || "without extension"}`

interface Tally {
  readonly files: Map<string, SourceFile>
  readonly passedOver: Record<string, number>
  readonly closed: Array<{ readonly file: string; readonly reason: string }>
  readonly folders: Set<string>
  readonly looks: Looks
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

/** Files of a folder that are looked at side by side. */
const together = 64

/** What a thing in a folder is taken as: a kind, or a file to read. */
type Seen = Exclude<Kind, "file"> | "export" | "guessed" | "other file"

const seen = async (path: string, entry: Dirent, root: string, looks: Looks): Promise<Seen> => {
  const kind = await kindOf(path, entry, root)
  if (kind !== "file") return kind
  if (mayBeExport(entry.name)) return "export"
  return !isForeignName(entry.name) && looks.mayHold(path) ? "guessed" : "other file"
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
  const entries = (await readdir(folder, { withFileTypes: true }))
    .filter(({ name }) => !isPassedOver(name))
    .sort(byName)
  for (let from = 0; from < entries.length; from += together) {
    const some = entries.slice(from, from + together).map((entry) => ({ entry, path: join(folder, entry.name) }))
    const kinds = await Promise.all(some.map(({ entry, path }) => seen(path, entry, root, tally.looks)))
    for (const [at, { entry, path }] of some.entries()) {
      const kind = kinds[at]!
      if (kind === "folder") folders.push(path)
      else if (kind === "export" || kind === "guessed") {
        if (!tally.files.has(path))
          tally.files.set(path, { file: path, named: false, ...(kind === "guessed" ? { guessed: true } : {}) })
      } else {
        const as = kind === "other file" ? passedOverAs(entry.name) : kind // to read a pipe or a device may never end
        tally.passedOver[as] = (tally.passedOver[as] ?? 0) + 1
      }
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
 * path that is not there or is neither file nor folder; what is neither in a folder is counted and not read. Files in folders are chosen by
 * name, else by their first bytes; `looks` remembers those from one walk to the next.
 */
export const filesOf = (paths: ReadonlyArray<string>, looks: Looks = new Looks()): Effect.Effect<Walked, Fault> =>
  Effect.gen(function* () {
    const tally: Tally = { files: new Map(), passedOver: {}, closed: [], folders: new Set(), looks }
    for (const path of paths)
      yield* Effect.tryPromise({ try: () => walk(path, tally), catch: (cause) => fileFault(path, cause) })
    return { files: [...tally.files.values()], passedOver: tally.passedOver, closed: tally.closed }
  })
