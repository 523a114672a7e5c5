import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs"

/** One process as the system lists it. `rss`: bytes; `threads`: its tasks. */
export interface Process {
  readonly pid: number
  readonly parent: number
  readonly session: number
  readonly threads: number
  readonly rss: number
  /** When it began, in ticks: a number that is used again is not the same process. */
  readonly began: string
}

const pageBytes = 4096

/** Reads a line of `/proc/PID/stat`, unless the process has ended; the name in it may hold spaces and brackets. */
export const processIn = (stat: string): Process | undefined => {
  const close = stat.lastIndexOf(")")
  const pid = Number.parseInt(stat, 10)
  const rest = stat.slice(close + 2).split(" ")
  const [parent, session, threads, began, pages] = [rest[1], rest[3], rest[17], rest[19], rest[21]]
  // Of a zombie nothing is left but its number.
  if (close < 0 || rest[0] === "Z" || !Number.isFinite(pid) || began === undefined) return undefined
  const counts = { threads: Number(threads), rss: Number(pages) * pageBytes }
  return { pid, parent: Number(parent), session: Number(session), ...counts, began }
}

/**
 * Among all processes the session that one leads and all that descend from it: a process whose parent has ended is another's child,
 * but stays in its session or is one of those `known` before, by number and beginning.
 */
export const treeOf = (
  leader: number,
  all: ReadonlyArray<Process>,
  known: ReadonlyMap<number, string> = new Map()
): ReadonlyArray<Process> => {
  const children = new Map<number, Array<Process>>()
  for (const one of all) {
    const siblings = children.get(one.parent)
    if (siblings === undefined) children.set(one.parent, [one])
    else siblings.push(one)
  }
  const found = new Set(
    all.filter((one) => one.pid === leader || one.session === leader || known.get(one.pid) === one.began)
  )
  for (const { pid } of found) for (const child of children.get(pid) ?? []) found.add(child)
  return [...found]
}

const quietly = <A>(read: () => A, otherwise: A): A => {
  try {
    return read()
  } catch {
    return otherwise
  }
}

const numbers = () => quietly(() => readdirSync("/proc"), []).filter((name) => /^\d+$/.test(name))

/** All processes of the machine; none where it has no `/proc`. */
export const processes = (): ReadonlyArray<Process> =>
  numbers().flatMap((pid) => processIn(quietly(() => readFileSync(`/proc/${pid}/stat`, "latin1"), "")) ?? [])

/** Its part of the memory it shares is counted, not all of it. */
const proportional = ({ pid, rss }: Process): number => {
  const rollup = quietly(() => readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"), "")
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]
  return kilobytes === undefined ? rss : Number(kilobytes) * 1024
}

/** Files in memory that have no name, by the descriptors that are open on them. */
const unnamed = (tree: ReadonlyArray<Process>): number => {
  const seen = new Map<string, number>()
  for (const { pid } of tree) {
    for (const fd of quietly(() => readdirSync(`/proc/${pid}/fd`), [])) {
      const at = `/proc/${pid}/fd/${fd}`
      if (!quietly(() => readlinkSync(at), "").startsWith("/memfd:")) continue
      const stat = quietly(() => statSync(at), undefined)
      if (stat !== undefined) seen.set(`${stat.dev}:${stat.ino}`, stat.blocks * 512)
    }
  }
  return [...seen.values()].reduce((sum, bytes) => sum + bytes, 0)
}

/** Bytes of memory that a tree holds: exact where the quick sum is above `enough`, else that sum, which is never less. */
export const memoryOf = (tree: ReadonlyArray<Process>, enough: number): number => {
  const files = unnamed(tree)
  const quick = tree.reduce((sum, { rss }) => sum + rss, 0)
  return files + (quick + files <= enough ? quick : tree.reduce((sum, one) => sum + proportional(one), 0))
}

/** Processes whose environment holds a text, wherever in the tree they have gone. */
export const marked = (text: string): ReadonlyArray<number> =>
  numbers().flatMap((pid) =>
    quietly(() => readFileSync(`/proc/${pid}/environ`, "latin1"), "").includes(text) ? [Number(pid)] : []
  )
