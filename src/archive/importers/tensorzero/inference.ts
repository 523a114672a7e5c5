import * as Result from "effect/Result"

import type { ArchivedCall, Timing } from "../../../domain/Call.ts"
import { digestOf } from "../../../domain/digest.ts"
import { billIn, unbilled } from "../../billed.ts"
import type { Found } from "../../contract.ts"
import type { JsonObject } from "../../json.ts"
import { textIn } from "../../json.ts"
import { LabelSet } from "../../labels.ts"
import { callOf } from "../../spans/record.ts"
import type { Exchange } from "../../spans/span.ts"
import { momentOf } from "../../times.ts"
import type { Chain } from "../wires/chain.ts"
import { isBody, readGatewayRow } from "../wires/gateway.ts"
import { addTags } from "../wires/tags.ts"
import { outputIn } from "./content.ts"
import { countsOf, inferenceExchange, ownExchange } from "./exchange.ts"
import { keyOf } from "./feedback.ts"
import { millisecondsIn, momentIn, momentOfRow, tagsOf } from "./rows.ts"

/** A row and where it lies. */
export interface Placed {
  readonly file: string
  readonly line: number
  readonly row: JsonObject
}

/** What an inference's own row says of its calls. */
export interface Meta {
  readonly functionName?: string
  readonly variant?: string
  readonly episode?: string
  readonly tags: JsonObject
  /** A digest of what the inference answered. */
  readonly answer?: string
}

/** A digest of an output, the same one in the inference's row and in that of the model which gave it. */
const said = (raw: unknown): string | undefined => {
  const blocks = outputIn(raw)
  return blocks === undefined ? undefined : digestOf(blocks)
}

/** Reads what a row says of the inference: all of it in ChatInference and JsonInference, names alone in newer ModelInference rows. */
export const metaOf = (row: JsonObject): Meta => {
  const [functionName, variant, episode] = ["function_name", "variant_name", "episode_id"].map((n) => textIn(row[n]))
  return {
    ...(functionName === undefined ? {} : { functionName }),
    ...(variant === undefined ? {} : { variant }),
    ...(episode === undefined ? {} : { episode }),
    tags: tagsOf(row),
    ...("model_name" in row ? {} : answered(said(row["output"])))
  }
}

const answered = (answer: string | undefined) => (answer === undefined ? {} : { answer })

/** One inference: its own row, and the calls of models that were made for it. */
export interface Inference {
  row: Placed | undefined
  meta: Meta | undefined
  readonly models: Array<Placed>
}

const labelsOf = (meta: Meta, asked: JsonObject | undefined, modelName: unknown): ArchivedCall["labels"] => {
  const labels = new LabelSet()
    .addAll(meta.tags, "tags")
    .add("taskType", meta.functionName)
    .add("variant", meta.variant)
    .add("modelName", modelName)
  return (asked === undefined ? labels : addTags(labels, asked)).all
}

const templateOf = ({ functionName, variant }: Meta) =>
  functionName === undefined
    ? {}
    : { promptTemplate: { name: functionName, ...(variant === undefined ? {} : { version: variant }) } }

const groupingOf = ({ episode }: Meta): ArchivedCall["grouping"] => ({
  ...(episode === undefined ? {} : { sessionId: episode, trajectoryId: episode }),
  attempt: 0
})

