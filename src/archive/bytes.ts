import { createReadStream } from "node:fs"
import { open } from "node:fs/promises"
import type { Readable } from "node:stream"
import { pipeline } from "node:stream"
import { createGunzip, createZstdDecompress } from "node:zlib"

import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

import { Fault } from "../domain/Fault.ts"

const chunkSize = 1024 * 1024

const startsWith = (bytes: Uint8Array, ...magic: ReadonlyArray<number>) => magic.every((byte, at) => bytes[at] === byte)

const inflaters = (head: Uint8Array) =>
  startsWith(head, 0x1f, 0x8b)
    ? createGunzip({ chunkSize })
    : startsWith(head, 0x28, 0xb5, 0x2f, 0xfd)
      ? createZstdDecompress({ chunkSize })
      : undefined

const openBytes = async (file: string): Promise<Readable> => {
  const handle = await open(file)
  const head = new Uint8Array(4)
  try {
    await handle.read(head, 0, 4, 0)
  } finally {
    await handle.close()
  }
  const source = createReadStream(file, { highWaterMark: chunkSize })
  const inflater = inflaters(head)
  // The inflater carries the error of either to whoever reads it.
  return inflater === undefined ? source : pipeline(source, inflater, () => {})
}

/** What went wrong with a file, as a sentence and a mend. */
export const fileFault = (file: string, cause: unknown, recordsRead?: number): Fault => {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : ""
  const said = cause instanceof Error ? cause.message : String(cause)
  const nothing = "; nothing was imported"
  const read = recordsRead === undefined ? nothing : ` (${recordsRead} records could be read before that)${nothing}`
  const input = (sentence: string, mend: string) => new Fault({ kind: "input", sentence, file, mend })
  if (code === "ENOENT" || code === "ENOTDIR") return input("there is no such file or folder", "Check the path.")
  if (code === "EACCES" || code === "EPERM")
    return input("may not be read by this user", "Change its permissions, or copy it.")
  if (code === "EISDIR") return input("is a folder", "Give a file.")
  if (code === "Z_BUF_ERROR")
    return input(`the compressed data is cut off${read}`, "Copy or download the file again and import it whole.")
  if (code.startsWith("Z_") || code.startsWith("ZSTD_") || code.startsWith("ERR_ZLIB"))
    return input(
      `the compressed data is damaged: ${said}${read}`,
      "Copy or download the file again and import it whole."
    )
  return new Fault({ kind: "infrastructure", sentence: `could not be read: ${said}${read}`, file })
}

/**
 * The bytes of a file in order, unpacked when they are gzip or zstd (told by the first bytes, not by the name).
 * `recordsRead` is asked when reading breaks off, for the message.
 */
export const bytesOf = (file: string, recordsRead: () => number): Stream.Stream<Uint8Array, Fault> => {
  const failed = (cause: unknown) => fileFault(file, cause, recordsRead())
  return Stream.unwrap(
    Effect.map(Effect.tryPromise({ try: () => openBytes(file), catch: failed }), (source) =>
      Stream.fromAsyncIterable<Uint8Array, Fault>(source, failed)
    )
  )
}

const unreadYet = "That is not read yet: export its calls as JSON lines."
const nothingToRead = "Give an export in JSON or JSON lines, packed with gzip or zstd or not."

/** By the first characters of a file. */
const foreign: ReadonlyArray<readonly [start: RegExp, name: string, mend: string]> = [
  [/^SQLite format 3/, "a SQLite database (Cursor, opencode, goose and others keep one)", unreadYet],
  [/^PK[^\w\s"{]{2}/, "a ZIP archive (an Inspect .eval log is one)", "That is not read yet: write the log as JSON."],
  [/^PAR1/, "a Parquet file", unreadYet],
  [/^(\u00ff\u00fe|\u00fe\u00ff)/, "UTF-16 text", "Save it as UTF-8."],
  [/^interactions:/, "a recorded HTTP cassette (VCR), which is not read yet", nothingToRead],
  [/^(data|event): /, "a stream of server-sent events, which is not read yet", nothingToRead],
  [/^\s*<[!?a-z]/i, "HTML or XML", nothingToRead]
]

/** What a file is that can be no JSON, by its first bytes: a name with its article and the mend; `undefined` for what may be JSON. */
export const foreignKind = (head: Uint8Array): { readonly name: string; readonly mend: string } | undefined => {
  const start = Buffer.from(head.subarray(0, 16)).toString("latin1")
  const known = foreign.find(([pattern]) => pattern.test(start))
  if (known !== undefined) return { name: known[1], mend: known[2] }
  return head.includes(0) ? { name: "a binary file", mend: nothingToRead } : undefined
}
