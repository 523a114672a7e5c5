import type { Random } from "../sample/random.ts"

/** Values of other kinds than those that stand somewhere, some of them hostile. */
const strange = (random: Random): unknown =>
  random.pick<() => unknown>([
    () => null,
    () => true,
    () => 0,
    () => -1,
    () => 1e308,
    () => 2 ** 60,
    () => "",
    () => "\ud800",
    () => "NaN",
    () => '{"a":',
    () => "x".repeat(5000),
    () => [],
    () => [[[]]],
    () => [null, 1, "a", {}],
    () => ({}),
    () => ({ length: 3 }),
    () => JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":1}'),
    () => JSON.parse(`${"[".repeat(900)}${"]".repeat(900)}`)
  ])()

/** A copy of a JSON value with something in it changed: another kind of value, a key gone, renamed or added, an element twice. */
export const changedValue = (value: unknown, random: Random, depth = 0): unknown => {
  if (random.chance(depth === 0 ? 0.01 : 0.15)) return strange(random)
  if (Array.isArray(value)) {
    if (value.length === 0) return random.chance(0.3) ? [strange(random)] : value
    const at = random.int(0, value.length - 1)
    const kind = random.int(0, 5)
    if (kind === 0) return value.filter((_, i) => i !== at)
    if (kind === 1) return [...value, value[at]]
    return value.map((one, i) => (i === at ? changedValue(one, random, depth + 1) : one))
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value)
    if (entries.length === 0) return value
    const at = random.int(0, entries.length - 1)
    const kind = random.int(0, 9)
    if (kind === 0) return Object.fromEntries(entries.filter((_, i) => i !== at))
    if (kind === 1)
      return Object.fromEntries(
        entries.map(([key, one], i) =>
          i === at ? [random.pick(["__proto__", "constructor", "type", "id", `${key}x`]), one] : [key, one]
        )
      )
    return Object.fromEntries(
      entries.map(([key, one], i) => [key, i === at ? changedValue(one, random, depth + 1) : one])
    )
  }
  // JSON in a text is looked into as well.
  if (typeof value === "string" && /^[[{]/.test(value) && random.chance(0.7)) {
    try {
      return JSON.stringify(changedValue(JSON.parse(value), random, depth + 1))
    } catch {
      return strange(random)
    }
  }
  return strange(random)
}

const changedLines = (text: string, random: Random): string => {
  const lines = text.split("\n")
  const at = random.int(0, Math.max(0, lines.length - 1))
  try {
    lines[at] = JSON.stringify(changedValue(JSON.parse(lines[at] ?? ""), random))
  } catch {
    lines.splice(at, 1)
  }
  return lines.join("\n")
}

const changedDocument = (text: string, random: Random): string => {
  try {
    return JSON.stringify(changedValue(JSON.parse(text), random), null, random.int(0, 1))
  } catch {
    return changedLines(text, random)
  }
}

const flipped = (bytes: Buffer, random: Random): Buffer => {
  const copy = Buffer.from(bytes)
  for (let n = random.int(1, 8); n > 0 && copy.length > 0; n--) {
    const at = random.int(0, copy.length - 1)
    copy[at] = copy[at]! ^ (1 << random.int(0, 7))
  }
  return copy
}

/** A broken relative of a file; `other` is one that lines are taken from. */
export const mutated = (text: string, other: string, random: Random): Buffer => {
  const kind = random.int(0, 9)
  if (kind === 0) return flipped(Buffer.from(text), random)
  if (kind === 1) return Buffer.from(text).subarray(0, random.int(0, text.length))
  if (kind === 2) {
    const lines = text.split("\n")
    const others = other.split("\n")
    lines.splice(random.int(0, lines.length), random.int(0, 2), ...others.slice(0, random.int(1, 3)))
    return Buffer.from(lines.join("\n"))
  }
  if (kind === 3) {
    const from = random.int(0, text.length)
    return Buffer.from(text.slice(0, from) + text.slice(random.int(from, text.length)))
  }
  let changed = text
  for (let n = random.int(1, 4); n > 0; n--) changed = changedDocument(changed, random)
  return kind === 4 ? flipped(Buffer.from(changed), random) : Buffer.from(changed)
}
