import type { ArchivedCall, Signal } from "../domain/Call.ts"

/**
 * What a reader found. A record is one call after its lines are put together, or a line that should have become one: `Call`, `Duplicate`
 * and `Skip` are records (read = imported + duplicates + skipped), `Other` and `Verdict` are not.
 */
export type Found =
  | {
      readonly _tag: "Call"
      readonly call: ArchivedCall
      /** What tells it from its copies: `call.id` is the digest of this text. */
      readonly dedupeKey: string
      /**
       * How full a copy is, 0 where it is left out: of two calls with one id the higher rank stays, also where the lower one came in an earlier
       * import (a transcript that has grown, a billing row whose conversation comes later). At equal ranks the first stays.
       */
      readonly rank?: number
    }
  /** A copy that the format's own rule drops before it becomes a call. */
  | { readonly _tag: "Duplicate"; readonly line: number; readonly rule: string }
  /** A record that cannot become a call; the reason holds no content of it. `file` where it is another one than the reader's. */
  | { readonly _tag: "Skip"; readonly line: number; readonly reason: string; readonly file?: string }
  /** A line that is no call, counted by its type. */
  | { readonly _tag: "Other"; readonly type: string; readonly count?: number }
  /** How a call, a trajectory or a session went, told apart from it. `of` is a call's dedupe key, a trajectory's id or a session's, by the signal's scope. */
  | { readonly _tag: "Verdict"; readonly of: string; readonly signal: Signal }

/**
 * A parsed value of a source: its JSON and the 1-based line it begins at; `error` when it is no JSON. `member`: the file inside a packed one.
 * `rounded`: a number in it is beyond what a double holds.
 */
export type Line = { readonly line: number; readonly member?: string } & (
  | { readonly json: unknown; readonly rounded?: boolean }
  | { readonly error: string }
)

/** What a source file is like, for sniffing: its name and its first values. */
export interface Sample {
  readonly file: string
  readonly first: ReadonlyArray<unknown>
}

/** Reads one file: fed its lines in order. No I/O. */
export interface Reader {
  line(line: Line): ReadonlyArray<Found>
  /**
   * What waits for more lines, as it stands. More lines may come, where a file grows: what has changed since is then given again, with a
   * higher rank.
   */
  end(): ReadonlyArray<Found>
}

/** What the readers of one import have in common. */
export interface Session {
  /** In each folder its files come first, `*.meta.json` before the others, then its folders, each by name. */
  open(file: string): Reader
  /** After the last file: what waited for its other half. */
  end(): ReadonlyArray<Found>
}

/** What an import tells its importers. */
export interface ImporterOptions {
  /** The content of `--mapping FILE`, checked by the importer that knows mappings. */
  readonly mapping?: unknown
  /** True where files are followed: those of several folders grow side by side, so nothing is let go of when another folder's file comes. */
  readonly following?: boolean
}

/** Reads one format. A plain value. */
export interface Importer {
  /** `--format` choice. */
  readonly id: string
  readonly about: string
  /** True where what one file holds is put together with what other files of its folder hold: when one has changed, all are read again. */
  readonly together?: boolean
  /** True when this importer reads such a file. The registry's order decides between several. */
  sniff(sample: Sample): boolean
  /** Begins one import. Throws a `Fault` where the options are wrong. */
  start(options: ImporterOptions): Session
}

/** The session of a format whose lines stand for themselves. */
export const eachLine = (read: (file: string, line: Line) => ReadonlyArray<Found>): Session => ({
  open: (file) => ({ line: (line) => read(file, line), end: () => [] }),
  end: () => []
})

const apartEnd = " without its calls: import both together"

/** The type of a line that tells about calls of which none is in the import: alone it adds nothing, and is no fault. */
export const apart = (what: string): string => `${what}${apartEnd}`

/** True for the type of such a line. */
export const isApart = (type: string): boolean => type.endsWith(apartEnd)
