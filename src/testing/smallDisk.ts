import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

import { type Desk, linesBelow } from "./desk.ts"
import type { Ended } from "./launcher.ts"

const kib = 1024
/** Room for everything that is done on it. */
const large = 256 * 1024

const mount = (folder: string, options: ReadonlyArray<string>) =>
  execFileSync("mount", ["-t", "tmpfs", "-o", options.join(","), "tmpfs", folder], { stdio: "ignore" })

/** Whether this process may mount file systems: as root, or inside `unshare --user --map-root-user --mount`. */
export const mayMount = (): boolean => {
  const folder = mkdtempSync(join(tmpdir(), "understudy-mount-"))
  try {
    mount(folder, ["size=64k"])
    execFileSync("umount", [folder])
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A real file system whose size is ours to say. */
export interface SmallDisk {
  /** Leaves this much room beside what lies on it, in KiB, rounded up to the page. */
  leave(free: number): void
  /** Leaves room for everything. */
  grow(): void
}

/** Mounts a small disk at a folder, which is made, until the scope ends; what lies in `from` is copied onto it. */
export const smallDiskAt = (folder: string, from?: string): Effect.Effect<SmallDisk, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      mkdirSync(folder, { recursive: true })
      mount(folder, [`size=${large}k`])
      if (from !== undefined) cpSync(from, folder, { recursive: true })
      const resize = (size: number) =>
        execFileSync("mount", ["-o", `remount,size=${Math.ceil(size)}k`, folder], { stdio: "ignore" })
      return {
        leave: (free: number) => {
          const { bfree, blocks, bsize } = statfsSync(folder)
          resize(((blocks - bfree) * bsize) / kib + free)
        },
        grow: () => resize(large)
      }
    }),
    () => Effect.sync(() => execFileSync("umount", [folder]))
  )

const keysOf = (lines: ReadonlyArray<Readonly<Record<string, unknown>>>) =>
  new Set(lines.map((line) => String(line["key"])))
const answersIn = ({ home }: Desk) => keysOf(linesBelow(home, /^answers\/.*\.jsonl$/))
const journalIn = ({ home }: Desk, events: ReadonlyArray<string>) =>
  linesBelow(home, /^runs\/.*journal\.jsonl$/).filter((line) => events.includes(String(line["event"])))

/** What a command did on a disk that was too small for it, and what came of it when the disk had grown. */
export interface Round {
  readonly stopped: Ended
  readonly gone: Ended
  /** Answers that the provider completed until the stop, and of them those that were kept. */
  readonly completed: number
  readonly kept: number
  /** Calls that the journal shows as sent and not ended, and whose answers were not kept. */
  readonly inFlight: number
  /** Answers that were kept and asked for again. */
  readonly again: number
  /** Answers kept in the end, and all that the provider has completed. */
  readonly keptInTheEnd: number
  readonly completedInTheEnd: number
}

/** Runs a command until it stops, grows the disk, and runs it again with `--json`. `completed`: the provider's own count of answers. */
export const roundOn = Effect.fnUntraced(function* (
  disk: SmallDisk,
  desk: Desk,
  args: ReadonlyArray<string>,
  completed: Effect.Effect<number>
): Effect.fn.Return<Round> {
  const before = yield* completed
  const stopped = yield* desk.run(args)
  const until = (yield* completed) - before
  const kept = answersIn(desk)
  const sent = journalIn(desk, ["sent"]).length
  const ended = keysOf(journalIn(desk, ["paid", "failed"]))
  const open = [...keysOf(journalIn(desk, ["sent"]))].filter((key) => !ended.has(key) && !kept.has(key))
  disk.grow()
  const gone = yield* desk.run([...args, "--json"])
  return {
    stopped,
    gone,
    completed: until,
    kept: kept.size,
    inFlight: open.length,
    again: journalIn(desk, ["sent"])
      .slice(sent)
      .filter((line) => kept.has(String(line["key"]))).length,
    keptInTheEnd: answersIn(desk).size,
    completedInTheEnd: (yield* completed) - before
  }
})
