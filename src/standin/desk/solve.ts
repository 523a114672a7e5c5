import { fieldsOf, type Question, type Turn } from "../Question.ts"
import { act } from "./act.ts"
import { extract, triage } from "./fields.ts"
import { reply } from "./reply.ts"
import type { Solved } from "./Solved.ts"
import { readTicket } from "./ticket.ts"

/** True after a turn in which the model's own answer was criticised: the last turn is a user's and follows an answer in text. */
const toldOff = (turns: ReadonlyArray<Turn>) =>
  turns.length > 1 && turns[turns.length - 1]!.role === "user" && turns[turns.length - 2]!.role === "assistant"

/**
 * Understands a request of the simulated support desk from its text alone and works out the right answer.
 * `null`: it is none of the desk's four tasks.
 */
export const solve = (question: Question): Solved | null => {
  const first = question.turns.find(({ role }) => role === "user")
  const ticket = first === undefined ? null : readTicket(first.text)
  if (first === undefined || ticket === null) return null
  const told = toldOff(question.turns)
  const about = first.text.trim()
  const fields = fieldsOf(question)
  if (fields.includes("queue") || /Task: triage\b/.test(question.system))
    return { task: "triage", about, told, ...triage(ticket) }
  if (fields.includes("purchased_on") || /Task: extraction\b/.test(question.system))
    return { task: "extract", about, told, ...extract(ticket) }
  if (question.tools.includes("lookup_order")) return { task: "act", about, told, ...act(ticket, question.turns) }
  const written = reply(ticket, first.text)
  return written === null ? null : { task: "reply", about, told, ...written }
}
