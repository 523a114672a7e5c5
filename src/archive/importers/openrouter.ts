import type { ArchivedCall, CallResponse, Usage } from "../../domain/Call.ts"
import { type Billed, openRouterBill } from "../billed.ts"
import type { Found, Importer, Line } from "../contract.ts"
import { eachLine } from "../contract.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, countIn, numberIn, objectIn, textIn } from "../json.ts"
import { LabelSet } from "../labels.ts"
import { stopReasonOf } from "../spans/answers.ts"
import { callOf } from "../spans/record.ts"
import { inclusive, usageOf } from "../spans/tokens.ts"
import { momentOf } from "../times.ts"
import { contentless } from "./wires/gateway.ts"

/** A field by its name on the wire, or as OpenRouter's TypeScript SDK writes it. */
const fieldIn = (generation: JsonObject, name: string): unknown =>
  generation[name] ?? generation[name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())]

const isGeneration = (row: JsonObject): boolean =>
  /^gen-/.test(textIn(row["id"]) ?? "") &&
  !("choices" in row) &&
  ["native_tokens_prompt", "tokens_prompt", "total_cost", "generation_time"].some((name) => {
    const value = fieldIn(row, name)
    return value !== undefined
  })

/** The counts and amounts of a generation as they were logged. */
const counted =
  /^(native_?tokens|tokens|num_|nativeTokens|usage$|total_?cost|cache_?discount|upstream_?inference_?cost)/i

const usageIn = (generation: JsonObject): Usage => {
  const raw = Object.fromEntries(
    Object.entries(generation).filter(([name, value]) => counted.test(name) && typeof value === "number")
  )
  const native = {
    input: countIn(fieldIn(generation, "native_tokens_prompt")),
    output: countIn(fieldIn(generation, "native_tokens_completion")),
    cacheRead: countIn(fieldIn(generation, "native_tokens_cached")),
    reasoning: countIn(fieldIn(generation, "native_tokens_reasoning"))
  }
  if (native.input !== undefined || native.output !== undefined) return usageOf(native, inclusive, raw)
  const usage = usageOf(
    {
      input: countIn(fieldIn(generation, "tokens_prompt")),
      output: countIn(fieldIn(generation, "tokens_completion"))
    },
    inclusive,
    raw
  )
  return usage.input === null && usage.output === null
    ? usage
    : {
        ...usage,
        basis: "estimated",
        diagnostics: [...(usage.diagnostics ?? []), "counted by OpenRouter's tokenizer, not by the model's own"]
      }
}

const billedOf = (generation: JsonObject): Billed =>
  openRouterBill(fieldIn(generation, "total_cost") ?? generation["usage"], fieldIn(generation, "is_byok") === true)

const responseOf = (generation: JsonObject): CallResponse => {
  const raw = textIn(fieldIn(generation, "native_finish_reason")) ?? textIn(fieldIn(generation, "finish_reason"))
  const cancelled = generation["cancelled"] === true
  const id = textIn(generation["id"])
  return {
    ...(id === undefined ? {} : { id }),
    blocks: [],
    stopReason: cancelled ? "cancelled" : stopReasonOf(textIn(fieldIn(generation, "finish_reason")) ?? raw, []),
    ...(raw === undefined ? {} : { stopReasonRaw: raw }),
    complete: false
  }
}

const labelsOf = (generation: JsonObject): ArchivedCall["labels"] => {
  const labels = new LabelSet().add("endUser", fieldIn(generation, "external_user"))
  labels.add("upstreamProvider", fieldIn(generation, "provider_name"))
  for (const name of ["app_id", "origin", "router", "api_type", "service_tier", "data_region", "preset_id"])
    labels.add(name, fieldIn(generation, name))
  return labels.all
}

/** What a user is to know of every call of this format. */
const elsewhere =
  "OpenRouter keeps no conversation: where your application logged the answer of the same id, import one of the two, or it counts twice"

const readGeneration = (file: string, line: number, generation: JsonObject): Found => {
  const id = textIn(generation["id"])!
  const model = textIn(generation["model"])
  if (model === undefined) return { _tag: "Skip", line, reason: "the generation names no model" }
  if (textIn(fieldIn(generation, "api_type")) === "embeddings") return { _tag: "Other", type: "OpenRouter embedding" }
  const start = momentOf(fieldIn(generation, "created_at"))
  const latencyMs = numberIn(generation["latency"]) ?? numberIn(fieldIn(generation, "generation_time"))
  const { billed, notes } = billedOf(generation)
  const upstream = textIn(fieldIn(generation, "upstream_id"))
  const sessionId = textIn(fieldIn(generation, "session_id"))
  const exchange = contentless({
    model,
    provider: "openrouter",
    response: responseOf(generation),
    usage: usageIn(generation),
    notes: [elsewhere]
  })
  const { streamed } = generation
  return callOf({
    importer: "openrouter",
    file,
    line,
    dedupeKey: `openrouter:${id}`,
    exchange: {
      ...exchange,
      request: { ...exchange.request, params: typeof streamed === "boolean" ? { stream: streamed } : {} }
    },
    billed,
    timing: {
      startedAt: start?.iso ?? null,
      ...(latencyMs === undefined || latencyMs < 0 ? {} : { latencyMs }),
      basis: start?.zoneAssumed === true ? "derived" : "reported"
    },
    native: { id, responseId: id, ...(upstream === undefined ? {} : { upstreamId: upstream }) },
    grouping: { ...(sessionId === undefined ? {} : { sessionId }), attempt: 0 },
    labels: labelsOf(generation),
    notes
  })
}

/** The generations of a line: one, one within `{data}`, or several. */
const generationsIn = (json: unknown): ReadonlyArray<unknown> => {
  const data = objectIn(json)?.["data"]
  return data === undefined ? [json] : (arrayIn(data) ?? [data])
}

const readLine = (file: string, line: Line): ReadonlyArray<Found> => {
  if ("error" in line) return [{ _tag: "Skip", line: line.line, reason: line.error }]
  return generationsIn(line.json).map((one): Found => {
    const generation = objectIn(one)
    if (generation === undefined) return { _tag: "Skip", line: line.line, reason: "not a JSON object" }
    return isGeneration(generation)
      ? readGeneration(file, line.line, generation)
      : { _tag: "Other", type: textIn(generation["type"]) ?? "unknown object" }
  })
}

/**
 * What OpenRouter tells of generations (`GET /api/v1/generation?id=…`), as documents or JSON lines: native token counts, what was paid, times and
 * the provider that answered. Conversations are not in it.
 */
export const openrouter: Importer = {
  id: "openrouter",
  about: "OpenRouter generations: counts and cost, without conversations",
  sniff: (sample) =>
    sample.first.some((value) =>
      generationsIn(value).some((one) => {
        const generation = objectIn(one)
        return generation !== undefined && isGeneration(generation)
      })
    ),
  start: () => eachLine(readLine)
}
