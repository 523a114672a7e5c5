import { join } from "node:path"

import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

import type { ArchivedCall, Fidelity, Signal, Usage } from "../domain/Call.ts"
import type { Fault } from "../domain/Fault.ts"
import { keyOf } from "./archiveFiles.ts"
import { archiveNames, existingFolder, heldFolder, removeArchive } from "./archiveFolder.ts"
import { digestOfIds, plainCalls } from "./archiveIndex.ts"
import { openReader } from "./archiveReader.ts"
import { openWriter } from "./archiveWriter.ts"
import { readRows } from "./callRows.ts"
import { onDisk } from "./disk.ts"
import { diskUsedBy } from "./diskUsed.ts"
import { type Draft, draftsIn } from "./drafts.ts"
import { type Duck, openDuck, type Values } from "./duck.ts"
import { exportArchive } from "./exporting.ts"
import { Home } from "./Home.ts"
import { rewriteArchive } from "./rewriting.ts"
import { addSliceViews } from "./slices.ts"

/** The index row of an archived call: all that case selection needs, no content. */
export interface CallRow {
  readonly id: string
  readonly model: string
  readonly provider: string | null
  readonly sessionId: string | null
  readonly trajectoryId: string | null
  readonly startedAt: string | null
  readonly fidelity: Fidelity["grade"]
  /** Digest of the request (its content, not its time or place). */
  readonly requestDigest: string
  /** Digest of the question alone: messages, tools and the form of the answer, neither model nor parameters. */
  readonly questionDigest: string
  /** Digest of request and original content: what a case's id is made of. */
  readonly contentDigest: string
  /** The id that the log itself gives the call, where it gives one. */
  readonly nativeId: string | null
  readonly complete: boolean
  readonly usage: Usage
  readonly billedNanoUsd: string | null
  readonly labels: Readonly<Record<string, string>>
  /** Key of the prompt's template, where the call has one. */
  readonly template?: string
  /** The slice that the archive's slices file gives that template; `other` where it gives none, left out where there is no such file. */
  readonly slice?: string
}

/** A call to be added. */
export interface NewCall {
  readonly call: ArchivedCall
  readonly dedupeKey: string
  /** Of two calls with one id the one of the higher rank stays; at equal ranks the first. */
  readonly rank: number
  readonly template?: Template
}

/** What a call's prompt looks like with its changing parts masked: slices are inferred from it. */
export interface Template {
  /**
   * A path of digests in five parts, joined by dots, about 70 characters of `[A-Za-z0-9_-]`: who asks with which tools, head and tail of the system
   * prompt, head and tail of the user message, each part from coarse to fine. So a prefix of a part stands for all prompts that begin (or end)
   * alike. The `templates` of an entry of `slices.json` are patterns over it: each part in full, or cut and ended by `*`, as `key GLOB pattern`
   * reads them. Of several that fit the finest counts: the one whose lengths without `*`, part by part, are the greatest in list order, in SQL
   * `arg_max(slice, list_transform(string_split(pattern, '.'), lambda part: length(replace(part, '*', ''))))`.
   */
  readonly key: string
  /** Who asks, as far as the log says so (the prompt's name, the agent, its role, the form of the answer), and the sorted names of the tools on offer, cut to a line's worth. */
  readonly tools: string
  /** The masked head of the system prompt. */
  readonly system: string
  /** The masked first words of the first user message; where it is longer, ` … ` and its last ones. */
  readonly user: string
}

/** What became of a call: it is new, it is there already, or it has replaced the one there, whose rank was lower. */
export type Added = "added" | "duplicate" | "replaced"

/** A file that was read to its end, and as what: one that is still the same need not be read again. */
export interface Source {
  /** Absolute path. */
  readonly file: string
  readonly bytes: number
  /** When it was last changed: milliseconds since 1970, as the file system says. */
  readonly mtimeMs: number
  /** Digest of its first 64 KB. */
  readonly head: string
}

/** Bytes on the disk by kind. */
export interface DiskUsed {
  /** Lines of calls and messages. */
  readonly content: number
  /** Images, documents and long texts beside the lines. */
  readonly blobs: number
  /** The database, and what stands beside it. */
  readonly index: number
}

/** What a user's query gave, in its order. */
export interface UserRows {
  readonly columns: ReadonlyArray<string>
  /** Values as `query` gives them. */
  readonly rows: ReadonlyArray<Readonly<Record<string, unknown>>>
  /** True where there were more rows than the limit. */
  readonly more: boolean
}