/** A model's id was made when its answer was there. */
const timingOf = (row: JsonObject): Timing => {
  const end = momentOfRow(row)
  const latencyMs = millisecondsIn(row, "response_time_ms")
  const ttftMs = millisecondsIn(row, "ttft_ms")
  const start = end === undefined ? undefined : momentOf(end.ms - (latencyMs ?? 0))
  return {
    startedAt: start?.iso ?? null,
    ...(end === undefined ? {} : { endedAt: end.iso }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    ...(ttftMs === undefined ? {} : { ttftMs }),
    basis: "derived"
  }
}

const billedOf = (row: JsonObject) => {
  if (row["cached"] === true || row["cached"] === 1)
    return { billed: { nanoUsd: "0", basis: "gateway", billing: "cached-response" } as const, notes: [] }
  const { nanoUsd, note } = billIn(row["cost"])
  return {
    billed:
      nanoUsd === null ? unbilled : ({ nanoUsd: nanoUsd.toString(), basis: "gateway", billing: "metered" } as const),
    notes: note === undefined ? [] : [note]
  }
}

const readModel = (row: JsonObject, chain: Chain): { readonly exchange: Exchange; readonly asked?: JsonObject } => {
  if (!isBody(row["raw_request"])) return { exchange: ownExchange(row, ["the raw bodies were not kept"]) }
  const provider = textIn(row["model_provider_name"])
  const model = textIn(row["model_name"])
  const read = readGatewayRow(
    { request: row["raw_request"], response: row["raw_response"], model, provider, counts: countsOf(row) },
    chain
  )
  return Result.match(read, {
    onFailure: (why) => ({ exchange: ownExchange(row, [`the raw bodies are not used: ${why}`]) }),
    onSuccess: ({ asked, exchange }) => ({
      exchange: isBody(row["raw_response"]) ? exchange : answeredBy(row, exchange),
      ...(asked === undefined ? {} : { asked })
    })
  })
}

/** A raw request with the answer as TensorZero read it. */
const answeredBy = (row: JsonObject, exchange: Exchange): Exchange => {
  const own = ownExchange(row, [])
  if (own.response.blocks.length === 0) return exchange
  return {
    ...exchange,
    response: own.response,
    recorded: {
      ...exchange.recorded,
      response: "reconstructed",
      notes: ["the raw answer was not kept: it is told as TensorZero read it"]
    }
  }
}

const modelCall = (
  { file, line, row }: Placed,
  about: { readonly inference: string; readonly meta: Meta | undefined; readonly principal: boolean },
  chain: Chain
): Found => {
  const meta = { ...metaOf(row), ...about.meta }
  const id = textIn(row["id"])
  const { asked, exchange } = readModel(row, chain)
  const { billed, notes } = billedOf(row)
  if (exchange.request.messages.length === 0 && exchange.response.blocks.length === 0 && exchange.usage.input === null)
    return { _tag: "Skip", file, line, reason: "a row of ModelInference without bodies, messages and counts" }
  const own = id ?? digestOf([exchange.request, exchange.response])
  return callOf({
    importer: "tensorzero",
    file,
    line,
    dedupeKey: about.principal ? keyOf(about.inference) : `${keyOf(about.inference)}:${own}`,
    exchange: { ...exchange, request: { ...exchange.request, ...templateOf(meta) } },
    billed,
    timing: timingOf(row),
    native: {
      inferenceId: about.inference,
      ...(id === undefined ? {} : { id }),
      ...(exchange.response.id === undefined ? {} : { responseId: exchange.response.id })
    },
    grouping: groupingOf(meta),
    labels: labelsOf(meta, asked, row["model_name"]),
    notes,
    // The call with what its inference says of it is fuller than the call alone, and that is fuller than the inference alone.
    rank: about.meta === undefined ? 1 : 2
  })
}

const inferenceCall = ({ file, line, row }: Placed, inference: string): Found => {
  const meta = metaOf(row)
  const exchange = inferenceExchange(row)
  if (exchange.request.messages.length === 0 && exchange.response.blocks.length === 0)
    return { _tag: "Skip", file, line, reason: "an inference without input and output" }
  const start = momentIn(inference) ?? momentOf(row["timestamp"])
  const latencyMs = millisecondsIn(row, "processing_time_ms")
  const ttftMs = millisecondsIn(row, "ttft_ms")
  return callOf({
    importer: "tensorzero",
    file,
    line,
    dedupeKey: keyOf(inference),
    exchange: { ...exchange, request: { ...exchange.request, ...templateOf(meta) } },
    billed: unbilled,
    timing: {
      startedAt: start?.iso ?? null,
      ...(latencyMs === undefined ? {} : { latencyMs }),
      ...(ttftMs === undefined ? {} : { ttftMs }),
      basis: "derived"
    },
    native: { inferenceId: inference },
    grouping: groupingOf(meta),
    labels: labelsOf(meta, undefined, undefined),
    rank: 0
  })
}

const idOf = ({ row }: Placed) => textIn(row["id"]) ?? ""

/** The call whose answer the inference gave: of several that whose output is the inference's, else the last. */
const principalOf = ({ meta, models }: Inference): Placed | undefined => {
  if (models.length === 1) return models[0]
  const inOrder = models.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
  const answer = meta?.answer
  return inOrder.find((one) => answer !== undefined && said(one.row["output"]) === answer) ?? inOrder.at(-1)
}

/** The calls of an inference: those of its models, else what the application asked and got. */
export const callsOf = (inference: string, all: Inference, chain: Chain): ReadonlyArray<Found> => {
  if (all.models.length === 0) return all.row === undefined ? [] : [inferenceCall(all.row, inference)]
  const principal = principalOf(all)
  return [
    ...(all.row === undefined
      ? []
      : [{ _tag: "Other" as const, type: "TensorZero inference, told by its model's row" }]),
    ...all.models.map((one) => modelCall(one, { inference, meta: all.meta, principal: one === principal }, chain))
  ]
}
