import type { Group, Row } from "./tree.ts"
import { bare, endsSentence, endsThere, masked, type Words, wordsIn } from "./words.ts"

/** Characters of a name at most. */
const mostChars = 40

/** Text as a name: lower case, words joined by hyphens, cut at a word. */
const slugOf = (text: string): string => {
  const words = text
    .normalize("NFKC")
    .toLowerCase()
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== "")
  let slug = ""
  for (const word of words) {
    const longer = slug === "" ? word : `${slug}-${word}`
    if (longer.length > mostChars && slug !== "") break
    slug = longer
  }
  return slug.slice(0, mostChars)
}

const setOf = (words: string): ReadonlySet<string> => new Set(words.split(" "))

/** How a prompt greets, or begins to ask for something; no part of what it asks for. */
const openings = setOf(
  "please kindly hi hello hey can could would will you i want need to your our my the a an are is given task now here below following"
)
/** What ends the name of somebody who is spoken to. */
const closings = setOf(
  "that who which whose and or for of with in on at by from to designed specialised specialized specializing named called powered built created helping your you i my be being must should will can if when given"
)
const roles = /\byou (?:are|'re|will be|act as|will act as|work for|work as|serve as)(?: now)? (?:an? |the |to )?/
const praise = setOf(
  "helpful very highly skilled experienced professional friendly concise careful intelligent advanced"
)
/** Roles that say nothing. */
const empty = setOf("assistant ai-assistant ai language-model bot chatbot")

/** What is asked for: the words of the first line or label, or of the first sentence where that is but a label, five at most. */
const askedIn = (all: Words): string => {
  const words = all.filter((word) => word !== masked)
  const label = words.findIndex(endsThere)
  const said = label === 0 && words.length > 4 ? words.slice(1) : words
  const begin = said.findIndex((word) => !openings.has(bare(word)))
  if (begin === -1) return ""
  const rest = said.slice(begin, begin + 5)
  const end = rest.findIndex((word, at) => at > 0 && endsSentence(word))
  return slugOf(
    rest
      .slice(0, end === -1 ? rest.length : end + 1)
      .map(bare)
      .join(" ")
  )
}

/** What a person would call the one whom a system prompt speaks to, or the prompt's heading, or what it asks for. */
const roleIn = (head: Words): string => {
  const words = head.filter((word) => word !== masked)
  const role = roles.exec(words.map(bare).join(" "))
  if (role === null) {
    const heading = words.findIndex(endsThere)
    return heading !== -1 && heading < 6
      ? slugOf(
          words
            .slice(0, heading + 1)
            .map(bare)
            .join(" ")
        )
      : askedIn(head)
  }
  const before = role.input.slice(0, role.index + role[0].length).split(" ").length - 1
  const after = words.slice(before).filter((word) => !praise.has(bare(word)))
  const closing = after.findIndex((word, at) => at > 0 && closings.has(bare(word)))
  const sentence = after.findIndex(endsSentence) + 1
  const end = Math.min(4, ...[closing, sentence].filter((at) => at > 0))
  const slug = slugOf(after.slice(0, end).map(bare).join(" "))
  return empty.has(slug) ? "" : slug
}

/** One kind of thing that the line of a template says of who asks; empty where it says nothing of it. */
const saidIn = (line: string, what: string): string =>
  line
    .split("; ")
    .find((part) => part.startsWith(`${what} `))
    ?.slice(what.length + 1) ?? ""

/** The first words of a system prompt that no other group's has. */
const ownWords = (row: Row, others: ReadonlyArray<Row>): string => {
  const common = new Set(others.flatMap((other) => wordsIn(other.system).map(bare)))
  const own = wordsIn(row.system)
    .map(bare)
    .filter((word) => word !== masked && word.length > 3 && !common.has(word))
  return [...new Set(own)].slice(0, 2).join(" ")
}

const joined = (...parts: ReadonlyArray<string>) => slugOf([...new Set(parts.filter((part) => part !== ""))].join(" "))

/** Names by which a person might know a group, the best first. */
const namesFor = (group: Group, others: ReadonlyArray<Row>): ReadonlyArray<string> => {
  const row = group.rows[0]!
  const said = (what: string) => slugOf(saidIn(row.tools, what))
  const tools = saidIn(row.tools, "tools").split(", ")
  const who = said("prompt") || said("agent")
  const role = roleIn(group.alike.system)
  const { user, userTail } = group.alike
  const asked = group.byUser || user.some(endsThere) || user.length > 3 ? askedIn(user) : ""
  const tail = group.byUser ? askedIn(userTail) : ""
  const agent = tools[0] === "" ? "" : "agent"
  const task = said("role")
  const base = group.byUser
    ? asked || tail || role
    : who || role || joined(said("log"), task) || said("answer") || asked || agent || "chat"
  const more = [said("answer"), group.byUser ? role : agent, group.byUser ? tail : asked]
  return [
    joined(base, base.includes(task) ? "" : task),
    ...more.map((other) => joined(base, other)),
    joined(base, slugOf(tools.slice(0, 2).join(" "))),
    joined(base, ownWords(row, others))
  ].filter((name) => name !== "")
}

/** A name for each group, in their order: one that none of the others would have as well, else a number tells them apart. `taken` are not used. */
export const namesOf = (groups: ReadonlyArray<Group>, taken: ReadonlySet<string>): ReadonlyArray<string> => {
  const rows = groups.map(({ rows: [first] }) => first!)
  const wanted = groups.map((group, at) => namesFor(group, rows.toSpliced(at, 1)))
  const used = new Set(taken)
  return wanted.map((names, at) => {
    const shared = (name: string) => used.has(name) || wanted.some((others, i) => i !== at && others[0] === name)
    const name = names.find((one) => !shared(one)) ?? numbered(names[0] ?? "slice", used)
    used.add(name)
    return name
  })
}

const numbered = (name: string, used: ReadonlySet<string>): string => {
  if (!used.has(name)) return name
  for (let n = 2; ; n++) if (!used.has(`${name}-${n}`)) return `${name}-${n}`
}
