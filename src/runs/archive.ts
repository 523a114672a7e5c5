import * as Effect from "effect/Effect"
import { dimensionsOf } from "../archive/summary/groups.ts"
import { archiveGroups, archiveSummary } from "../archive/summary.ts"
import { Fault } from "../domain/Fault.ts"
import { columns } from "../report/columns.ts"
import { count, counted } from "../report/figures.ts"
import { plainLine } from "../report/plain.ts"
import { Archives } from "../store/Archives.ts"
import { archivePage, bytes } from "./archivePage.ts"
import { askedOfIndex, tablesOfIndex } from "./archiveSql.ts"
import { groupsPage } from "./groupsPage.ts"
import { draftsText, onlyArchive } from "./onlyArchive.ts"
import { ownPrices } from "./ownPrices.ts"

/** Records that `--skips` lists at most. */
const listedSkips = 1_000_000

const skipsOf = Effect.fnUntraced(function* (name: string) {
  const archives = yield* Archives
  const [total] = yield* archives.query(
    name,
    "SELECT count(*) AS n FROM (SELECT DISTINCT file, line, reason FROM skips)"
  )
  const rows = yield* archives.query(
    name,
    `SELECT DISTINCT file, line, reason FROM skips ORDER BY file, line, reason LIMIT ${listedSkips}`
  )
  const skips = rows.map((row) => ({
    file: String(row["file"]),
    line: Number(row["line"]),
    reason: String(row["reason"])
  }))
  const more = Number(total?.["n"] ?? 0) - skips.length
  const lines = skips.map(({ file, line, reason }) => plainLine(`${file}:${line}: ${reason}`))
  if (more > 0) lines.push(`… ${count(more)} more: understudy archive ${name} --sql "SELECT * FROM skips"`)
  return {
    doc: { archive: name, skips, ...(more > 0 ? { more } : {}) },
    text: lines.length === 0 ? "Every record was imported." : lines.join("\n")
  }
})

/** The archives there are, with their calls and what they take on the disk; `calls` and `bytes` are `null` where an archive cannot be read. */
const listOf = Effect.fnUntraced(function* (names: ReadonlyArray<string>) {
  const store = yield* Archives
  const archives = yield* Effect.forEach(names, (name) =>
    Effect.gen(function* () {
      const [row] = yield* store.query(name, "SELECT count(*) AS calls FROM calls")
      const { blobs, content, index } = yield* store.diskUsed(name)
      return { name, calls: Number(row?.["calls"] ?? 0), bytes: content + blobs + index, problem: null }
    }).pipe(
      Effect.catchTag("Fault", (fault) => Effect.succeed({ name, calls: null, bytes: null, problem: fault.sentence }))
    )
  )
  const drafts = yield* store.drafts
  const rows = archives.map(({ bytes: size, calls, name, problem }) =>
    calls === null ? [name, "–", "–", problem ?? ""] : [name, count(calls), bytes(size ?? 0), ""]
  )
  return {
    doc: { archives, ...(drafts.length > 0 ? { drafts } : {}) },
    text: [
      ...columns([["archive", "calls", "disk", ""], ...rows], { right: [1, 2] }),
      "",
      ...(drafts.length === 0 ? [] : [`Beside these, ${draftsText(drafts)}.`]),
      "understudy archive NAME tells what one of them holds."
    ].join("\n")
  }
})

/** What `understudy archive` is asked for. */
export interface ArchiveInput {
  readonly name: string | undefined
  readonly skips?: boolean
  /** What calls are grouped by: names, several with commas between. */
  readonly by?: ReadonlyArray<string>
  /** A user's query, or `help`. */
  readonly sql?: string | undefined
}

/**
 * One page about an archive; or what was not imported, its calls by group, or what a query of the user's gives. Without a name, where there are
 * several archives, a list of them.
 */
export const showArchive = Effect.fn("Runs.archive")(function* (input: ArchiveInput) {
  const { by = [], skips = false, sql } = input
  const said = [
    ...(skips ? ["--skips"] : []),
    ...(by.length > 0 ? ["--by"] : []),
    ...(sql === undefined ? [] : ["--sql"])
  ]
  if (said.length > 1)
    return yield* new Fault({
      kind: "usage",
      sentence: `${said.join(" and ")} exclude each other`,
      mend: "Ask for one at a time."
    })
  if (input.name === undefined && !skips && by.length === 0 && sql === undefined) {
    const names = yield* (yield* Archives).names
    if (names.length > 1) return yield* listOf(names)
  }
  const name = yield* onlyArchive(input.name)
  if (skips) return yield* skipsOf(name)
  if (sql !== undefined)
    return yield* sql.trim().toLowerCase() === "help" ? tablesOfIndex(name) : askedOfIndex(name, sql)
  const book = yield* ownPrices(process.cwd())
  if (by.length > 0) {
    const groups = yield* archiveGroups(name, yield* dimensionsOf(by), book)
    return { doc: { archive: name, ...groups }, text: groupsPage(name, groups) }
  }
  const summary = yield* archiveSummary(name, book)
  const drafts = yield* (yield* Archives).drafts
  return drafts.length === 0
    ? { doc: summary, text: archivePage(summary) }
    : { doc: { ...summary, drafts }, text: `${archivePage(summary)}\n\nBeside this archive, ${draftsText(drafts)}.` }
})

/** Writes an archive to a file: `jsonl` with all content, `parquet` its index. */
export const exportArchive = Effect.fn("Runs.exportArchive")(function* (input: {
  readonly name: string
  readonly to: "parquet" | "jsonl"
  readonly out: string | undefined
}) {
  const file = input.out ?? `${input.name}.${input.to}`
  const { bytes: size, calls } = yield* (yield* Archives).export(input.name, { to: input.to, file })
  const holds =
    input.to === "jsonl"
      ? "It holds prompts and answers as they are in the archive."
      : "It holds a row a call (tokens, money, labels, slice), no prompts and no answers."
  return {
    doc: { archive: input.name, to: input.to, file, calls, bytes: size },
    text: `Wrote ${counted(calls, "call")} (${bytes(size)}) to ${file}. ${holds}`
  }
})
