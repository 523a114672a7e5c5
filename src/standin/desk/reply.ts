import { euros, plural } from "./catalogue.ts"
import { faultCents, returnCents, voucher } from "./policy.ts"
import type { Content, Solved } from "./Solved.ts"
import type { Ticket } from "./ticket.ts"

const order = /Order HH-\d{5}: (\d+) x .+? at ([\d.]+) EUR, shipping [\d.]+ EUR, paid ([\d.]+) EUR/
const decision = /^- Decision: (.+)$/m
const cents = (amount: string) => Math.round(Number(amount) * 100)

/** What the customer is told will happen, each with the ways of getting it wrong. */
const outcomes = (ticket: Ticket, notes: string): ReadonlyArray<string> | null => {
  const [, quantity = "0", unit = "0", paid = "0"] = order.exec(notes) ?? []
  const decided = decision.exec(notes)?.[1] ?? ""
  const bought = { quantity: Number(quantity), unitCents: cents(unit), paidCents: cents(paid) }
  const refunds = (...amounts: ReadonlyArray<number>) => amounts.map((amount) => `refund ${euros(amount)} EUR`)
  if (decided.startsWith("refund")) {
    const goods = ticket.units * bought.unitCents
    const right =
      ticket.issue === "double_charge" || ticket.issue === "not_arrived"
        ? bought.paidCents
        : faultCents(ticket.units, bought)
    return refunds(right, right === goods ? bought.paidCents : goods, Math.round(right / 2), right + 100)
  }
  if (decided.startsWith("return label")) {
    const goods = ticket.units * bought.unitCents
    const after = (text: string) => `${text} after the return`
    return refunds(returnCents(ticket.units, bought.unitCents), goods, bought.paidCents, goods - 100).map(after)
  }
  if (decided.startsWith("replacement")) {
    const units = ticket.issue === "not_arrived" ? bought.quantity : ticket.units
    const sent = (count: number) => `replacement of ${count} ${plural(ticket.product ?? "item", count)}`
    return [sent(units), sent(units + 1), `refund ${euros(units * bought.unitCents)} EUR`]
  }
  const expected = /carrier expects delivery on (\d{4}-\d\d-\d\d)/.exec(notes)?.[1]
  if (expected !== undefined)
    return [`delivery expected on ${expected}`, `delivery expected on ${ticket.receivedOn}`, "delivery expected soon"]
  if (decided.startsWith("address")) return ["address changed", "a colleague decides"]
  return decided.startsWith("handed over") ? ["a colleague decides", "refund approved", "no refund"] : null
}

/** A short reply to the customer that ends in the line with the outcome. `null`: there are no case notes. */
export const reply = (ticket: Ticket, notes: string): Pick<Solved, "right" | "tempting"> | null => {
  const found = outcomes(ticket, notes)
  if (found === null) return null
  const extra = ticket.repeatContact ? `; voucher ${euros(voucher)} EUR` : ""
  const name = ticket.customer.split(" ")[0]!
  const text = (resolution: string): Content => ({
    kind: "text",
    ways: [
      `Dear ${name}, thank you for your message. We have looked into your order and taken care of it.`,
      `Hello ${name}, thanks for writing to us, and sorry for the trouble. Here is what we have arranged.`,
      `Hi ${name}, thank you for your patience. We checked your order with our warehouse and found a solution.`,
      `Dear ${name}, we are sorry that this did not go as it should. This is how we put it right.`
    ],
    resolution
  })
  const [right, ...wrong] = found.map((outcome) => text(outcome + extra))
  const forgotten = text(found[0]! + (extra === "" ? `; voucher ${euros(voucher)} EUR` : ""))
  const tempting = [...wrong, forgotten].filter(
    (one) => one.kind === "text" && right!.kind === "text" && one.resolution !== right!.resolution
  )
  return { right: right!, tempting }
}
