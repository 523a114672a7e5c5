import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn } from "../../json.ts"

/** A call to a model in a sample's events, with what stands around it. */
export interface ModelEvent {
  readonly event: JsonObject
  /** Its place among the events of the sample. */
  readonly at: number
  /** Made by a scorer: it judges the sample and is no step of it. */
  readonly judges: boolean
  /** The innermost agent that made it. */
  readonly agent?: string
}

/** A sample's events, the model's told from the others; those are counted by their kind. */
export interface Events {
  readonly calls: ReadonlyArray<ModelEvent>
  readonly others: ReadonlyMap<string, number>
}

/** What is open at an event: spans of newer logs, steps of older ones. */
interface Open {
  readonly id: string
  readonly type: string
  readonly name: string
}

/** Goes through the events of a sample, wherever its version of Inspect put them. */
export const eventsOf = (sample: JsonObject): Events => {
  const all = arrayIn(sample["events"]) ?? arrayIn(objectIn(sample["transcript"])?.["events"]) ?? []
  const open: Array<Open> = []
  const calls: Array<ModelEvent> = []
  const others = new Map<string, number>()
  for (const [at, one] of all.entries()) {
    const event = objectIn(one)
    const kind = textIn(event?.["event"]) ?? "event without a kind"
    if (event === undefined || kind !== "model") {
      others.set(`inspect ${kind}`, (others.get(`inspect ${kind}`) ?? 0) + 1)
      if (event !== undefined) follow(open, kind, event)
      continue
    }
    const agent = open.findLast(({ type }) => type === "agent")?.name
    calls.push({
      event,
      at,
      judges: open.some(({ type }) => type === "scorer" || type === "scorers") || textIn(event["role"]) === "grader",
      ...(agent === undefined ? {} : { agent })
    })
  }
  return { calls, others }
}

const follow = (open: Array<Open>, kind: string, event: JsonObject) => {
  const id = textIn(event["id"]) ?? ""
  const type = textIn(event["type"]) ?? ""
  const name = textIn(event["name"]) ?? ""
  if (kind === "span_begin") open.push({ id, type, name })
  else if (kind === "span_end") {
    const at = open.findLastIndex((one) => one.id === id)
    if (at !== -1) open.splice(at)
  } else if (kind === "step" && event["action"] === "begin") open.push({ id: `step ${name}`, type, name })
  else if (kind === "step" && event["action"] === "end") {
    const at = open.findLastIndex((one) => one.id === `step ${name}`)
    if (at !== -1) open.splice(at)
  }
}
