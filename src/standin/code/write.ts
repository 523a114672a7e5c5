import { chance, pick } from "../chance.ts"
import type { Profile } from "../Profile.ts"
import type { Question } from "../Question.ts"
import { type CodeTask, combinations, rightCode, wrongCode } from "./CodeTask.ts"
import { lists } from "./tasks/lists.ts"
import { numbers } from "./tasks/numbers.ts"
import { text } from "./tasks/text.ts"

/** The kinds of modules that the simulated models can write. */
export const codeTasks: ReadonlyArray<CodeTask> = [...text, ...numbers, ...lists]

/** A request for a module that was understood. */
interface Wanted {
  readonly task: CodeTask
  readonly given: ReadonlyArray<string>
}

/** The kind of module that a description asks for, and its parameters; `null`: none of those known. */
export const wantedIn = (description: string): Wanted | null => {
  const name = /\bmodule src\/([a-z-]+)\.js\b/.exec(description)?.[1]
  const task = codeTasks.find((one) => one.name === name)
  const given =
    task === undefined ? undefined : combinations(task).find((one) => description.includes(task.describe(...one)))
  return task === undefined || given === undefined ? null : { task, given }
}

/** The answer is criticised by a user's turn that tells of a failure. */
const toldOf = ({ turns }: Question) =>
  turns.length > 2 &&
  turns.at(-1)?.role === "user" &&
  turns.at(-2)?.role === "assistant" &&
  /fail|not ok|error/i.test(turns.at(-1)?.text ?? "")

const openings = ["", "", "Here is the module.\n\n", "This does what you describe:\n\n"]

/**
 * The module that a request asks for, in a fenced block that names its file, right or with a slip, as the profile's `code` says.
 * `null`: no module is asked for, or the model writes none.
 *
 * @param run numbers in [0,1) that belong to this answer.
 */
export const writeCode = (
  { behaviour, name }: Profile,
  question: Question,
  run: ReadonlyArray<number>
): string | null => {
  const { code, persistence } = behaviour
  const first = question.turns.find(({ role }) => role === "user")?.text.trim() ?? ""
  const wanted = code === undefined ? null : wantedIn(first)
  if (code === undefined || wanted === null) return null
  const wrong = wrongCode(wanted.task, wanted.given)
  const always = code.errors * persistence
  const own = chance("own code", name, first)
  const sometimes = (code.errors - always) / (1 - always)
  const falls = toldOf(question) ? run[2]! >= code.mends : own[0]! < always || run[1]! < sometimes
  const written = falls ? pick(wrong, own[0]! < always ? own[1]! : run[3]!) : rightCode(wanted.task, wanted.given)
  return `${pick(openings, run[4]!)}\`\`\`js src/${wanted.task.name}.js\n${written}\`\`\``
}
