import { type JsonObject, numberOf, objectOf, parse, textOf } from "../json.ts"
import type { Turn } from "../Question.ts"
import { actionFor, type Order } from "./policy.ts"
import type { Content, Solved } from "./Solved.ts"
import type { Ticket } from "./ticket.ts"

const call = (name: string, args: JsonObject): Content => ({ kind: "call", name, arguments: args })

const statuses = ["processing", "in_transit", "delivered", "lost"] as const
const cents = (amount: number | undefined) => Math.round((amount ?? 0) * 100)

/** The order in what the lookup gave back; `null` when it found none. */
const orderIn = (text: string): Order | null => {
  const found = objectOf(parse(text))
  const item = objectOf(Array.isArray(found["items"]) ? found["items"][0] : undefined)
  const status = statuses.find((one) => one === found["status"])
  const orderId = textOf(found["order_id"])
  if (status === undefined || orderId === undefined) return null
  return {
    orderId,
    status,
    deliveredOn: textOf(found["delivered_on"]) ?? null,
    sku: textOf(item["sku"]) ?? "",
    quantity: numberOf(item["quantity"]) ?? 0,
    unitCents: cents(numberOf(item["unit_price"])),
    paidCents: cents(numberOf(found["paid"])),
    tracking: textOf(found["tracking_number"]) ?? ""
  }
}

/** Ways of getting a call wrong: an argument, the tool, or no call at all but talk about one. */
const wrongCalls = (right: JsonObject, name: string, ticket: Ticket): ReadonlyArray<Content> => {
  const id = ticket.orderId ?? "unknown"
  const amount = numberOf(right["amount"])
  const quantity = numberOf(right["quantity"])
  const changed: ReadonlyArray<Content> = [
    ...(amount === undefined ? [] : [call(name, { ...right, amount: Math.round(amount * 90) / 100 })]),
    ...(quantity === undefined ? [] : [call(name, { ...right, quantity: quantity + 1 })]),
    name === "escalate"
      ? call("issue_refund", { order_id: id, amount: 25, reason: ticket.issue })
      : call("escalate", { order_id: id, reason: "unclear" }),
    ...(name === "lookup_order" && ticket.otherOrderId !== null ? [call(name, { order_id: ticket.otherOrderId })] : []),
    ...(name === "lookup_order" ? [] : [call("lookup_order", { order_id: id })]),
    {
      kind: "text",
      ways: ["I will take care of this now.", "Let me look into this for the customer."],
      resolution: null
    }
  ]
  return changed
}

/** The next step for a ticket: look the order up, then do what the rules say. */
export const act = (ticket: Ticket, turns: ReadonlyArray<Turn>): Pick<Solved, "right" | "tempting"> => {
  const id = ticket.orderId ?? "unknown"
  const order = turns.reduce<Order | null>(
    (found, { role, text }) => (role === "tool" ? orderIn(text) : null) ?? found,
    null
  )
  const action = order === null ? { name: "lookup_order", arguments: { order_id: id } } : actionFor(ticket, order)
  return {
    right: call(action.name, action.arguments),
    tempting: wrongCalls(action.arguments, action.name, ticket)
  }
}
