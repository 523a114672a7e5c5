/** Keys of domain values under which foreign JSON lies: the order of its keys is a part of what was said. */
const foreignKeys = new Set(["input", "data", "inputSchema", "schema", "extra", "raw"])

interface Key {
  /** `"key":` in UTF-8. */
  readonly bytes: Uint8Array
  readonly foreign: boolean
  readonly cacheControl: boolean
}

/** What the quick way does not know: half surrogate pairs, objects of a class or with a `toJSON`, and what is nested very deep. */
const unfit = Symbol("unfit")
const deepest = 400

/** Texts up to here are written letter by letter: quicker than to ask the system to encode them. */
const short = 72

const [quote, backslash, comma, openList, closeList, openObject, closeObject] = Buffer.from('"\\,[]{}')

/**
 * Writes canonical JSON (RFC 8785) of plain JSON values as UTF-8 into a buffer that is used again. Keys whose value is `undefined` do not count.
 */
export class CanonicalWriter {
  buffer = Buffer.allocUnsafe(1 << 16)
  /** Bytes of what was written last. */
  length = 0
  /** What the last `write` gave. */
  plain = true
  /** Whether keys were put in another order inside foreign JSON: the text is then not the value letter by letter. */
  reordered = false
  /** Whether something in it is kept inline: `{ kind: "inline" }`. */
  inline = false
  /** Whether a `cacheControl` is in it, foreign JSON aside. */
  cacheControl = false

  #text: string | undefined
  readonly #keys = new Map<string, Key>()
  #foreign = 0
  #depth = 0

  /** False where the value is none that this writer knows; throws where it is no JSON (`NaN`, a `bigint`). */
  write(value: unknown): boolean {
    this.#begin()
    try {
      this.#value(value)
      return true
    } catch (cause) {
      if (cause !== unfit) throw cause
      this.plain = false
      return false
    }
  }

  #begin(): void {
    if (this.buffer.length > 1 << 22) this.buffer = Buffer.allocUnsafe(1 << 16)
    this.length = 0
    this.#text = undefined
    this.plain = true
    this.reordered = false
    this.inline = false
    this.cacheControl = false
    this.#foreign = 0
    this.#depth = 0
  }

  /**
   * Takes a text that is canonical JSON already, of a value without foreign JSON. False where that is not sure: it has an escape that may
   * be that of half a surrogate pair.
   */
  take(json: string): boolean {
    if (json.includes("\\ud")) return false
    this.#begin()
    this.#text = json
    this.length = Buffer.byteLength(json)
    return true
  }

  /** What was written last: good until the next `write`. */
  get piece(): string | Uint8Array {
    return this.#text ?? this.buffer.subarray(0, this.length)
  }

  /** The same as text. */
  get text(): string {
    return this.#text ?? this.buffer.toString("utf8", 0, this.length)
  }

  /** Makes room for so many bytes more. */
  #reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return
    const larger = Buffer.allocUnsafe((this.length + bytes) * 2)
    this.buffer.copy(larger, 0, 0, this.length)
    this.buffer = larger
  }

  #byte(byte: number): void {
    this.#reserve(1)
    this.buffer[this.length++] = byte
  }

  #bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    const { buffer } = this
    let to = this.length
    for (let at = 0; at < bytes.length; at++) buffer[to++] = bytes[at]!
    this.length = to
  }

  #encoded(text: string): void {
    this.#reserve(text.length * 3)
    this.length += this.buffer.write(text, this.length)
  }

  /** Letters of ASCII that need no escape, between quotes; false where there are others. */
  #letters(text: string): boolean {
    this.#reserve(text.length + 2)
    const { buffer } = this
    let to = this.length
    buffer[to++] = quote!
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code < 32 || code > 126 || code === quote || code === backslash) return false
      buffer[to++] = code
    }
    buffer[to++] = quote!
    this.length = to
    return true
  }

  #string(text: string): void {
    if (text.length <= short && this.#letters(text)) return
    if (!text.isWellFormed()) throw unfit
    this.#encoded(JSON.stringify(text))
  }

  #value(value: unknown): void {
    if (typeof value === "string") this.#string(value)
    else if (typeof value === "object" && value !== null) this.#container(value)
    else if (typeof value === "number") this.#number(value)
    else this.#encoded(JSON.stringify(value) ?? "null")
  }

  #number(value: number): void {
    if (!Number.isFinite(value)) throw new Error(`${value} is no JSON`)
    const text = String(value) // -0 is 0, as in JSON
    this.#reserve(text.length)
    for (let at = 0; at < text.length; at++) this.buffer[this.length++] = text.charCodeAt(at)
  }

  #container(value: object): void {
    if (++this.#depth > deepest) throw unfit
    if (Array.isArray(value)) this.#list(value)
    else this.#object(value as Readonly<Record<string, unknown>>)
    this.#depth--
  }

  #list(list: ReadonlyArray<unknown>): void {
    this.#byte(openList!)
    for (let index = 0; index < list.length; index++) {
      if (index > 0) this.#byte(comma!)
      const one = list[index]
      this.#value(typeof one === "function" || typeof one === "symbol" ? null : (one ?? null))
    }
    this.#byte(closeList!)
  }

  #object(object: Readonly<Record<string, unknown>>): void {
    const prototype: unknown = Object.getPrototypeOf(object)
    if (prototype !== Object.prototype && prototype !== null) throw unfit
    const names = Object.keys(object)
    if (!isSorted(names)) {
      sort(names)
      if (this.#foreign > 0) this.reordered = true
    }
    this.#byte(openObject!)
    let first = true
    for (let at = 0; at < names.length; at++) {
      const name = names[at]!
      const value = object[name]
      if (value === undefined || typeof value === "symbol") continue
      if (typeof value === "function") {
        if (name === "toJSON") throw unfit
        continue
      }
      const key = this.#key(name)
      if (this.#foreign === 0) {
        if (key.cacheControl) this.cacheControl = true
        if (value === "inline" && name === "kind") this.inline = true
      }
      if (first) first = false
      else this.#byte(comma!)
      this.#bytes(key.bytes)
      if (key.foreign) this.#foreign++
      this.#value(value)
      if (key.foreign) this.#foreign--
    }
    this.#byte(closeObject!)
  }

  #key(name: string): Key {
    const known = this.#keys.get(name)
    if (known !== undefined) return known
    if (!name.isWellFormed()) throw unfit
    const key = {
      bytes: new Uint8Array(Buffer.from(`${JSON.stringify(name)}:`)),
      foreign: foreignKeys.has(name),
      cacheControl: name === "cacheControl"
    }
    if (name.length > 64) return key
    if (this.#keys.size === 4096) this.#keys.clear()
    this.#keys.set(name, key)
    return key
  }
}

/** Sorts in place. Of a few names this makes no garbage, as the engine's own does. */
const sort = (names: Array<string>): void => {
  if (names.length > 24) {
    names.sort()
    return
  }
  for (let index = 1; index < names.length; index++) {
    const name = names[index]!
    let at = index
    for (; at > 0 && names[at - 1]! > name; at--) names[at] = names[at - 1]!
    names[at] = name
  }
}

const isSorted = (names: ReadonlyArray<string>) => {
  for (let index = 1; index < names.length; index++) if (names[index - 1]! > names[index]!) return false
  return true
}
