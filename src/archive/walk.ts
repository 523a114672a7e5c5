import { readdir, realpath, stat } from "node:fs/promises"
import { extname, join } from "node:path"

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
  /** In a fixed order: the paths as given, a folder's files by name. */
  readonly files: ReadonlyArray<SourceFile>
  /** Files in folders whose names say that they are no exports, by extension. */
  readonly passedOver: Readonly<Record<string, number>>
}

const packed = /\.(gz|gzip|zst|zstd)$/i
/** Names that an export may have; those of formats that are not read yet are among them, so that they are named rather than passed over. */
const exports = /\.(jsonl?|ndjson|log|har|eval|db|sqlite3?|vscdb|parquet|ya?ml|csv|zip)$/i

const mayBeExport = (name: string) => packed.test(name) || exports.test(name)

interface Tally {
  readonly files: Array<SourceFile>
  readonly passedOver: Record<string, number>
  readonly folders: Set<string>
}

const walkFolder = async (folder: string, tally: Tally): Promise<void> => {
  const place = await realpath(folder)
  if (tally.folders.has(place)) return
  tally.folders.add(place)
  for (const name of (await readdir(folder)).sort()) {
    if (name.startsWith(".") || name === "node_modules") continue
    const path = join(folder, name)
    // A link that leads nowhere is no export.
    const status = await stat(path).catch(() => undefined)
    if (status?.isDirectory()) await walkFolder(path, tally)
    else if (status?.isFile() && mayBeExport(name)) tally.files.push({ file: path, named: false })
    else {
      const isOther = status !== undefined && !status.isFile() // to read a pipe or a device may never end
      const kind = isOther ? "pipe, socket or device" : `file ${extname(name) || "without extension"}`
      tally.passedOver[kind] = (tally.passedOver[kind] ?? 0) + 1
    }
  }
}

const walk = async (path: string, tally: Tally) => {
  const status = await stat(path)
  if (status.isDirectory()) return walkFolder(path, tally)
  if (status.isFile()) return void tally.files.push({ file: path, named: true })
  throw new Fault({
    kind: "input",
    file: path,
    sentence: "is a pipe, a socket or a device, neither a file nor a folder",
    mend: "Write what comes out of it into a file, and import that."
  })
}

const refused = (path: string, cause: unknown): Fault => {
  if (cause instanceof Fault) return cause
  const isCircle = cause instanceof Error && "code" in cause && cause.code === "ELOOP"
  return isCircle
    ? new Fault({
        kind: "input",
        file: path,
        sentence: "symbolic links lead in a circle",
        mend: "Name the file or folder itself."
      })
    : fileFault(path, cause)
}

/**
 * The files behind paths: files as they are, folders walked through. Fails with a sentence for a path that is not there or is
 * neither file nor folder; what is neither in a folder is counted and not read.
 */
export const filesOf = (paths: ReadonlyArray<string>): Effect.Effect<Walked, Fault> =>
  Effect.gen(function* () {
    const tally: Tally = { files: [], passedOver: {}, folders: new Set() }
    for (const path of paths)
      yield* Effect.tryPromise({ try: () => walk(path, tally), catch: (cause) => refused(path, cause) })
    return { files: tally.files, passedOver: tally.passedOver }
  })
