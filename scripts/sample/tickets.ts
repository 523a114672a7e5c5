import { catalogue, plural } from "../../src/standin/desk/catalogue.ts"
import type { Issue, Order, Priority, Wish } from "../../src/standin/desk/policy.ts"
import type { Random } from "./random.ts"

/** A made-up customer's message with the facts that it tells, and the order as the shop knows it. */
export interface Made {
  readonly number: number
  readonly receivedAt: Date
  readonly facts: {
    readonly customer: string
    readonly orderId: string | null
    readonly product: string | null
    readonly units: number
    readonly issue: Issue
    readonly wish: Wish
    readonly purchasedOn: string | null
    readonly priority: Priority
    readonly repeatContact: boolean
  }
  readonly text: string
  readonly order: Order | null
  /** When the carrier expects to deliver what is under way. */
  readonly expectedOn: string
}

const first =
  "Marta Jan Aylin Pierre Sofia Lukas Noor Emil Chiara Tom Ines Viktor Hanna Rui Greta Samir Olga Finn Lea Marek".split(
    " "
  )
const last =
  "Kowalska Dubois Yilmaz Moreau Rossi Brandt Haddad Larsen Bianchi Baker Costa Novak Weiss Santos Holm Khan Petrova Ryan Maes Zielinski".split(
    " "
  )
const streets = ["Mill Lane", "Rue Haute", "Lindenweg", "Via Roma", "Canal Street", "Kerkstraat"]
const cities = ["Ghent", "Leipzig", "Porto", "Turin", "Lille", "Utrecht"]
const words = ["no", "one", "two", "three", "four", "five", "six"]
const months = "January February March April May June July August September October November December".split(" ")
const weekdays = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ")
const day = 86_400_000

/** ISO date some days before (or, negative, after) a time. */
const isoBefore = (time: Date, days: number) => new Date(time.getTime() - days * day).toISOString().slice(0, 10)

/** How somebody writing at `now` names the day that was `days` ago. */
const spoken = (random: Random, now: Date, days: number): string => {
  const date = new Date(now.getTime() - days * day)
  const month = months[date.getUTCMonth()]!
  const absolute = [
    `on ${date.getUTCDate()} ${month}`,
    `on ${month} ${date.getUTCDate()}`,
    `on ${date.toISOString().slice(0, 10)}`
  ]
  const relative = days <= 7 ? [`last ${weekdays[date.getUTCDay()]}`] : days <= 20 ? [`${days} days ago`] : []
  return random.pick([...absolute, ...relative])
}

const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

interface Subject {
  /** "both", "two of them" … and whether that is one thing. */
  readonly who: string
  readonly one: boolean
}

const subjectOf = (ordered: number, units: number): Subject => {
  if (units < ordered) return { who: `${words[units]} of them`, one: units === 1 }
  return ordered === 1 ? { who: "it", one: true } : { who: ordered === 2 ? "both" : "all of them", one: false }
}

const complaints: Readonly<Record<Issue, (s: Subject) => ReadonlyArray<string>>> = {
  damaged: ({ one, who }) => [
    `${upper(who)} arrived cracked.`,
    `When I opened the parcel, ${who} ${one ? "was" : "were"} broken.`,
    `${upper(who)} ${one ? "has" : "have"} a deep dent and cannot be used.`,
    `There is a long scratch on ${who}.`
  ],
  wrong_item: ({ one, who }) => [
    `${upper(who)} turned out to be the wrong model.`,
    `I was sent the wrong colour: ${who} should be grey.`,
    `${upper(who)} ${one ? "is" : "are"} not what I ordered.`
  ],
  missing_part: ({ one, who }) => [
    `${upper(who)} came without the screws.`,
    `The mounting bracket is missing from ${who}.`,
    `${upper(who)} ${one ? "lacks" : "lack"} a part that the manual shows.`
  ],
  not_arrived: () => [
    "Nothing has arrived so far.",
    "The parcel has still not turned up.",
    "The tracking page has not moved for a week.",
    "It never arrived."
  ],
  changed_mind: ({ one, who }) => [
    `${upper(who)} ${one ? "is" : "are"} fine, but I no longer need ${one ? "it" : "them"}.`,
    `I changed my mind and would like to send ${who} back.`,
    `${upper(who)} ${one ? "does" : "do"} not suit our kitchen after all.`
  ],
  address_change: () => [],
  double_charge: () => [
    "My card was charged twice.",
    "I see the same payment two times on my statement.",
    "You took the money twice for it."
  ],
  feedback: () => [
    "I just wanted to say that your packaging is lovely.",
    "I am writing an article about small shops and would like to talk to your founders.",
    "Do you plan to open a store in my town?",
    "Are gift cards valid in all countries?"
  ]
}

const wants: Readonly<Record<Wish, ReadonlyArray<string>>> = {
  refund: ["Please refund me.", "I would like my money back.", "Kindly return the amount to my card."],
  replacement: ["Please send a replacement.", "I would rather have a new one.", "Could you send another?"],
  information: ["Could you tell me where my parcel is?", "Can you say when it will come?", "Is there any news?"],
  address_change: [""],
  none: [""]
}

const hurry: Readonly<Record<Priority, ReadonlyArray<string>>> = {
  high: ["This is urgent.", "I need this solved by Friday.", "It is a birthday present, so please be quick."],
  normal: [""],
  low: ["There is no hurry.", "Whenever you get to it is fine."]
}

