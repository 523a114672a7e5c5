import type { Found, Importer, Line, Reader, Session } from "./contract.ts"
import { objectIn, textIn } from "./json.ts"
import { importers } from "./registry.ts"

/** Lines of one shape that are looked at before the shape counts as nobody's, and shapes that are kept in mind. */
const patience = { looks: 64, shapes: 1000 }

/** What a line looks like from outside: the names of its fields, and what it says it is. */
const shapeOf = (json: unknown): string => {
  const object = objectIn(json)
  if (object === undefined) return Array.isArray(json) ? "array" : typeof json
  const told = ["type", "object", "event", "schema"].map((name) => textIn(object[name])?.slice(0, 40) ?? "")
  return [...told, ...Object.keys(object).sort()].join("\n")
}

const isLeft = ({ _tag }: Found) => _tag === "Other" || _tag === "Skip"

/** What an importer other than the file's own found. */
interface Strange {
  readonly importer: Importer
  readonly found: ReadonlyArray<Found>
  readonly kept: ReadonlyArray<Found>
}

/**
 * Lines of a file that are in another format than the one it is read as, where logs were written one behind the other into it: each other
 * format gets a reader of its own.
 */
export class Strangers {
  readonly #file: string
  readonly #main: Importer
  readonly #sessionOf: (importer: Importer) => Session
  readonly #readers = new Map<Importer, Reader>()
  readonly #shapes = new Map<string, { importer: Importer | undefined; looks: number }>()
  #last: Importer | undefined

  /** `main`: who reads the file, by its first lines. */
  constructor(about: {
    readonly file: string
    readonly main: Importer
    readonly sessionOf: (importer: Importer) => Session
  }) {
    this.#file = about.file
    this.#main = about.main
    this.#sessionOf = about.sessionOf
  }

  /**
   * What another importer finds in a line of which the file's own made nothing, whatever earlier lines it settled with it, and those
   * (`kept`); `undefined` where it stays as the file's own left it: it is a line of its format, or nobody's.
   */
  take(line: Line, own: ReadonlyArray<Found>): Strange | undefined {
    const left = own.findLastIndex(isLeft)
    if (!("json" in line) || left === -1) return undefined
    const { json } = line
    if (this.#main.sniff({ file: this.#file, first: [json] })) return undefined
    const kept = own.toSpliced(left, 1)
    const importer = this.#importerOf(json)
    if (importer !== undefined) {
      this.#last = importer
      return { importer, found: this.#readerOf(importer).line(line), kept }
    }
    // Formats with sessions hold lines that only those before them explain.
    if (this.#last === undefined) return undefined
    const found = this.#readerOf(this.#last).line(line)
    return found.length > 0 && found.every(isLeft) ? undefined : { importer: this.#last, found, kept }
  }

  /** What waits for more lines, as it stands. */
  end(): ReadonlyArray<Omit<Strange, "kept">> {
    return [...this.#readers].map(([importer, reader]) => ({ importer, found: reader.end() }))
  }

  #importerOf(json: unknown): Importer | undefined {
    const sample = { file: "line", first: [json] }
    const shape = shapeOf(json)
    let known = this.#shapes.get(shape)
    if (known === undefined) {
      if (this.#shapes.size >= patience.shapes) this.#shapes.clear()
      known = { importer: undefined, looks: 0 }
      this.#shapes.set(shape, known)
    }
    if (known.importer?.sniff(sample)) return known.importer
    if (known.looks >= patience.looks) return undefined
    const importer = importers.find((one) => one !== this.#main && one.sniff(sample))
    if (importer === undefined) known.looks += 1
    else known.importer = importer
    return importer
  }

  #readerOf(importer: Importer): Reader {
    const reader = this.#readers.get(importer) ?? this.#sessionOf(importer).open(this.#file)
    this.#readers.set(importer, reader)
    return reader
  }
}
