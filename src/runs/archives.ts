import { globSync } from "node:fs"

import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import { Archives } from "../store/Archives.ts"
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

/** The one archive there is, when none is named. */
export const onlyArchive = Effect.fnUntraced(function* (name: string | undefined) {
  if (name !== undefined) return name
  const names = yield* (yield* Archives).names
  const [only, ...more] = names
  if (only !== undefined && more.length === 0) return only
  return yield* new Fault({
    kind: "input",
    sentence:
      only === undefined ? "there is no archive here yet" : `there are ${names.length} archives: ${names.join(", ")}`,
    mend: only === undefined ? "Import one: understudy import PATH" : "Name one of them."
  })
})
