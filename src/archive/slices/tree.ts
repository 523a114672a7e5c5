import { type Fixed, fixedOf, type Part, parts, patternOf, rungChars, wholePart } from "./path.ts"
import { bare, type Words, wordsIn } from "./words.ts"

/** A template with how often it is in the archive. */
export interface CountedTemplate {
  readonly key: string
  readonly tools: string
  readonly system: string
  readonly user: string
  readonly calls: number
  /** Different sessions (else trajectories, else calls) that have it. */
  readonly sessions: number
  /** Different questions (whole conversations, as `CallRow.questionDigest` has them) that have it. */
  readonly questions: number
}

/** A counted template with its key and its user message taken apart. */
export interface Row extends CountedTemplate {
  readonly paths: ReadonlyArray<string>
  readonly words: Words
}
export type Rows = ReadonlyArray<Row>

/** Rows in an order of their own, so that nothing depends on how they came: the commonest first. */
export const rowsOf = (templates: ReadonlyArray<CountedTemplate>): Rows =>
  templates
    .map((template) => ({ ...template, paths: template.key.split("."), words: wordsIn(template.user) }))
    .sort((a, b) => b.calls - a.calls || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))

export const callsIn = (rows: Rows): number => rows.reduce((sum, { calls }) => sum + calls, 0)
/** About how many different first messages there are: a conversation counts once, and so does what is asked again word by word. */
export const messagesIn = (rows: Rows): number =>
  rows.reduce((sum, { questions, sessions }) => sum + Math.min(questions, sessions), 0)
export const sessionsIn = (rows: Rows): number => rows.reduce((sum, { sessions }) => sum + sessions, 0)

/** Rows whose keys have some characters in common. */
export interface Branch {
  readonly rows: Rows
  readonly fixed: Fixed
}

/** The branches of a branch, one rung further along a part of the key. */
export const branchesOf = ({ fixed, rows }: Branch, part: Part): ReadonlyArray<Branch> => {
  const at = parts.indexOf(part)
  const chars = fixed[at]! + rungChars[part]
  const by = new Map<string, Array<Row>>()
  for (const row of rows) {
    const path = row.paths[at]!.slice(0, chars)
    const known = by.get(path)
    if (known === undefined) by.set(path, [row])
    else known.push(row)
  }
  const [kind, systemHead, systemTail, userHead, userTail] = fixed.map((length, i) => (i === at ? chars : length))
  const further: Fixed = [kind!, systemHead!, systemTail!, userHead!, userTail!]
  return [...by.values()].map((some) => ({ rows: some, fixed: further }))
}

/** A branch without the rows of some of its branches. */
export const restOf = ({ fixed, rows }: Branch, taken: ReadonlyArray<Branch>): Branch => {
  const gone = new Set(taken.flatMap((branch) => branch.rows))
  return { fixed, rows: gone.size === 0 ? rows : rows.filter((row) => !gone.has(row)) }
}

/** Prompts that were made of one template, as far as can be told. */
export interface Group {
  readonly pattern: string
  readonly rows: Rows
  readonly calls: number
  /** Told apart by its user message; else it is all that one system prompt is asked, or the rest of it. */
  readonly byUser: boolean
  /** How its system prompts begin alike, its user messages, and how these end alike. */
  readonly alike: { readonly system: Words; readonly user: Words; readonly userTail: Words }
}

/** Templates that are looked at to see how a group's prompts begin and end. */
const looked = 1000

export const groupOf = ({ fixed, rows }: Branch, byUser: boolean): Group => ({
  pattern: patternOf(rows[0]!.key, fixed),
  rows,
  calls: callsIn(rows),
  byUser,
  alike: {
    system: commonHead([...new Set(rows.slice(0, looked).map(({ system }) => system))].map(wordsIn)),
    user: commonHead(rows.slice(0, looked).map(({ words }) => words)),
    userTail: commonHead(rows.slice(0, looked).map(({ words }) => words.toReversed())).toReversed()
  }
})

/** The branch that a pattern stands for, with the rows that it has gathered. */
export const branchOf = (pattern: string, rows: Rows): Branch => ({ rows, fixed: fixedOf(pattern) ?? [0, 0, 0, 0, 0] })

/** The words that all texts begin with. */
const commonHead = (texts: ReadonlyArray<Words>): Words => {
  const [first = [], ...others] = texts
  let length = first.length
  for (const words of others) {
    let at = 0
    while (at < length && bare(words[at] ?? "") === bare(first[at]!)) at += 1
    length = at
  }
  return first.slice(0, length)
}

/** True where a branch cannot be divided further along a part. */
export const isWhole = ({ fixed }: Branch, part: Part): boolean => fixed[parts.indexOf(part)]! >= wholePart(part)
