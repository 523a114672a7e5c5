import { readFile, stat } from "node:fs/promises"
import { join } from "node:path"

import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

import { Fault } from "../domain/Fault.ts"
import type { Evidence } from "../domain/Grade.ts"
import type { Ending, Failure, Loss, Series } from "../domain/Output.ts"
import type { RunResult } from "../domain/RunResult.ts"
import { codeOf, diskFault } from "./disk.ts"
import type { Values } from "./duck.ts"
import { Home } from "./Home.ts"
import { runIds } from "./runIds.ts"
import { queryRun, rowsOfCase } from "./runLines.ts"
import { startRun } from "./runWriter.ts"

/** What a setup answered for a case, as a line: no money, no content; attempts point into the answer cache. */
export interface OutputRow {
  readonly v: 1
  readonly case: string
  readonly setup: string
  readonly series: Series
  readonly attempts: ReadonlyArray<{
    readonly round: number
    /** Place of the setup in its cascade; left out: 0. */
    readonly rung?: number
    /** Which of several answers to the same request; left out: 0. */
    readonly sample?: number
    /** Asked again with a larger budget: the output tokens it might have. */
    readonly enlarged?: number
    readonly answer: string
    readonly cached: boolean
    readonly latencyMs: number | null
    readonly checks: ReadonlyArray<{ readonly use: string; readonly pass: boolean; readonly message: string }>
    /** Scores of the judges of a cascade's rules; `null`: no readable verdict. */
    readonly judged?: ReadonlyArray<number | null>
  }>
  /** Place among the attempts of the answer that counts; left out: the last. */
  readonly chosen?: number
  /** Absent in lines of versions that did not note it. */
  readonly ending?: Ending
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
  /** What a judge said, order by order; absent where no judge was asked. */
  readonly evidence?: Evidence
}

/** What a run was started with: enough to read its lines years later. */
export interface Manifest {
  readonly v: 1
  readonly run: string
  readonly command: string
  readonly startedAt: string
  readonly archive: string
  readonly suite: { readonly name: string; readonly file: string; readonly digest: string }
  /** Digest of the config file's text, where there was one. */
  readonly config?: string
  /** By setup id. */
  readonly setups: Readonly<Record<string, string>>
  readonly incumbent: string
  readonly versions: Readonly<Record<string, string>>
  /** `caseId -> archived call id`, so that a report finds the original. */
  readonly cases: Readonly<Record<string, string>>
  /** `caseId -> slice`, for the cases a report shows; absent in manifests of versions that did not note it. */
  readonly slices?: Readonly<Record<string, string>>
}

/** Writes one run. */
export interface RunWriter {
  readonly id: string
  readonly folder: string
  /** Lines of the journal: what was sent, paid, retried, decided. Durable when it returns. */
  journal(line: Readonly<Record<string, unknown>>): Effect.Effect<void, Fault>
  output(row: OutputRow): Effect.Effect<void, Fault>
  /** An output with its grades, side by side. Durable when it returns. */
  graded(row: OutputRow, grades: ReadonlyArray<GradeRow>): Effect.Effect<void, Fault>
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
    /** `run` is an id or the beginning of one alone; `latest` names the newest finished run. Each fails with a sentence that names the newest runs there are when it fits none or several. */
    manifest(run: string): Effect.Effect<Manifest, Fault>
    /** Where a run's files and its socket lie, and whether it has a result. */
    at(run: string): Effect.Effect<{ readonly id: string; readonly folder: string; readonly finished: boolean }, Fault>
    result(run: string): Effect.Effect<RunResult, Fault>
    outputs(run: string, caseId: string): Effect.Effect<ReadonlyArray<OutputRow>, Fault>
    grades(run: string, caseId: string): Effect.Effect<ReadonlyArray<GradeRow>, Fault>
    /**
     * SQL over the run's lines: views `grades` and `outputs` with the columns of their rows (`"case"` wants its quotes; `attempts`, `losses`
     * and `failure` are JSON) and `journal` with one JSON column `line` (`line->>'event'`). Rows as plain objects; JSON columns as text.
     */
    query(
      run: string,
      sql: string,
      values?: Readonly<Record<string, string | number>>
    ): Effect.Effect<ReadonlyArray<Record<string, unknown>>, Fault>
  }
