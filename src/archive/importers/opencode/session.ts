import type { Message } from "../../../domain/Message.ts"
import type { Found } from "../../contract.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, numberIn, objectIn, textIn } from "../../json.ts"
import { callOf, type Made, type SessionFacts } from "./call.ts"
import type { Producer } from "./parts.ts"
import { answerBlocks, toolResults, userMessages } from "./parts.ts"
import type { Held } from "./rows.ts"
import type { Step } from "./steps.ts"
import { stepsIn, toolsEnded } from "./steps.ts"
import { testsOf } from "./tests.ts"

const producerOf = (info: JsonObject): Producer => ({
  provider: textIn(info["providerID"]) ?? "unknown",
  model: textIn(info["modelID"]) ?? "unknown"
})

const isAnswer = ({ info }: Held) => info["role"] === "assistant"
const isSummary = ({ info }: Held) => info["summary"] === true
const errorName = ({ info }: Held) => textIn(objectIn(info["error"])?.["name"])
const compactionIn = ({ parts }: Held) => parts.find(({ type }) => type === "compaction")

/** A failed answer is not sent again, unless its user broke it off with something in it. */
const isSent = (held: Held) =>
  errorName(held) === undefined ||
  (errorName(held) === "MessageAbortedError" &&
    held.parts.some(({ type }) => type !== "step-start" && type !== "reasoning"))

/** Where the conversation begins that a message goes on from: at the last summary before it that was completed. */
const beginOf = (all: ReadonlyArray<Held>, before: number): number => {
  const at = all
    .slice(0, before)
    .findLastIndex((held) => isAnswer(held) && isSummary(held) && errorName(held) === undefined)
  if (at === -1) return 0
  const asked = all.findIndex(({ info }) => info["id"] !== undefined && info["id"] === all[at]?.info["parentID"])
  const compaction = asked === -1 ? undefined : compactionIn(all[asked]!)
  if (compaction === undefined) return at
  const tail = all.findIndex(({ info }) => info["id"] === compaction["tail_start_id"])
  return tail !== -1 && compaction["tail_start_id"] !== undefined && tail < asked ? tail : asked
}

/** A session's messages, in order, read into calls. */
export class OpencodeSession {
  readonly #facts: SessionFacts
  readonly #all: ReadonlyArray<Held>
  readonly #steps: ReadonlyArray<ReadonlyArray<Step>>
  readonly #said = new Map<string, ReadonlyArray<Message>>()

  constructor(facts: SessionFacts, messages: ReadonlyArray<Held>) {
    this.#facts = facts
    this.#all = messages
    this.#steps = messages.map((held) => (isAnswer(held) ? stepsOf(held) : []))
  }

  read(): ReadonlyArray<Found> {
    const found: Array<Found> = []
    let place = 0
    for (const [at, held] of this.#all.entries()) {
      if (!isAnswer(held)) {
        found.push({ _tag: "Other", type: `message: ${(textIn(held.info["role"]) ?? "unknown").slice(0, 40)}` })
        continue
      }
      const steps = this.#steps[at] ?? []
      if (steps.length === 0) found.push({ _tag: "Other", type: "answer without content" })
      for (const [n, step] of steps.entries()) {
        found.push(callOf(this.#facts, this.#made(at, n, step, place)))
        place += 1
        for (const signal of testsOf(step)) found.push({ _tag: "Verdict", of: this.#facts.id, signal })
      }
    }
    return found
  }

  #made(at: number, n: number, step: Step, place: number): Made {
    const held = this.#all[at]!
    const steps = this.#steps[at] ?? []
    const asked = n === 0 ? numberIn(objectIn(held.info["time"])?.["created"]) : toolsEnded(steps[n - 1])
    const begin = beginOf(this.#all, at)
    const told = { cleared: false, lost: false }
    const before = Array.from({ length: at - begin }, (_, index) => begin + index)
    const messages = before.flatMap((place) => this.#messagesOf(place, asked, told, undefined))
    const own = this.#messagesOf(at, asked, told, n)
    const user = this.#all.slice(0, at).findLast(({ info }) => info["role"] === "user")?.info
    const system = systemIn(held.info, user)
    return {
      held,
      index: n,
      place,
      step,
      last: n === steps.length - 1,
      alone: !steps.some(({ finish }) => finish !== undefined),
      asked,
      messages: [...system.messages, ...messages, ...own],
      system: system.state,
      blocks: answerBlocks(step.parts, producerOf(held.info)),
      compacts: isSummary(held),
      shortened: begin > 0,
      ...told,
      variant: textIn(objectIn(user?.["model"])?.["variant"])
    }
  }

  /** What a message put into the conversation, of an answer the steps before `until`; the same objects as long as nothing has changed. */
  #messagesOf(
    at: number,
    asked: number | undefined,
    told: { cleared: boolean; lost: boolean },
    until: number | undefined
  ): ReadonlyArray<Message> {
    const held = this.#all[at]!
    const kept = (key: string, make: () => ReadonlyArray<Message>) => {
      const known = this.#said.get(key) ?? make()
      this.#said.set(key, known)
      return known
    }
    if (held.info["role"] === "user") return kept(`${at}`, () => userMessages(held.parts))
    if (!isAnswer(held) || (until === undefined && !isSent(held))) return []
    return (this.#steps[at] ?? []).slice(0, until).flatMap((step, n) => {
      const { blocks, cleared, lost } = toolResults(step.parts, asked)
      told.cleared ||= cleared > 0
      told.lost ||= lost
      return kept(`${at}:${n}:${cleared}`, () => {
        const said = answerBlocks(step.parts, producerOf(held.info))
        return [
          ...(said.length === 0 ? [] : [{ role: "assistant" as const, blocks: said }]),
          ...(blocks.length === 0 ? [] : [{ role: "tool" as const, blocks }])
        ]
      })
    })
  }
}

/** The steps of an answer, and one more where the message ends with a call that failed. */
const stepsOf = (held: Held): ReadonlyArray<Step> => {
  const steps = stepsIn(held.parts)
  const error = errorName(held)
  const ended = steps.length === 0 || steps.at(-1)?.finish !== undefined
  const ofCall = error !== undefined && error !== "MessageOutputLengthError"
  return ofCall && ended && (steps.length === 0 || error !== "MessageAbortedError")
    ? [...steps, { parts: [], finish: undefined, retries: held.parts.filter(({ type }) => type === "retry").length }]
    : steps
}

/** The system prompt: old versions kept all of it with the answer, newer ones only what the user has set. */
const systemIn = (
  info: JsonObject,
  user: JsonObject | undefined
): { readonly messages: ReadonlyArray<Message>; readonly state: Made["system"] } => {
  const whole = (arrayIn(info["system"]) ?? []).flatMap((one) => textIn(one) ?? [])
  const texts = whole.length > 0 ? whole : [textIn(user?.["system"])].filter((text) => text !== undefined)
  return {
    messages: texts.map((text) => ({ role: "system", placement: "top", blocks: [{ type: "text", text }] })),
    state: whole.length > 0 ? "verbatim" : texts.length > 0 ? "partial" : "absent"
  }
}
