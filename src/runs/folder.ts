import { constants } from "node:fs"
import { access, lstat, mkdir, rmdir, stat } from "node:fs/promises"
import { dirname, resolve } from "node:path"

import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"

const codeOf = (cause: unknown) =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : ""

const reasons: Readonly<Record<string, string>> = {
  ELOOP: "symbolic links lead in a circle here",
  ENAMETOOLONG: "the name is too long",
  EACCES: "this user may not write here",
  EPERM: "this user may not write here",
  EROFS: "it lies on a read-only disk",
  ENOENT: "no folder can be made here"
}

/** What there is of a path: itself, or the nearest folder above it, and the first name below that which is missing. */
const nearest = async (path: string) => {
  for (let at = path, missing: string | undefined; ; missing = at, at = dirname(at)) {
    const status = await stat(at).catch((cause: unknown) => {
      if (codeOf(cause) !== "ENOENT" && codeOf(cause) !== "ENOTDIR") throw cause
      return undefined
    })
    if (status !== undefined) return { at, isFolder: status.isDirectory(), missing }
    const isLink = await lstat(at).then(
      () => true,
      () => false
    )
    if (isLink) return { at, isFolder: false, missing }
  }
}

/** Tries whether files can be written into a folder, which is made and removed again where it is not there. */
const tryOut = async (at: string, missing: string | undefined) => {
  if (missing === undefined) return access(at, constants.W_OK)
  await mkdir(missing)
  await rmdir(missing)
}

/**
 * Fails, kind `input`, where a flag's path is no folder and none can be made there. With `--out` it is tried out, before the
 * work begins whose result is to be written there; a home may be looked at where nothing can be written.
 */
export const checkFolder = (flag: "--home" | "--out", path: string): Effect.Effect<void, Fault> => {
  const file = resolve(path)
  const refuse = (sentence: string) =>
    new Fault({ kind: "input", file, sentence, mend: `Name another folder with ${flag}.` })
  if (path.trim() === "") {
    return new Fault({ kind: "usage", sentence: `${flag} wants a folder, and its value is empty`, mend: "Name one." })
  }
  return Effect.gen(function* () {
    const failed = (cause: unknown) => refuse(reasons[codeOf(cause)] ?? String(cause))
    const { at, isFolder, missing } = yield* Effect.tryPromise({ try: () => nearest(file), catch: failed })
    if (!isFolder) {
      return yield* refuse(
        at === file ? "a folder is wanted, and this is none" : `no folder can be made here, for ${at} is none`
      )
    }
    if (flag === "--out") yield* Effect.tryPromise({ try: () => tryOut(at, missing), catch: failed })
  })
}