/** Adds to one archive. Nothing is visible before `commit`; a crash before it leaves the archive as it was. */
export interface ArchiveWriter {
  /** The archive's own random key, 32 bytes: what is derived with it (pseudonyms, placeholders) is the same within the archive alone. */
  readonly key: Uint8Array
  /** Absolute path of the folder that the archive lies in until the commit: of a new one, another than afterwards. A file put there goes with it. */
  readonly folder: string
  /** Whether a message with this digest (`messageIdentity` of store/identity.ts) is there already, or waits for the commit. */
  holds(messageDigest: string): boolean
  /** Notes that a file was read to its end; counts with the commit. */
  mark(source: Source): Effect.Effect<void, Fault>
  /** Adds calls in order; what became of each. */
  add(calls: ReadonlyArray<NewCall>): Effect.Effect<ReadonlyArray<Added>, Fault>
  /** How a call (`of` is its dedupe key), a trajectory or a session went, told apart from it. The same one is kept once. */
  verdict(verdict: { readonly of: string; readonly signal: Signal }): Effect.Effect<void, Fault>
  /** A record that was not imported, kept for `archive --skips`. */
  skip(skip: { readonly file: string; readonly line: number; readonly reason: string }): Effect.Effect<void, Fault>
  readonly commit: Effect.Effect<void, Fault>
}

/** The archives of a home: content-addressed messages and calls in append-only lines, the index in DuckDB. */
export class Archives extends Context.Service<
  Archives,
  {
    /** Names of the archives there are, sorted. One that has lost its index is named too: all but `remove` say what is wrong with it. */
    readonly names: Effect.Effect<ReadonlyArray<string>, Fault>
    /** What first imports have begun that are not done or were cut off: `remove` takes their names too. */
    readonly drafts: Effect.Effect<ReadonlyArray<Draft>, Fault>
    writer(name: string): Effect.Effect<ArchiveWriter, Fault, Scope.Scope>
    /** Index rows in a fixed order (time, then id). Fails with a sentence when there is no such archive. */
    rows(name: string): Effect.Effect<ReadonlyArray<CallRow>, Fault>
    /** Opens an archive for reading content by call id; cheap per call, nothing kept in memory but places. */
    reader(
      name: string
    ): Effect.Effect<{ load(callId: string): Effect.Effect<ArchivedCall, Fault> }, Fault, Scope.Scope>
    /**
     * SQL over the index, read-only: tables `calls` (a `CallRow`'s columns; token counts such as `inputTokens`, `cacheReadTokens`, `outputTokens`,
     * NULL where not known; `started` as a timestamp in UTC; `usage` and `labels` as JSON), `messages`, `blobs`, `skips` and `imports`.
     */
    query(
      name: string,
      sql: string,
      values?: Readonly<Record<string, string | number>>
    ): Effect.Effect<ReadonlyArray<Record<string, unknown>>, Fault>
    /** `query` on an index that is opened once for the scope: for many questions in a row. No import can begin meanwhile. */
    asking(name: string): Effect.Effect<Duck["query"], Fault, Scope.Scope>
    /** Digest of the archive's content: of the sorted call ids. */
    digest(name: string): Effect.Effect<string, Fault>
    /** Fails where `remove` would: there is no such archive, or somebody has it open. One without its index may be removed. */
    removable(name: string): Effect.Effect<void, Fault>
    remove(name: string): Effect.Effect<void, Fault>
    /** Absolute path of the archive's folder: `slices.json` may lie there. Fails where there is no such archive. */
    folder(name: string): Effect.Effect<string, Fault>
    /** The archive's own random key: see `ArchiveWriter`. */
    key(name: string): Effect.Effect<Uint8Array, Fault>
    /** Files that were read to their end, by path. None where there is no such archive. */
    sources(name: string): Effect.Effect<ReadonlyArray<Source>, Fault>
    diskUsed(name: string): Effect.Effect<DiskUsed, Fault>
    /**
     * Writes an archive to a file, which appears when it is whole. `jsonl`: every call as its `ArchivedCall`, a line each; `parquet`: the
     * index (view `sliced`), no content. Nothing that is there is replaced. Gives the calls and bytes written.
     */
    export(
      name: string,
      options: { readonly to: "parquet" | "jsonl"; readonly file: string }
    ): Effect.Effect<{ readonly calls: number; readonly bytes: number }, Fault>
    /**
     * Makes the archive anew with the calls that `keep` names, and nothing of the others. A crash leaves the old archive or the new one.
     * Fails while somebody has the archive open. Gives how many calls were kept and how many removed.
     */
    rewrite(
      name: string,
      keep: (row: CallRow) => boolean
    ): Effect.Effect<{ readonly kept: number; readonly removed: number }, Fault>
    /**
     * A user's own statement over the same tables and views as `query`: one, read-only, that reaches no other file. What DuckDB says
     * against it is a `Fault` of kind `input`. `limit`: rows at most, 10,000 where it is left out.
     */
    userQuery(name: string, sql: string, limit?: number): Effect.Effect<UserRows, Fault>
  }
