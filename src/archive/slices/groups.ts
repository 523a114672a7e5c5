import { everything, type Part, parts, rungChars, rungs } from "./path.ts"
import {
  type Branch,
  branchesOf,
  branchOf,
  callsIn,
  type Group,
  groupOf,
  isWhole,
  messagesIn,
  type Rows,
  restOf,
  sessionsIn
} from "./tree.ts"
import { endsThere, masked, type Words, wordsIn } from "./words.ts"

/**
 * How prompts are grouped. Templates are put into a tree, part by part of their key: who asks and with which tools, the head of the system prompt
 * (its first 4, 8, 16 and 32 words), its tail (last 8, 16, 32), then the head of the user message (first 1 to 16) and its tail (last 4, 8, 16).
 *
 * *Who, tools, system prompt.* Branches are groups of their own where each has as many calls as any group (see `leastCalls`) and they hold four
 * fifths of the calls of the branch above together, or one of them three tenths. Else the text varies from there on (a name, a document), and all of
 * it is one group. Where the prompts above begin alike, a branch needs three sessions at least; where they begin alike up to a colon or the end of a
 * line, after which data is often inserted, or differ in their tails alone, twenty: what is said word by word in so many is no data. Who asks, as
 * far as the log says so, is always told apart.
 *
 * *User message.* Below a system prompt that is missing or short (under 30 words: "You are a helpful assistant.") a branch is a template where it
 * has five different messages at least and
 * - six words in common and a fiftieth of the calls, or
 * - three words that a colon or the end of a line follows, and a fiftieth, or
 * - four words and a tenth, or two that a colon follows and a tenth, or
 * - a first line or label (`Question:`) that four fifths begin with;
 *
 * and so is one message that is asked again word by word in five sessions and makes up a fifth. Within a template another one needs six words and a
 * tenth more. What is left is told apart by its last words in the same way, four of them and a tenth. The rest is one group: free text. Below a longer
 * system prompt, which says itself what the task is, ten words and a fifth make a template.
 */
const thresholds = {
  most: 0.8,
  stable: 0.3,
  sessions: 3,
  sessionsOfData: 20,
  messages: 5,
  few: 0.02,
  some: 0.1,
  many: 0.2,
  shortSystem: 30
} as const

/** Calls that make a group: a two-hundredth of the archive's, two at least. */
export const leastCalls = (calls: number): number => Math.max(2, Math.ceil(calls / 200))

type SystemPart = "kind" | "systemHead" | "systemTail"

/** Sessions in which a branch below this one must be found. */
const sessionsNeeded = ({ fixed, rows }: Branch, part: SystemPart): number => {
  const begun = fixed[parts.indexOf(part)]! / rungChars[part]
  if (part === "kind") return 1
  if (part === "systemTail") return fixed[parts.indexOf("systemHead")] === 0 ? 1 : thresholds.sessionsOfData
  if (begun === 0) return 1
  const last = wordsIn(rows[0]!.system)[rungs.systemHead[begun - 1]! - 1] ?? ""
  return endsThere(last) ? thresholds.sessionsOfData : thresholds.sessions
}

/** Walks one part of a branch's key from coarse to fine; gives where it divides, and where it begins to vary. */
const divided = (branch: Branch, part: SystemPart, least: number): ReadonlyArray<Branch> => {
  if (isWhole(branch, part)) return [branch]
  const below = branchesOf(branch, part)
  if (below.length === 1) return divided(below[0]!, part, least)
  const total = callsIn(branch.rows)
  const sessions = sessionsNeeded(branch, part)
  const big = below.filter(({ rows }) => callsIn(rows) >= least && sessionsIn(rows) >= sessions)
  const covered = big.reduce((sum, { rows }) => sum + callsIn(rows), 0)
  const isWho = part === "kind" && branch.fixed[0] === 0
  const own =
    isWho || covered >= thresholds.most * total
      ? big
      : big.filter(({ rows }) => callsIn(rows) >= thresholds.stable * total)
  const rest = restOf(branch, own)
  return [...own.flatMap((one) => divided(one, part, least)), ...(rest.rows.length > 0 ? [rest] : [])]
}

