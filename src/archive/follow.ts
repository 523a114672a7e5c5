import { stat } from "node:fs/promises"
import { dirname, resolve, sep } from "node:path"

import type { Source } from "../store/Archives.ts"
import { changeOf, chunksOf, fileFault, headDigestOf, type OpenFile, openFile } from "./bytes.ts"
import type { Importer } from "./contract.ts"
import { Reading } from "./reading.ts"
import { type Batch, batchesIn, batchesOf, type Readers, refused, skipOf } from "./sources.ts"
import type { SourceFile } from "./walk.ts"

/** A file that is followed. */
interface Followed {
  /** How it was when it was last looked into. */
  readonly opened: OpenFile
  /** Where it goes on from: set for files of a record a line, the others are read anew. */
  readonly reading?: Reading
  /** Why nothing of it was taken, so far. */
  readonly unread?: Batch
  /** It is as an earlier import left it, and was not read. */
  readonly passed?: boolean
}

/** A file that has changed, and when it was last written. */
export interface Changed extends SourceFile {
  readonly mtimeMs: number
}

/** Bytes of a file that decide whether another import has read it. */
const isSame = (source: Source | undefined, opened: OpenFile) =>
  source !== undefined &&
  source.bytes === opened.bytes &&
  source.mtimeMs === opened.mtimeMs &&
  source.head === opened.head

const isBeside = (file: string, other: string) => {
  const [a, b] = [`${dirname(file)}${sep}`, `${dirname(other)}${sep}`]
  return a.startsWith(b) || b.startsWith(a)
}

/** Who reads a file, by its beginning. */
const sniffed = async (opened: OpenFile, readers: Readers): Promise<Importer | undefined> => {
  if (readers.given !== undefined) return readers.given
  // A session of its own: nothing of this look counts.
  const reading = new Reading({ file: opened.file, given: undefined, sessionOf: (importer) => importer.start({}) })
  for await (const chunk of chunksOf(opened)) {
    reading.push(chunk)
    break
  }
  reading.pause()
  return reading.importer
}

/**
 * Reads files and goes on reading where they grow. Of what an earlier import has read, only what has changed since is read again, with
 * what belongs together with it.
 */
export class Following {
  readonly #readers: Readers
  readonly #sources: ReadonlyMap<string, Source>
  readonly #files = new Map<string, Followed>()

  /** `sources`: the files that the archive was made of, by absolute path. */
  constructor(readers: Readers, sources: ReadonlyMap<string, Source>) {
    this.#readers = readers
    this.#sources = sources
  }

