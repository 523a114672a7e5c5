import type { Said } from "../../src/standin/answer.ts"
import type { JsonObject } from "../../src/standin/json.ts"
import { listOf, objectOf } from "../../src/standin/json.ts"
import { type Question, Refused } from "../../src/standin/Question.ts"
import { openai } from "../../src/standin/wires/openai.ts"

/** Who sent a call, for what, and when. */
export interface Sender {
  readonly engineer: string
  readonly team: string
  readonly session: string
  readonly trace: string
  readonly task: string
  readonly startedAt: number
  /** Default: the support desk. */
  readonly project?: string
  /** More of the row's metadata. */
  readonly labels?: Readonly<Record<string, string>>
}

const desk = "support-desk"

/** What the gateway was billed for the incumbent, nano-dollars a token: 5, 0.50 and 25 dollars per million. */
const nano = { input: 5_000, cacheRead: 500, output: 25_000 }

const dollars = (nanoUsd: number) => nanoUsd / 1e9

const costOf = ({ usage }: Said) => {
  const input = (usage.prompt - usage.cached) * nano.input
  const cached = usage.cached * nano.cacheRead
  const output = usage.completion * nano.output
  return {
    input_cost: dollars(input),
    cache_read_cost: dollars(cached),
    output_cost: dollars(output),
    total_cost: dollars(input + cached + output)
  }
}

const metadataOf = ({ engineer, labels, project = desk, session, task, team }: Sender): JsonObject => ({
  user_api_key_alias: `desk-${task}`,
  user_api_key_team_id: team,
  user_api_key_team_alias: team,
  user_api_key_user_id: engineer,
  user_api_key_user_email: `${engineer}@harbour-hearth.example`,
  user_api_key_org_id: "harbour-hearth",
  spend_logs_metadata: { taskType: task, project, ...labels },
  requester_metadata: { session_id: session }
})

const head = (sender: Sender, request: JsonObject, id: string, endedAt: number): JsonObject => {
  const { messages: _messages, model, ...parameters } = request
  return {
    id,
    trace_id: sender.trace,
    call_type: "acompletion",
    stream: false,
    custom_llm_provider: "openai",
    api_base: "https://llm.harbour-hearth.example/v1",
    model: String(model),
    model_group: "premium",
    model_parameters: parameters,
    startTime: sender.startedAt,
    completionStartTime: endedAt,
    endTime: endedAt,
    response_time: Math.round((endedAt - sender.startedAt) * 1000) / 1000,
    cache_hit: false,
    request_tags: [sender.project ?? desk, sender.task],
    metadata: metadataOf(sender)
  }
}

/** Seconds that an answer takes. */
export const secondsFor = ({ usage }: Said): number => Math.round(600 + 14 * usage.completion) / 1000

/** A call that was answered, as LiteLLM logs it (StandardLoggingPayload). */
export const answered = (sender: Sender, request: JsonObject, said: Said): JsonObject => {
  const question = openai.read(request) as Question | Refused
  if (question instanceof Refused) throw new Error(question.message)
  const endedAt = Math.round((sender.startedAt + secondsFor(said)) * 1000) / 1000
  const response = { ...objectOf(openai.write(said, question)), created: Math.floor(endedAt) }
  const cost = costOf(said)
  return {
    ...head(sender, request, `chatcmpl-${said.id}`, endedAt),
    status: "success",
    response_cost: cost.total_cost,
    cost_breakdown: cost,
    prompt_tokens: said.usage.prompt,
    completion_tokens: said.usage.completion,
    total_tokens: said.usage.prompt + said.usage.completion,
    messages: listOf(request["messages"]),
    response,
    error_str: null
  }
}

/** A call that failed: nothing was answered and nothing billed. */
export const failed = (sender: Sender, request: JsonObject, id: string, code: number, name: string): JsonObject => ({
  ...head(sender, request, id, Math.round((sender.startedAt + 0.4) * 1000) / 1000),
  status: "failure",
  response_cost: 0,
  prompt_tokens: 0,
  completion_tokens: 0,
  total_tokens: 0,
  messages: listOf(request["messages"]),
  response: {},
  error_str: `litellm.${name}: the provider answered ${code}`,
  error_information: { error_code: String(code), error_class: name, llm_provider: "openai" }
})
