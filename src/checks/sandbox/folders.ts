import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

import * as Effect from "effect/Effect"

const prefix = "understudy-sandbox-"

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return cause instanceof Error && "code" in cause && cause.code === "EPERM"
  }
}

/** Whose folder it is by its name: the process that made it. */
export const ownerOf = (name: string): number | undefined => {
  const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]
  return pid === undefined ? undefined : Number(pid)
}

/** Takes away what processes left that did not end by themselves. */
export const sweep = (folder: string): void => {
  for (const name of readdirSync(folder)) {
    const owner = ownerOf(name)
    const path = join(folder, name)
    const mine = () => process.getuid === undefined || statSync(path).uid === process.getuid()
    try {
      if (owner !== undefined && !alive(owner) && mine()) rmSync(path, { recursive: true, force: true })
    } catch {
      // Another process was quicker.
    }
  }
}

let swept = false

/** Makes a folder that is this process's. Remove it with {@link dropFolder}; what a killed process leaves the next one takes away. */
export const makeFolder = (): string => {
  if (!swept) sweep(tmpdir())
  swept = true
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`))
  chmodSync(folder, 0o755)
  return folder
}

/** Removes a folder and all in it, whatever rights a command took from it. */
export const dropFolder = (folder: string): void => {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    // What cannot be removed now is swept by a later process.
  }
}

/** A folder for as long as a scope is open. */
export const scopedFolder = Effect.acquireRelease(Effect.sync(makeFolder), (folder) =>
  Effect.sync(() => dropFolder(folder))
)