>()("@understudy/harness/store/Runs") {
  static readonly layer: Layer.Layer<Runs, never, Home> = Layer.effect(
    Runs,
    Effect.gen(function* () {
      const home = yield* Home
      const list = runIds(home.path("runs"))

      const resolve = Effect.fnUntraced(function* (run: string) {
        const ids = yield* list
        if (run !== "latest") {
          const found = ids.includes(run) ? [run] : ids.filter((id) => run !== "" && id.startsWith(run))
          const [only] = found
          return only !== undefined && found.length === 1 ? only : yield* unknownRun(run, ids, found)
        }
        for (const id of ids) if (yield* isFinished(home.path("runs", id))) return id
        return yield* unknownRun(run, ids)
      })
      const document = Effect.fnUntraced(function* (run: string, name: string) {
        const id = yield* resolve(run)
        const file = home.path("runs", id, name)
        return yield* Effect.tryPromise({
          try: async (): Promise<unknown> => JSON.parse(await readFile(file, "utf8")),
          catch: (cause) => unreadable(file, id, cause)
        })
      })
      return Runs.of({
        start: (manifest) => startRun(home, manifest),
        list,
        // Our own documents, written from these types: each equals its JSON form.
        manifest: (run) => Effect.map(document(run, "manifest.json"), (json) => json as Manifest),
        result: (run) => Effect.map(document(run, "result.json"), (json) => json as RunResult),
        at: Effect.fnUntraced(function* (run) {
          const id = yield* resolve(run)
          const folder = home.path("runs", id)
          return { id, folder, finished: yield* isFinished(folder) }
        }),
        outputs: Effect.fnUntraced(function* (run, caseId) {
          const id = yield* resolve(run)
          return (yield* rowsOfCase(home.path("runs", id, "outputs.jsonl"), caseId)) as ReadonlyArray<OutputRow>
        }),
        grades: Effect.fnUntraced(function* (run, caseId) {
          const id = yield* resolve(run)
          return (yield* rowsOfCase(home.path("runs", id, "grades.jsonl"), caseId)) as ReadonlyArray<GradeRow>
        }),
        query: Effect.fnUntraced(function* (run: string, sql: string, values?: Values) {
          const id = yield* resolve(run)
          return yield* queryRun(home.path("runs", id), sql, values)
        })
      })
    })
  )
}

const isFinished = (folder: string) =>
  Effect.promise(() =>
    stat(join(folder, "result.json")).then(
      () => true,
      () => false
    )
  )

/** Run ids that a mend lists: the newest. */
const listed = 5

const some = (ids: ReadonlyArray<string>) =>
  `${ids.slice(0, listed).join(", ")}${ids.length > listed ? `, and ${ids.length - listed} older` : ""}`

/** `begun`: the runs whose ids begin with the text, where there are several. */
const unknownRun = (run: string, ids: ReadonlyArray<string>, begun: ReadonlyArray<string> = []) => {
  const none = run === "latest" ? "no run is finished yet" : `there is no run "${run}"`
  const there =
    ids.length === 0
      ? "There are no runs yet in this home; another is named with --home."
      : `The runs there are: ${some(ids)}.`
  return new Fault({
    kind: "input",
    sentence: begun.length > 1 ? `${begun.length} runs begin with "${run}"` : none,
    mend: begun.length > 1 ? `They are: ${some(begun)}.` : there
  })
}

const unreadable = (file: string, run: string, cause: unknown) => {
  if (codeOf(cause) === "ENOENT") {
    return new Fault({
      kind: "input",
      sentence: `run ${run} is not finished: it has no result`,
      mend: "Start the same command again: answers that it paid for are not asked again."
    })
  }
  return cause instanceof SyntaxError
    ? new Fault({ kind: "input", file, sentence: "the file is not JSON any more", mend: "Restore it from a copy." })
    : diskFault(file, cause)
}
