import type { Block } from "../../domain/Message.ts"
import type { Exchange } from "./span.ts"

/** A span of a trace: what it lies in, and the model call it tells of, if it does. */
export interface Knot {
  readonly id: string
  readonly parent: string | undefined
  readonly exchange?: Exchange
}

/** A trace's calls, each once. */
export interface Nested {
  /** The spans that tell of one call, the innermost first. */
  readonly calls: ReadonlyArray<ReadonlyArray<string>>
  /** Spans that tell of a call but only sum up the calls inside them. */
  readonly wrappers: ReadonlyArray<string>
}

const textOf = (blocks: ReadonlyArray<Block>) =>
  blocks
    .flatMap((block) => (block.type === "text" ? [block.text.trim()] : []))
    .filter((text) => text !== "")
    .join("\n")

const callIds = (blocks: ReadonlyArray<Block>) =>
  blocks.flatMap((block) => (block.type === "tool_use" && block.idSynthetic !== true ? [block.id] : []))

const totals = ({ usage }: Exchange): string | undefined =>
  usage.input === null || usage.output === null ? undefined : `${usage.input.total} ${usage.output.total}`

/** True where two spans, one in the other, tell of one call: they have the same answer, by its id, its calls, its text or its counts. */
const isSame = (outer: Exchange, inner: Exchange): boolean => {
  const [a, b] = [outer.response, inner.response]
  if (a.id !== undefined && b.id !== undefined) return a.id === b.id
  const calls = callIds(b.blocks)
  if (callIds(a.blocks).some((id) => calls.includes(id))) return true
  const text = textOf(a.blocks)
  if (text !== "" && text === textOf(b.blocks)) return true
  const counted = totals(outer)
  return counted !== undefined && counted === totals(inner)
}

const sum = (all: ReadonlyArray<Exchange>, of: "input" | "output") =>
  all.reduce((total, { usage }) => total + (usage[of]?.total ?? 0), 0)

/** True where a span only sums up what lies in it: it has no counts of its own, or their sum. */
const wraps = (outer: Exchange, inner: ReadonlyArray<Exchange>): boolean =>
  totals(outer) === undefined || totals(outer) === `${sum(inner, "input")} ${sum(inner, "output")}`

/**
 * Counts each call of a trace once. Libraries nest: a span of a framework holds the span of the provider's client, and both tell of the
 * same call; a span that holds several calls and sums them up is none itself.
 */
export const nestedCalls = (knots: ReadonlyArray<Knot>): Nested => {
  const byId = new Map(knots.map((knot) => [knot.id, knot]))
  const outerOf = (knot: Knot): Knot | undefined => {
    const seen = new Set([knot.id])
    for (let id = knot.parent; id !== undefined && !seen.has(id); ) {
      seen.add(id)
      const above = byId.get(id)
      if (above === undefined) return undefined
      if (above.exchange !== undefined) return above
      id = above.parent
    }
    return undefined
  }
  const inside = new Map<string, Array<Knot>>()
  for (const knot of byId.values()) {
    const outer = knot.exchange === undefined ? undefined : outerOf(knot)
    if (outer !== undefined) inside.set(outer.id, [...(inside.get(outer.id) ?? []), knot])
  }
  const copyOf = new Map<string, string>()
  const wrappers: Array<string> = []
  for (const [id, inner] of inside) {
    const outer = byId.get(id)?.exchange
    if (outer === undefined) continue
    const same = inner.findLast((knot) => knot.exchange !== undefined && isSame(outer, knot.exchange))
    if (same !== undefined) copyOf.set(id, same.id)
    else if (
      wraps(
        outer,
        inner.flatMap(({ exchange }) => exchange ?? [])
      )
    )
      wrappers.push(id)
  }
  const leafOf = (id: string): string => {
    const seen = new Set<string>()
    let at = id
    for (let next = copyOf.get(at); next !== undefined && !seen.has(next); next = copyOf.get(at)) {
      seen.add(next)
      at = next
    }
    return at
  }
  const groups = new Map<string, Array<string>>()
  for (const { exchange, id } of byId.values()) {
    if (exchange === undefined || wrappers.includes(id)) continue
    const leaf = leafOf(id)
    groups.set(leaf, [...(groups.get(leaf) ?? []), id])
  }
  return {
    calls: [...groups].map(([leaf, ids]) => [leaf, ...ids.filter((id) => id !== leaf)]),
    wrappers
  }
}
