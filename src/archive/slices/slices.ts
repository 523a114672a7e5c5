import { groupsIn, leastCalls } from "./groups.ts"
import { namesOf } from "./names.ts"
import { everything, fixedOf, matcher } from "./path.ts"
import { branchOf, type CountedTemplate, callsIn, type Group, groupOf, type Row, type Rows, rowsOf } from "./tree.ts"
import { bare, masked } from "./words.ts"

/** A slice as an entry of `slices.json`: its name, the templates that belong to it, and what their prompts are like. */
export interface SliceEntry {
  readonly slice: string
  /** Patterns over the keys of templates (see `Template.key`). */
  readonly templates: ReadonlyArray<string>
  /** Calls of the archive when the entry was last written. */
  readonly calls: number
  /** Who asks and with which tools, the system prompt of the commonest template, and how the user messages begin and end alike: written anew by each import. */
  readonly about: { readonly tools: string; readonly system: string; readonly user: string }
}

/** Slices of their least size that there are at most; smaller ones are pooled. */
const mostSlices = 40
/** Share of the words in common from which on two prompts are versions of one. */
const alike = 0.8
/** Share of the tools in common from which on two sets of tools are versions of one. */
const alikeTools = 0.5
/** Slice of what belongs to no other. */
export const otherSlice = "other"

/** What makes two groups versions of one, taken apart. */
interface Likeness {
  readonly who: string
  readonly tools: ReadonlySet<string>
  readonly system: ReadonlySet<string>
  readonly user: ReadonlySet<string>
}

const setOf = (text: string) =>
  new Set(
    text
      .split(" ")
      .map(bare)
      .filter((word) => word !== "" && word !== masked)
  )

const likenessOf = ({ system, tools, user }: SliceEntry["about"]): Likeness => {
  const said = tools.split("; ")
  const names = said.find((part) => part.startsWith("tools "))?.slice("tools ".length) ?? ""
  return {
    who: said.filter((part) => !part.startsWith("tools ")).join("; "),
    tools: new Set(names.split(", ")),
    system: setOf(system),
    user: setOf(user)
  }
}

/** What two sets have in common, over all that is in them (Jaccard); 1 where both are empty. */
const overlap = (a: ReadonlySet<string>, b: ReadonlySet<string>): number => {
  const common = a.intersection(b).size
  const all = a.size + b.size - common
  return all === 0 ? 1 : common / all
}

const areAlike = (a: Likeness, b: Likeness): boolean =>
  a.who === b.who &&
  overlap(a.tools, b.tools) >= alikeTools &&
  overlap(a.system, b.system) >= alike &&
  overlap(a.user, b.user) >= alike

/** What a group's prompts are like: tools and system prompt of its commonest template, and how its user messages begin and end alike. */
const aboutOf = ({ alike: { user, userTail }, rows }: Group): SliceEntry["about"] => {
  const { system, tools, words } = rows[0]!
  const tail = user.length + userTail.length > words.length ? [] : userTail.filter((word) => word !== masked)
  return { tools, system, user: [...user, ...(tail.length < 4 ? [] : [masked, ...userTail])].join(" ") }
}

/** Groups that are versions of one. */
interface Family {
  readonly groups: Array<Group>
  readonly about: SliceEntry["about"]
  readonly likeness: Likeness
}

const familiesOf = (groups: ReadonlyArray<Group>): ReadonlyArray<Family> => {
  const families: Array<Family> = []
  for (const group of groups) {
    const about = aboutOf(group)
    const likeness = likenessOf(about)
    const family = families.find((one) => areAlike(one.likeness, likeness))
    if (family === undefined) families.push({ groups: [group], about, likeness })
    else family.groups.push(group)
  }
  return families
}

/** Entries of one name as one. */
const folded = (entries: ReadonlyArray<SliceEntry>): ReadonlyArray<SliceEntry> => {
  const by = new Map<string, SliceEntry>()
  for (const entry of entries) {
    const known = by.get(entry.slice)
    by.set(entry.slice, known === undefined ? entry : { ...known, templates: [...known.templates, ...entry.templates] })
  }
  return [...by.values()]
}

/** Finds the slice of a template's key, and the pattern by which it belongs there; `undefined`: it belongs to none. */
export const sliceFinder = (entries: ReadonlyArray<SliceEntry>) =>
  matcher(entries.flatMap(({ slice, templates }) => templates.map((pattern) => [pattern, { pattern, slice }] as const)))

/** What a pattern says of a prompt: nothing, its system prompt, or its user message. */
const saysOf = (pattern: string): "nothing" | "system" | "user" => {
  const [, systemHead = 0, systemTail = 0, userHead = 0, userTail = 0] = fixedOf(pattern) ?? []
  if (userHead + userTail > 0) return "user"
  return systemHead + systemTail > 0 ? "system" : "nothing"
}

