import { catalogue } from "./catalogue.ts"
import { type Issue, type Priority, queueOf, type Report, type Wish } from "./policy.ts"

/** What a reader gets out of a customer's message. Dates are ISO. */
export interface Ticket extends Report {
  readonly customer: string
  readonly orderId: string | null
  /** An order that is mentioned but is not what the message is about. */
  readonly otherOrderId: string | null
  readonly product: string | null
  /** Units that were ordered; `units` are those the message is about. */
  readonly ordered: number
  readonly purchasedOn: string | null
  readonly priority: Priority
  readonly repeatContact: boolean
}

const numbers = ["no", "one", "two", "three", "four", "five", "six"]
const numberOf = (word: string) => {
  const known = numbers.indexOf(word.toLowerCase())
  return known === -1 ? (/^an?$/i.test(word) ? 1 : Number(word)) : known
}

const months = "January February March April May June July August September October November December".split(" ")
const weekdays = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ")
const isoOf = (time: number) => new Date(time).toISOString().slice(0, 10)
const day = 86_400_000

/** The latest such day that is not after `received`. */
const dayAndMonth = (date: number, month: string, received: string) => {
  const at = (year: number) => Date.UTC(year, months.indexOf(month), date)
  const year = Number(received.slice(0, 4))
  return isoOf(at(year) > Date.parse(received) ? at(year - 1) : at(year))
}

/** The first date that the text gives, absolute or told from the day it was received. */
const dateIn = (text: string, received: string): string | null => {
  const iso = /\bon (\d{4}-\d\d-\d\d)\b/i.exec(text)
  if (iso) return iso[1]!
  const named = new RegExp(`\\b(\\d{1,2}) (${months.join("|")})\\b`).exec(text)
  if (named) return dayAndMonth(Number(named[1]), named[2]!, received)
  const american = new RegExp(`\\b(${months.join("|")}) (\\d{1,2})(?:st|nd|rd|th)?\\b`).exec(text)
  if (american) return dayAndMonth(Number(american[2]), american[1]!, received)
  const ago = /\b(\w+) days ago\b/.exec(text)
  if (ago) return isoOf(Date.parse(received) - numberOf(ago[1]!) * day)
  const last = new RegExp(`\\blast (${weekdays.join("|")})\\b`, "i").exec(text)
  if (last === null) return null
  const back = (new Date(received).getUTCDay() - weekdays.indexOf(last[1]!) + 7) % 7
  return isoOf(Date.parse(received) - (back === 0 ? 7 : back) * day)
}

const issueCues: ReadonlyArray<readonly [Issue, RegExp]> = [
  ["double_charge", /charged (?:me |my card )?twice|twice on my statement|same payment two times|money twice/i],
  ["address_change", /new address|send it to|moved (?:house|last)|different address/i],
  ["not_arrived", /(?:not|nothing|never) (?:\w+ )?(?:arrived|turned up|come)|nothing came|has not moved/i],
  ["changed_mind", /no longer need|changed my mind|does not suit|do not suit|send (?:it|them|both|one) back because/i],
  ["missing_part", /without the|is missing from|\blacks?\b|incomplete/i],
  ["wrong_item", /wrong (?:model|colour|item)|not what I ordered|different model/i],
  ["damaged", /cracked|broken|dent|shattered|scratch|torn/i]
]

const wishCues: ReadonlyArray<readonly [Wish, RegExp]> = [
  ["refund", /refund|money back|return the amount|pay me back/i],
  ["replacement", /replacement|new ones?\b|exchange|send another/i],
  ["information", /where (?:it|my parcel) is|when it will|let me know what is going on|any news/i]
]

const wishOf = (issue: Issue, text: string): Wish => {
  if (issue === "address_change") return "address_change"
  if (issue === "feedback") return "none"
  return wishCues.find(([, cue]) => cue.test(text))?.[0] ?? "information"
}

const priorityOf = (text: string): Priority =>
  /urgent|by (?:Monday|Tuesday|Wednesday|Thursday|Friday|tomorrow)|birthday|as soon as/i.test(text)
    ? "high"
    : /no hurry|no rush|whenever you/i.test(text)
      ? "low"
      : "normal"

const productIn = (text: string) => {
  const lower = text.toLowerCase()
  return catalogue.find(({ name }) => lower.includes(name.toLowerCase()))?.name ?? null
}

/** Units ordered, and units that the message is about. */
const unitsIn = (text: string, product: string | null) => {
  if (product === null) return { ordered: 0, units: 0 }
  const before = new RegExp(`(\\w+)(?: x| pieces of the)? ${product}`, "i").exec(text)
  const ordered = numberOf(before?.[1] ?? "one")
  const some = /\b(\w+) of them\b/i.exec(text)
  const word = some === null ? null : numberOf(some[1]!)
  return { ordered, units: word === null || Number.isNaN(word) ? ordered : word }
}

const addressIn = (text: string): Report["address"] => {
  const found = /(?:address is|send it to|address:) ([\w .'-]+?\d+\w?), (\d{5}) ([\w -]+?)(?: instead)?[.,\n]/i.exec(
    text
  )
  return found === null ? null : { street: found[1]!, postcode: found[2]!, city: found[3]! }
}

/** Sentences about another order than the one in question. */
const aside = /[^.!?\n]*\b(?:earlier|previous|other) order[^.!?\n]*[.!?]|[^.!?\n]*last year[^.!?\n]*[.!?]/gi
const orderId = /\bHH-\d{5}\b/

/** The number under which the desk keeps the message, where the text is one. */
const header = /^Ticket \d+ · received (\d{4}-\d\d-\d\d)/m

/** Reads a message as a careful person would. `null` when the text is no ticket. */
export const readTicket = (text: string): Ticket | null => {
  const found = header.exec(text)
  if (found === null) return null
  const receivedOn = found[1]!
  const message = text.slice(found.index + found[0].length)
  const body = message.replace(aside, "")
  const other = (message.match(aside) ?? [])
    .map((sentence) => orderId.exec(sentence)?.[0])
    .find((id) => id !== undefined)
  const issue = issueCues.find(([, cue]) => cue.test(body))?.[0] ?? "feedback"
  const product = productIn(body)
  const lines = text.trim().split("\n")
  return {
    customer: lines[lines.length - 1]!.replace(/^(?:—|-|Thanks,|Best,|Yours,)\s*/, "").trim(),
    orderId: orderId.exec(body)?.[0] ?? null,
    otherOrderId: other ?? null,
    product,
    ...unitsIn(body, product),
    issue,
    wish: wishOf(issue, body),
    receivedOn,
    purchasedOn: product === null ? null : dateIn(body, receivedOn),
    address: addressIn(body),
    priority: priorityOf(body),
    repeatContact: /already wrote|second message|third time|written before/i.test(body)
  }
}

/** The queue of a ticket. */
export const queueFor = (ticket: Ticket) => queueOf[ticket.issue]