  /** The files that have changed since they were last looked into, or are new. */
  async changed(files: ReadonlyArray<SourceFile>): Promise<ReadonlyArray<Changed>> {
    const changed = new Map<string, Changed>()
    for (const one of files) {
      const status = await stat(one.file).catch(() => undefined)
      if (status === undefined) continue
      const known = this.#files.get(one.file)
      if (known !== undefined && changeOf(known.opened, status) === "none") continue
      if (known === undefined && (await this.#pass(one.file))) continue
      changed.set(one.file, { ...one, mtimeMs: status.mtimeMs })
    }
    for (const file of await this.#together([...changed.keys()]))
      changed.set(file, { file, named: false, mtimeMs: this.#files.get(file)!.opened.mtimeMs })
    return files.flatMap(({ file }) => changed.get(file) ?? [])
  }

  /** True for a file that is as an earlier import left it. */
  async #pass(file: string): Promise<boolean> {
    const source = this.#sources.get(resolve(file))
    const opened = source === undefined ? undefined : await openFile(file).catch(() => undefined)
    if (opened === undefined || !isSame(source, opened)) return false
    this.#files.set(file, { opened, passed: true })
    return true
  }

  /** Files that were passed over and are read all the same: what has changed is put together with them. */
  async #together(changed: ReadonlyArray<string>): Promise<ReadonlySet<string>> {
    const passed = [...this.#files].flatMap(([file, { passed }]) => (passed ? [file] : []))
    const together = new Set<string>()
    for (const file of passed.length === 0 ? [] : changed) {
      const opened = await openFile(file).catch(() => undefined)
      const importer = opened === undefined ? undefined : await sniffed(opened, this.#readers).catch(() => undefined)
      if (importer?.together) for (const other of passed) if (isBeside(file, other)) together.add(other)
    }
    return together
  }

  /**
   * Reads what is new in the files given, until `isOver`. Nothing throws: a file that cannot be read is looked into again when it changes.
   */
  async *read(files: ReadonlyArray<SourceFile>, isOver: () => boolean): AsyncGenerator<Batch> {
    for (const { file, guessed } of files) {
      if (isOver()) return
      const known = this.#files.get(file)
      try {
        const opened = await openFile(file)
        const grows = known?.reading !== undefined && (await isGrown(known.opened, opened))
        yield* grows ? this.#goOn(known.opened, opened, known.reading!) : this.#begin(opened, guessed === true)
      } catch (cause) {
        const status = await stat(file).catch(() => undefined)
        if (status === undefined) continue
        const opened = {
          file,
          bytes: status.size,
          mtimeMs: status.mtimeMs,
          inode: status.ino,
          head: "",
          packing: undefined
        }
        this.#files.set(file, { opened, unread: skipOf(fileFault(file, cause), file) })
      }
    }
    // Readers that wait for a line of another file may have what they waited for.
    for (const [file, { reading }] of this.#files) {
      const found = reading?.pause() ?? []
      if (reading !== undefined && found.length > 0) yield* batchesIn(reading, { source: file, file }, found)
    }
  }

  async *#goOn(before: OpenFile, opened: OpenFile, reading: Reading): AsyncGenerator<Batch> {
    const { file } = opened
    this.#files.set(file, { opened, reading })
    for await (const chunk of chunksOf(opened, before.bytes)) {
      const found = reading.push(chunk)
      if (found.length > 0) yield* batchesIn(reading, { source: file, file }, found)
    }
    yield* batchesIn(reading, { source: file, file }, reading.pause())
    yield { source: file, file, format: "", found: [], read: opened }
  }

  async *#begin(opened: OpenFile, guessed: boolean): AsyncGenerator<Batch> {
    const { file } = opened
    if (opened.packing !== undefined) return yield* this.#whole(opened, guessed)
    const reading = new Reading({ file, ...this.#readers })
    for await (const chunk of chunksOf(opened)) {
      const found = reading.push(chunk)
      if (found.length > 0) yield* batchesIn(reading, { source: file, file }, found)
      if (reading.refusal !== undefined) break
    }
    const last = reading.pause()
    const { refusal } = reading
    if (refusal !== undefined) {
      this.#files.set(file, { opened, unread: refused({ file, guessed }, refusal) })
      return
    }
    this.#files.set(file, { opened, ...(reading.grows ? { reading } : {}) })
    yield* batchesIn(reading, { source: file, file }, last)
    yield { source: file, file, format: "", found: [], read: opened }
  }

  /** A packed file, which is read as a whole or not at all. */
  async *#whole(opened: OpenFile, guessed: boolean): AsyncGenerator<Batch> {
    const { file } = opened
    let held: Batch | undefined
    let read = false
    for await (const batch of batchesOf({ file, named: false, guessed }, this.#readers)) {
      if (held !== undefined) yield held
      held = batch
      read ||= batch.read !== undefined
    }
    this.#files.set(file, { opened, ...(read || held === undefined ? {} : { unread: held }) })
    if (read && held !== undefined) yield held
  }

  /** Lets go of files that nobody has written since then: should they grow all the same, they are read again from the start. */
  forget(before: number): void {
    for (const [file, { opened, reading }] of this.#files)
      if (reading !== undefined && opened.mtimeMs < before) this.#files.set(file, { opened, passed: true })
  }

  /** What is left when nobody follows the files any longer: unfinished records, and files of which nothing was taken. */
  *end(): Generator<Batch> {
    for (const [file, { reading, unread }] of this.#files) {
      if (unread !== undefined) yield unread
      if (reading !== undefined) {
        const found = reading.end(true)
        if (found.length > 0) yield* batchesIn(reading, { source: file, file }, found)
      }
    }
  }
}

const isGrown = async (before: OpenFile, now: OpenFile): Promise<boolean> =>
  now.inode === before.inode &&
  now.bytes >= before.bytes &&
  (await headDigestOf(now.file, before.bytes)) === before.head
