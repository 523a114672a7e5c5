import { assigned } from "./assigned.ts"
import { uncoloured, withoutColours } from "./colours.ts"
import { separator } from "./dense.ts"
import { secretsIn } from "./detect.ts"
import type { Finding } from "./finding.ts"
import { merged } from "./finding.ts"
import type { PersonalKind } from "./personal.ts"
import { personalIn } from "./personal.ts"
import { type Form, formsOf, lastAtMost, outsideEscapes } from "./unescape.ts"

/** A text of a record and the name that it stands under, "" where it has none. */
export interface Leaf {
  readonly text: string
  readonly under: string
}

/** What is looked for. */
export interface Sought {
  readonly secrets: boolean
  readonly personal: ReadonlyArray<PersonalKind>
}

/** One way to read one leaf. */
interface Piece {
  readonly leaf: number
  readonly form: Form
}

const batchLength = 1_000_000
/** A character that takes two bytes in memory, and with it the whole text. */
const wide = /[\u0100-\uffff]/

/**
 * Looks through texts, many put together at a time: a run over all rules costs as much for a word as for a page.
 * Answers what is to be replaced in each, in order and apart from each other.
 */
export const scan = async (
  leaves: ReadonlyArray<Leaf>,
  sought: Sought
): Promise<ReadonlyArray<ReadonlyArray<Finding>>> => {
  const secrets: Array<Array<Finding>> = leaves.map(({ text, under }) => {
    const kind = sought.secrets ? assigned(under, withoutColours(text)) : undefined
    return kind === undefined ? [] : [{ start: 0, end: text.length, kind, weak: true }]
  })
  const personal: Array<Array<Finding>> = leaves.map(() => [])
  for (const pieces of batchesOf(leaves)) {
    const text = pieces.map(({ form }) => form.text).join(separator)
    const place = placing(pieces)
    if (sought.secrets) for (const finding of await secretsIn(text)) place(finding, secrets)
    for (const finding of personalIn(text, sought.personal)) place(finding, personal)
  }
  return leaves.map((_, at) => {
    const kept = merged(secrets[at]!)
    const others = personal[at]!.filter((one) => !kept.some(({ end, start }) => one.start < end && start < one.end))
    return others.length === 0 ? kept : merged([...kept, ...others])
  })
}

/** Pieces to a batch's length. Those of Latin letters alone are kept apart: one other letter doubles the size of all that it is joined with. */
function* batchesOf(leaves: ReadonlyArray<Leaf>): Generator<ReadonlyArray<Piece>> {
  const latin = new Batch()
  const other = new Batch()
  for (const [leaf, { text }] of leaves.entries()) {
    const batch = wide.test(text) ? other : latin
    for (const form of formsOf(text).flatMap(uncoloured)) batch.add({ leaf, form })
    if (batch.length >= batchLength) yield batch.take()
  }
  if (latin.length > 0) yield latin.take()
  if (other.length > 0) yield other.take()
}

class Batch {
  length = 0
  #pieces: Array<Piece> = []

  add(piece: Piece): void {
    this.#pieces.push(piece)
    this.length += piece.form.text.length + separator.length
  }

  take(): ReadonlyArray<Piece> {
    const pieces = this.#pieces
    this.#pieces = []
    this.length = 0
    return pieces
  }
}

/** Takes a finding from the pieces put together back to the leaf that it is in. */
const placing = (pieces: ReadonlyArray<Piece>) => {
  const starts = new Float64Array(pieces.length)
  let next = 0
  for (const [at, { form }] of pieces.entries()) {
    starts[at] = next
    next += form.text.length + separator.length
  }
  return (finding: Finding, found: ReadonlyArray<Array<Finding>>) => {
    const at = lastAtMost(starts, finding.start)
    const { form, leaf } = pieces[at]!
    const from = finding.start - starts[at]!
    const to = Math.min(finding.end - starts[at]!, form.text.length)
    if (from >= to) return
    const [start, end] = outsideEscapes(form.text, from, to)
    // The `n` of a line break is no letter of the word after it: the next form has that word alone.
    if (start !== from && !form.last) return
    if (start < end) found[leaf]!.push({ ...finding, start: form.at(start), end: form.end(end) })
  }
}
