import type { JsonObject } from "../../json.ts"
import { objectIn, textIn } from "../../json.ts"

const packed = /\.(?:gz|gzip|zst|zstd)$/i
const stem = /^([\w.-]+)_(?:input|output)\.json$/
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i

/** The last part of a path, as it is called when it is unpacked. */
const nameOf = (path: string): string => (path.split(/[\\/]/).at(-1) ?? "").replace(packed, "")

/** True for a file that holds a body which Bedrock kept apart from its log because it was large: `data/…_input.json.gz`. */
export const isBodyFile = (file: string): boolean => {
  const name = stem.exec(nameOf(file))?.[1]
  return name !== undefined && (uuid.test(name) || file.split(/[\\/]/).at(-2) === "data")
}

/** A record that waits for the bodies it names. */
export interface Waiting {
  readonly file: string
  readonly line: number
  readonly record: JsonObject
}

/** The file of a body that lies apart, by its name; `undefined` where the record holds the body itself or names none. */
const apart = (record: JsonObject, side: "input" | "output"): string | undefined => {
  const half = objectIn(record[side]) ?? {}
  const path = textIn(half[`${side}BodyS3Path`])
  return (half[`${side}BodyJson`] ?? undefined) !== undefined || path === undefined ? undefined : nameOf(path)
}

/** A body of a record: in it, or one that lay apart and was read. */
export const bodyOf = (
  record: JsonObject,
  side: "input" | "output",
  read: ReadonlyMap<string, unknown>
): { readonly body: unknown; readonly apart: boolean } => {
  const name = apart(record, side)
  if (name === undefined) return { body: objectIn(record[side])?.[`${side}BodyJson`], apart: false }
  return { body: read.get(name), apart: !read.has(name) }
}

/**
 * Joins records with the bodies that lie apart, by the names of their files. In a folder the log's files come before the folder with the
 * bodies, so records wait; a body is let go of when its record was given.
 */
export class Bodies {
  readonly #read = new Map<string, unknown>()
  readonly #waiting = new Map<string, Set<Waiting>>()

  /** Bodies that were read and not yet let go of. */
  get read(): ReadonlyMap<string, unknown> {
    return this.#read
  }

  #missing(record: JsonObject): ReadonlyArray<string> {
    const names = [apart(record, "input"), apart(record, "output")]
    return names.flatMap((name) => (name === undefined || this.#read.has(name) ? [] : [name]))
  }

  /** True when the record has all its bodies; else it waits. */
  add(one: Waiting): boolean {
    const missing = this.#missing(one.record)
    for (const name of missing) this.#waiting.set(name, (this.#waiting.get(name) ?? new Set()).add(one))
    return missing.length === 0
  }

  /** A body was read; answers the records that have all of theirs now. */
  body(file: string, body: unknown): ReadonlyArray<Waiting> {
    const name = nameOf(file)
    this.#read.set(name, body)
    const waited = [...(this.#waiting.get(name) ?? [])]
    this.#waiting.delete(name)
    return waited.filter((one) => this.#missing(one.record).length === 0)
  }

  /** Lets go of a record's bodies. Answers how many of them lay apart. */
  done(record: JsonObject): number {
    const names = (["input", "output"] as const).flatMap((side) => apart(record, side) ?? [])
    return names.filter((name) => this.#read.delete(name)).length
  }

  /** Records whose bodies did not come. */
  end(): ReadonlyArray<Waiting> {
    const left = [...new Set([...this.#waiting.values()].flatMap((waiting) => [...waiting]))]
    this.#waiting.clear()
    return left
  }
}
