import { answer, type Said } from "../../src/standin/answer.ts"
import { euros } from "../../src/standin/desk/catalogue.ts"
import { type Action, actionFor, type Order, type Report } from "../../src/standin/desk/policy.ts"
import { readTicket } from "../../src/standin/desk/ticket.ts"
import { type JsonObject, listOf, objectOf } from "../../src/standin/json.ts"
import type { Profile, Task } from "../../src/standin/Profile.ts"
import { digestOf, Refused } from "../../src/standin/Question.ts"
import { openai } from "../../src/standin/wires/openai.ts"
import { extractFormat, systemOf, tools, triageFormat } from "./prompts.ts"
import type { Made } from "./tickets.ts"

/** One call of the desk: the request as it was sent and what the premium model answered. */
export interface Exchange {
  readonly task: Task
  readonly request: JsonObject
  readonly said: Said
}

const system = (task: Task): JsonObject => ({ role: "system", content: systemOf(task) })

/** Asks the incumbent; its archived answers are draws of their own, never those of the fleet that is asked later. */
export const ask = (incumbent: Profile, request: JsonObject, draw = 0): Pick<Exchange, "request" | "said"> => {
  const question = openai.read(request)
  if (question instanceof Refused) throw new Error(question.message)
  return { request, said: answer(incumbent, question, digestOf(question), `archive ${draw}`) }
}

/** The same, for a task of the desk. */
export const askIncumbent = (incumbent: Profile, task: Task, request: JsonObject, draw = 0): Exchange => ({
  task,
  ...ask(incumbent, request, draw)
})

/** The assistant's message of an exchange, as it goes back into the history. */
const messageOf = ({ request, said }: Exchange): JsonObject => {
  const question = openai.read(request)
  if (question instanceof Refused) throw new Error(question.message)
  const {
    content,
    role,
    tool_calls = []
  } = objectOf(objectOf(listOf(objectOf(openai.write(said, question))["choices"])[0])["message"])
  return { role: role!, content: content!, tool_calls }
}

/** What the shop's order system gives back. */
const lookup = (order: Order): JsonObject => ({
  order_id: order.orderId,
  status: order.status,
  delivered_on: order.deliveredOn,
  items: [{ sku: order.sku, quantity: order.quantity, unit_price: order.unitCents / 100 }],
  paid: order.paidCents / 100,
  currency: "EUR",
  tracking_number: order.tracking
})

const decisions: Readonly<Record<string, string>> = {
  issue_refund: "refund approved",
  create_replacement: "replacement approved",
  create_return_label: "return label sent, refund once the goods are back",
  track_parcel: "parcel is under way",
  update_address: "address updated in the order system",
  escalate: "handed over to a colleague"
}

const notesOf = (made: Made, order: Order, action: Action): string =>
  [
    "Case notes",
    `- Order ${order.orderId}: ${order.quantity} x ${made.facts.product} at ${euros(order.unitCents)} EUR, shipping 4.95 EUR, paid ${euros(order.paidCents)} EUR`,
    `- Decision: ${decisions[action.name]}`,
    ...(action.name === "track_parcel" ? [`- The carrier expects delivery on ${made.expectedOn}`] : [])
  ].join("\n")

/** The steps of the agent that acts on a ticket: it is asked again until it does something else than look the order up. */
const acts = (incumbent: Profile, made: Made, order: Order): ReadonlyArray<Exchange> => {
  const steps: Array<Exchange> = []
  let messages: ReadonlyArray<JsonObject> = [system("act"), { role: "user", content: made.text }]
  while (steps.length < 4) {
    const step = askIncumbent(incumbent, "act", {
      model: incumbent.name,
      messages,
      tools,
      tool_choice: "auto",
      parallel_tool_calls: false,
      temperature: 0.2
    })
    steps.push(step)
    const call = step.said.calls[0]
    if (call === undefined || call.name !== "lookup_order") break
    const found = call.arguments["order_id"] === order.orderId ? lookup(order) : { error: "order not found" }
    const message = messageOf(step)
    messages = [
      ...messages,
      message,
      { role: "tool", tool_call_id: objectOf(listOf(message["tool_calls"])[0])["id"]!, content: JSON.stringify(found) }
    ]
  }
  return steps
}

/** Everything that the desk asked the incumbent about one ticket, in order. */
export const sessionOf = (incumbent: Profile, made: Made, withReply: boolean): ReadonlyArray<Exchange> => {
  const json = (task: "triage" | "extract", format: JsonObject) =>
    askIncumbent(incumbent, task, {
      model: incumbent.name,
      messages: [system(task), { role: "user", content: made.text }],
      response_format: format,
      temperature: 0.2
    })
  const report: Report | null = readTicket(made.text)
  const triage = json("triage", triageFormat)
  if (made.order === null || report === null) return [triage]
  const notes = notesOf(made, made.order, actionFor(report, made.order))
  const reply = () =>
    askIncumbent(incumbent, "reply", {
      model: incumbent.name,
      messages: [system("reply"), { role: "user", content: `${notes}\n\n${made.text}` }],
      temperature: 0.5
    })
  return [triage, json("extract", extractFormat), ...acts(incumbent, made, made.order), ...(withReply ? [reply()] : [])]
}
