import { writeFileSync } from "node:fs"
import { join } from "node:path"

import type { ArchivedCall } from "../domain/Call.ts"
import { type ArchiveFiles, skipKey } from "./archiveFiles.ts"
import { indexLine } from "./archiveIndex.ts"
import { detach, mayHoldBlobs } from "./blobs.ts"
import { identityOf } from "./identity.ts"
import { lineOf } from "./segment.ts"

/** Adds one call to an open archive: each message and blob once, then the call with its messages' digests. False: its id is there already. */
export const addCall = (files: ArchiveFiles, call: ArchivedCall, dedupeKey: string): boolean => {
  if (files.known.calls.has(call.id)) return false
  const identity = identityOf(call)
  for (const [index, hash] of identity.messages.entries()) {
    if (files.known.messages.has(hash)) continue
    const place = files.content["messages.jsonl"].add(
      contentLine(files, { hash, message: call.request.messages[index]! })
    )
    addRow(files, "messages", hash, { hash, byteOffset: place.offset, byteLength: place.length })
  }
  const stored = { ...call, request: { ...call.request, messages: identity.messages } }
  const place = files.content["calls.jsonl"].add(contentLine(files, { id: call.id, call: stored }))
  addRow(files, "calls", call.id, indexLine(call, identity, { ...place, dedupeKey, import: files.import }))
  return true
}

/** Adds a record that was not imported. The same one is kept once. */
export const addSkip = (
  files: ArchiveFiles,
  skip: { readonly file: string; readonly line: number; readonly reason: string }
): void => {
  const key = skipKey(skip)
  if (!files.known.skips.has(key)) addRow(files, "skips", key, { ...skip, import: files.import })
}

const addRow = (files: ArchiveFiles, table: keyof ArchiveFiles["pending"], key: string, row: object) => {
  files.pending[table].add(lineOf(row, { readable: true }))
  files.known[table].add(key)
}

/** A line of content, its large parts kept beside it as blobs. */
const contentLine = (files: ArchiveFiles, row: object): string => {
  const line = lineOf(row, { readable: false })
  if (!mayHoldBlobs(line)) return line
  const { blobs, refs, value } = detach(row)
  if (refs.length === 0) return line
  for (const [sha256, bytes] of blobs) {
    if (files.known.blobs.has(sha256)) continue
    files.newBlobs.add(sha256)
    writeFileSync(join(files.folder, "blobs", sha256), bytes)
    addRow(files, "blobs", sha256, { sha256 })
  }
  return lineOf({ ...value, blobs: refs }, { readable: false })
}
