import { join } from "node:path"

import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

import type { ArchivedCall, Fidelity, Signal, Usage } from "../domain/Call.ts"
import type { Fault } from "../domain/Fault.ts"
import { archiveNames, existingFolder, heldFolder, removeArchive } from "./archiveFolder.ts"
import { digestOfIds, selectRows } from "./archiveIndex.ts"
import { openReader } from "./archiveReader.ts"
import { openWriter } from "./archiveWriter.ts"
import { type Duck, openDuck, type Values } from "./duck.ts"
import { Home } from "./Home.ts"

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
  /** Digest of what follows, in full. */
  readonly key: string
  /** Sorted names of the tools on offer, cut to a line's worth. */
  readonly tools: string
  /** The masked head of the system prompt. */
  readonly system: string
  /** The masked first words of the first user message. */
  readonly user: string
}

/** What became of a call: it is new, it is there already, or it has replaced the one there, whose rank was lower. */
export type Added = "added" | "duplicate" | "replaced"

/** Adds to one archive. Nothing is visible before `commit`; a crash before it leaves the archive as it was. */
export interface ArchiveWriter {
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
    /** Digest of the archive's content: of the sorted call ids. */
    digest(name: string): Effect.Effect<string, Fault>
    /** Fails where `remove` would: there is no such archive, or somebody has it open. One without its index may be removed. */
    removable(name: string): Effect.Effect<void, Fault>
    remove(name: string): Effect.Effect<void, Fault>
  }
>()("@understudy/harness/store/Archives") {
  static readonly layer: Layer.Layer<Archives, never, Home> = Layer.effect(
    Archives,
    Effect.gen(function* () {
      const home = yield* Home
      const indexed = <A>(name: string, use: (duck: Duck) => Effect.Effect<A, Fault>) =>
        Effect.gen(function* () {
          const folder = yield* existingFolder(home, name)
          return yield* use(yield* openDuck(join(folder.path, "index.duckdb"), "read"))
        }).pipe(Effect.scoped)
      return Archives.of({
        names: archiveNames(home),
        writer: (name) => openWriter(home, name),
        rows: (name) => indexed(name, readRows),
        reader: (name) => Effect.flatMap(existingFolder(home, name), (folder) => openReader(folder.path)),
        query: (name, sql, values?: Values) => indexed(name, (duck) => duck.query(sql, values)),
        digest: (name) => indexed(name, readDigest),
        removable: (name) => Effect.scoped(Effect.asVoid(heldFolder(home, name))),
        remove: (name) => removeArchive(home, name)
      })
    })
  )
}

const readRows = Effect.fnUntraced(function* (duck: Duck) {
  const rows: Array<CallRow> = []
  yield* duck.each(selectRows, (columns) => {
    // Made by our own query: each text is a row.
    for (const text of columns[0] ?? []) rows.push(JSON.parse(String(text)) as CallRow)
  })
  return rows
})

const readDigest = Effect.fnUntraced(function* (duck: Duck) {
  const ids: Array<string> = []
  yield* duck.each("SELECT id FROM calls", (columns) => {
    for (const id of columns[0] ?? []) ids.push(String(id))
  })
  return digestOfIds(ids)
})
