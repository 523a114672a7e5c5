import type { JsonObject } from "../json.ts"
import { type Issue, issues, priorities, queues } from "./policy.ts"
import type { Content, Solved } from "./Solved.ts"
import { queueFor, type Ticket } from "./ticket.ts"

type Answers = Pick<Solved, "right" | "tempting">

/** The right fields and ways of getting them wrong; changes that change nothing are left out. */
const answers = (fields: JsonObject, changes: ReadonlyArray<JsonObject>, note: NoteOf): Answers => {
  const right: Content = { kind: "json", fields, note }
  const wrong = changes.filter((change) => Object.entries(change).some(([key, value]) => fields[key] !== value))
  return { right, tempting: wrong.map((change): Content => ({ kind: "json", fields: { ...fields, ...change }, note })) }
}
type NoteOf = Extract<Content, { kind: "json" }>["note"]

const nextOf = <A>(list: ReadonlyArray<A>, value: A): A => list[(list.indexOf(value) + 1) % list.length]!

const words: Readonly<Record<Issue, string>> = {
  damaged: "goods arrived damaged",
  wrong_item: "the wrong item was sent",
  missing_part: "a part is missing",
  not_arrived: "the parcel has not arrived",
  changed_mind: "the customer no longer wants the goods",
  address_change: "the delivery address has to change",
  double_charge: "the payment was taken twice",
  feedback: "feedback without an order"
}

/** Which team gets a message, how fast, and whether the customer had to write before. */
export const triage = (ticket: Ticket): Answers => {
  const queue = queueFor(ticket)
  const fields = { queue, priority: ticket.priority, repeat_contact: ticket.repeatContact }
  const what = words[ticket.issue]
  return answers(
    fields,
    [
      { queue: nextOf(queues, queue) },
      { priority: nextOf(priorities, ticket.priority) },
      { queue: "other", priority: "normal" },
      { repeat_contact: !ticket.repeatContact }
    ],
    { field: "reason", ways: [`Because ${what}.`, `The message says that ${what}.`, `In short: ${what}.`] }
  )
}

/** The facts of a message, field by field. */
export const extract = (ticket: Ticket): Answers => {
  const fields = {
    order_id: ticket.orderId,
    customer: ticket.customer,
    product: ticket.product,
    quantity: ticket.units,
    issue: ticket.issue,
    wish: ticket.wish,
    purchased_on: ticket.purchasedOn
  }
  const what = words[ticket.issue]
  const who = ticket.customer
  return answers(
    fields,
    [
      { purchased_on: ticket.purchasedOn === null ? ticket.receivedOn : misread(ticket.purchasedOn) },
      { order_id: ticket.otherOrderId ?? "unknown", wish: ticket.wish === "refund" ? "replacement" : "refund" },
      { quantity: ticket.units + 1 },
      { quantity: ticket.ordered, customer: who.split(" ")[0]! },
      { issue: nextOf(issues, ticket.issue) },
      { product: ticket.product === null ? "gift card" : ticket.product.split(" ").slice(1).join(" ") }
    ],
    {
      field: "summary",
      ways: [`${who} writes that ${what}.`, `A message from ${who}: ${what}.`, `According to ${who}, ${what}.`]
    }
  )
}

/** Day and month exchanged where that makes a date, else the day before: common misreadings. */
const misread = (iso: string): string => {
  const [year, month, date] = iso.split("-") as [string, string, string]
  return Number(date) <= 12 && date !== month
    ? `${year}-${date}-${month}`
    : new Date(Date.parse(iso) - 86_400_000).toISOString().slice(0, 10)
}