type UserPart = "userHead" | "userTail"

/** Words that a branch has in common for certain, in the order in which its part is walked. */
const wordsOf = ({ fixed, rows }: Branch, part: UserPart): Words => {
  const at = fixed[parts.indexOf(part)]! / rungChars[part] - 1
  if (at < 0) return []
  const { words } = rows[0]!
  const rung = rungs[part][at]!
  return part === "userHead" ? words.slice(0, rung) : words.slice(-rung).reverse()
}
const saying = (words: Words) => words.filter((word) => word !== masked).length

/** What stands above a branch of user messages. */
interface Above {
  /** Words that the template above has in common; 0: there is none. */
  readonly words: number
  /** Calls that shares are of. */
  readonly calls: number
  readonly short: boolean
}

/** Whether a branch is a template; see `thresholds`. */
const isTemplate = (branch: Branch, part: UserPart, above: Above): boolean => {
  const share = callsIn(branch.rows) / above.calls
  if (messagesIn(branch.rows) < thresholds.messages)
    return (
      above.short && above.words === 0 && sessionsIn(branch.rows) >= thresholds.messages && share >= thresholds.many
    )
  const common = wordsOf(branch, part)
  const words = saying(common) - above.words
  if (!above.short) return words >= 10 && share >= thresholds.many
  if (above.words > 0) return words >= 6 && share >= thresholds.some
  if (part === "userTail") return words >= 4 && share >= thresholds.some
  const last = common.at(-1) ?? ""
  return (
    (words >= 6 && share >= thresholds.few) ||
    (words >= 3 && endsThere(last) && share >= thresholds.few) ||
    (words >= 4 && share >= thresholds.some) ||
    (words >= 2 && last.endsWith(":") && share >= thresholds.some) ||
    (endsThere(last) && share >= thresholds.most)
  )
}

/** The templates among the user messages of a branch, the coarsest that have nothing to divide. What belongs to none is left out. */
const templatesIn = (branch: Branch, part: UserPart, least: number, above: Above): ReadonlyArray<Branch> => {
  const own = isTemplate(branch, part, above)
  const under = own ? { ...above, words: saying(wordsOf(branch, part)), calls: callsIn(branch.rows) } : above
  const below = isWhole(branch, part)
    ? []
    : branchesOf(branch, part)
        .filter(({ rows }) => callsIn(rows) >= least)
        .flatMap((one) => templatesIn(one, part, least, under))
  if (!own) return below
  const rest = restOf(branch, below)
  if (below.length === 0 || (below.length === 1 && callsIn(rest.rows) <= (1 - thresholds.most) * under.calls))
    return [branch]
  return rest.rows.length === 0 ? below : [...below, rest]
}

/** Divides what one system prompt is asked. */
const divideUser = (branch: Branch, least: number): ReadonlyArray<Group> => {
  const system = wordsIn(branch.rows[0]!.system)
  const above = { words: 0, calls: callsIn(branch.rows), short: saying(system) < thresholds.shortSystem }
  const heads = templatesIn(branch, "userHead", least, above)
  const left = restOf(branch, heads)
  const tails =
    above.short && left.rows.length > 0
      ? templatesIn(left, "userTail", least, { ...above, calls: callsIn(left.rows) })
      : []
  const rest = restOf(left, tails)
  return [
    ...[...heads, ...tails].map((one) => groupOf(one, true)),
    ...(rest.rows.length > 0 ? [groupOf(rest, false)] : [])
  ]
}

const system = ["kind", "systemHead", "systemTail"] as const satisfies ReadonlyArray<Part>

/** The groups of an archive's templates. The same in whatever order the rows come, for `rowsOf` orders them; every row is in exactly one. */
export const groupsIn = (rows: Rows, least: number): ReadonlyArray<Group> =>
  rows.length === 0
    ? []
    : system
        .reduce<ReadonlyArray<Branch>>(
          (found, part) => found.flatMap((branch) => divided(branch, part, least)),
          [branchOf(everything, rows)]
        )
        .flatMap((branch) => divideUser(branch, least))
