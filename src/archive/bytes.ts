import { createReadStream, type Stats } from "node:fs"
import { open, stat } from "node:fs/promises"
import type { Readable } from "node:stream"
import { pipeline } from "node:stream"
import { createGunzip, createZstdDecompress } from "node:zlib"

import { digestOfText } from "../domain/digest.ts"
import { Fault } from "../domain/Fault.ts"
import { type Packing, packingOf } from "./containers/kinds.ts"
import { opencodeSessions } from "./containers/opencode.ts"

/** What is parsed of a chunk should be garbage before it is moved on: larger ones cost a quarter more. */
const chunkSize = 128 * 1024

/** How much of a file its kind and its head digest are told by. */
export const headSize = 64 * 1024

/** What went wrong with a file, as a sentence and a mend. */
export const fileFault = (file: string, cause: unknown): Fault => {
  if (cause instanceof Fault) return cause
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : ""
  const said = cause instanceof Error ? cause.message : String(cause)
  const input = (sentence: string, mend: string) => new Fault({ kind: "input", sentence, file, mend })
  const again = "Copy or download the file again and import it whole."
  if (code === "ENOENT" || code === "ENOTDIR") return input("there is no such file or folder", "Check the path.")
  if (code === "EACCES" || code === "EPERM")
    return input("may not be read by this user", "Change its permissions, or copy it.")
  if (code === "EISDIR") return input("is a folder", "Give a file.")
  if (code === "ELOOP") return input("symbolic links lead in a circle", "Name the file or folder itself.")
  if (code === "Z_BUF_ERROR") return input("the compressed data is cut off", again)
  if (code.startsWith("Z_") || code.startsWith("ZSTD_") || code.startsWith("ERR_ZLIB"))
    return input(`the compressed data is damaged: ${said}`, again)
  return new Fault({ kind: "infrastructure", sentence: `could not be read: ${said}`, file })
}

/** A file as it was when reading it began. */
export interface OpenFile {
  readonly file: string
  readonly bytes: number
  readonly mtimeMs: number
  readonly inode: number
  /** Digest of its first 64 KB. */
  readonly head: string
  /** How it is packed, by its first bytes. */
  readonly packing: Packing | undefined
}

const readHead = async (file: string, length: number): Promise<Buffer> => {
  const handle = await open(file)
  try {
    const head = Buffer.alloc(length)
    const { bytesRead } = await handle.read(head, 0, length, 0)
    return head.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

const digestOfHead = (head: Buffer) => digestOfText(head.toString("latin1"))

/** Looks at a file. Rejects where it cannot be read. */
export const openFile = async (file: string): Promise<OpenFile> => {
  const { ino, mtimeMs, size } = await stat(file)
  const head = await readHead(file, Math.min(size, headSize))
  return { file, bytes: size, mtimeMs, inode: ino, head: digestOfHead(head), packing: packingOf(head) }
}

/** Digest of a file's first 64 KB, or of the first `bytes` where that is less: the `head` of the file when it was no longer than that. */
export const headDigestOf = async (file: string, bytes: number): Promise<string> =>
  digestOfHead(await readHead(file, Math.min(bytes, headSize)))

/**
 * The bytes of a file in order, as many as it had when it was opened, unpacked where they are gzip or zstd; of a database its sessions, one a
 * line. `from`: the first byte.
 * Throws what the file system or the inflater says.
 */
export const chunksOf = async function* (opened: OpenFile, from = 0): AsyncGenerator<Uint8Array> {
  if (from >= opened.bytes) return
  if (opened.packing === "opencode") return yield* opencodeSessions(opened.file)
  const source: Readable = createReadStream(opened.file, {
    highWaterMark: chunkSize,
    start: from,
    end: opened.bytes - 1
  })
  const inflater =
    opened.packing === "gzip"
      ? createGunzip({ chunkSize })
      : opened.packing === "zstd"
        ? createZstdDecompress({ chunkSize })
        : undefined
  // The inflater carries the error of either to whoever reads it.
  yield* inflater === undefined ? source : pipeline(source, inflater, () => {})
}

/** What became of a file since it was opened: it is as it was, it has grown, or what was read of it may not have been one file. */
export const changeOf = (
  opened: OpenFile,
  now: Pick<Stats, "ino" | "mtimeMs" | "size">
): "none" | "grown" | "changed" => {
  if (now.ino !== opened.inode || now.size < opened.bytes) return "changed"
  if (now.size > opened.bytes) return "grown"
  return now.mtimeMs === opened.mtimeMs ? "none" : "changed"
}

/** What became of a file since it was opened, by the file system; `changed` where it is gone. */
export const changeSince = async (opened: OpenFile): Promise<"none" | "grown" | "changed"> => {
  const now = await stat(opened.file).catch(() => undefined)
  return now === undefined ? "changed" : changeOf(opened, now)
}
