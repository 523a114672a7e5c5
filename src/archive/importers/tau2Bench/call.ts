import * as Result from "effect/Result"

import type { ArchivedCall, Params, Signal } from "../../../domain/Call.ts"
import type { Message } from "../../../domain/Message.ts"
import { readRequest } from "../../../providers/wires/openaiChat.ts"
import { billIn, unbilled } from "../../billed.ts"
import type { Found } from "../../contract.ts"
import type { Recorded } from "../../fidelity.ts"
import type { JsonObject } from "../../json.ts"
import { numberIn, objectIn, textIn } from "../../json.ts"
import { LabelSet } from "../../labels.ts"
import { openBody } from "../../secrets.ts"
import { callOf, timingOf } from "../../spans/record.ts"
import { type Moment, momentOf } from "../../times.ts"
import { answerOf, answersIn, messagesIn, shownIn, toolsIn } from "./simulation.ts"

/** Where a simulation stands. */
export interface Place {
  readonly file: string
  readonly line: number
}

/** How a run was set up, as its `info` tells it. */
interface Setup {
  readonly provider: string | undefined
  readonly model: string | undefined
  readonly domain: string | undefined
  readonly params: Params
  readonly hasParams: boolean
  readonly environment: JsonObject | undefined
}

const setupOf = (info: JsonObject | undefined): Setup => {
  const agent = objectIn(info?.["agent_info"])
  const environment = objectIn(info?.["environment_info"])
  // The names are LiteLLM's: `provider/model`, or a model alone.
  const named = textIn(agent?.["llm"])?.split("/") ?? []
  const args = objectIn(agent?.["llm_args"])
  const model = named.length > 1 ? named.slice(1).join("/") : named[0]
  const read = readRequest(openBody({ ...args, model: model ?? "unknown", messages: [] }))
  return {
    provider: named.length > 1 ? named[0] : undefined,
    model,
    domain: textIn(environment?.["domain_name"]),
    params: Result.isSuccess(read) ? read.success.params : {},
    hasParams: args !== undefined && Result.isSuccess(read),
    environment
  }
}

const before = (moment: Moment | undefined, seconds: number | undefined): Moment | undefined =>
  moment === undefined || seconds === undefined || seconds < 0 ? undefined : momentOf(moment.ms - seconds * 1000)

/** From the benchmark's clock: an answer's own time is that of its end. */
const timesOf = (raw: JsonObject, previous: JsonObject | undefined): ArchivedCall["timing"] => {
  const end = momentOf(raw["timestamp"])
  const took = numberIn(raw["generation_time_seconds"])
  const start = before(end, took) ?? momentOf(previous?.["timestamp"]) ?? end
  return { ...timingOf(start, end, undefined), basis: "derived" }
}

/** LiteLLM's own reckoning; where it knows no price it says 0. */
const billOf = (raw: JsonObject) => {
  const bill = billIn(numberIn(raw["cost"]) === 0 ? undefined : raw["cost"])
  return bill.nanoUsd === null
    ? { billed: unbilled, notes: bill.note === undefined ? [] : [bill.note] }
    : {
        billed: { nanoUsd: bill.nanoUsd.toString(), basis: "client-estimate", billing: "metered" } as const,
        notes: []
      }
}

const signalsOf = (simulation: JsonObject): ReadonlyArray<Signal> => {
  const rewards = objectIn(simulation["reward_info"])
  const reward = numberIn(rewards?.["reward"])
  const end = textIn(simulation["termination_reason"])
  const at = momentOf(simulation["end_time"])?.iso
  const timed = at === undefined ? {} : { at }
  return [
    ...(reward === undefined
      ? []
      : [{ name: "reward", value: reward, source: "env-reward", scope: "trajectory", ...timed } as const]),
    ...Object.entries(objectIn(rewards?.["reward_breakdown"]) ?? {}).flatMap(([name, value]): ReadonlyArray<Signal> => {
      const part = numberIn(value)
      return part === undefined
        ? []
        : [{ name: `reward.${name.slice(0, 60)}`, value: part, source: "env-reward", scope: "trajectory", ...timed }]
    }),
    ...(end === undefined
      ? []
      : [
          {
            name: "termination_reason",
            value: end.slice(0, 60),
            source: "system",
            scope: "trajectory",
            ...timed
          } as const
        ])
  ]
}

