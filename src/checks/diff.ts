import * as Result from "effect/Result"

import { safePath } from "./paths.ts"

const hunk = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/

/** The lines of a diff outside of its hunks: what a hunk holds is text, whatever it looks like. */
const headersOf = (diff: string): ReadonlyArray<string> => {
  const headers: Array<string> = []
  let [old, next] = [0, 0]
  for (const line of diff.split(/\r?\n/)) {
    const sign = line[0] ?? " "
    if ((old > 0 || next > 0) && " +-\\".includes(sign)) {
      if (sign === " " || sign === "-") old--
      if (sign === " " || sign === "+") next--
      continue
    }
    const opened = hunk.exec(line)
    old = opened === null ? 0 : Number(opened[1] ?? 1)
    next = opened === null ? 0 : Number(opened[2] ?? 1)
    headers.push(line)
  }
  return headers
}

/** Why a mode cannot be taken. It is read as git reads it, as an octal number with any zeros before it. */
const modeFault = (text: string): string | undefined => {
  const mode = /^\s*[0-7]+\s*$/.test(text) ? Number.parseInt(text.trim(), 8) : Number.NaN
  const kind = mode & 0o170000
  if (kind === 0o120000) return "the patch makes a symbolic link, which is not taken"
  if (kind === 0o160000) return "the patch makes a submodule, which is not taken"
  if (mode <= 0o177777 && (kind === 0o100000 || kind === 0)) return undefined
  return `the patch has the mode ${JSON.stringify(text.trim().slice(0, 20))}, which is no file's`
}

/** Without its first part, as patches are applied; what has only one stays. */
const stripped = (path: string) => path.replace(/^[^/]*\/+/, "") || path

/** The names behind `diff --git`: a file without lines has no others. They are one name behind two first parts. */
const gitNames = (rest: string): ReadonlyArray<string> => {
  const [, first, second] = /^"([^"]*)" "([^"]*)"$/.exec(rest) ?? []
  if (first !== undefined && second !== undefined) return [first, second]
  for (let at = rest.indexOf(" "); at >= 0; at = rest.indexOf(" ", at + 1)) {
    const [one, other] = [rest.slice(0, at), rest.slice(at + 1)]
    if (stripped(one) === stripped(other)) return [one, other]
  }
  return []
}

/** The paths that a unified diff touches; fails where one leads out of the folder, or where it makes a link. */
export const pathsOfDiff = (diff: string): Result.Result<ReadonlyArray<string>, string> => {
  if (!/^@@ |^(?:rename|copy) from |^(?:new|deleted) file mode /m.test(diff))
    return Result.fail("the patch has no hunks")
  const named: Array<string> = []
  const moved: Array<string> = []
  for (const line of headersOf(diff)) {
    const mode = /^(?:new file mode|new mode|old mode|index \S+) (.*)$/.exec(line)?.[1]
    const fault = mode === undefined ? undefined : modeFault(mode)
    if (fault !== undefined) return Result.fail(fault)
    const name = /^(?:---|\+\+\+) ("?)([^\t]+?)\1(?:\t.*)?$/.exec(line)?.[2]
    if (name !== undefined && name !== "/dev/null") named.push(name)
    named.push(...gitNames(/^diff --git (.*)$/.exec(line)?.[1] ?? ""))
    const move = /^(?:rename|copy) (?:from|to) "?(.+?)"?$/.exec(line)?.[1]
    if (move !== undefined) moved.push(move)
  }
  const paths: Array<string> = []
  // Where a name has one part only, git may leave all names of the patch as they are.
  const whole = named.some((name) => !name.includes("/"))
  for (const path of [...named.flatMap((name) => [stripped(name), ...(whole ? [name] : [])]), ...moved]) {
    const safe = safePath(path)
    if (Result.isFailure(safe)) return Result.fail(safe.failure)
    paths.push(safe.success)
  }
  for (const name of named) {
    const safe = safePath(name)
    if (Result.isFailure(safe)) return Result.fail(safe.failure)
  }
  return paths.length === 0 ? Result.fail("the patch names no file") : Result.succeed([...new Set(paths)])
}