>()("@understudy/harness/store/Archives") {
  static readonly layer: Layer.Layer<Archives, never, Home> = Layer.effect(
    Archives,
    Effect.gen(function* () {
      const home = yield* Home
      const indexed = <A>(name: string, use: (duck: Duck, folder: string) => Effect.Effect<A, Fault>) =>
        Effect.gen(function* () {
          const folder = yield* existingFolder(home, name)
          return yield* use(yield* openDuck(join(folder.path, "index.duckdb"), "read"), folder.path)
        }).pipe(Effect.scoped)
      return Archives.of({
        names: archiveNames(home),
        drafts: draftsIn(home),
        writer: (name) => openWriter(home, name),
        rows: (name) =>
          indexed(name, (duck, folder) =>
            Effect.flatMap(addSliceViews(duck, folder), (slices) => readRows(duck, slices !== undefined))
          ),
        reader: (name) => Effect.flatMap(existingFolder(home, name), (folder) => openReader(folder.path)),
        query: (name, sql, values?: Values) =>
          indexed(name, (duck, folder) => Effect.andThen(addSliceViews(duck, folder), duck.query(sql, values))),
        asking: Effect.fnUntraced(function* (name) {
          const folder = yield* existingFolder(home, name)
          const duck = yield* openDuck(join(folder.path, "index.duckdb"), "read")
          yield* addSliceViews(duck, folder.path)
          return duck.query
        }),
        digest: (name) => indexed(name, readDigest),
        removable: (name) => Effect.scoped(Effect.asVoid(heldFolder(home, name))),
        remove: (name) => removeArchive(home, name),
        folder: (name) => Effect.map(existingFolder(home, name), (folder) => folder.path),
        key: (name) => Effect.flatMap(existingFolder(home, name), ({ path }) => onDisk(path, () => keyOf(path))),
        sources: (name) =>
          Effect.flatMap(archiveNames(home), (names) =>
            names.includes(name) ? indexed(name, readSources) : Effect.succeed([])
          ),
        diskUsed: (name) =>
          Effect.flatMap(existingFolder(home, name), ({ path }) => onDisk(path, () => diskUsedBy(path))),
        export: (name, options) =>
          Effect.flatMap(existingFolder(home, name), ({ path }) =>
            exportArchive(path, { ...options, home: home.root })
          ),
        rewrite: (name, keep) => Effect.flatMap(existingFolder(home, name), (folder) => rewriteArchive(folder, keep)),
        userQuery: (name, sql, limit = 10_000) =>
          Effect.flatMap(existingFolder(home, name), ({ path }) => runUserQuery(path, sql, limit))
      })
    })
  )
}

const readSources = Effect.fnUntraced(function* (duck: Duck) {
  const rows = yield* duck.query("SELECT file, bytes, mtimeMs, head FROM sources ORDER BY file")
  return rows.map(
    (row): Source => ({
      file: String(row["file"]),
      bytes: Number(row["bytes"]),
      mtimeMs: Number(row["mtimeMs"]),
      head: String(row["head"])
    })
  )
})

/** A database of its own that can reach no file but the one it has open, and whose settings cannot be changed. */
const runUserQuery = Effect.fnUntraced(function* (folder: string, sql: string, limit: number) {
  const duck = yield* openDuck(join(folder, "index.duckdb"), "alone")
  yield* addSliceViews(duck, folder)
  yield* duck.transaction([`CREATE TEMP VIEW calls AS SELECT ${plainCalls} FROM "index".main.calls`])
  yield* duck.transaction(["SET enable_external_access = false", "SET lock_configuration = true"])
  return yield* duck.read(sql, limit)
}, Effect.scoped)

const readDigest = Effect.fnUntraced(function* (duck: Duck) {
  const ids: Array<string> = []
  yield* duck.each("SELECT id FROM calls", (columns) => {
    for (const id of columns[0] ?? []) ids.push(String(id))
  })
  return digestOfIds(ids)
})
