import { constants } from "node:fs"
import { access, statfs } from "node:fs/promises"
import { delimiter, dirname, join } from "node:path"

import * as Config from "effect/Config"
import * as Effect from "effect/Effect"

import type { Fault } from "../domain/Fault.ts"
import { openDuck } from "../store/duck.ts"

/** The oldest Node that this version runs on. */
export const oldestNode = { major: 24, minor: 11 } as const

/** Whether a Node of this version (`26.10.0`) is new enough. */
export const isFitNode = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  return major > oldestNode.major || (major === oldestNode.major && minor >= oldestNode.minor)
}

const can = (file: string, mode: number): Effect.Effect<boolean> =>
  Effect.promise(() =>
    access(file, mode).then(
      () => true,
      () => false
    )
  )

/** Where a program lies: the first of these names that is on the PATH, or the first of these files; `null`: nowhere. */
export const findProgram = Effect.fnUntraced(function* (
  names: ReadonlyArray<string>,
  files: ReadonlyArray<string> = []
) {
  const path = yield* Config.String("PATH").pipe(Effect.orElseSucceed(() => ""))
  const folders = path.split(delimiter).filter((folder) => folder !== "")
  const endings = process.platform === "win32" ? [".exe", ".cmd"] : [""]
  const places = names.flatMap((name) =>
    folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending)))
  )
  for (const file of [...places, ...files]) if (yield* can(file, constants.X_OK)) return file
  return null
})

/** A browser of Chromium's family. */
export const findBrowser = findProgram(
  ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"],
  ["/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"]
)

/** The version of DuckDB, which is opened in memory; fails when its library does not load. */
export const duckVersion: Effect.Effect<string, Fault> = Effect.gen(function* () {
  const duck = yield* openDuck(":memory:", "write")
  const [row] = yield* duck.query("SELECT version() AS version")
  return String(row?.["version"])
}).pipe(Effect.scoped)

/** The folder itself, or the nearest one above it that is there. */
const existing = (folder: string): Effect.Effect<string> =>
  Effect.flatMap(can(folder, constants.F_OK), (there) =>
    there || dirname(folder) === folder ? Effect.succeed(folder) : existing(dirname(folder))
  )

/** What a folder, or the one that it would be made in, can take. `freeBytes` is `null` where the system does not say. */
export const roomFor = Effect.fnUntraced(function* (folder: string) {
  const at = yield* existing(folder)
  const free = yield* Effect.promise(() =>
    statfs(at).then(
      ({ bavail, bsize }) => bavail * bsize,
      () => null
    )
  )
  return { freeBytes: free, writable: yield* can(at, constants.W_OK) }
})
