import { queueOf } from "../../src/standin/desk/policy.ts"
import type { JsonObject } from "../../src/standin/json.ts"
import type { Task } from "../../src/standin/Profile.ts"
import { profiles } from "../../src/standin/profiles.ts"
import { answered, failed, type Sender, secondsFor } from "./litellm.ts"
import { Random } from "./random.ts"
import { askIncumbent, type Exchange, sessionOf } from "./session.ts"
import { type Made, makeTicket } from "./tickets.ts"

/** The sample's lines, and what is in them. */
export interface Sample {
  readonly lines: ReadonlyArray<string>
  readonly counts: Readonly<Record<string, number>>
}

const seed = 20_260_506
const tickets = 216
const from = Date.UTC(2026, 4, 4)
const days = 61

const teams = {
  intake: ["ana.ribeiro", "jonas.weber"],
  returns: ["mei.lin", "olu.adeyemi"],
  logistics: ["priya.nair", "tomas.silva"],
  care: ["lucia.moretti", "ben.carter"]
} as const

const teamOf = (task: Task, made: Made): keyof typeof teams => {
  if (task === "triage" || task === "extract") return "intake"
  if (task === "reply") return "care"
  return ["returns", "billing"].includes(queueOf[made.facts.issue]) ? "returns" : "logistics"
}

/** When the messages come in: office hours more than nights, weekdays more than week-ends; in order. */
const arrivals = (random: Random): ReadonlyArray<Date> => {
  const times: Array<number> = []
  while (times.length < tickets) {
    const time = from + Math.floor(random.next() * days * 1440) * 60_000
    const date = new Date(time)
    const quiet = date.getUTCHours() < 6 || date.getUTCHours() > 20 || date.getUTCDay() % 6 === 0
    if (!quiet || random.chance(0.25)) times.push(time)
  }
  return times.sort((a, b) => a - b).map((time) => new Date(time))
}

interface Row {
  readonly at: number
  readonly row: JsonObject
}

/** The rows of one ticket's session. */
const rowsOf = (random: Random, made: Made): ReadonlyArray<Row> => {
  const incumbent = profiles[0]!
  const rows: Array<Row> = []
  let at = made.receivedAt.getTime() / 1000 + random.int(5, 90)
  const senderOf = (task: Task, trace: string): Sender => {
    const team = teamOf(task, made)
    const engineer = teams[team][made.number % 2]!
    return { engineer, team, session: `ticket-${made.number}`, trace, task, startedAt: at }
  }
  const add = ({ request, said, task }: Exchange, trace: string) => {
    rows.push({ at, row: answered(senderOf(task, trace), request, said) })
    at = Math.round((at + secondsFor(said) + random.int(1, 40)) * 1000) / 1000
  }
  for (const [i, exchange] of sessionOf(incumbent, made, random.chance(0.9)).entries()) {
    const trace = `trace-${made.number}-${i}`
    const { request, task } = exchange
    if (random.chance(0.004)) {
      const [code, name] = random.pick([
        [429, "RateLimitError"],
        [503, "ServiceUnavailableError"]
      ] as const)
      rows.push({ at, row: failed(senderOf(task, trace), request, `failed-${made.number}-${i}`, code, name) })
      at += 2
    }
    add(exchange, trace)
    // A colleague did not like the reply and asked again.
    if (task === "reply" && random.chance(0.05))
      add(askIncumbent(incumbent, task, request, 1), `trace-${made.number}-${i}-again`)
  }
  return rows
}

const count = (rows: ReadonlyArray<Row>, test: (row: JsonObject) => boolean) =>
  rows.filter(({ row }) => test(row)).length

/** Makes the sample: the same one at every call. */
export const makeSample = (): Sample => {
  const random = new Random(seed)
  const made = arrivals(random).map((time, i) => makeTicket(random, 58_001 + i, time))
  const rows = made.flatMap((ticket) => rowsOf(random, ticket)).sort((a, b) => a.at - b.at)
  const lines = rows.map(({ row }) => JSON.stringify(row))
  const copies = Array.from({ length: 14 }, () => random.int(0, lines.length - 1))
  const torn = Array.from({ length: 4 }, () => random.int(0, lines.length - 1))
  const all = lines.flatMap((line, i) => [
    line,
    ...copies.filter((at) => at === i).map(() => line),
    ...torn.filter((at) => at === i).map(() => line.slice(0, Math.floor(line.length * 0.7)))
  ])
  const isTask = (task: Task) => (row: JsonObject) =>
    row["status"] === "success" && (row["request_tags"] as ReadonlyArray<string>).includes(task)
  return {
    lines: all,
    counts: {
      lines: all.length,
      "answered calls": count(rows, (row) => row["status"] === "success"),
      "failed calls": count(rows, (row) => row["status"] === "failure"),
      "lines that stand there twice": copies.length,
      "broken lines": torn.length,
      sessions: made.length,
      triage: count(rows, isTask("triage")),
      extract: count(rows, isTask("extract")),
      act: count(rows, isTask("act")),
      reply: count(rows, isTask("reply")),
      "replies that were asked for again": count(rows, (row) => String(row["trace_id"]).endsWith("again"))
    }
  }
}
