import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs"
import { basename, dirname, join } from "node:path"

const quietly = <A>(read: () => A, otherwise: A): A => {
  try {
    return read()
  } catch {
    return otherwise
  }
}

/** The files that this process has loaded to run: its program and its libraries. None where the system does not tell. */
export const loaded = (): ReadonlySet<string> => {
  const maps = quietly(() => readFileSync("/proc/self/maps", "utf8"), "")
  return new Set([...maps.matchAll(/^\S+ \S+ \S+ \S+ [1-9]\d* +(\/.*)$/gm)].map((match) => match[1] ?? ""))
}

/** Those files of a folder that are loaded, under all their names: a program asks for a library by the name of a link to it. */
const librariesIn = (folder: string, files: ReadonlySet<string>): ReadonlyArray<string> =>
  quietly(() => readdirSync(folder), [])
    .map((name) => join(folder, name))
    .filter((path) => files.has(quietly(() => realpathSync(path), "")))

/**
 * What has to be shown for a Node to run: its `bin` with what npm needs, and its own libraries; never the folder above, which is all of a
 * `~/.local`. A Node that lies in no `bin` is shown alone.
 */
export const nodeTools = (program: string, files: ReadonlySet<string>): ReadonlyArray<string> => {
  const folder = dirname(program)
  if (basename(folder) !== "bin") return [program]
  const library = join(dirname(folder), "lib")
  const modules = join(library, "node_modules")
  return [
    folder,
    ...(quietly(() => statSync(modules).isDirectory(), false) ? [modules] : []),
    ...librariesIn(library, files)
  ]
}
