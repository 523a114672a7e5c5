import { stat } from "node:fs/promises"
import { join } from "node:path"

import type { DiskUsed } from "./Archives.ts"
import { codeOf, namesIn } from "./disk.ts"

/** Bytes of a file, or of the files in a folder; 0 where it went away meanwhile. */
export const bytesOf = async (path: string): Promise<number> => {
  try {
    const entry = await stat(path)
    if (!entry.isDirectory()) return entry.size
    let sum = 0
    for (const name of await namesIn(path)) sum += await bytesOf(join(path, name))
    return sum
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return 0
    throw cause
  }
}

const contentFile = /^(calls|messages|derived|places)(-\d+)?(\.jsonl)?$/

/** Bytes of an archive's folder on the disk, by kind. */
export const diskUsedBy = async (folder: string): Promise<DiskUsed> => {
  const used = { content: 0, blobs: 0, index: 0 }
  for (const name of await namesIn(folder)) {
    used[name === "blobs" ? "blobs" : contentFile.test(name) ? "content" : "index"] += await bytesOf(join(folder, name))
  }
  return used
}
