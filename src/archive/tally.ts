import type { ArchivedCall, Fidelity } from "../domain/Call.ts"
import type { Added } from "../store/Archives.ts"
import type { Found } from "./contract.ts"
import { mendOf } from "./hints.ts"
import { suppliedNotes } from "./supply.ts"

/** A record that was not imported. */
export interface Skipped {
  readonly file: string
  readonly line: number
  readonly reason: string
}

/** A file that was read. */
export interface ReadFile {
  readonly file: string
  /** Importers' ids: one, or those of the files in a ZIP. */
  readonly format: string
  readonly records: number
}

/** Why imported calls cannot be replayed as they were, or not wholly. */
export interface Reason {
  readonly format: string
  /** What is missing, or what is to be known of the call, as a sentence's piece. */
  readonly reason: string
  /** Imported calls it is true of. */
  readonly calls: number
  /** How to get a better record, where there is a way. */
  readonly mend?: string
}

/** Skips and files that are listed one by one; what goes beyond is counted. */
const listed = { skips: 100_000, files: 10_000 }

/** Parts whose state decides the grade. */
const graded = ["system", "tools", "params", "history", "media", "response", "thinking"] as const

const partNames: Readonly<Record<(typeof graded)[number], string>> = {
  system: "system prompt",
  tools: "tool definitions",
  params: "parameters",
  history: "history",
  media: "pictures and documents",
  response: "answer",
  thinking: "thinking"
}

/** Imported calls that are missing the same. */
interface Kind {
  readonly format: string
  readonly fidelity: Fidelity
  calls: number
}

/** Counts what an import did. */
export class Tally {
  read = 0
  imported = 0
  duplicates = 0
  replaced = 0
  signals = 0
  readonly skipped: Array<Skipped> = []
  skippedMore = 0
  readonly other = new Map<string, number>()
  readonly formats = new Map<string, number>()
  readonly fidelity: Record<Fidelity["grade"], number> = { A: 0, B: 0, C: 0, D: 0 }
  readonly #files = new Map<string, { readonly formats: Set<string>; records: number }>()
  #filesMore = 0
  readonly #kinds = new Map<string, Kind>()
  /** The kinds of imported calls that may be replaced by a fuller one: those of grade A are not. */
  readonly #kindOf = new Map<number, Kind>()

  /** Counts what is neither a call nor a skip, and the records of a file. */
  take(source: string | undefined, format: string, found: ReadonlyArray<Found>): void {
    let records = 0
    for (const one of found) {
      if (one._tag === "Other") count(this.other, one.type, one.count)
      else if (one._tag === "Verdict") this.signals += 1
      else {
        records += 1
        if (one._tag === "Duplicate") this.duplicates += 1
      }
    }
    this.read += records
    if (format === "") return
    count(this.formats, format, 0)
    if (source === undefined) {
      for (const one of found) if (one._tag === "Call") this.#inFile(one.call.provenance.file, format, 1)
      return
    }
    this.#inFile(source, format, records)
  }

  /** Counts records of a file. */
  #inFile(source: string, format: string, records: number): void {
    const file = this.#files.get(source)
    if (file !== undefined) {
      file.records += records
      file.formats.add(format)
    } else if (this.#files.size < listed.files) this.#files.set(source, { formats: new Set([format]), records })
    else this.#filesMore += 1
  }

  skip(skip: Skipped): void {
    if (this.skipped.length < listed.skips) this.skipped.push(skip)
    else this.skippedMore += 1
  }

  /** Skips in all. */
  get skips(): number {
    return this.skipped.length + this.skippedMore
  }

  /** Counts what became of a call. */
  call(format: string, call: ArchivedCall, added: Added): void {
    if (added !== "added") this.duplicates += 1
    if (added === "added") {
      this.imported += 1
      count(this.formats, format)
      this.#is(format, call)
    } else if (added === "replaced") {
      this.replaced += 1
      const was = this.#kindOf.get(shortId(call.id))
      if (was === undefined) return // it was imported earlier
      was.calls -= 1
      this.fidelity[was.fidelity.grade] -= 1
      this.#kindOf.delete(shortId(call.id))
      this.#is(format, call)
    }
  }

  #is(format: string, { fidelity, id }: ArchivedCall) {
    this.fidelity[fidelity.grade] += 1
    const key = `${format} ${JSON.stringify(fidelity)}`
    let kind = this.#kinds.get(key)
    if (kind === undefined) {
      kind = { format, fidelity, calls: 0 }
      this.#kinds.set(key, kind)
    }
    kind.calls += 1
    if (fidelity.grade !== "A") this.#kindOf.set(shortId(id), kind)
  }

  /** Why calls are not of grade A and what else is to be known of them, the commonest first. */
  get reasons(): ReadonlyArray<Reason> {
    const reasons = new Map<string, { -readonly [K in keyof Reason]: Reason[K] }>()
    const add = (format: string, reason: string, calls: number, mend: string | undefined) => {
      const known = reasons.get(`${format} ${reason}`)
      if (known !== undefined) known.calls += calls
      else reasons.set(`${format} ${reason}`, { format, reason, calls, ...(mend === undefined ? {} : { mend }) })
    }
    for (const { calls, fidelity, format } of this.#kinds.values()) {
      if (calls === 0) continue
      for (const part of graded) {
        const state = fidelity.parts[part]
        const supplied = (part === "system" || part === "tools") && fidelity.notes.includes(suppliedNotes[part])
        if (state !== undefined && state !== "verbatim" && !supplied)
          add(format, `${partNames[part]} ${state}`, calls, mendOf({ importer: format, part, state }))
      }
      for (const note of fidelity.notes) add(format, note, calls, undefined)
    }
    return [...reasons.values()].sort((a, b) => b.calls - a.calls)
  }

  get files(): ReadonlyArray<ReadFile> {
    return [...this.#files].map(([file, { formats, records }]) => ({ file, format: [...formats].join(", "), records }))
  }

  /** Files that were read and are not in the list. */
  get filesMore(): number {
    return this.#filesMore
  }
}

const count = (counts: Map<string, number>, name: string, by = 1) => counts.set(name, (counts.get(name) ?? 0) + by)

/** Fifty-two bits of an id, which is a digest: enough to tell calls apart for counting. */
const shortId = (id: string) => Number.parseInt(id.slice(0, 13), 16)
