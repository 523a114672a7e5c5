import type { CallRequest, Params } from "../domain/Call.ts"

/** Parameters that a request can do without, by their canonical names; `limit` is the name of the output limit, and `extra.NAME` one of the wire's own. */
export type Parameter =
  | "temperature"
  | "topP"
  | "topK"
  | "seed"
  | "stop"
  | "frequencyPenalty"
  | "presencePenalty"
  | "reasoning"
  | "parallelToolCalls"
  | "limit"
  | `extra.${string}`

type Named = Exclude<Parameter, `extra.${string}`>

/** What the wires and the vendors call each. */
const names: Readonly<Record<Named, ReadonlyArray<string>>> = {
  temperature: ["temperature"],
  topP: ["top_p", "topP"],
  topK: ["top_k", "topK"],
  seed: ["seed"],
  stop: ["stop", "stop_sequences"],
  frequencyPenalty: ["frequency_penalty", "frequencyPenalty"],
  presencePenalty: ["presence_penalty", "presencePenalty"],
  reasoning: [
    ...["reasoning_effort", "reasoningEffort", "reasoning", "thinking", "think", "output_config", "effort"],
    ...["budget_tokens", "thinking_budget", "enable_thinking"]
  ],
  parallelToolCalls: ["parallel_tool_calls", "disable_parallel_tool_use"],
  limit: ["max_tokens", "max_completion_tokens"]
}

/** Names that are also words of prose: they count only where they are written as a name. */
const prose = new Set(["temperature", "seed", "stop", "reasoning", "thinking", "think", "effort", "user", "store"])

/** What belongs to the question itself: without it another one would be asked. */
const kept = new Set([
  ...["tools", "functions", "tool_choice", "function_call", "response_format", "format", "text", "options"],
  ...["messages", "input", "instructions", "system", "conversation", "previous_response_id", "prompt", "modalities"]
])

/** How vendors say that they will not have a parameter, or its value. */
const refusing = new RegExp(
  [
    "unsupported", // OpenAI, Azure, Groq
    "(not|n't) (be )?support", // OpenAI, Groq, xAI, Anthropic, LiteLLM, Ollama
    "only the default", // OpenAI
    "unrecogni[sz]ed|unknown (parameter|field|argument|name|key)|unexpected keyword", // OpenAI, Gemini, llama.cpp
    "extra_forbidden|inputs are not permitted|is not permitted|not allowed", // vLLM, Mistral, Anthropic, Bedrock
    "may only be set|may not be (set|enabled|used)|must be (unset|one of|set to)|deprecated", // Anthropic, Groq
    "cannot (both )?be (specified|set|used)|incompatible with", // Anthropic
    "not (enabled|available) (for|on|with) this model" // Mistral
  ].join("|"),
  "i"
)

/** One name in the words, as a name. The words that follow `input` are what was sent, and may say anything. */
const mention = (words: string, name: string): number => {
  const safe = RegExp.escape(name)
  const quoted = `['"\`\\[]${safe}(?=[.'"\`\\]])`
  const told = `(?:parameters?|arguments?|fields?|property|supplied|supported|name)[: ]+${safe}(?![\\w-])`
  const before = `(?<![\\w.-])${safe}(?= parameter\\b|: |\\.\\w|\\s+Extra inputs)`
  const bare = prose.has(name) ? `^${safe}\\b` : `(?<![\\w.])${safe}(?!\\w)`
  return words.search(new RegExp(`${quoted}|${told}|${before}|${bare}`, name === "temperature" ? "i" : ""))
}

/** Sentences about thinking that name no parameter. */
const thinkingItself =
  /^thinking may not be|(?:does not|doesn't) support (?:thinking|reasoning)|thinking is not supported/i

const isSet = (request: CallRequest, parameter: Named): boolean => {
  const { params } = request
  if (parameter === "parallelToolCalls") return request.parallelToolCalls !== undefined
  if (parameter === "limit") return params.maxOutputTokens !== undefined
  if (params[parameter] !== undefined) return true
  return names[parameter].some((name) => params.extra !== undefined && Object.hasOwn(params.extra, name))
}

const sent = (request: CallRequest): ReadonlyArray<readonly [Parameter, ReadonlyArray<string>]> => {
  const named = (Object.keys(names) as ReadonlyArray<Named>).filter((parameter) => isSet(request, parameter))
  const spoken = new Set(Object.values(names).flat())
  const extras = Object.keys(request.params.extra ?? {}).filter((name) => !kept.has(name) && !spoken.has(name))
  return [
    ...named.map((parameter) => [parameter, names[parameter]] as const),
    ...extras.map((name) => [`extra.${name}` as const, [name]] as const)
  ]
}

/**
 * The parameter of a request that a provider's words say it refuses: the one named first, of two that exclude each other the second.
 * `undefined`: the words are about something else, or about nothing that the request could do without. Pure.
 */
export const refusedParameter = (words: string, request: CallRequest): Parameter | undefined => {
  const [said = ""] = words.split(/['"]?input['"]?\s*:|input_value=/)
  if (!refusing.test(words)) return undefined
  const found = sent(request)
    .flatMap(([parameter, called]) => {
      const at = called.map((name) => mention(said, name)).filter((place) => place >= 0)
      return at.length === 0 ? [] : [{ parameter, at: Math.min(...at) }]
    })
    .sort((a, b) => a.at - b.at)
  const [first, second] = found
  if (first === undefined) return thinkingItself.test(said) && isSet(request, "reasoning") ? "reasoning" : undefined
  return second !== undefined && /cannot both be/i.test(said) ? second.parameter : first.parameter
}

const without = <K extends keyof Params>(params: Params, key: K): Omit<Params, K> => {
  const { [key]: _, ...rest } = params
  return rest
}

const withoutExtra = (params: Params, dropped: ReadonlyArray<string>): Params => {
  if (params.extra === undefined) return params
  const left = Object.entries(params.extra).filter(([name]) => !dropped.includes(name))
  const rest = without(params, "extra")
  return left.length === 0 ? rest : { ...rest, extra: Object.fromEntries(left) }
}

/** A request without a parameter; of the output limit only the other name is taken. */
export const withoutParameter = (request: CallRequest, parameter: Parameter): CallRequest => {
  const { params } = request
  if (parameter === "limit") {
    const maxTokensField = params.maxTokensField === "max_completion_tokens" ? "max_tokens" : "max_completion_tokens"
    return { ...request, params: { ...params, maxTokensField } }
  }
  if (parameter === "parallelToolCalls") {
    const { parallelToolCalls: _, ...rest } = request
    return { ...rest, params: withoutExtra(params, names.parallelToolCalls) }
  }
  return parameter.startsWith("extra.")
    ? { ...request, params: withoutExtra(params, [parameter.slice("extra.".length)]) }
    : {
        ...request,
        params: withoutExtra(without(params, parameter as keyof Params), names[parameter as Named])
      }
}
