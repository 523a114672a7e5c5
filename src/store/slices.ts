import { readFile } from "node:fs/promises"
import { join } from "node:path"

import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import { plainCalls } from "./archiveIndex.ts"
import { codeOf, onDisk } from "./disk.ts"
import { type Duck, literal } from "./duck.ts"

/** The file in an archive's folder that names slices by templates: a JSON array of `{ "slice": "…", "templates": [pattern over keys, …], … }`. */
export const slicesFile = "slices.json"

/** The slice of calls that no entry of the file takes. */
export const otherSlice = "other"

/** Slice by pattern over the keys of templates, as the archive's file has it: a pattern that several slices name belongs to the first. `undefined`: there is no file. */
export const readSlices = Effect.fnUntraced(function* (folder: string) {
  const file = join(folder, slicesFile)
  const text = yield* onDisk(file, () =>
    readFile(file, "utf8").catch((cause: unknown) => {
      if (codeOf(cause) === "ENOENT") return undefined
      throw cause
    })
  )
  if (text === undefined) return undefined
  const wrong = (sentence: string) =>
    new Fault({
      kind: "input",
      file,
      sentence,
      mend: 'It is a JSON array of { "slice": "name", "templates": ["key", …] }. Mend it, or remove it.'
    })
  const parsed = yield* Effect.try({
    try: (): unknown => JSON.parse(text.replace(/^\uFEFF/, "")),
    catch: () => wrong("the slices file is no JSON")
  })
  if (!Array.isArray(parsed)) return yield* wrong("the slices file holds no array")
  const slices = new Map<string, string>()
  for (const [index, entry] of parsed.entries()) {
    const { slice, templates } = (typeof entry === "object" && entry !== null ? entry : {}) as Record<string, unknown>
    if (typeof slice !== "string" || slice.trim() === "") return yield* wrong(`entry ${index + 1} has no slice`)
    if (!Array.isArray(templates) || !templates.every((key) => typeof key === "string")) {
      return yield* wrong(`entry ${index + 1} ("${slice}") has no list of templates`)
    }
    for (const key of templates) if (!slices.has(key)) slices.set(key, slice)
  }
  return slices
})

/** Statements that make the views `slices` and `sliced` for one connection. */
export const sliceViews = (slices: ReadonlyMap<string, string> | undefined): ReadonlyArray<string> => {
  const rows = [...(slices ?? [])].map(
    ([key, slice]) => `(${literal(key.toWellFormed())}, ${literal(slice.toWellFormed())})`
  )
  const inserts: Array<string> = []
  for (let from = 0; from < rows.length; from += 1000) {
    inserts.push(`INSERT INTO temp.slicePatterns VALUES ${rows.slice(from, from + 1000).join(", ")}`)
  }
  return [
    "CREATE TEMP TABLE slicePatterns (pattern VARCHAR, slice VARCHAR)",
    ...inserts,
    // The finest pattern that fits counts: see `Template.key`.
    `CREATE TEMP VIEW slices AS SELECT t.key AS template,
      arg_max(p.slice, list_transform(string_split(p.pattern, '.'), lambda part: length(replace(part, '*', '')))) AS slice
      FROM "index".main.templates t JOIN temp.slicePatterns p ON t.key GLOB p.pattern GROUP BY t.key`,
    `CREATE TEMP VIEW sliced AS SELECT c.${plainCalls}, coalesce(s.slice, ${literal(otherSlice)}) AS slice
      FROM "index".main.calls c LEFT JOIN temp.slices s ON c.template = s.template`
  ]
}

/** Makes the views on a connection to the index of an archive's folder. */
export const addSliceViews = Effect.fnUntraced(function* (duck: Duck, folder: string) {
  const slices = yield* readSlices(folder)
  yield* duck.transaction(sliceViews(slices))
  return slices
})
