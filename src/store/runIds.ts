import { randomBytes } from "node:crypto"
import { stat } from "node:fs/promises"
import { join } from "node:path"

import type * as Effect from "effect/Effect"

import type { Fault } from "../domain/Fault.ts"
import { namesIn, onDisk } from "./disk.ts"

const shape = /^\d{8}T\d{6}-[0-9a-f]{4}$/

/** A new id for a run that starts at an ISO time: `20261124T201500-ab12`, in UTC. */
export const newRunId = (startedAt: string): string => {
  const time = new Date(startedAt).toISOString().replace(/[-:]|\.\d+Z/g, "")
  return `${time}-${randomBytes(2).toString("hex")}`
}

/** Ids of the runs in a folder, newest first; of two that started in one second the one whose manifest was written later. */
export const runIds = (folder: string): Effect.Effect<ReadonlyArray<string>, Fault> =>
  onDisk(folder, async () => {
    const found: Array<{ id: string; second: string; written: bigint }> = []
    for (const id of await namesIn(folder)) {
      if (!shape.test(id)) continue
      // A folder without a manifest is a run that was killed before it began.
      const manifest = await stat(join(folder, id, "manifest.json"), { bigint: true }).catch(() => undefined)
      if (manifest !== undefined) found.push({ id, second: id.slice(0, 15), written: manifest.mtimeNs })
    }
    found.sort((a, b) => (a.second === b.second ? Number(b.written - a.written) : a.second < b.second ? 1 : -1))
    return found.map((run) => run.id)
  })
