import type { ArchivedCall } from "../domain/Call.ts"

/** One record of a source: a call, or a reasoned skip, or a line that is no call (counted by type). */
export type Found =
  | { readonly _tag: "Call"; readonly call: ArchivedCall; readonly dedupeKey: string }
  | { readonly _tag: "Skip"; readonly line: number; readonly reason: string }
  | { readonly _tag: "Other"; readonly type: string }

/** A parsed line of a source: 1-based line number and its JSON; `error` when it is no JSON. */
export type Line = { readonly line: number; readonly json: unknown } | { readonly line: number; readonly error: string }

/** What a source file is like, for sniffing: its name and its first objects. */
export interface Sample {
  readonly file: string
  readonly first: ReadonlyArray<unknown>
}

/**
 * What the readers of one import remember together: text by key, each importer under keys of its own.
 * Exports that hold one call a file need it to see what belongs together.
 */
export type Together = Map<string, string>

/** Reads one format. A plain value; `read` is pure but for the state of its closure, so one reader serves one file. */
export interface Importer {
  /** `--format` choice. */
  readonly id: string
  readonly about: string
  /** True when this importer reads such a file. The registry's order decides between several. */
  sniff(sample: Sample): boolean
  /** Makes a reader for one file; it is fed its lines in order, then `end` once. */
  open(file: string, together: Together): { line(line: Line): ReadonlyArray<Found>; end(): ReadonlyArray<Found> }
}
