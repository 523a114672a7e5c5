import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const positive = Schema.Int.check(Schema.isGreaterThan(0))
const limit = (standard: number) => positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(standard)))

/**
 * What a command may use, all of its processes together where nothing else is said. Megabytes are 2^20 bytes.
 * `processes` counts threads, as the system does: a Node process has about eleven. `diskMb` is of the working folder, and of /tmp as much again.
 */
export const Limits = Schema.Struct({
  memoryMb: limit(1024),
  processes: limit(256),
  diskMb: limit(256),
  /** The size of one file. */
  fileMb: limit(64),
  /** Of one process. */
  openFiles: limit(1024),
  outputKb: limit(1024)
})
export type Limits = typeof Limits.Type

/** The limits that hold where a suite says nothing. */
export const standardLimits: Limits = {
  memoryMb: 1024,
  processes: 256,
  diskMb: 256,
  fileMb: 64,
  openFiles: 1024,
  outputKb: 1024
}

/** One command and what it is run on. All paths are absolute and on this machine. */
export interface Job {
  /** Places in the working folder that patches do not change, however they name them. */
  readonly keep?: ReadonlyArray<string>
  /** A folder whose files a run starts from, each run with a fresh copy; left out: an empty folder. */
  readonly fixture?: string
  /** A folder whose files are put over the fixture's. */
  readonly files?: string
  /** Unified diffs, applied in order after that. */
  readonly patches?: ReadonlyArray<string>
  /** Shown read-only, by its place inside: relative to the working folder, or absolute. */
  readonly readOnly?: Readonly<Record<string, string>>
  /** Runs before any of the files is put in; its failure is the fixture's. */
  readonly setup?: ReadonlyArray<string>
  readonly argv: ReadonlyArray<string>
  /** All that the command sees of an environment, beside PATH, HOME, TMPDIR and LANG. */
  readonly env?: Readonly<Record<string, string>>
  readonly limits: Limits
  readonly timeoutMs: number
  /** A file of the working folder that is read when the command has ended: what it said of its tests. */
  readonly report?: string
}

/**
 * How a run ended. `ended`: by itself. `stopped`: killed for a limit, with the sentence that names it. `refused`: a patch does not apply.
 * `fault`: nothing of it is the answer's doing, since the sandbox or the fixture does not work.
 */
export type Ran =
  | { readonly kind: "ended"; readonly code: number; readonly output: string; readonly report: string }
  | { readonly kind: "stopped"; readonly why: string; readonly output: string }
  | { readonly kind: "refused"; readonly why: string; readonly output: string }
  | { readonly kind: "fault"; readonly why: string }

/** Where things lie for the command. In a sandbox these are fixed; without one they are folders of this machine. */
export interface Places {
  readonly work: string
  readonly temporary: string
  readonly fixture: string
  readonly files: string
  readonly patches: ReadonlyArray<string>
  /** Links to make in the working folder, where nothing can be mounted there. */
  readonly links: ReadonlyArray<{ readonly from: string; readonly at: string }>
  /** The command runs as a user whom nothing else runs as. */
  readonly ownUser: boolean
}
