import { execFileSync } from "node:child_process"
import { mkdirSync } from "node:fs"
import { delimiter, dirname, join, resolve } from "node:path"

const root = resolve(import.meta.dirname, "..")

/** The environment of a shell that npm did not start, with this Node in front. */
export const plainEnvironment = (): NodeJS.ProcessEnv => {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|VITEST|INIT_CWD$)/i.test(name))
  const path = `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`
  return { ...Object.fromEntries(kept), PATH: path }
}

/** Builds the package and packs it into a folder. Gives the tarball's path. */
export const pack = (folder: string): string => {
  const said = execFileSync("npm", ["pack", "--json", "--pack-destination", folder], {
    cwd: root,
    env: plainEnvironment(),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"]
  })
  // The build's own lines stand before the document.
  const [packed] = JSON.parse(said.slice(said.search(/^\[/m))) as ReadonlyArray<{ readonly filename: string }>
  return join(folder, packed!.filename)
}

/** Unpacks a tarball of npm's into a folder, without what the package depends on. */
export const unpack = (tarball: string, folder: string): void => {
  mkdirSync(folder, { recursive: true })
  execFileSync("tar", ["-xzf", tarball, "-C", folder, "--strip-components=1"])
}
