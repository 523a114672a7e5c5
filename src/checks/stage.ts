import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"

import * as Result from "effect/Result"

import { pathsOfDiff } from "./diff.ts"
import type { Edit } from "./files.ts"
import { safePath } from "./paths.ts"

/** What an answer's edits are as files of this machine: a folder to put over the fixture, and patches to apply in order. */
export interface Staged {
  readonly files: string
  readonly patches: ReadonlyArray<string>
}

const lookedAt = (path: string) => {
  try {
    return lstatSync(path)
  } catch {
    return undefined
  }
}

/** Whether one of the folders on the way to a fixture's file, or itself, is a link, which may lead anywhere. */
const throughLink = (fixture: string, path: string): boolean => {
  const parts = path.split("/")
  return parts.some((_, i) => lookedAt(join(fixture, ...parts.slice(0, i + 1)))?.isSymbolicLink() === true)
}

const textAt = (files: string, fixture: string | undefined, path: string): string | undefined => {
  for (const folder of fixture === undefined ? [files] : [files, fixture]) {
    const file = join(folder, path)
    if (lookedAt(file)?.isFile() === true) return readFileSync(file, "utf8")
  }
  return undefined
}

const isKept = (path: string, keep: ReadonlyArray<string>): boolean =>
  keep.some((one) => {
    const safe = Result.getOrElse(safePath(one), () => one).toLowerCase()
    return path.toLowerCase() === safe || path.toLowerCase().startsWith(`${safe}/`)
  })

const put = (file: string, content: string): void => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}

/** What a system says of a path that it cannot have. All else that goes wrong is not the answer's doing. */
const unwritable: ReadonlySet<unknown> = new Set([
  "ENAMETOOLONG",
  "ENOTDIR",
  "EISDIR",
  "EEXIST",
  "ELOOP",
  "EILSEQ",
  "EINVAL"
])

/** Writes a file of the answer; fails with a sentence where its path cannot be had. */
const putAnswer = (files: string, path: string, content: string): string | undefined => {
  try {
    put(join(files, path), content)
    return undefined
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined
    if (!unwritable.has(code)) throw cause
    return `${JSON.stringify(path)} cannot be written (${String(code)})`
  }
}

/** Lets everyone read it, whatever our umask: a sandbox may give the command a user of its own. */
const readable = (path: string): void => {
  const folder = lstatSync(path).isDirectory()
  chmodSync(path, folder ? 0o755 : 0o644)
  if (folder) for (const name of readdirSync(path)) readable(join(path, name))
}

/**
 * Writes an answer's edits into `folder`, which is empty; the fixture is only read. Fails with a sentence where an edit changes what is kept, goes through a link of the
 * fixture, or replaces what is not there exactly once: the answer's fault. Patches are applied after the files.
 */
export const stage = (
  edits: ReadonlyArray<Edit>,
  fixture: string | undefined,
  folder: string,
  keep: ReadonlyArray<string> = []
): Result.Result<Staged, string> => {
  const files = join(folder, "files")
  const patches: Array<string> = []
  mkdirSync(files)
  for (const edit of edits) {
    const paths = edit.kind === "patch" ? Result.getOrElse(pathsOfDiff(edit.diff), () => []) : [edit.path]
    const kept = paths.find((path) => isKept(path, keep))
    if (kept !== undefined) return Result.fail(`${kept} is not to be changed`)
    const linked = fixture === undefined ? undefined : paths.find((path) => throughLink(fixture, path))
    if (linked !== undefined) return Result.fail(`the path ${JSON.stringify(linked)} goes through a symbolic link`)
    if (edit.kind === "patch") {
      const file = join(folder, `${patches.length + 1}.patch`)
      put(file, edit.diff)
      patches.push(file)
      continue
    }
    const file = join(files, edit.path)
    if (lookedAt(file)?.isDirectory() === true || lookedAt(join(fixture ?? files, edit.path))?.isDirectory() === true)
      return Result.fail(`${edit.path} is a folder, and no file can be written there`)
    let content = edit.kind === "write" ? edit.content : ""
    if (edit.kind === "replace") {
      const text = textAt(files, fixture, edit.path)
      if (text === undefined) return Result.fail(`${edit.path} is not there, and nothing can be replaced in it`)
      const times = text.split(edit.old).length - 1
      if (times !== 1) return Result.fail(`${edit.path} has the text to be replaced ${times} times, and once is right`)
      content = text.replace(edit.old, () => edit.with)
    } else {
      const above = edit.path.split("/").slice(0, -1)
      const blocked = above.some((_, i) => lookedAt(join(files, ...above.slice(0, i + 1)))?.isFile() === true)
      if (blocked) return Result.fail(`${edit.path} lies under a file`)
    }
    const unput = putAnswer(files, edit.path, content)
    if (unput !== undefined) return Result.fail(unput)
  }
  for (const path of [files, ...patches]) readable(path)
  return Result.succeed({ files, patches })
}
