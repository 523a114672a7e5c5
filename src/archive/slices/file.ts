import { readFile } from "node:fs/promises"
import { join } from "node:path"

import * as Effect from "effect/Effect"

import { Fault } from "../../domain/Fault.ts"
import { Archives } from "../../store/Archives.ts"
import { codeOf, onDisk, writeAtomically } from "../../store/disk.ts"
import { arrayIn, countIn, objectIn, quotedIn, textIn } from "../json.ts"
import { fixedOf } from "./path.ts"
import { type SliceEntry, slicesOf } from "./slices.ts"
import type { CountedTemplate } from "./tree.ts"

/** The file in an archive's folder that names its slices and may be edited. */
export const slicesFile = "slices.json"

const shape = 'It is a list of { "slice": "a name", "templates": ["…"] }, as an import writes it.'
const remake = `${shape} Mend it, or remove the file: the next import writes it anew.`

/** The line of a place in a text, from 1. */
const lineAt = (text: string, place: number): number => text.slice(0, Math.max(0, place)).split("\n").length

/** The line at which the entry of an index begins: after so many commas outside of every entry. */
const lineOfEntry = (text: string, index: number): number => {
  let depth = 0
  let commas = 0
  for (const found of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]/g)) {
    const [mark] = found
    if (mark === "{" || mark === "[") depth += 1
    else if (mark === "}" || mark === "]") depth -= 1
    if (depth !== 1 || (mark !== "," && found.index !== text.indexOf("["))) continue
    if (commas === index) return lineAt(text, found.index + 1 + text.slice(found.index + 1).search(/\S/))
    commas += 1
  }
  return 1
}

const syntaxLine = (text: string, message: string): number => {
  const place = /position (\d+)/.exec(message)
  return place === null ? lineAt(text, text.length) : lineAt(text, Number(place[1]))
}

/**
 * The entries of a slices file. Throws a `Fault` of kind `input` with the line where it is no JSON, an entry has no name or no list of templates, or
 * a template is none or named twice.
 */
export const entriesIn = (text: string, file: string): ReadonlyArray<SliceEntry> => {
  const wrong = (sentence: string, line: number, mend = shape) =>
    new Fault({ kind: "input", file, line, sentence, mend })
  let parsed: unknown
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ""))
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : ""
    throw wrong("this is no JSON", syntaxLine(text, message), remake)
  }
  const list = arrayIn(parsed)
  if (list === undefined) throw wrong("this is no list of slices", 1, remake)
  const seen = new Set<string>()
  return list.map((value, index) => {
    const line = () => lineOfEntry(text, index)
    const entry = objectIn(value)
    const slice = typeof entry?.["slice"] === "string" ? entry["slice"].trim() : ""
    if (entry === undefined || slice === "") throw wrong("a slice has no name", line())
    const templates = arrayIn(entry["templates"])
    if (templates === undefined) throw wrong(`the slice ${quotedIn(slice)} has no list of templates`, line())
    const about = objectIn(entry["about"]) ?? {}
    return {
      slice,
      templates: templates.map((pattern) => {
        if (typeof pattern !== "string" || fixedOf(pattern) === undefined) {
          throw wrong(
            `${quotedIn(pattern)} in the slice ${quotedIn(slice)} is no template`,
            typeof pattern === "string" ? lineAt(text, text.indexOf(JSON.stringify(pattern))) : line(),
            "Templates are moved from one slice to another as they are; a name is changed under `slice`."
          )
        }
        if (seen.has(pattern)) {
          throw wrong(
            `the template ${quotedIn(pattern)} is named twice`,
            lineAt(text, text.lastIndexOf(JSON.stringify(pattern))),
            "A template belongs to one slice: leave it under one of them."
          )
        }
        seen.add(pattern)
        return pattern
      }),
      calls: countIn(entry["calls"]) ?? 0,
      about: {
        tools: textIn(about["tools"]) ?? "",
        system: textIn(about["system"]) ?? "",
        user: textIn(about["user"]) ?? ""
      }
    }
  })
}

const entriesFrom = (text: string, file: string) =>
  Effect.try({
    try: () => entriesIn(text, file),
    catch: (cause) => (cause instanceof Fault ? cause : new Fault({ kind: "internal", file, sentence: String(cause) }))
  })

const stored = Effect.fnUntraced(function* (archive: string) {
  const file = join(yield* (yield* Archives).folder(archive), slicesFile)
  const text = yield* onDisk(file, () =>
    readFile(file, "utf8").catch((cause: unknown) => {
      if (codeOf(cause) === "ENOENT") return undefined
      throw cause
    })
  )
  return { file, text, entries: text === undefined ? undefined : yield* entriesFrom(text, file) }
})

