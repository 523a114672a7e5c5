import { rightCode } from "./code/CodeTask.ts"
import { wantedIn } from "./code/write.ts"
import { solve } from "./desk/solve.ts"
import { type Json, objectOf, parse } from "./json.ts"
import type { Question } from "./Question.ts"

/** How the answers to a question are read: what counts in them, without the prose. */
export interface Reading {
  /** What counts in the right answer. */
  readonly right: string
  /** What counts in an answer: equal texts mean the same answer. */
  readonly gist: (answer: string) => string
}

const sorted = (value: Json): Json =>
  Object.fromEntries(Object.entries(objectOf(value)).sort(([a], [b]) => (a < b ? -1 : 1)))

/** The call that an answer shows in a line `calls NAME ARGUMENTS`; of several all, in order. */
const callsIn = (answer: string): string =>
  [...answer.matchAll(/^calls (\S+) (\{.*\})$/gm)]
    .map(([, name, args]) => `${name} ${JSON.stringify(sorted(parse(args!) ?? {}))}`)
    .join("\n")

const jsonIn = (answer: string): Json | undefined => parse(answer.trim().replace(/^```\w*\n([\s\S]*?)\n?```$/, "$1"))

const blockIn = (answer: string): string => /```[^\n]*\n([\s\S]*?)```/.exec(answer)?.[1] ?? answer

/** Works out what is right from the request alone. `null`: it is no task of the support desk's or the code desk's. */
export const readingOf = (question: Question): Reading | null => {
  const solved = solve(question)
  if (solved === null) {
    const wanted = wantedIn(question.turns.find(({ role }) => role === "user")?.text ?? "")
    if (wanted === null) return null
    return { right: rightCode(wanted.task, wanted.given).trim(), gist: (answer) => blockIn(answer).trim() }
  }
  const { right } = solved
  if (right.kind === "call") return { right: `${right.name} ${JSON.stringify(sorted(right.arguments))}`, gist: callsIn }
  if (right.kind === "text")
    return { right: right.resolution ?? "", gist: (answer) => /^Resolution: (.+)$/m.exec(answer)?.[1]?.trim() ?? "" }
  const names = Object.keys(right.fields)
  const told = (fields: Json) => JSON.stringify(names.map((name) => objectOf(fields)[name] ?? null))
  const gist = (answer: string) => {
    const fields = jsonIn(answer)
    return fields === undefined ? "" : told(fields)
  }
  return { right: told(right.fields), gist }
}
