import { assert, describe, it } from "@effect/vitest"

import { actionFor, type Order, type Report } from "./policy.ts"

const order: Order = {
  orderId: "HH-10001",
  status: "delivered",
  deliveredOn: "2026-05-01",
  sku: "KTL-017",
  quantity: 2,
  unitCents: 4200,
  paidCents: 8895,
  tracking: "TR1EU"
}
const report: Report = { issue: "damaged", wish: "refund", units: 1, receivedOn: "2026-05-12", address: null }
const address = { street: "Mill Lane 3", postcode: "12345", city: "Ghent" }

const escalated = (reason: string) => ({ name: "escalate", arguments: { order_id: "HH-10001", reason } })
const refunded = (amount: number, reason: string) => ({
  name: "issue_refund",
  arguments: { order_id: "HH-10001", amount, reason }
})

const rules: ReadonlyArray<readonly [string, Partial<Report>, Partial<Order>, unknown]> = [
  ["faulty units are refunded at their price", {}, {}, refunded(42, "damaged")],
  ["with the shipping when all are faulty", { units: 2 }, {}, refunded(88.95, "damaged")],
  [
    "or replaced",
    { wish: "replacement" },
    {},
    { name: "create_replacement", arguments: { order_id: "HH-10001", sku: "KTL-017", quantity: 1 } }
  ],
  ["within thirty days", { receivedOn: "2026-06-01" }, {}, escalated("outside_window")],
  ["above the limit a colleague decides", { units: 2 }, { paidCents: 15001 }, escalated("amount_over_limit")],
  [
    "unwanted units come back",
    { issue: "changed_mind" },
    {},
    { name: "create_return_label", arguments: { order_id: "HH-10001", sku: "KTL-017", quantity: 1 } }
  ],
  ["within fourteen days", { issue: "changed_mind", receivedOn: "2026-05-16" }, {}, escalated("outside_window")],
  [
    "what is under way is tracked",
    { issue: "not_arrived" },
    { status: "in_transit" },
    { name: "track_parcel", arguments: { tracking_number: "TR1EU" } }
  ],
  [
    "what is lost is refunded",
    { issue: "not_arrived" },
    { status: "lost", deliveredOn: null },
    refunded(88.95, "not_arrived")
  ],
  [
    "an address changes while the order is processing",
    { issue: "address_change", address },
    { status: "processing" },
    { name: "update_address", arguments: { order_id: "HH-10001", ...address } }
  ],
  ["and not later", { issue: "address_change", address }, { status: "in_transit" }, escalated("already_shipped")],
  ["a double charge is paid back once", { issue: "double_charge" }, {}, refunded(88.95, "double_charge")]
]

describe("the desk's rules", () => {
  for (const [rule, reported, ordered, action] of rules)
    it(rule, () => assert.deepStrictEqual(actionFor({ ...report, ...reported }, { ...order, ...ordered }), action))
})
