import { arrayIn, objectIn, unpacked } from "./json.ts"
import { isSecretName } from "./secrets.ts"

/** Labels of a call while they are gathered: the first value under a name stays. */
export class LabelSet {
  readonly #values = new Map<string, string>()

  /** Sets a label to the first of the values that is there; absent and empty values set nothing. */
  add(name: string, ...values: ReadonlyArray<unknown>): this {
    if (this.#values.has(name)) return this
    const text = values.map(labelText).find((value) => value !== undefined)
    if (text !== undefined) this.#values.set(name, text)
    return this
  }

  /** Adds every scalar of an object: under its own name, deeper ones under the path with dots. A name taken by another value becomes `prefix.name`. */
  addAll(source: unknown, prefix: string): this {
    for (const [path, text] of scalars(unpacked(source))) {
      const taken = this.#values.get(path)
      if (taken === undefined || taken === text) this.#values.set(path, text)
      else this.#values.set(`${prefix}.${path}`, text)
    }
    return this
  }

  /** The labels, names in order, so that equal labels are equal lines. */
  get all(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#values].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
  }
}

/** A value as a label: scalars as text, a list of scalars joined by commas, anything else not at all. */
export const labelText = (value: unknown): string | undefined => {
  if (typeof value === "string") return value === "" ? undefined : value
  if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) return String(value)
  const list = arrayIn(value)?.map(labelText)
  return list === undefined || list.length === 0 || list.includes(undefined) ? undefined : list.join(",")
}

function* scalars(source: unknown, path = "", depth = 0): Generator<readonly [string, string]> {
  const object = objectIn(source)
  if (object === undefined || depth > 4) return
  for (const [name, value] of Object.entries(object)) {
    if (isSecretName(name)) continue
    const text = labelText(value)
    if (text === undefined) yield* scalars(value, `${path}${name}.`, depth + 1)
    else yield [`${path}${name}`, text]
  }
}
