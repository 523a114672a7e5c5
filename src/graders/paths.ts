/** A place in a JSON value: keys and array indexes from the top. */
export type Place = ReadonlyArray<string | number>

/** A pattern of places, read from `items[*].id`, `meta`, `["a.b"][0]`; `*` stands for any key or index. */
export type Pattern = ReadonlyArray<string>

const segments = /\[("(?:[^"\\]|\\.)*")\]|\[(\*|\d+)\]|([^.[\]]+)/g

/** Reads a pattern, with or without `$` for the top; `undefined` when it is none. */
export const patternOf = (written: string): Pattern | undefined => {
  if (written === "$") return []
  const text = written.replace(/^\$(?=[.[])/, "")
  const found = [...text.matchAll(segments)]
  const rest = text.replaceAll(segments, "").replaceAll(".", "")
  return found.length === 0 || rest !== ""
    ? undefined
    : found.map(([, quoted, index, key]) => (quoted === undefined ? (index ?? key ?? "") : String(JSON.parse(quoted))))
}

/** True when the place is the pattern's. */
export const matches = (pattern: Pattern, place: Place): boolean =>
  pattern.length === place.length && pattern.every((segment, i) => segment === "*" || segment === String(place[i]))

/** A place for people: `items[2].sku`. */
export const placeText = (place: Place): string => {
  const text = place
    .map((part) =>
      typeof part === "number" ? `[${part}]` : /^[^.[\]"\s]+$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`
    )
    .join("")
    .replace(/^\./, "")
  return text === "" ? "the whole value" : text
}
