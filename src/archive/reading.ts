import type { ArchivedCall } from "../domain/Call.ts"
import { headSize } from "./bytes.ts"
import { foreignKind } from "./containers/kinds.ts"
import type { Found, Importer, Line, Reader, Session } from "./contract.ts"
import type { Lines } from "./lines.ts"
import { makeLines } from "./lines.ts"
import { sniff } from "./sniff.ts"
import { Strangers } from "./strangers.ts"

/** Why a file cannot be read, and what to do. */
export interface Refusal {
  readonly reason: string
  readonly mend: string
  readonly line: number
  /** Whether more of the file could change that: nobody knew its first records, or there were none. */
  readonly early: boolean
  /** Whether its format has a name: it is a log, which is not read. */
  readonly known: boolean
}

/** First objects that decide what a file is: fifty, or as many as 64 KB hold. */
const enough = { lines: 50, bytes: headSize }

/** What is counted as a last record that is being written. */
export const unfinishedRecord = "unfinished last line"

/** The reason of a record on which an importer threw, which none should. */
export const readerFailed = "a bug in Understudy: its importer failed on this record"

/** Who reads a file, where that is decided already. */
export interface Decided {
  readonly importer: Importer
  readonly reader: Reader
}

/** The call of a record in which a number was rounded: it may be one of the request. */
const withRounding = (call: ArchivedCall): ArchivedCall => ({
  ...call,
  fidelity: {
    ...call.fidelity,
    grade: call.fidelity.grade === "A" ? "B" : call.fidelity.grade,
    parts: { ...call.fidelity.parts, params: "partial" },
    notes: [...call.fidelity.notes, "a number of the record is beyond what a double holds, and was rounded"]
  }
})

/** One file being read: fed with its bytes in order, then ended; answers what was found. Does no I/O. */
export class Reading {
  readonly #given: Importer | undefined
  readonly #file: string
  readonly #member: string | undefined
  readonly #sessionOf: (importer: Importer) => Session
  readonly #lines: Lines = makeLines()
  #head: Buffer | undefined = Buffer.alloc(0)
  #bytes = 0
  #waiting: Array<Line> = []
  #shared = false
  #decided: Decided | undefined
  #strangers: Strangers | undefined
  readonly #strange = new WeakMap<Found, string>()
  #refusal: Refusal | undefined

  /**
   * `given`: the importer that the user named; without it the file is sniffed. `sessionOf`: the import's session of an importer. `member`: of
   * a file inside `file`. `decided`: somebody reads it, together with others, and ends the reader himself.
   */
  constructor(about: {
    readonly file: string
    readonly member?: string
    readonly given: Importer | undefined
    readonly sessionOf: (importer: Importer) => Session
    readonly decided?: Decided
  }) {
    this.#file = about.file
    this.#member = about.member
    this.#given = about.given
    this.#sessionOf = about.sessionOf
    this.#decided = about.decided
    this.#shared = about.decided !== undefined
  }

  /** Set as soon as it is known that nobody reads this file; nothing more comes of it then. */
  get refusal(): Refusal | undefined {
    return this.#refusal
  }

  /** Who reads the file, once that is decided. */
  get importer(): Importer | undefined {
    return this.#decided?.importer
  }

  /** The importer's id of what was found: not every line need be in the file's own format. */
  formatOf(found: Found): string {
    return this.#strange.get(found) ?? this.#decided?.importer.id ?? ""
  }

  /** Whether what is added to the file can be read by itself: it holds a record a line. */
  get grows(): boolean {
    return this.#lines.grows
  }

