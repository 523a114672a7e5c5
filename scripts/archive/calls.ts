import { Random } from "../sample/random.ts"
import { desks, secretOf, sentenceOf } from "./words.ts"

/** What is written: rows of `{request, response}` bodies, or LiteLLM's payloads; both in OpenAI's shape. */
export type RowFormat = "pair" | "litellm"

interface Message {
  readonly role: string
  readonly content: string
}

/** Turns of one session: each sends the history so far again, as agents and chats do. */
function* session(random: Random, n: number, format: RowFormat): Generator<string> {
  const desk = random.pick(desks)
  const history: Array<Message> = [{ role: "system", content: desk.system }]
  const turns = random.int(2, 9)
  for (let turn = 0; turn < turns; turn++) {
    const asked = sentenceOf(random, random.int(15, 120))
    history.push({ role: "user", content: random.chance(0.004) ? `${asked} ${secretOf(random)}` : asked })
    const content = sentenceOf(random, random.int(20, 140))
    yield JSON.stringify(row(format, { content, desk, history, n, random, turn }))
    history.push({ role: "assistant", content })
  }
}

const row = (
  format: RowFormat,
  given: {
    readonly content: string
    readonly desk: (typeof desks)[number]
    readonly history: ReadonlyArray<Message>
    readonly n: number
    readonly random: Random
    readonly turn: number
  }
): object => {
  const { content, desk, history, n, random, turn } = given
  const characters = history.reduce((sum, message) => sum + message.content.length, 0)
  const usage = { prompt_tokens: Math.ceil(characters / 4) + 300, completion_tokens: Math.ceil(content.length / 4) }
  const id = `call-${n}-${turn}`
  const started = 1_767_225_600 + n * 37 + turn * 5
  const request = { model: desk.model, temperature: 0.2, messages: history, tools: desk.tools }
  const response = {
    id: `chatcmpl-${n}-${turn}`,
    object: "chat.completion",
    created: started,
    model: `${desk.model}-2026-01-01`,
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }],
    usage: { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens }
  }
  const labels = { team: desk.team, taskType: desk.task }
  const latency = random.int(400, 6000)
  if (format === "pair")
    return {
      id,
      created_at: new Date(started * 1000).toISOString(),
      user: `engineer-${n % 40}`,
      session: `session-${n}`,
      latency_ms: latency,
      request,
      response,
      metadata: labels
    }
  const { messages, model, ...parameters } = request
  return {
    id,
    trace_id: `session-${n}`,
    call_type: "acompletion",
    status: "success",
    custom_llm_provider: "openai",
    startTime: started,
    endTime: started + latency / 1000,
    model,
    model_parameters: parameters,
    metadata: { ...labels, user_api_key_user_id: `engineer-${n % 40}` },
    messages,
    response,
    ...usage
  }
}

/**
 * Lines of about 5 KB in pieces of some 256 KB, until `bytes` are reached: sessions of two to nine turns with growing history, two at a time,
 * repeated system prompts and tools, three lines in a hundred written twice, a secret in about every thousandth line.
 */
export function* callsOf({
  bytes,
  format,
  seed
}: {
  readonly bytes: number
  readonly format: RowFormat
  readonly seed: number
}): Generator<Buffer> {
  const random = new Random(seed)
  let written = 0
  let lines: Array<string> = []
  let waiting = 0
  const open: Array<Generator<string>> = []
  for (let n = 0; written < bytes; ) {
    while (open.length < 2) open.push(session(random, n++, format))
    const turn = random.int(0, open.length - 1)
    const { done, value } = open[turn]!.next()
    if (done) open.splice(turn, 1)
    else {
      lines.push(value)
      if (random.chance(0.03)) lines.push(value)
      waiting += value.length
    }
    if (waiting < 256 * 1024 && written + waiting < bytes) continue
    const piece = Buffer.from(`${lines.join("\n")}\n`)
    written += piece.length
    lines = []
    waiting = 0
    yield piece
  }
}
