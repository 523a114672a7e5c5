import { randomBytes } from "node:crypto"

import * as Effect from "effect/Effect"

import { type Added, Archives, type ArchiveWriter, type NewCall } from "../store/Archives.ts"

/** Counts as the archive's own writer would, and writes nothing. */
export const dryWriter = Effect.fnUntraced(function* (name: string) {
  const archives = yield* Archives
  const there = (yield* archives.names).includes(name)
  const rows = there ? yield* archives.query(name, "SELECT id, rank FROM calls") : []
  const ranks = new Map<string, number>(rows.map((row) => [String(row["id"]), Number(row["rank"])]))
  const take = ({ call, rank }: NewCall): Added => {
    const known = ranks.get(call.id)
    if (known !== undefined && known >= rank) return "duplicate"
    ranks.set(call.id, rank)
    return known === undefined ? "added" : "replaced"
  }
  const writer: ArchiveWriter = {
    key: randomBytes(32),
    folder: there ? yield* archives.folder(name) : "",
    holds: () => false,
    mark: () => Effect.void,
    add: (calls) => Effect.sync(() => calls.map(take)),
    skip: () => Effect.void,
    verdict: () => Effect.void,
    commit: Effect.void
  }
  return writer
})
