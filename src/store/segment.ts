import type { FileHandle } from "node:fs/promises"
import { open } from "node:fs/promises"
import { dirname } from "node:path"

import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

import { Fault } from "../domain/Fault.ts"
import { diskFault, makeFolder, syncFolder } from "./disk.ts"

/** Where a line lies in its file: bytes, without the newline. */
export interface Place {
  readonly offset: number
  readonly length: number
}

/**
 * A file of JSON lines that one process appends to. A line counts when it is on disk: all lines that wait are written and
 * synced as one group, then all who wait go on. Every line starts with its version: `{"v":1,…`.
 */
export interface Segment {
  readonly file: string
  /**
   * Durable when it returns. After a failed write nothing is written any more: every later append fails with the same `Fault`.
   * Values that JSON does not know (a `bigint`) are a bug and die.
   */
  append(row: object): Effect.Effect<Place, Fault>
  /** The same for several lines, in order, side by side. */
  appendAll(rows: ReadonlyArray<object>): Effect.Effect<void, Fault>
  /** The same for who waits for several files at once: `done` is told when the lines are on disk, or what is wrong. */
  put(rows: ReadonlyArray<object>, done: (fault: Fault | undefined) => void): void
}

/**
 * A row as a line. DuckDB refuses half a surrogate pair (text cut in the middle of an emoji), so `readable` lines get U+FFFD for it;
 * others keep it, escaped.
 */
export const lineOf = (row: object, options: { readonly readable: boolean }): string => {
  const own = JSON.stringify(row)
  const text = own.startsWith('{"v":') ? own : JSON.stringify({ v: 1, ...row })
  return options.readable && text.includes("\\ud") ? JSON.stringify({ v: 1, ...row }, wellFormed) : text
}
const wellFormed = (_key: string, value: unknown) => {
  if (typeof value === "string") return value.toWellFormed()
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key.toWellFormed(), one]))
}

interface Waiting {
  /** Whole lines, and their length in bytes. */
  readonly text: string
  readonly bytes: number
  done(offset: number): void
  failed(fault: Fault): void
}

/** Lets everything that is ready to run append first, so that a group is large. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/**
 * Opens a new segment; the file (which must be new, and is nobody else's) is made by the first line. Closing waits for the lines under way.
 * `readable`: DuckDB reads the file, see `lineOf`. `mode`: the new file's rights.
 */
export const openSegment = (
  file: string,
  options: { readonly readable: boolean; readonly mode?: number }
): Effect.Effect<Segment, never, Scope.Scope> =>
  Effect.gen(function* () {
    let handle: FileHandle | undefined
    let size = 0
    let waiting: Array<Waiting> = []
    let writing: Promise<void> | undefined
    let broken: Fault | undefined

    const create = async () => {
      await makeFolder(dirname(file))
      const made = await open(file, "a", options.mode)
      handle = made
      if ((await made.stat()).size > 0) {
        throw new Fault({ kind: "internal", file, sentence: "the segment is there already; a process writes its own" })
      }
      await syncFolder(dirname(file))
      return made
    }
    const write = async () => {
      while (waiting.length > 0) {
        await turn()
        const group = waiting
        waiting = []
        try {
          const to = handle ?? (await create())
          await to.appendFile(group.map((one) => one.text).join(""))
          await to.datasync()
        } catch (cause) {
          broken = diskFault(file, cause)
          for (const one of [...group, ...waiting]) one.failed(broken)
          waiting = []
          break
        }
        for (const one of group) {
          one.done(size)
          size += one.bytes
        }
      }
      writing = undefined
    }
    const enqueue = (one: Waiting) => {
      if (broken !== undefined) return one.failed(broken)
      waiting.push(one)
      writing ??= write()
    }

    yield* Effect.addFinalizer(() =>
      Effect.promise(async () => {
        await writing
        broken ??= new Fault({ kind: "internal", file, sentence: "the segment is closed" })
        await handle?.close()
      })
    )
    const put: Segment["put"] = (rows, done) => {
      const text = rows.map((row) => `${lineOf(row, options)}\n`).join("")
      enqueue({ text, bytes: Buffer.byteLength(text), done: () => done(undefined), failed: done })
    }
    return {
      file,
      put,
      append: (row) =>
        Effect.callback((resume) => {
          const text = `${lineOf(row, options)}\n`
          const bytes = Buffer.byteLength(text)
          enqueue({
            text,
            bytes,
            done: (offset) => resume(Effect.succeed({ offset, length: bytes - 1 })),
            failed: (fault) => resume(Effect.fail(fault))
          })
        }),
      appendAll: (rows) =>
        rows.length === 0
          ? Effect.void
          : Effect.callback((resume) => {
              put(rows, (fault) => resume(fault === undefined ? Effect.void : Effect.fail(fault)))
            })
    }
  })