/** New groups, the largest first: at least half of whose calls belong to no entry, or to one by a pattern that says less of them. */
const newGroups = (rows: Rows, kept: ReadonlyArray<SliceEntry>, least: number): ReadonlyArray<Group> => {
  const find = sliceFinder(kept)
  const known = new Set(kept.flatMap(({ templates }) => templates))
  const isLoose = (row: Row, byUser: boolean): boolean => {
    const pattern = find(row.key)?.pattern
    if (pattern === undefined) return true
    const says = saysOf(pattern)
    return says === "nothing" || (says === "system" && byUser)
  }
  return groupsIn(rows, least)
    .filter((group) => {
      if (known.has(group.pattern)) return false
      return 2 * callsIn(group.rows.filter((row) => isLoose(row, group.byUser))) >= group.calls
    })
    .sort((a, b) => b.calls - a.calls || (a.pattern < b.pattern ? -1 : 1))
}

const blank: SliceEntry["about"] = { tools: "", system: "", user: "" }

/** Entries with their calls counted, and described by the templates that they have now: of what is gone from the archive nothing is left. */
const described = (rows: Rows, entries: ReadonlyArray<SliceEntry>): ReadonlyArray<SliceEntry> => {
  const find = sliceFinder(entries)
  const found = new Map<string, Array<Row>>()
  for (const row of rows) {
    const pattern = find(row.key)?.pattern
    if (pattern !== undefined)
      found
        .set(pattern, found.get(pattern) ?? [])
        .get(pattern)!
        .push(row)
  }
  return entries
    .map(({ slice, templates }) => {
      const groups = templates
        .flatMap((pattern) => {
          const own = found.get(pattern)
          return own === undefined ? [] : [groupOf(branchOf(pattern, own), false)]
        })
        .sort((a, b) => b.calls - a.calls || (a.pattern < b.pattern ? -1 : 1))
      const [largest] = groups
      return {
        slice,
        templates: [...templates].sort(),
        calls: groups.reduce((sum, { calls }) => sum + calls, 0),
        about: largest === undefined || slice === otherSlice ? blank : aboutOf(largest)
      }
    })
    .sort((a, b) => b.calls - a.calls || (a.slice < b.slice ? -1 : 1))
}

/**
 * The slices of an archive's templates; `groups.ts` says how these are told apart. Entries that are there keep their names and templates, and
 * entries of one name become one. A new group whose prompts are a version of an entry's (four fifths of the words and half of the tools in
 * common) joins it, the others become entries of their own with new names. What has less than a two-hundredth of the calls, or would be more than
 * forty slices of that size, belongs to what is above it, or to `other`; the first one is a slice in any case. By calls, then by name; the same in
 * whatever order the templates come.
 */
export const slicesOf = (
  templates: ReadonlyArray<CountedTemplate>,
  kept: ReadonlyArray<SliceEntry>
): ReadonlyArray<SliceEntry> => {
  const rows = rowsOf(templates)
  const least = leastCalls(callsIn(rows))
  const old = folded(kept).map((entry) => ({
    ...entry,
    templates: [...entry.templates],
    likeness: likenessOf(entry.about)
  }))
  const fresh: Array<Group> = []
  for (const group of newGroups(rows, kept, least)) {
    const likeness = likenessOf(aboutOf(group))
    const home = old.find((entry) => entry.slice !== otherSlice && areAlike(entry.likeness, likeness))
    if (home === undefined) fresh.push(group)
    else home.templates.push(group.pattern)
  }
  const families = familiesOf(fresh.filter(({ pattern }) => pattern !== everything))
  const callsOf = ({ groups }: Family) => groups.reduce((sum, { calls }) => sum + calls, 0)
  const first = old.every(({ slice }) => slice === otherSlice)
  const standing = described(rows, folded(kept)).filter(({ calls, slice }) => calls >= least && slice !== otherSlice)
  const large = families
    .filter((family, at) => callsOf(family) >= least || (first && at === 0))
    .slice(0, Math.max(0, mostSlices - standing.length))
  const names = namesOf(
    large.map(({ groups: [first] }) => first!),
    new Set([otherSlice, ...old.map(({ slice }) => slice)])
  )
  const isPooled =
    large.reduce((sum, { groups }) => sum + groups.length, 0) < fresh.length &&
    !old.some((entry) => entry.templates.includes(everything))
  return described(
    rows,
    folded([
      ...old.map(({ likeness: _, ...entry }) => entry),
      ...large.map(({ about, groups }, at) => ({
        slice: names[at]!,
        templates: groups.map(({ pattern }) => pattern),
        calls: 0,
        about
      })),
      ...(isPooled ? [{ slice: otherSlice, templates: [everything], calls: 0, about: blank }] : [])
    ])
  )
}
