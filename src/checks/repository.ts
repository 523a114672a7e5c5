import { execFile, execFileSync } from "node:child_process"
import { mkdirSync } from "node:fs"
import { join } from "node:path"

import { dropFolder, makeFolder } from "./sandbox/folders.ts"

const firstLine = (cause: unknown) => {
  const said = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : ""
  return said.split("\n")[0] || (cause instanceof Error ? cause.message.split("\n")[0] : String(cause))
}

/** The full id of a commit. Throws with a sentence where the repository has none of that name. */
export const commitOf = (path: string, commit: string): string => {
  try {
    const args = ["-C", path, "rev-parse", "--verify", "--quiet", "--end-of-options", `${commit}^{commit}`]
    return execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim()
  } catch (cause) {
    const why = firstLine(cause)
    throw new Error(`repository: ${path} has no commit "${commit}"${why?.includes("git") ? ` (${why})` : ""}`)
  }
}

const ran = (program: string, args: ReadonlyArray<string>): Promise<void> =>
  new Promise((resolve, reject) => {
    execFile(program, args, (cause, _, stderr) =>
      cause === null ? resolve() : reject(new Error(`${program}: ${stderr.trim().split("\n")[0] || cause.message}`))
    )
  })

/** A folder with the committed files of a repository, without `.git`; it is gone when this process has ended. */
export const checkedOut = async (path: string, commit: string): Promise<string> => {
  const folder = makeFolder()
  process.once("exit", () => dropFolder(folder))
  const [files, archive] = [join(folder, "files"), join(folder, "commit.tar")]
  mkdirSync(files)
  await ran("git", ["-C", path, "archive", "--format=tar", `--output=${archive}`, commit])
  await ran("tar", ["-xf", archive, "-C", files, "--no-same-owner"])
  return files
}
