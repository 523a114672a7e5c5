import { spawn } from "node:child_process"
import { once } from "node:events"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"

import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** The launcher in this checkout. */
export const launcher = fileURLToPath(new URL("../../bin/understudy.js", import.meta.url))

/** A command that hangs is killed after this, so that its test fails and leaves nothing behind. Milliseconds. */
const patience = 240_000

/** What a command said, and how it ended. */
export interface Ended {
  /** `null`: a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** Stdout where it is one JSON document and nothing else, else `undefined`. */
  readonly json: unknown
}

/** A command that is going on. */
export interface Running {
  readonly pid: number
  /** Sends a signal to the launcher; `all`: to its whole process group, as a terminal does. */
  kill(signal: NodeJS.Signals, to?: "launcher" | "all"): void
  readonly ended: Effect.Effect<Ended>
}

/** How a command is started. */
export interface How {
  readonly cwd: string
  /** All of its environment: nothing of the test's own is handed on, so no real key and no colour. */
  readonly env?: Readonly<Record<string, string>>
  /** The Node that runs the launcher; default: this one. */
  readonly node?: string
}

const jsonOf = (stdout: string): unknown => {
  try {
    return JSON.parse(stdout)
  } catch {
    return undefined
  }
}

/** Starts `understudy` by its real launcher in a process of its own, which does not outlive the scope. Its stdin is closed. */
export const startUnderstudy = (
  args: ReadonlyArray<string>,
  { cwd, env = {}, node = process.execPath }: How
): Effect.Effect<Running, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(node, [launcher, ...args], {
        cwd,
        env: { ...env },
        stdio: ["ignore", "pipe", "pipe"],
        detached: true, // a process group of its own, to be signalled as a terminal does
        timeout: patience,
        killSignal: "SIGKILL"
      })
      const pid = child.pid ?? Number.NaN
      const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]).then(
        ([stdout, stderr, [code, signal]]): Ended => ({ code, signal, stdout, stderr, json: jsonOf(stdout) })
      )
      const over = () => child.exitCode !== null || child.signalCode !== null
      return {
        pid,
        over,
        kill: (signal: NodeJS.Signals, to: "launcher" | "all" = "launcher") => {
          if (!over()) process.kill(to === "all" ? -pid : pid, signal)
        },
        ended: Effect.promise(() => ended)
      }
    }),
    (running) => Effect.sync(() => running.kill("SIGKILL", "all"))
  )

/** Runs `understudy` by its real launcher to its end. */
export const understudy = (args: ReadonlyArray<string>, how: How): Effect.Effect<Ended> =>
  Effect.scoped(Effect.flatMap(startUnderstudy(args, how), ({ ended }) => ended))
