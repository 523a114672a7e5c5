import { createHash } from "node:crypto"
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs"
import { join } from "node:path"

/** What a file or a folder with all in it holds. */
interface Tree {
  /** Of names, contents, links and whether files can be run: no times and no owners, so that another checkout has the same. */
  readonly digest: string
  /** Of names, sizes and times: it changes when something in it does. */
  readonly stamp: string
}

/** Entries after which other work gets its turn. */
const turn = 512

interface Entry {
  readonly place: string
  readonly path: string
}

const looked = (path: string) => lstatSync(path, { bigint: true, throwIfNoEntry: false })

const below = function* (path: string, place: string): Generator<Entry> {
  yield { place, path }
  if (looked(path)?.isDirectory() !== true) return
  for (const name of readdirSync(path).sort()) yield* below(join(path, name), `${place}/${name}`)
}

const contentOf = (path: string): Buffer | string => {
  try {
    return readFileSync(path)
  } catch {
    return "unreadable"
  }
}

type Part = string | Buffer

const hashed = async (path: string, of: (entry: Entry) => ReadonlyArray<Part>): Promise<string> => {
  const hash = createHash("sha256")
  let seen = 0
  for (const entry of below(realpathSync(path), "")) {
    for (const part of of(entry)) hash.update(`${Buffer.byteLength(part)}:`).update(part)
    if (++seen % turn === 0) await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return hash.digest("hex")
}

const contents = ({ path, place }: Entry): ReadonlyArray<Part> => {
  const stat = looked(path)
  if (stat?.isSymbolicLink() === true) return [place, "link", readlinkSync(path)]
  if (stat?.isFile() === true) return [place, (stat.mode & 0o111n) === 0n ? "file" : "program", contentOf(path)]
  return [place, stat?.isDirectory() === true ? "folder" : "other"]
}

const times = ({ path, place }: Entry): ReadonlyArray<Part> => {
  const stat = looked(path)
  if (stat === undefined || stat.isDirectory()) return [place]
  return [place, `${stat.mode} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`]
}

/** What lies at paths, as it was when it was first looked at. */
interface Trees {
  /** Rejects with a sentence where nothing is there. */
  digest(path: string): Promise<string>
  /** Whether all of these are what they were then. */
  same(paths: ReadonlyArray<string>): Promise<boolean>
}

const lookingAt = (): Trees => {
  const known = new Map<string, Promise<Tree>>()
  const look = async (path: string): Promise<Tree> => {
    if (!existsSync(path)) throw new Error(`${path} is not there`)
    // The stamp first: what changes while the files are read is found afterwards.
    const stamp = await hashed(path, times)
    return { stamp, digest: await hashed(path, contents) }
  }
  return {
    async digest(path) {
      const tree = known.get(path) ?? look(path)
      known.set(path, tree)
      return (await tree).digest
    },
    async same(paths) {
      for (const path of paths) {
        const now = await hashed(path, times).catch(() => undefined)
        if ((await known.get(path))?.stamp !== now) return false
      }
      return true
    }
  }
}

const trees = new WeakMap<object, Trees>()

/** The one look that all checks of a run share: two of them have one digest for one folder, also where a command changes it meanwhile. */
export const treesOf = (run: object): Trees => {
  const known = trees.get(run) ?? lookingAt()
  trees.set(run, known)
  return known
}
