import { join } from "node:path"

import * as Effect from "effect/Effect"

import { Archives } from "../store/Archives.ts"
import { onDisk, writeAtomically } from "../store/disk.ts"
import { readSlices, slicesFile } from "./slices/file.ts"
import { type SliceEntry, sliceFinder } from "./slices/slices.ts"

/** A template that calls which stay have. */
interface Staying {
  readonly key: string
  readonly tools: string
  readonly system: string
  readonly user: string
  readonly calls: number
}

const stayingSql = `
  SELECT key, tools, system, "user", calls FROM templates JOIN (
    SELECT template, count(*) AS calls FROM calls
    WHERE template IS NOT NULL AND id NOT IN (SELECT unnest(from_json($gone, '["VARCHAR"]'))) GROUP BY template
  ) ON template = key ORDER BY calls DESC, key`

/** Whether what an entry quotes of its prompts is still said by one of those that stay. */
const isSaid = ({ system, tools, user }: SliceEntry["about"], staying: ReadonlyArray<Staying>): boolean =>
  staying.some((one) => one.system === system && one.tools === tools && one.user.startsWith(user))

/**
 * The entries of a slices file without what only calls that go have said: an entry that no template which stays belongs to is left out, one that
 * quotes a prompt which is gone quotes the commonest of those that stay. `staying`: the commonest first. Pure.
 */
export const withoutGone = (
  entries: ReadonlyArray<SliceEntry>,
  staying: ReadonlyArray<Staying>
): ReadonlyArray<SliceEntry> => {
  const find = sliceFinder(entries)
  const bySlice = Map.groupBy(staying, ({ key }) => find(key)?.slice)
  return entries.flatMap((entry) => {
    const own = bySlice.get(entry.slice)
    if (own === undefined) return []
    const calls = own.reduce((sum, one) => sum + one.calls, 0)
    const patterns = new Set(own.map(({ key }) => find(key)?.pattern))
    const { system, tools, user } =
      isSaid(entry.about, own) || entry.about.system + entry.about.user === "" ? entry.about : own[0]!
    return [
      { ...entry, templates: entry.templates.filter((one) => patterns.has(one)), calls, about: { tools, system, user } }
    ]
  })
}

/** Takes out of an archive's slices file what only the calls of these ids have said. To be done before they are removed. Nothing where there is no such file. */
export const forgetSlices = Effect.fn("archive.forgetSlices")(function* (archive: string, gone: ReadonlySet<string>) {
  const archives = yield* Archives
  const entries = yield* readSlices(archive)
  if (entries === undefined) return
  const rows = yield* archives.query(archive, stayingSql, { gone: JSON.stringify([...gone]) })
  const staying = rows.map(
    (row): Staying => ({
      key: String(row["key"]),
      tools: String(row["tools"]),
      system: String(row["system"]),
      user: String(row["user"]),
      calls: Number(row["calls"])
    })
  )
  const file = join(yield* archives.folder(archive), slicesFile)
  yield* onDisk(file, () => writeAtomically(file, `${JSON.stringify(withoutGone(entries, staying), null, 2)}\n`))
})
