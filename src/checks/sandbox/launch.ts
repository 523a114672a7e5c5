import { type ChildProcess, spawn } from "node:child_process"

import { existsSync, readdirSync, readFileSync } from "node:fs"
import { isAbsolute } from "node:path"

import * as Effect from "effect/Effect"

import type { Limits } from "./contract.ts"
import { marked, memoryOf, type Process, processes, treeOf } from "./tree.ts"

/** A program to start, and how all that it starts is ended. */
export interface Start {
  readonly program: string
  readonly argv: ReadonlyArray<string>
  /** Left out: ours, which only a container's client is given, and which does not go into the container. */
  readonly env?: Readonly<Record<string, string>>
  /** In the environment of all it starts, and of nothing else: they are found by it where no namespace ends them. */
  readonly marker?: string
  /** Ends what the program's own end does not end. */
  readonly end?: () => void
  /** The processes are not ours to see: the runtime holds the limits. */
  readonly elsewhere?: boolean
}

/** What a started program printed, and how it ended. `code` is `null` where a signal ended it. */
export interface Printed {
  readonly code: number | null
  readonly out: string
  readonly errors: string
  /** Why it was killed. */
  readonly stopped?: string
}

/** Milliseconds between two looks at the processes. */
const pause = 50
/** Milliseconds that the pipes may stay open after the end. */
const patience = 3000

const killed = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It has ended.
  }
}

const excess = (tree: ReadonlyArray<Process>, limits: Limits): string | undefined => {
  const tasks = tree.reduce((sum, { threads }) => sum + threads, 0)
  if (tasks >= limits.processes) return `it started ${limits.processes} processes or more (limits.processes)`
  const bytes = limits.memoryMb * 2 ** 20
  return memoryOf(tree, bytes) > bytes
    ? `it used more than ${limits.memoryMb} MB of memory (limits.memoryMb)`
    : undefined
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such program",
  EACCES: "it may not be executed",
  EAGAIN: "the system starts no more processes",
  EMFILE: "too many files are open",
  ENOMEM: "there is no memory for it"
}

/** Why a program did not start, with its name. */
const unstarted = (program: string, { code = "", message }: NodeJS.ErrnoException) =>
  `${program} could not be started: ${reasons[code] ?? message}`

const follow = (child: ChildProcess, start: Start, limits: Limits, timeoutMs: number, done: (got: Printed) => void) => {
  const out: Array<Buffer> = []
  const errors: Array<Buffer> = []
  const seen = new Map<number, string>()
  let bytes = 0
  let stopped: string | undefined
  let ended = false

  /** Kills the tree, those who left it too: again until nothing is left, since a process can fork while others are killed. */
  const end = () => {
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, "SIGKILL")
    } catch {
      // The group has ended.
    }
    start.end?.()
    for (let pass = 0; pass < 100; pass++) {
      const all = start.elsewhere === true ? [] : processes()
      const strays = [
        ...treeOf(child.pid, all, seen).map(({ pid }) => pid),
        ...(start.marker === undefined ? [] : marked(start.marker))
      ]
      for (const pid of strays) killed(pid)
      if (strays.length === 0 || start.marker === undefined) return
    }
  }
  const stop = (why: string) => {
    stopped ??= why
    end()
  }
  const look = () => {
    if (child.pid === undefined || start.elsewhere === true) return
    const tree = treeOf(child.pid, processes(), seen)
    for (const { began, pid } of tree) seen.set(pid, began)
    const why = excess(tree, limits)
    if (why !== undefined) stop(why)
  }
  const watch = setInterval(look, pause)
  const clock = setTimeout(() => stop(`it ran longer than ${timeoutMs / 1000} s (timeoutSeconds)`), timeoutMs)

  const finish = (code: number | null, more = "") => {
    if (ended) return
    ended = true
    clearInterval(watch)
    clearTimeout(clock)
    end()
    const text = (chunks: ReadonlyArray<Buffer>) => Buffer.concat(chunks).toString("utf8")
    done({ code, out: text(out), errors: text(errors) + more, ...(stopped === undefined ? {} : { stopped }) })
  }
  const keep = (chunks: Array<Buffer>) => (chunk: Buffer) => {
    const room = limits.outputKb * 1024 - bytes
    bytes += chunk.length
    if (room > 0) chunks.push(chunk.subarray(0, room))
    if (chunk.length > room) stop(`it printed more than ${limits.outputKb} kB (limits.outputKb)`)
  }
  child.stdout?.on("data", keep(out))
  child.stderr?.on("data", keep(errors))
  child.on("error", (cause) => finish(null, unstarted(child.spawnfile, cause)))
  child.on("exit", (code) => {
    end()
    setTimeout(() => finish(code), patience).unref()
  })
  child.on("close", (code) => finish(code))
  return { end }
}

/** Whether a file descriptor of ours is closed when another program is started; where the system does not tell, it is. */
const closesItself = (fd: string): boolean => {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1]
    return flags === undefined || (Number.parseInt(flags, 8) & 0o2000000) !== 0
  } catch {
    return true
  }
}

/** Closes everything but the three standard streams, then becomes the program. A plain shell cannot name descriptors above 9. */
const alone = `for f in /proc/self/fd/*; do n=\${f##*/}; if [ "$n" -gt 2 ]; then eval "exec $n>&-"; fi; done; exec "$@"`

/**
 * A start that hands nothing down that whoever started us left open: what Node itself opened closes, but a descriptor that was inherited goes
 * on to every program, and would be a way out of a sandbox.
 */
const withoutOurs = ({ argv, program }: Pick<Start, "program" | "argv">): Pick<Start, "program" | "argv"> => {
  const open = existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd") : []
  if (open.every((fd) => Number(fd) <= 2 || closesItself(fd))) return { program, argv }
  // With standard input a socket, bash would read its user's .bashrc.
  const bash = ["/bin/bash", "/usr/bin/bash"].find((path) => existsSync(path)) ?? "bash"
  return { program: bash, argv: ["--norc", "--noprofile", "-c", alone, "bash", program, ...argv] }
}

/** Starts a program, gives it a script on standard input and waits for its end. What it started ends with it, with a limit, and with an interruption. */
export const launch = (start: Start, script: string, limits: Limits, timeoutMs: number): Effect.Effect<Printed> =>
  Effect.callback((resume) => {
    const { env, marker } = start
    // Else it is a shell between that fails to become it, and says so in its own words.
    if (isAbsolute(start.program) && !existsSync(start.program)) {
      const errors = unstarted(start.program, Object.assign(new Error(), { code: "ENOENT" }))
      resume(Effect.succeed({ code: null, out: "", errors }))
      return
    }
    const { argv, program } = withoutOurs(start)
    const child = spawn(program, argv, {
      cwd: "/",
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      ...(env === undefined ? {} : { env: { ...env, ...(marker === undefined ? {} : { UNDERSTUDY_SANDBOX: marker }) } })
    })
    let tell = () => {}
    const gone = new Promise<void>((resolve) => {
      tell = resolve
    })
    const { end } = follow(child, start, limits, timeoutMs, (printed) => {
      tell()
      resume(Effect.succeed(printed))
    })
    child.stdin.on("error", () => {})
    child.stdin.end(script)
    return Effect.promise(() => {
      end()
      return gone
    })
  })
