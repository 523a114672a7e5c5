import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

import type { ArchivedCall, Fidelity, Usage } from "../domain/Call.ts"
import type { Fault } from "../domain/Fault.ts"

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
  /** Digest of request and original content: what a case's id is made of. */
  readonly contentDigest: string
  readonly complete: boolean
  readonly usage: Usage
  readonly billedNanoUsd: string | null
  readonly labels: Readonly<Record<string, string>>
}

/** Adds to one archive. Nothing is visible before `commit`; a crash before it leaves the archive as it was. */
export interface ArchiveWriter {
  /** False when a call of this id is there already. */
  add(call: ArchivedCall, dedupeKey: string): Effect.Effect<boolean, Fault>
  /** A record that was not imported, kept for `archive --skips`. */
  skip(skip: { readonly file: string; readonly line: number; readonly reason: string }): Effect.Effect<void, Fault>
  readonly commit: Effect.Effect<void, Fault>
}

/** The archives of a home: content-addressed messages and calls in append-only lines, the index in DuckDB. */
export class Archives extends Context.Service<
  Archives,
  {
    readonly names: Effect.Effect<ReadonlyArray<string>, Fault>
    writer(name: string): Effect.Effect<ArchiveWriter, Fault, Scope.Scope>
    /** Index rows in a fixed order (time, then id). Fails with a sentence when there is no such archive. */
    rows(name: string): Effect.Effect<ReadonlyArray<CallRow>, Fault>
    /** Opens an archive for reading content by call id; cheap per call, nothing kept in memory but places. */
    reader(
      name: string
    ): Effect.Effect<{ load(callId: string): Effect.Effect<ArchivedCall, Fault> }, Fault, Scope.Scope>
    /** SQL over the index (tables `calls`, `skips`), read-only. */
    query(
      name: string,
      sql: string,
      values?: Readonly<Record<string, string | number>>
    ): Effect.Effect<ReadonlyArray<Record<string, unknown>>, Fault>
    /** Digest of the archive's content: of the sorted call ids. */
    digest(name: string): Effect.Effect<string, Fault>
    remove(name: string): Effect.Effect<void, Fault>
  }
>()("understudy/store/Archives") {}