/** An archive's slices as its file has them; `undefined` where there is no such file. Fails, kind `input`, where the file is broken. */
export const readSlices = Effect.fn("archive.readSlices")(function* (archive: string) {
  return (yield* stored(archive)).entries
})

/** Templates that are looked at; of more, the commonest and, of those that are equally common, a sample by their digests. */
const looked = 50_000

const counts = `
  SELECT key, tools, system, "user", calls, sessions, questions FROM templates JOIN (
    SELECT template, count(*) AS calls, count(DISTINCT coalesce(sessionId, trajectoryId, id)) AS sessions,
      count(DISTINCT questionDigest) AS questions
    FROM calls WHERE template IS NOT NULL GROUP BY template
  ) ON template = key ORDER BY calls DESC, md5(key), key LIMIT $most`

/** Calls by slice, as `sliceFinder` would find them one by one. */
const recount = `
  WITH named AS (SELECT unnest(from_json($named, '[{"slice": "VARCHAR", "pattern": "VARCHAR"}]'), recursive := true)),
    ranked AS (
      SELECT slice, pattern, list_transform(string_split(pattern, '.'), lambda part: length(replace(part, '*', ''))) AS lengths
      FROM named
    ),
    counted AS (SELECT template, count(*) AS calls FROM calls WHERE template IS NOT NULL GROUP BY template),
    found AS (
      SELECT template, any_value(calls) AS calls, arg_max(slice, lengths) AS slice
      FROM counted JOIN ranked ON template GLOB pattern GROUP BY template
    )
  SELECT slice, sum(calls)::DOUBLE AS calls FROM found GROUP BY slice`

const templateIn = (row: Readonly<Record<string, unknown>>): CountedTemplate => ({
  key: String(row["key"]),
  tools: String(row["tools"]),
  system: String(row["system"]),
  user: String(row["user"]),
  calls: Number(row["calls"]),
  sessions: Number(row["sessions"]),
  questions: Number(row["questions"])
})

/** The least common templates stand for those that were not looked at. */
const scaled = (templates: ReadonlyArray<CountedTemplate>, calls: number): ReadonlyArray<CountedTemplate> => {
  const least = templates.at(-1)?.calls ?? 0
  const seen = templates.reduce((sum, one) => sum + one.calls, 0)
  const rare = templates.reduce((sum, one) => sum + (one.calls === least ? one.calls : 0), 0)
  const by = rare === 0 ? 1 : 1 + (calls - seen) / rare
  return templates.map((one) =>
    one.calls === least
      ? { ...one, calls: one.calls * by, sessions: one.sessions * by, questions: one.questions * by }
      : one
  )
}

/**
 * Names the slices of an archive: infers them from the templates of its calls, keeps what its slices file says already, and writes the file where
 * that changes something. To be called after an import's commit. Gives the entries. Fails, kind `input`, where the file is broken, and then changes
 * nothing. `most`: templates that are looked at.
 */
export const nameSlices = Effect.fn("archive.nameSlices")(function* (archive: string, most = looked) {
  const archives = yield* Archives
  const { entries: kept = [], file, text } = yield* stored(archive)
  const templates = (yield* archives.query(archive, counts, { most })).map(templateIn)
  if (templates.length === 0) return kept
  const entries = templates.length < most ? slicesOf(templates, kept) : yield* ofMany(archive, templates, kept)
  const written = `${JSON.stringify(entries, null, 2)}\n`
  if (written !== text) yield* onDisk(file, () => writeAtomically(file, written))
  return entries
})

/** The slices of more templates than are looked at: all calls are counted all the same. */
const ofMany = Effect.fnUntraced(function* (
  archive: string,
  templates: ReadonlyArray<CountedTemplate>,
  kept: ReadonlyArray<SliceEntry>
) {
  const archives = yield* Archives
  const [all] = yield* archives.query(archive, "SELECT count(template) AS calls FROM calls")
  const entries = slicesOf(scaled(templates, Number(all?.["calls"] ?? 0)), kept)
  const named = entries.flatMap(({ slice, templates: patterns }) => patterns.map((pattern) => ({ slice, pattern })))
  const rows = yield* archives.query(archive, recount, { named: JSON.stringify(named) })
  const calls = new Map(rows.map((row) => [String(row["slice"]), Number(row["calls"])]))
  return entries
    .map((entry) => ({ ...entry, calls: calls.get(entry.slice) ?? 0 }))
    .sort((a, b) => b.calls - a.calls || (a.slice < b.slice ? -1 : 1))
})
