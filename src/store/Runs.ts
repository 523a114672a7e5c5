import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

import type { Fault } from "../domain/Fault.ts"
import type { Failure, Loss, Series } from "../domain/Output.ts"
import type { RunResult } from "../domain/RunResult.ts"

/** What a setup answered for a case, as a line: no money, no content; attempts point into the answer cache. */
export interface OutputRow {
  readonly v: 1
  readonly case: string
  readonly setup: string
  readonly series: Series
  readonly attempts: ReadonlyArray<{
    readonly round: number
    readonly answer: string
    readonly cached: boolean
    readonly latencyMs: number | null
    readonly checks: ReadonlyArray<{ readonly use: string; readonly pass: boolean; readonly message: string }>
  }>
  readonly losses: ReadonlyArray<Loss>
  readonly failure?: Failure
}

/** One grade of one output, as a line. `setup` is the setup's id, `floor` for the incumbent asked again, `original` for the archived answer. */
export interface GradeRow {
  readonly v: 1
  readonly case: string
  readonly setup: string
  readonly grader: string
  readonly score: number | null
  readonly why: string
}

/** What a run was started with: enough to read its lines years later. */
export interface Manifest {
  readonly v: 1
  readonly run: string
  readonly command: string
  readonly startedAt: string
  readonly archive: string
  readonly suite: { readonly name: string; readonly file: string; readonly digest: string }
  /** By setup id. */
  readonly setups: Readonly<Record<string, string>>
  readonly incumbent: string
  readonly versions: Readonly<Record<string, string>>
  /** `caseId -> archived call id`, so that a report finds the original. */
  readonly cases: Readonly<Record<string, string>>
}

/** Writes one run. */
export interface RunWriter {
  readonly id: string
  readonly folder: string
  /** Lines of the journal: what was sent, paid, retried, decided. Durable when it returns. */
  journal(line: Readonly<Record<string, unknown>>): Effect.Effect<void, Fault>
  output(row: OutputRow): Effect.Effect<void, Fault>
  /** Durable when it returns. */
  grades(rows: ReadonlyArray<GradeRow>): Effect.Effect<void, Fault>
  finish(result: RunResult): Effect.Effect<void, Fault>
}

/** The runs of a home. Lines are the truth; DuckDB reads them for reports. */
export class Runs extends Context.Service<
  Runs,
  {
    /** Makes the run's folder and manifest; the id is its time and four hex digits. */
    start(manifest: Omit<Manifest, "v" | "run">): Effect.Effect<RunWriter, Fault, Scope.Scope>
    /** Ids, newest first. */
    readonly list: Effect.Effect<ReadonlyArray<string>, Fault>
    /** Each fails with a sentence naming the runs there are when the id is unknown; `latest` names the newest finished run. */
    manifest(run: string): Effect.Effect<Manifest, Fault>
    result(run: string): Effect.Effect<RunResult, Fault>
    outputs(run: string, caseId: string): Effect.Effect<ReadonlyArray<OutputRow>, Fault>
    grades(run: string, caseId: string): Effect.Effect<ReadonlyArray<GradeRow>, Fault>
    /** SQL over the run's lines: views `grades`, `outputs`, `journal`. Rows as plain objects. */
    query(
      run: string,
      sql: string,
      values?: Readonly<Record<string, string | number>>
    ): Effect.Effect<ReadonlyArray<Record<string, unknown>>, Fault>
  }
>()("understudy/store/Runs") {}
