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

/** What counts in LiteLLM's form say was used. */
const usageOfCounts = (counts: Counts): Usage => {
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

/** One of the places of a row that hold counts, and how much it tells beside its totals. */
interface Source {
  readonly usage: Usage
  readonly details: number
}

const detailsOf = ({ cacheRead, cacheWrite, reasoning, write1h, write5m }: Counts): number =>
  [cacheRead, cacheWrite, write5m ?? write1h, reasoning].filter((count) => count !== undefined).length

/** Counts in LiteLLM's form; `undefined` where there are none. */
const sourceIn = (raw: unknown): Source | undefined => {
  const object = objectIn(raw)
  if (object === undefined) return undefined
  const counts = countsOf(object)
  return counts.prompt === undefined && counts.completion === undefined
    ? undefined
    : { usage: usageOfCounts(counts), details: detailsOf(counts) }
}

/** Counts of an answer in the form of its own wire: Anthropic's and the Responses API's tell of the cache wherever they count input. */
const sourceOfAnswer = (answered: Usage | undefined): Source | undefined => {
  if (answered === undefined || (answered.input === null && answered.output === null)) return undefined
  const { input, output } = answered
  const split = input !== null && input.cacheWrite5m + input.cacheWrite1h > 0
  return { usage: answered, details: (input === null ? 0 : 2) + (split ? 1 : 0) + (output?.reasoning == null ? 0 : 1) }
}

/** What is wrong where another place of the row counts otherwise; one that leaves cached input or reasoning out does not contradict. */
const contradiction = ({ usage }: Source, other: Source): string | undefined => {
  const { input, output } = usage
  const { input: otherIn, output: otherOut } = other.usage
  // LiteLLM fills zeroes in where it did not count.
  if ((otherIn?.total ?? 0) + (otherOut?.total ?? 0) === 0) return undefined
  if (input !== null && otherIn !== null && ![input.total, input.uncached].includes(otherIn.total))
    return `the row tells of ${input.total} input tokens in one place and of ${otherIn.total} in another`
  if (output !== null && otherOut !== null && ![output.total, output.text].includes(otherOut.total))
    return `the row tells of ${output.total} output tokens in one place and of ${otherOut.total} in another`
  return undefined
}

/**
 * What a LiteLLM row used; `undefined` where it holds no counts. Of the places that hold some that one is believed which tells most of the cache
 * and of reasoning: LiteLLM's own object before the answer's, the answer's before the row's bare totals; where another one contradicts it, the
 * counts are marked unreliable. LiteLLM counts cached input inside `prompt_tokens` and reasoning inside `completion_tokens`, for every provider.
 * Where a reported total says otherwise the total wins, and a diagnostic says so; where nothing fits the counts are marked unreliable.
 * `answered`: what the answer's own wire reads in it.
 */
export const usageOf = (row: JsonObject, metadata: JsonObject, answered: Usage | undefined): Usage | undefined => {
  const [ofAnswer, ofLitellm] = placesOf(row, metadata)
  const sources = [sourceIn(ofLitellm), sourceIn(ofAnswer) ?? sourceOfAnswer(answered), sourceIn(row)].filter(
    (source) => source !== undefined
  )
  const worth = ({ details, usage }: Source) =>
    details + (usage.input === null ? 0 : 10) + ((usage.input?.total ?? 0) + (usage.output?.total ?? 0) > 0 ? 20 : 0)
  const [first, ...others] = sources
  if (first === undefined) return undefined
  const best = others.reduce((a, b) => (worth(b) > worth(a) ? b : a), first)
  const wrong = sources.flatMap((one) => (one === best ? [] : (contradiction(best, one) ?? [])))
  return wrong.length === 0
    ? best.usage
    : { ...best.usage, basis: "unreliable", diagnostics: [...(best.usage.diagnostics ?? []), ...new Set(wrong)] }
}
