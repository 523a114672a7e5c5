import type { Readable } from "node:stream"
import { pipeline } from "node:stream"
import { crc32, createInflateRaw, createZstdDecompress } from "node:zlib"

import * as yauzl from "yauzl"

import { Fault } from "../../domain/Fault.ts"

/** A file inside a ZIP. */
export interface Member {
  /** Its path in there. */
  readonly name: string
  /** Its bytes, unpacked; throws a `Fault` where they are damaged. */
  bytes(): AsyncIterable<Uint8Array>
}

/** A ZIP that is open: its files by name, without folders. */
export interface Zip {
  readonly members: ReadonlyArray<Member>
  close(): void
}

/** More than this is a bomb: so many times the packed size, and more than 256 MB. */
const mostRatio = 200
const mostBytes = 256 * 1024 * 1024
const mostMembers = 100_000

const chunkSize = 128 * 1024

const size = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MB`

const fault = (file: string, sentence: string, mend = "Copy or download the file again and import it whole.") =>
  new Fault({ kind: "input", file, sentence, mend })

const damaged = (file: string, cause: unknown): Fault => {
  if (cause instanceof Fault) return cause
  const said = cause instanceof Error ? cause.message : String(cause)
  if (/relative path|absolute path|invalid characters in fileName/.test(said))
    return fault(
      file,
      "the ZIP archive holds a file whose name leads out of it",
      "Unpack it with care, and import the folder."
    )
  return fault(file, `the ZIP archive is cut off or damaged: ${said}`)
}

const refuseBomb = (file: string, what: string, unpacked: number, packed: number) => {
  if (unpacked > mostBytes && unpacked > mostRatio * Math.max(packed, 1))
    throw fault(
      file,
      `${what} would unpack to ${size(unpacked)}, more than ${mostRatio} times its size: a ZIP bomb, perhaps`,
      "If it is a real export, unpack it and import the files."
    )
}

const inflaters = new Map<number, () => NodeJS.ReadWriteStream>([
  [8, () => createInflateRaw({ chunkSize })],
  [93, () => createZstdDecompress({ chunkSize })]
])

/** The bytes of a member, held to the size and checksum that the archive's directory gives. */
async function* unpacked(file: string, zip: yauzl.ZipFile, entry: yauzl.Entry): AsyncGenerator<Uint8Array> {
  const where = `${file}/${entry.fileName}`
  if (entry.isEncrypted()) throw fault(where, "is encrypted", "Unpack the ZIP with its password and import the files.")
  const inflater = entry.compressionMethod === 0 ? undefined : inflaters.get(entry.compressionMethod)
  if (entry.compressionMethod !== 0 && inflater === undefined)
    throw fault(
      where,
      `is packed in a way that is not read (method ${entry.compressionMethod})`,
      "Unpack the ZIP and import the files."
    )
  try {
    const packed: Readable = await zip.openReadStreamPromise(entry, { decodeFileData: false })
    const stream = inflater === undefined ? packed : pipeline(packed, inflater(), () => {})
    let seen = 0
    let sum = 0
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      seen += chunk.length
      if (seen > entry.uncompressedSize) break
      sum = crc32(chunk, sum)
      yield chunk
    }
    if (seen !== entry.uncompressedSize || sum !== entry.crc32) throw new Error("size or checksum differ")
  } catch (cause) {
    throw damaged(where, cause)
  }
}

/**
 * Opens a ZIP. Throws a `Fault` for one that is cut off or damaged, and for one that would unpack to more than 256 MB and 200 times its
 * size, as a whole or in one of its files: told by the directory, which the unpacked bytes are held to.
 */
export const openZip = async (file: string): Promise<Zip> => {
  const zip = await yauzl.openPromise(file, { autoClose: false }).catch((cause) => Promise.reject(damaged(file, cause)))
  try {
    const members: Array<Member> = []
    let total = 0
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName
      if (name.endsWith("/")) continue
      total += entry.uncompressedSize
      refuseBomb(file, `${name} in it`, entry.uncompressedSize, entry.compressedSize)
      if (members.length === mostMembers)
        throw fault(file, `holds more than ${mostMembers} files`, "Unpack it and import the folder.")
      members.push({ name, bytes: () => unpacked(file, zip, entry) })
    }
    refuseBomb(file, "it", total, zip.fileSize)
    return { members: members.sort((a, b) => (a.name < b.name ? -1 : 1)), close: () => zip.close() }
  } catch (cause) {
    zip.close()
    throw damaged(file, cause)
  }
}
