import { globSync } from "node:fs"

import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import type { LoadedSuite } from "../suite/load.ts"
import { importSome } from "./import.ts"

/** The archive a suite is about, its files imported first where it names files. Gives the archive's name. */
export const archiveOf = Effect.fnUntraced(function* ({ archive, file, name }: LoadedSuite) {
  if ("name" in archive) return archive.name
  const paths = archive.paths.flatMap((path) => (/[*?[\]{}]/.test(path) ? globSync(path).sort() : [path]))
  if (paths.length === 0) {
    return yield* new Fault({
      kind: "input",
      sentence: `archive.paths: no file fits ${archive.paths.join(", ")}`,
      file,
      mend: "Paths are relative to the suite's file."
    })
  }
  yield* importSome({ paths, name, format: archive.format ?? "auto", dryRun: false })
  return name
})
