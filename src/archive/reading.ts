import { foreignKind } from "./bytes.ts"
import type { Found, Importer, Line, Reader, Session } from "./contract.ts"
import type { Lines } from "./lines.ts"
import { makeLines } from "./lines.ts"
import { sniff } from "./sniff.ts"

/** Why a file cannot be read, and what to do. */
export interface Refusal {
  readonly reason: string
  readonly mend: string
  readonly line: number
}

/** First objects that decide what a file is: fifty, or as many as 64 KB hold. */
const enough = { lines: 50, bytes: 64 * 1024 }

/** One file being read: fed with its bytes in order, then ended once; answers the records found. Does no I/O. */
export class Reading {
  readonly #file: string
  readonly #sessionOf: (importer: Importer) => Session
  readonly #given: Importer | undefined
  readonly #lines: Lines = makeLines()
  #bytes = 0
  #waiting: Array<Line> = []
  #reader: Reader | undefined
  #importer: Importer | undefined
  #refusal: Refusal | undefined

  /** `given`: the importer that the user named; without it the file is sniffed. `sessionOf`: the import's session of an importer. */
  constructor(file: string, given: Importer | undefined, sessionOf: (importer: Importer) => Session) {
    this.#file = file
    this.#given = given
    this.#sessionOf = sessionOf
  }

  /** Set as soon as it is known that nobody reads this file; nothing more comes of it then. */
  get refusal(): Refusal | undefined {
    return this.#refusal
  }

  /** Who reads the file, once that is decided. */
  get importer(): Importer | undefined {
    return this.#importer
  }

  push(chunk: Uint8Array): ReadonlyArray<Found> {
    if (this.#refusal !== undefined) return []
    if (this.#bytes === 0) {
      const foreign = foreignKind(chunk.subarray(0, 4096))
      if (foreign !== undefined) return this.#refuse(`this is ${foreign.name}`, foreign.mend)
    }
    this.#bytes += chunk.length
    return this.#read(this.#lines.push(chunk), false)
  }

  end(): ReadonlyArray<Found> {
    if (this.#refusal !== undefined) return []
    if (this.#bytes === 0) return this.#refuse("the file is empty", "Give a file that holds the export.")
    const found = this.#read(this.#lines.end(), true)
    return this.#reader === undefined ? found : [...found, ...this.#reader.end()]
  }

  #read(lines: ReadonlyArray<Line>, ended: boolean): ReadonlyArray<Found> {
    if (this.#reader === undefined) {
      this.#waiting.push(...lines)
      if (!ended && this.#bytes < enough.bytes && this.#waiting.length < enough.lines) return []
      // A first record of many megabytes: decide when it is there.
      if (!ended && this.#waiting.length === 0) return []
      if (this.#waiting.length === 0)
        return this.#refuse("the file holds no record", "Give a file that holds the export.")
      this.#importer = this.#given ?? this.#sniffed()
      this.#reader = this.#importer === undefined ? undefined : this.#sessionOf(this.#importer).open(this.#file)
      const waited = this.#waiting
      this.#waiting = []
      return this.#taken(waited)
    }
    return this.#taken(lines)
  }

  #taken(lines: ReadonlyArray<Line>): ReadonlyArray<Found> {
    const reader = this.#reader
    return reader === undefined ? [] : lines.flatMap((line) => reader.line(line))
  }

  #sniffed(): Importer | undefined {
    const first = this.#waiting.flatMap((line) => ("json" in line ? [line.json] : [])).slice(0, enough.lines)
    const [broken] = this.#waiting
    if (first.length === 0) {
      const why = broken !== undefined && "error" in broken ? `: ${broken.error}` : ""
      this.#refuse(
        `the file is in no format that is known${why}`,
        "Give an export in JSON or JSON lines, packed with gzip or zstd or not.",
        broken?.line
      )
    } else {
      const sniffed = sniff({ file: this.#file, first })
      if (sniffed._tag === "Importer") return sniffed.importer
      this.#refuse(sniffed.reason, sniffed.mend)
    }
    return undefined
  }

  #refuse(reason: string, mend: string, line = 1): ReadonlyArray<Found> {
    this.#refusal = { reason, mend, line }
    return []
  }
}