  push(chunk: Uint8Array): ReadonlyArray<Found> {
    if (this.#refusal !== undefined) return []
    this.#bytes += chunk.length
    if (this.#head === undefined) return this.#read(this.#lines.push(chunk), false)
    this.#head = this.#head.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#head, chunk])
    return this.#head.length < headSize ? [] : this.#read(this.#begin(), false)
  }

  /** What there is so far, of a file that may grow: more may be pushed, and this asked for again. */
  pause(): ReadonlyArray<Found> {
    return this.#end(true)
  }

  /** After the last byte. `growing`: somebody is writing the file, so a last record that does not end is no broken one. */
  end(growing = false): ReadonlyArray<Found> {
    const found = this.#end(growing)
    const { rounded, unfinished } = this.#lines
    if (this.#refusal !== undefined) return found
    return [
      ...found,
      ...(growing && unfinished ? [{ _tag: "Other", type: unfinishedRecord } as const] : []),
      ...(rounded === 0
        ? []
        : [{ _tag: "Other", type: "record with an integer beyond 2^53, rounded", count: rounded } as const])
    ]
  }

  #end(growing: boolean): ReadonlyArray<Found> {
    if (this.#refusal !== undefined) return []
    if (this.#bytes === 0) return this.#refuse("the file is empty", "Give a file that holds the export.", true)
    const found = this.#read([...this.#begin(), ...this.#lines.end(growing)], true)
    if (this.#decided === undefined || this.#shared) return found
    const strange = this.#strangers?.end() ?? []
    return [...found, ...this.#decided.reader.end(), ...strange.flatMap((one) => this.#marked(one.found, one.importer))]
  }

  /** The lines of the head, which was held back until there was enough of it to tell what the file is. */
  #begin(): ReadonlyArray<Line> {
    const head = this.#head
    if (head === undefined) return []
    this.#head = undefined
    const foreign = foreignKind(head)
    if (foreign !== undefined) {
      this.#refuse(`this is ${foreign.name}`, foreign.mend, false)
      return []
    }
    return this.#lines.push(head)
  }

  #read(lines: ReadonlyArray<Line>, ended: boolean): ReadonlyArray<Found> {
    if (this.#refusal !== undefined) return []
    if (this.#decided === undefined) {
      this.#waiting.push(...lines)
      if (!ended && this.#bytes < enough.bytes && this.#waiting.length < enough.lines) return []
      // A first record of many megabytes: decide when it is there.
      if (!ended && this.#waiting.length === 0) return []
      if (this.#waiting.length === 0)
        return this.#refuse("the file holds no record", "Give a file that holds the export.", true)
      const importer = this.#given ?? this.#sniffed()
      if (importer === undefined) return []
      this.#decided = { importer, reader: this.#sessionOf(importer).open(this.#file) }
      if (this.#given === undefined)
        this.#strangers = new Strangers({ file: this.#file, main: importer, sessionOf: this.#sessionOf })
      const waited = this.#waiting
      this.#waiting = []
      return this.#taken(waited, this.#decided.reader)
    }
    return this.#taken(lines, this.#decided.reader)
  }

  #taken(lines: ReadonlyArray<Line>, reader: Reader): ReadonlyArray<Found> {
    const all: Array<Found> = []
    const member = this.#member
    for (const line of lines) {
      try {
        const rounded = "json" in line && line.rounded === true
        const placed = member === undefined ? line : { ...line, member }
        const own = reader.line(placed)
        const strange = this.#strangers?.take(placed, own)
        const read = (found: ReadonlyArray<Found>) =>
          rounded ? found.map((one) => (one._tag === "Call" ? { ...one, call: withRounding(one.call) } : one)) : found
        for (const one of strange?.kept ?? read(own)) all.push(one)
        if (strange !== undefined) for (const one of this.#marked(read(strange.found), strange.importer)) all.push(one)
      } catch (cause) {
        // One record must not cost the others. The message may hold content: the name alone is told.
        const kind = cause instanceof Error ? cause.name : typeof cause
        all.push({ _tag: "Skip", line: line.line, reason: `${readerFailed} (${kind})` })
      }
    }
    return all
  }

  #marked(found: ReadonlyArray<Found>, importer: Importer): ReadonlyArray<Found> {
    for (const one of found) this.#strange.set(one, importer.id)
    return found
  }

  #sniffed(): Importer | undefined {
    const first = this.#waiting.flatMap((line) => ("json" in line ? [line.json] : [])).slice(0, enough.lines)
    const [broken] = this.#waiting
    if (first.length === 0) {
      const why = broken !== undefined && "error" in broken ? `: ${broken.error}` : ""
      this.#refuse(
        `the file is in no format that is known${why}`,
        "Give an export in JSON or JSON lines, packed with gzip, zstd or ZIP or not.",
        true,
        broken?.line
      )
    } else {
      const sniffed = sniff({ file: this.#file, first })
      if (sniffed._tag === "Importer") return sniffed.importer
      this.#refuse(sniffed.reason, sniffed.mend, first.length < enough.lines, 1, sniffed.known)
    }
    return undefined
  }

  #refuse(reason: string, mend: string, early: boolean, line = 1, known = false): ReadonlyArray<Found> {
    this.#refusal = { reason, mend, line, early, known }
    this.#waiting = []
    return []
  }
}
