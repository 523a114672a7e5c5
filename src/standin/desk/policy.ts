/** The rules of the simulated support desk. Money in cents of a euro. */

export const issues = [
  "damaged",
  "wrong_item",
  "missing_part",
  "not_arrived",
  "changed_mind",
  "address_change",
  "double_charge",
  "feedback"
] as const
export type Issue = (typeof issues)[number]

export const wishes = ["refund", "replacement", "information", "address_change", "none"] as const
export type Wish = (typeof wishes)[number]

export const queues = ["returns", "shipping", "account", "billing", "other"] as const
export type Queue = (typeof queues)[number]

export const priorities = ["low", "normal", "high"] as const
export type Priority = (typeof priorities)[number]

/** Refunds above this go to a colleague. */
export const refundLimit = 15_000
/** Days after delivery in which a fault is put right, and in which an unwanted item may come back. */
export const faultDays = 30
export const returnDays = 14
/** For customers who had to write more than once. */
export const voucher = 500

/** Which team's queue an issue belongs to. */
export const queueOf: Readonly<Record<Issue, Queue>> = {
  damaged: "returns",
  wrong_item: "returns",
  missing_part: "returns",
  changed_mind: "returns",
  not_arrived: "shipping",
  address_change: "account",
  double_charge: "billing",
  feedback: "other"
}

/** An order as the shop's own system knows it. */
export interface Order {
  readonly orderId: string
  readonly status: "processing" | "in_transit" | "delivered" | "lost"
  /** ISO date; `null` while it is under way. */
  readonly deliveredOn: string | null
  readonly sku: string
  readonly quantity: number
  readonly unitCents: number
  readonly paidCents: number
  readonly tracking: string
}

/** What a customer reported. */
export interface Report {
  readonly issue: Issue
  readonly wish: Wish
  /** Units the report is about. */
  readonly units: number
  /** ISO date. */
  readonly receivedOn: string
  readonly address: { readonly street: string; readonly postcode: string; readonly city: string } | null
}

/** What the desk does about a report: a tool and its arguments. */
export interface Action {
  readonly name: string
  readonly arguments: { readonly [key: string]: string | number }
}

/** Whole days from one ISO date to another. */
export const daysBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 86_400_000

const escalate = (orderId: string, reason: string): Action => ({
  name: "escalate",
  arguments: { order_id: orderId, reason }
})

const refund = (orderId: string, cents: number, reason: string): Action =>
  cents > refundLimit
    ? escalate(orderId, "amount_over_limit")
    : { name: "issue_refund", arguments: { order_id: orderId, amount: cents / 100, reason } }

/** What a customer gets back for faulty units: their price, and the shipping too when all of them are. */
export const faultCents = (units: number, order: Pick<Order, "quantity" | "unitCents" | "paidCents">): number =>
  units === order.quantity ? order.paidCents : units * order.unitCents

/** What a customer gets back for unwanted units: nine tenths of their price. */
export const returnCents = (units: number, unitCents: number): number => Math.round(units * unitCents * 0.9)

/** The right action once the order is known. */
export const actionFor = (report: Report, order: Order): Action => {
  const { issue, wish } = report
  const id = order.orderId
  const age = order.deliveredOn === null ? 0 : daysBetween(order.deliveredOn, report.receivedOn)
  if (issue === "double_charge") return refund(id, order.paidCents, "double_charge")
  if (issue === "address_change")
    return order.status === "processing" && report.address !== null
      ? { name: "update_address", arguments: { order_id: id, ...report.address } }
      : escalate(id, "already_shipped")
  if (issue === "not_arrived") {
    if (order.status !== "lost") return { name: "track_parcel", arguments: { tracking_number: order.tracking } }
    return wish === "replacement"
      ? { name: "create_replacement", arguments: { order_id: id, sku: order.sku, quantity: order.quantity } }
      : refund(id, order.paidCents, "not_arrived")
  }
  if (age > (issue === "changed_mind" ? returnDays : faultDays)) return escalate(id, "outside_window")
  if (issue === "changed_mind")
    return { name: "create_return_label", arguments: { order_id: id, sku: order.sku, quantity: report.units } }
  return wish === "replacement"
    ? { name: "create_replacement", arguments: { order_id: id, sku: order.sku, quantity: report.units } }
    : refund(id, faultCents(report.units, order), issue)
}
