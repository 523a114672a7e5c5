import { writeFileSync } from "node:fs"
import { join } from "node:path"

import type { ArchiveContent } from "./archiveFiles.ts"
import { detach, longText, mayHoldBlobs } from "./blobs.ts"
import type { Words } from "./digestTable.ts"
import { writePart, writer } from "./identity.ts"
import { lineOf, type Place } from "./segment.ts"

/** Where something lies, as lines have it: offset and length in bytes. */
export type PlacePair = readonly [offset: number, length: number]

/** What `messages.jsonl` holds under a digest: a message, a page of a long history, or the tools of a request. */
export type Part = "message" | "page" | "tools"

/** Where a part lies that is there already, by its digest. */
export const placeOf = ({ known }: ArchiveContent, digest: Words): Place | undefined => {
  const slot = known.parts.find(digest)
  return slot === -1 ? undefined : { offset: known.parts.first(slot), length: known.parts.second(slot) }
}

const record = new Uint32Array(6)

/** Adds a part that is not there yet. */
const append = ({ known, places }: ArchiveContent, digest: Words, place: Place): Place => {
  known.parts.set(digest, place.offset, place.length)
  record[0] = digest.a
  record[1] = digest.b
  record[2] = digest.c
  record[3] = place.offset % 2 ** 32
  record[4] = Math.floor(place.offset / 2 ** 32)
  record[5] = place.length
  places.addWords(record)
  return place
}

/** Adds a part, whose canonical JSON `writer` holds if `written`. */
export const addPart = (files: ArchiveContent, part: Part, digest: Words, value: unknown, written: boolean): Place => {
  const { content } = files
  if (!written) writePart(value)
  const asItStands = writer.plain && !writer.reordered && !writer.inline && writer.length <= longText
  return append(
    files,
    digest,
    asItStands
      ? content["messages.jsonl"].add(`{"v":2,"${part}":`, writer.piece, "}")
      : content["messages.jsonl"].add(lineWithBlobs(files, { [part]: value }))
  )
}

/** A line of content, its large parts kept beside it as blobs. */
export const lineWithBlobs = (files: ArchiveContent, row: object): string => {
  const line = JSON.stringify({ v: 2, ...row })
  if (!mayHoldBlobs(line)) return line
  const { blobs, refs, value } = detach(row)
  if (refs.length === 0) return line
  for (const [sha256, bytes] of blobs) {
    if (files.known.blobs.has(sha256)) continue
    files.newBlobs.add(sha256)
    writeFileSync(join(files.folder, "blobs", sha256), bytes)
    files.pending.blobs.add(lineOf({ sha256 }, { readable: true }))
    files.known.blobs.add(sha256)
  }
  return JSON.stringify({ v: 2, ...value, blobs: refs })
}
