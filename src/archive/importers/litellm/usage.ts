import type { Usage } from "../../../domain/Call.ts"
import type { JsonObject } from "../../json.ts"
import { countIn, objectIn, unpacked } from "../../json.ts"

/** Counts as LiteLLM writes them, whatever the provider. */
interface Counts {
  readonly prompt: number | undefined
  readonly completion: number | undefined
  readonly total: number | undefined
  readonly cacheRead: number | undefined
  readonly cacheWrite: number | undefined
  readonly write5m: number | undefined
  readonly write1h: number | undefined
  readonly reasoning: number | undefined
}

const countsOf = (usage: JsonObject): Counts => {
  const input = objectIn(usage["prompt_tokens_details"]) ?? {}
  const output = objectIn(usage["completion_tokens_details"]) ?? {}
  const split = objectIn(input["cache_creation_token_details"]) ?? objectIn(usage["cache_creation"]) ?? {}
  const first = (...values: ReadonlyArray<unknown>) => values.map(countIn).find((value) => value !== undefined)
  return {
    prompt: countIn(usage["prompt_tokens"]),
    completion: countIn(usage["completion_tokens"]),
    total: countIn(usage["total_tokens"]),
    cacheRead: first(input["cached_tokens"], usage["cache_read_input_tokens"]),
    cacheWrite: first(
      input["cache_creation_tokens"],
      input["cache_write_tokens"],
      usage["cache_creation_input_tokens"]
    ),
    write5m: countIn(split["ephemeral_5m_input_tokens"]),
    write1h: countIn(split["ephemeral_1h_input_tokens"]),
    reasoning: countIn(output["reasoning_tokens"])
  }
}

/** Where a row may hold its counts: in its response, else in its metadata, else beside them. */
export const placesOf = (row: JsonObject, metadata: JsonObject): ReadonlyArray<unknown> => [
  objectIn(unpacked(row["response"]))?.["usage"],
  metadata["usage_object"],
  row
]

/** The counts of a row: the first that have an input, else the first that have an output. */
const usageObject = (row: JsonObject, metadata: JsonObject): JsonObject | undefined => {
  const places = placesOf(row, metadata).map(objectIn)
  const having = (name: string) => places.find((usage) => usage !== undefined && countIn(usage[name]) !== undefined)
  return having("prompt_tokens") ?? having("completion_tokens")
}

/** Cache writes by lifetime; what the split does not name is of unknown lifetime. */
const writesOf = (counts: Counts) => {
  const fiveMinutes = counts.write5m ?? 0
  const hour = counts.write1h ?? 0
  return {
    cacheWrite5m: fiveMinutes,
    cacheWrite1h: hour,
    cacheWriteOther: Math.max(0, (counts.cacheWrite ?? 0) - fiveMinutes - hour)
  }
}

/**
 * What a LiteLLM row used; `undefined` where it holds no LiteLLM counts. LiteLLM counts cached input inside
 * `prompt_tokens` and reasoning inside `completion_tokens`, for every provider. Where a reported total says otherwise
 * the total wins, and a diagnostic says so; where nothing fits the counts are marked unreliable.
 */
export const usageOf = (row: JsonObject, metadata: JsonObject): Usage | undefined => {
  const object = usageObject(row, metadata)
  if (object === undefined) return undefined
  const counts = countsOf(object)
  const { prompt = 0, completion = 0, total } = counts
  const writes = writesOf(counts)
  const cacheRead = counts.cacheRead ?? 0
  const cached = cacheRead + writes.cacheWrite5m + writes.cacheWrite1h + writes.cacheWriteOther
  const reasoning = counts.reasoning ?? 0
  const diagnostics: Array<string> = []
  let basis: Usage["basis"] = "reported"
  let inputTotal = prompt
  let outputTotal = completion
  const whole = counts.prompt !== undefined && counts.completion !== undefined
  if (whole && total !== undefined && total !== prompt + completion) {
    if (total === prompt + cached + completion) {
      inputTotal = prompt + cached
      diagnostics.push("total_tokens shows that prompt_tokens leaves cached input out")
    } else if (total === prompt + completion + reasoning) {
      outputTotal = completion + reasoning
      diagnostics.push("total_tokens shows that completion_tokens leaves reasoning out")
    } else {
      basis = "unreliable"
      diagnostics.push(`total_tokens ${total} is not prompt_tokens ${prompt} + completion_tokens ${completion}`)
    }
  } else if (cached > prompt) {
    inputTotal = prompt + cached
    diagnostics.push("more cached input than prompt_tokens: read as counted beside it")
    if (total !== undefined) basis = "unreliable"
  }
  if (inputTotal < cached) {
    inputTotal = cached
    basis = "unreliable"
  }
  if (reasoning > outputTotal) {
    basis = "unreliable"
    diagnostics.push(`reasoning_tokens ${reasoning} is more than completion_tokens ${outputTotal}`)
  }
  if (counts.cacheRead === undefined && counts.cacheWrite === undefined)
    diagnostics.push("no cache counts were logged: all input is taken as uncached")
  return {
    basis,
    input:
      counts.prompt === undefined ? null : { total: inputTotal, uncached: inputTotal - cached, cacheRead, ...writes },
    output:
      counts.completion === undefined
        ? null
        : counts.reasoning === undefined || reasoning > outputTotal
          ? { total: outputTotal, text: null, reasoning: counts.reasoning ?? null }
          : { total: outputTotal, text: outputTotal - reasoning, reasoning },
    ...(diagnostics.length === 0 ? {} : { diagnostics })
  }
}