const again = ["I already wrote to you about this.", "This is my second message.", "It is the third time I ask."]
const chat = [
  "I like your shop a lot.",
  "You can reach me at 0160 5551234 after 17:00.",
  "Your website is easy to use.",
  "My neighbour recommended you.",
  "I am at home on weekdays until noon.",
  "The weather here is awful, by the way."
]

const wishFor = (random: Random, issue: Issue): Wish => {
  if (issue === "address_change") return "address_change"
  if (issue === "feedback") return "none"
  if (issue === "changed_mind" || issue === "double_charge") return "refund"
  return issue === "not_arrived"
    ? random.pick(["information", "information", "refund", "replacement"] as const)
    : random.pick(["refund", "refund", "replacement"] as const)
}

const orderFor = (
  random: Random,
  issue: Issue,
  orderId: string,
  product: (typeof catalogue)[number],
  quantity: number,
  deliveredOn: string
): Order => {
  const status =
    issue === "not_arrived"
      ? random.pick(["in_transit", "in_transit", "lost"] as const)
      : issue === "address_change"
        ? random.pick(["processing", "processing", "in_transit"] as const)
        : "delivered"
  return {
    orderId,
    status,
    deliveredOn: status === "delivered" ? deliveredOn : null,
    sku: product.sku,
    quantity,
    unitCents: product.cents,
    paidCents: product.cents * quantity + 495,
    tracking: `TR${random.int(10_000_000, 99_999_999)}EU`
  }
}

const usual: ReadonlyArray<Issue> = [
  ...["damaged", "damaged", "damaged", "wrong_item", "wrong_item", "missing_part", "missing_part"],
  ...["not_arrived", "not_arrived", "not_arrived", "changed_mind", "changed_mind", "address_change", "double_charge"],
  "feedback"
] as ReadonlyArray<Issue>

/** Makes up one message: its facts first, then words for them, in an order and with asides that differ from message to message. */
export const makeTicket = (random: Random, number: number, receivedAt: Date): Made => {
  const issue = random.pick(usual)
  const wish = wishFor(random, issue)
  const customer = `${random.pick(first)} ${random.pick(last)}`
  const product = random.pick(catalogue)
  const ordered = random.pick([1, 1, 1, 2, 2, 3, 4, 6])
  const partial = ["damaged", "wrong_item", "missing_part", "changed_mind"].includes(issue) && random.chance(0.5)
  const units = partial && ordered > 1 ? random.int(1, ordered - 1) : ordered
  const days = issue === "address_change" ? random.int(1, 4) : random.int(5, 44)
  const orderId = `HH-${random.int(10_000, 99_999)}`
  const priority = random.pick(["high", "normal", "normal", "normal", "low"] as const)
  const repeatContact = random.chance(0.18)
  const about = issue === "feedback" ? null : product
  const when = spoken(random, receivedAt, days)
  const count = random.pick([words[ordered], `${ordered}`, `${ordered} x`])
  const goods = `${count} ${plural(product.name, ordered)}`
  const address = `${random.pick(streets)} ${random.int(1, 180)}, ${random.int(10_000, 99_999)} ${random.pick(cities)}`
  const intro = random.pick([
    `I ordered ${goods} from you ${when} (order ${orderId}).`,
    `With order ${orderId} I bought ${goods} ${when}.`,
    `${upper(when)} I bought ${goods} in your shop, order number ${orderId}.`
  ])
  const complaint =
    issue === "address_change"
      ? random.pick([`I moved house, and my new address is ${address}.`, `Please send it to ${address} instead.`])
      : random.pick(complaints[issue](subjectOf(ordered, units)))
  const extras = [
    random.pick(hurry[priority]),
    repeatContact ? random.pick(again) : "",
    random.chance(0.3) && about !== null
      ? random.pick([
          `My earlier order HH-${random.int(10_000, 99_999)} was perfect.`,
          `With HH-${random.int(10_000, 99_999)} last year everything went well.`
        ])
      : "",
    random.chance(0.5) ? random.pick(chat) : ""
  ]
  const told = [about === null ? "" : intro, complaint, random.pick(wants[wish])]
  const body = [...told, ...random.shuffled(extras)].filter((sentence) => sentence !== "").join(" ")
  const stamp = receivedAt.toISOString()
  const text = [
    `Ticket ${number} · received ${stamp.slice(0, 10)} ${stamp.slice(11, 16)} · ${random.pick(["email", "web form", "chat"])}`,
    "",
    random.pick(["Hello,", "Dear team,", "Hi there,", "Good day,"]),
    body,
    "",
    `${random.pick(["— ", "Thanks, ", "Best, ", "Yours, "])}${customer}`
  ].join("\n")
  const order =
    about === null
      ? null
      : orderFor(random, issue, orderId, product, ordered, isoBefore(receivedAt, Math.max(0, days - random.int(2, 5))))
  return {
    number,
    receivedAt,
    facts: {
      customer,
      orderId: about === null ? null : orderId,
      product: about?.name ?? null,
      units: about === null ? 0 : units,
      issue,
      wish,
      purchasedOn: about === null ? null : isoBefore(receivedAt, days),
      priority,
      repeatContact
    },
    text,
    order,
    expectedOn: isoBefore(receivedAt, -random.int(2, 6))
  }
}