const policyNote = "the system prompt is the domain's policy alone, without the agent's own instruction around it"
const noPolicy = "the policy is not in the file: the system prompt is missing; --supply adds one"

/** A simulation as calls of its agent, with its reward; a skip where there is nothing to read. */
export const callsOf = (place: Place, info: JsonObject | undefined, simulation: JsonObject): ReadonlyArray<Found> => {
  const skip = (reason: string): ReadonlyArray<Found> => [{ _tag: "Skip", file: place.file, line: place.line, reason }]
  const task = textIn(simulation["task_id"])
  const trial = textIn(simulation["trial"]) ?? "0"
  const id = textIn(simulation["id"]) ?? (task === undefined ? undefined : `${place.file}:${task}:${trial}`)
  if (id === undefined) return skip("a simulation without an id and without a task")
  const messages = messagesIn(simulation)
  if (messages.length === 0)
    return skip(
      Array.isArray(simulation["ticks"])
        ? "a voice simulation: what was said is sound in slices of time, not messages"
        : "a simulation without messages"
    )
  const setup = setupOf(info)
  const answers = answersIn(messages)
  if (answers.length === 0) return skip("a simulation without an answer of the model")
  const shown = shownIn(messages, new Set(answers), setup.model ?? "")
  if (Result.isFailure(shown)) return skip(`a simulation's messages cannot be read: ${shown.failure}`)
  const policy = textIn(simulation["policy"]) ?? textIn(setup.environment?.["policy"])
  const system: ReadonlyArray<Message> =
    policy === undefined ? [] : [{ role: "system", placement: "inline", blocks: [{ type: "text", text: policy }] }]
  const tools = toolsIn(setup.environment)
  const labels = new LabelSet()
    .add("application", "tau2-bench")
    .add("domain", setup.domain)
    .add("taskType", setup.domain === undefined ? "tau2-bench" : `tau2-bench ${setup.domain}`)
    .add("task", task)
    .add("trial", simulation["trial"])
    .add("agent", objectIn(info?.["agent_info"])?.["implementation"])
    .add("mode", simulation["mode"]).all
  const recorded: Recorded = {
    system: policy === undefined ? "absent" : "partial",
    tools: tools === null ? "absent" : "reconstructed",
    params: setup.hasParams ? "verbatim" : "absent",
    notes: [
      policy === undefined ? noPolicy : policyNote,
      tools === null
        ? "tool definitions are part of the benchmark's code and not of its log: --supply gives them"
        : "tools are described as the benchmark lists them, not as they were sent",
      ...(setup.hasParams ? [] : ["settings (temperature and such) are not recorded"]),
      ...(setup.model === undefined ? ["the file names no model: import the whole run, results.json included"] : [])
    ]
  }
  const calls = answers.map((at, step): Found => {
    const raw = messages[at]!
    const own = shown.success.find((one) => one.at === at)?.message.blocks ?? []
    const { response, usage } = answerOf(raw, own)
    const { billed, notes } = billOf(raw)
    return callOf({
      importer: "tau2-bench",
      file: place.file,
      line: place.line,
      dedupeKey: `tau2-bench:${id}:${at}`,
      exchange: {
        request: {
          wire: "openai.chat",
          ...(setup.provider === undefined ? {} : { provider: setup.provider }),
          model: setup.model ?? response.model ?? "unknown",
          messages: [...system, ...shown.success.filter((one) => one.at < at).map(({ message }) => message)],
          tools,
          params: setup.params
        },
        response,
        usage,
        recorded: { ...recorded, ...(response.blocks.length === 0 ? { response: "absent" as const } : {}) }
      },
      billed,
      timing: timesOf(raw, messages[at - 1]),
      native: { id: `${id}:${at}`, ...(response.id === undefined ? {} : { responseId: response.id }) },
      producer: { name: "tau2-bench" },
      grouping: { sessionId: id, trajectoryId: id, stepIndex: step, agentRole: "main", attempt: 0 },
      labels,
      notes
    })
  })
  const asked = messages.filter((message) => message["role"] === "user" && objectIn(message["usage"]) !== undefined)
  return [
    ...calls,
    ...(asked.length === 0
      ? []
      : [{ _tag: "Other" as const, type: "answer of the simulated user", count: asked.length }]),
    ...signalsOf(simulation).map((signal): Found => ({ _tag: "Verdict", of: id, signal }))
  ]
}
