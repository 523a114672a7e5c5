import { mkdir } from "node:fs/promises"
import { join } from "node:path"

import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

import { Fault } from "../domain/Fault.ts"
import { codeOf, makeFolder, onDisk, syncFolder, writeAtomically } from "./disk.ts"
import type { Home } from "./Home.ts"
import { prepareHome } from "./layout.ts"
import type { Manifest, RunWriter } from "./Runs.ts"
import { newRunId } from "./runIds.ts"
import { openSegment } from "./segment.ts"

/** Makes a run's folder and manifest, and opens its lines for the scope. */
export const startRun = (
  home: Home["Service"],
  start: Omit<Manifest, "v" | "run">
): Effect.Effect<RunWriter, Fault, Scope.Scope> =>
  Effect.gen(function* () {
    if (Number.isNaN(Date.parse(start.startedAt))) {
      return yield* new Fault({ kind: "internal", sentence: `"${start.startedAt}" is no ISO time to start a run at` })
    }
    yield* prepareHome(home.root)
    const id = yield* makeRunFolder(home.path("runs"), start.startedAt)
    const folder = home.path("runs", id)
    const manifest: Manifest = { v: 1, run: id, ...start }
    yield* onDisk(folder, () => writeAtomically(join(folder, "manifest.json"), document(manifest)))

    const journal = yield* openSegment(join(folder, "journal.jsonl"), { readable: true })
    const outputs = yield* openSegment(join(folder, "outputs.jsonl"), { readable: true })
    const grades = yield* openSegment(join(folder, "grades.jsonl"), { readable: true })
    return {
      id,
      folder,
      journal: (line) => Effect.asVoid(journal.append(line)),
      output: (row) => Effect.asVoid(outputs.append(row)),
      graded: (row, rows) =>
        rows.length === 0
          ? Effect.asVoid(outputs.append(row))
          : Effect.callback((resume) => {
              let [open, broken]: [number, Fault | undefined] = [2, undefined]
              const done = (fault: Fault | undefined) => {
                broken ??= fault
                if (--open === 0) resume(broken === undefined ? Effect.void : Effect.fail(broken))
              }
              outputs.put([row], done)
              grades.put(rows, done)
            }),
      grades: (rows) => grades.appendAll(rows),
      finish: (result) => onDisk(folder, () => writeAtomically(join(folder, "result.json"), document(result)))
    }
  })

const document = (value: object) => `${JSON.stringify(value, null, 2)}\n`

const makeRunFolder = (runs: string, startedAt: string) =>
  onDisk(runs, async () => {
    await makeFolder(runs)
    for (;;) {
      const id = newRunId(startedAt)
      try {
        await mkdir(join(runs, id))
        await syncFolder(runs)
        return id
      } catch (cause) {
        if (codeOf(cause) !== "EEXIST") throw cause
      }
    }
  })
