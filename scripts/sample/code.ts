import { type CodeTask, combinations } from "../../src/standin/code/CodeTask.ts"
import { lists } from "../../src/standin/code/tasks/lists.ts"
import { numbers } from "../../src/standin/code/tasks/numbers.ts"
import { text } from "../../src/standin/code/tasks/text.ts"
import type { JsonObject } from "../../src/standin/json.ts"
import { profiles } from "../../src/standin/profiles.ts"
import { answered, secondsFor } from "./litellm.ts"
import { Random } from "./random.ts"
import type { Sample } from "./sample.ts"
import { ask } from "./session.ts"

const seed = 20_260_601
const from = Date.UTC(2026, 5, 1, 7)
const sessions = 120
const calls = 150

const areas = { text, numbers, lists } as const
type Area = keyof typeof areas

interface Wish {
  readonly area: Area
  readonly task: CodeTask
  readonly given: ReadonlyArray<string>
}

const system = `You write small modules for the internal tools of Harbour & Hearth, a shop for household goods.

The rules of the house:
- Plain JavaScript for a current version of Node: ES modules, no packages, no types, no comments on the obvious.
- A module exports what it is asked for and nothing else. It does not print, reads no files and keeps no state between calls.
- What the description says of edge cases is meant: empty input, missing values, input that is not what it should be.
- The arguments are never changed in place.

Answer with the whole module in one fenced block whose first line names the file, like this:

\`\`\`js src/name.js
export const name = () => {}
\`\`\``

const reasons = [
  "We need it for the export to the book-keeping.",
  "The colleagues in the warehouse asked for it.",
  "It replaces a formula in a spreadsheet.",
  "It goes into the nightly report.",
  "The page for returns uses it.",
  "It is for the import of the price list.",
  "The old one was lost with a laptop."
]

const engineers = ["nina.falk", "samir.haddad", "elif.yildiz", "paul.berger", "rosa.lind"] as const

/** All modules that can be asked for, and some of them once more. */
const wishesOf = (random: Random): ReadonlyArray<Wish> => {
  const all = (Object.keys(areas) as Array<Area>).flatMap((area) =>
    areas[area].flatMap((task) => combinations(task).map((given): Wish => ({ area, task, given })))
  )
  const shuffled = random.shuffled(all)
  return [...shuffled, ...random.shuffled(all)].slice(0, calls)
}

/** Makes the archive of the code desk: the same one at every call. */
export const makeCodeSample = (): Sample => {
  const random = new Random(seed)
  const incumbent = profiles[0]!
  const wishes = wishesOf(random)
  const rows = wishes.map(({ area, given, task }, i): { readonly at: number; readonly row: JsonObject } => {
    // One or two calls to a session, one after the other.
    const session = Math.floor((i * sessions) / calls)
    const before = Math.ceil((session * calls) / sessions)
    const at = from / 1000 + session * 20_500 + (i - before) * 600 + random.int(0, 300)
    const request: JsonObject = {
      model: incumbent.name,
      messages: [
        { role: "system", content: system },
        {
          role: "user",
          content: `Write a module src/${task.name}.js that exports a function ${task.signature}. ${task.describe(...given)}\n\n${reasons[(i + Math.floor(i / 130)) % reasons.length]}`
        }
      ],
      temperature: 0.2
    }
    const { said } = ask(incumbent, request)
    const sender = {
      engineer: engineers[session % engineers.length]!,
      team: "tools",
      session: `tool-${1_200 + session}`,
      trace: `trace-tool-${i}`,
      task: "code",
      project: "code-desk",
      labels: { area, task: task.name, given: given.join("-") },
      startedAt: at
    }
    return { at: at + secondsFor(said), row: answered(sender, request, said) }
  })
  const count = (area: Area) => wishes.filter((wish) => wish.area === area).length
  return {
    lines: rows.sort((a, b) => a.at - b.at).map(({ row }) => JSON.stringify(row)),
    counts: {
      "answered calls": rows.length,
      sessions,
      "kinds of modules": text.length + numbers.length + lists.length,
      text: count("text"),
      numbers: count("numbers"),
      lists: count("lists")
    }
  }
}
