import { execFileSync, spawn } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"

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

interface Entry {
  readonly mode: string
  readonly id: string
  readonly path: string
}

/** Whether nothing but a file inside the folder can be meant. Git itself makes no other, but a tree can be written by hand. */
const isPlain = (path: string) =>
  path.split("/").every((part) => !["", ".", ".."].includes(part) && !/^\.git$/i.test(part))

const git = (path: string, args: ReadonlyArray<string>) =>
  spawn("git", ["-C", path, "--no-replace-objects", ...args], { stdio: ["pipe", "pipe", "pipe"] })

/** What git prints, in pieces. Throws with its first line where it fails. */
async function* printed(child: ReturnType<typeof git>): AsyncGenerator<Buffer> {
  let said = ""
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString("utf8")
  })
  child.stdin.on("error", () => {})
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", resolve)
  })
  ended.catch(() => {})
  for await (const chunk of child.stdout) yield chunk
  const code = await ended
  if (code !== 0) throw new Error(`git: ${said.trim().split("\n")[0] || `it ended with code ${code}`}`)
}

const entriesOf = async (path: string, commit: string): Promise<ReadonlyArray<Entry>> => {
  const child = git(path, ["ls-tree", "-r", "-z", commit])
  child.stdin.end()
  const chunks: Array<Buffer> = []
  for await (const chunk of printed(child)) chunks.push(chunk)
  const lines = Buffer.concat(chunks).toString("utf8").split("\0").slice(0, -1)
  return lines.map((line) => {
    const [mode = "", , id = ""] = line.slice(0, line.indexOf("\t")).split(" ")
    const file = line.slice(line.indexOf("\t") + 1)
    if (!isPlain(file))
      throw new Error(`repository: ${path} holds the path ${JSON.stringify(file)}, which is no file's`)
    return { mode, id, path: file }
  })
}

/** The contents of some objects, one after the other. */
async function* contentsOf(path: string, ids: ReadonlyArray<string>): AsyncGenerator<Buffer> {
  const child = git(path, ["cat-file", "--batch"])
  child.stdin.end(ids.map((id) => `${id}\n`).join(""))
  let chunks: Array<Buffer> = []
  let held = 0
  /** Bytes that the object begun needs with its line's end; `undefined`: its header is still to come. */
  let size: number | undefined
  for await (const chunk of printed(child)) {
    chunks.push(chunk)
    held += chunk.length
    if (size !== undefined && held < size) continue
    let rest = Buffer.concat(chunks)
    for (;;) {
      if (size === undefined) {
        const end = rest.indexOf(10)
        if (end < 0) break
        const header = rest.toString("latin1", 0, end)
        const told = / (\d+)$/.exec(header)?.[1]
        if (told === undefined) throw new Error(`git: ${header}`)
        size = Number(told) + 1
        rest = rest.subarray(end + 1)
      }
      if (rest.length < size) break
      yield rest.subarray(0, size - 1)
      rest = rest.subarray(size)
      size = undefined
    }
    chunks = [rest]
    held = rest.length
  }
}

/** Makes a folder and those above it, for everyone to read whatever our umask. */
const folderAt = (folder: string): void => {
  if (existsSync(folder)) return
  folderAt(dirname(folder))
  mkdirSync(folder)
  chmodSync(folder, 0o755)
}

/**
 * A folder with the files of a commit, byte by byte as they were committed: no attribute leaves one out or changes it, and no filter or hook of the
 * repository runs. Without `.git`; submodules are empty folders. It is gone when this process has ended.
 */
export const checkedOut = async (path: string, commit: string): Promise<string> => {
  const folder = makeFolder()
  process.once("exit", () => dropFolder(folder))
  const files = join(folder, "files")
  folderAt(files)
  const entries = await entriesOf(path, commit)
  for (const { path: at } of entries.filter(({ mode }) => mode === "160000")) folderAt(join(files, at))
  const blobs = entries.filter(({ mode }) => mode !== "160000")
  const links: Array<() => void> = []
  let next = 0
  for await (const content of contentsOf(
    path,
    blobs.map(({ id }) => id)
  )) {
    const { mode, path: at } = blobs[next++]!
    const file = join(files, at)
    folderAt(dirname(file))
    // Links come last: nothing is written through one.
    if (mode === "120000") links.push(() => symlinkSync(content.toString("utf8"), file))
    else {
      writeFileSync(file, content)
      chmodSync(file, mode === "100755" ? 0o755 : 0o644)
    }
  }
  if (next < blobs.length) throw new Error(`git: ${path} lacks files of the commit ${commit}`)
  for (const link of links) link()
  return files
}
