import type { IncomingMessage, ServerResponse } from "node:http"

import * as Redacted from "effect/Redacted"
import { simulatedHeader } from "../domain/simulated.ts"
import { answer, type Said } from "./answer.ts"
import { sendEvents, sendFault, sendJson, sendWhole } from "./delivery.ts"
import { type Embedding, embeddingModel, embeddingPaths, readEmbedding } from "./embed.ts"
import type { FleetOptions } from "./FleetOptions.ts"
import { type FaultRule, faultFor } from "./faults.ts"
import { type JsonObject, objectOf, parse } from "./json.ts"
import { Ledger } from "./Ledger.ts"
import type { FleetWire, Profile } from "./Profile.ts"
import { served as bundled } from "./profiles.ts"
import { digestOf, type Question, Refused } from "./Question.ts"
import { anthropic } from "./wires/anthropic.ts"
import { ollama } from "./wires/ollama.ts"
import { openai } from "./wires/openai.ts"
import type { Trouble, Wire } from "./wires/Wire.ts"

const wires: ReadonlyArray<Wire> = [openai, anthropic, ollama]

const sayings = {
  rateLimited: ["rate_limited", "Rate limit reached (simulated)."],
  serverError: ["server_error", "The server had an error (simulated)."],
  overloaded: ["overloaded", "The server is overloaded (simulated)."]
} as const

/** A request that is going to be answered, or to meet a fault. */
interface Case {
  readonly wire: Wire
  readonly profile: Profile
  readonly question: Question
  /** `null`: models with a constant answer, of which nothing is remembered. */
  readonly digest: string | null
}

/** A request that is refused; `model` where it is known. */
interface Refusal {
  readonly trouble: Trouble
  readonly message: string
}

const bodyOf = (request: IncomingMessage, then: (text: string) => void): void => {
  const chunks: Array<Buffer> = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", () => then((chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString("utf8")))
}

/** What an embedding counts as: tokens in, none out. */
const embedded = ({ tokens }: Embedding): Said => ({
  id: "",
  text: "",
  calls: [],
  finish: "stop",
  usage: { prompt: tokens, cached: 0, cacheWrite: 0, completion: 0, reasoning: 0 }
})

/** One fleet's way of handling requests, and its counts. */
export const handlerOf = (options: FleetOptions) => {
  const ledger = new Ledger()
  const models = new Map((options.profiles ?? bundled).map((profile) => [profile.name, profile]))
  const rules = options.faults ?? []
  const noLatency = { fixedMs: 0, perTokenMs: 0 }

  const namesFor = (id: FleetWire) => [...models.values()].filter(({ wire }) => wire === id).map(({ name }) => name)

  const allowed = ({ headers }: IncomingMessage) => {
    const given = headers["x-api-key"] ?? headers.authorization?.replace(/^Bearer /, "")
    return options.apiKey === undefined || given === Redacted.value(options.apiKey)
  }

  const understand = (wire: Wire, request: IncomingMessage, text: string): Case | Refusal => {
    if (!allowed(request)) return { trouble: "auth", message: "The key is not valid." }
    const body = parse(text)
    if (body === undefined) return { trouble: "bad_request", message: "The body is no JSON." }
    const question = wire.read(objectOf(body))
    if (question instanceof Refused) return { trouble: "bad_request", message: question.message }
    const profile = models.get(question.model)
    if (profile === undefined) return { trouble: "not_found", message: `The model '${question.model}' does not exist.` }
    const remembered = profile.behaviour.constant === undefined || rules.length > 0
    return { wire, profile, question, digest: remembered ? digestOf(question) : null }
  }

  const say = ({ profile, question, digest }: Case): { readonly said: Said; undo(): void } => {
    const draw = digest === null ? 0 : ledger.draw(profile.name, digest)
    const named = question.seed === undefined ? String(draw) : `seed ${question.seed}`
    return {
      said: answer(profile, question, digest ?? "", named),
      undo: () => {
        if (digest !== null) ledger.undraw(profile.name, digest, draw)
      }
    }
  }

  const fail = (response: ServerResponse, { wire, profile }: Case, rule: FaultRule, kind: keyof typeof sayings) => {
    const { body, status } = wire.fail(sayings[kind][0], sayings[kind][1])
    ledger.close(profile.name, status, undefined, kind)
    sendJson(response, status, body, kind === "rateLimited" ? { "retry-after": rule.retryAfter ?? 1 } : {})
  }

  const reply = (response: ServerResponse, asked: Case, fault: "cut" | "malformed" | undefined) => {
    const { profile, question, wire } = asked
    const { said, undo } = say(asked)
    response.once("close", () => {
      const whole = fault === undefined && response.writableFinished
      if (!whole) undo()
      ledger.close(profile.name, fault === "malformed" || whole ? 200 : 0, whole ? said : undefined, fault)
    })
    const latency = profile.latency ?? options.latency ?? noLatency
    const times = { first: latency.fixedMs, last: latency.fixedMs + latency.perTokenMs * said.usage.completion }
    if (fault !== undefined) sendFault(response, wire, said, question, times, fault)
    else if (question.stream) sendEvents(response, wire.streamType, wire.stream(said, question), times)
    else sendWhole(response, wire.write(said, question), times)
  }

  const ask = (wire: Wire, request: IncomingMessage, text: string, response: ServerResponse) => {
    const asked = understand(wire, request, text)
    if ("trouble" in asked) {
      const { body, status } = wire.fail(asked.trouble, asked.message)
      ledger.close(null, status)
      sendJson(response, status, body)
      return
    }
    const { digest, profile } = asked
    const before = digest === null ? 0 : ledger.ask(profile.name, digest)
    const rule = faultFor(rules, options.seed ?? 1, profile.name, digest ?? "", before)
    const kind = rule?.kind
    if (kind === "hang") ledger.close(profile.name, 0, undefined, kind)
    else if (kind === undefined || kind === "cut" || kind === "malformed") reply(response, asked, kind)
    else fail(response, asked, rule!, kind)
  }

  const embed = (
    wire: Wire,
    write: (asked: Embedding) => JsonObject,
    request: IncomingMessage,
    text: string,
    response: ServerResponse
  ) => {
    const refuse = (trouble: Trouble, message: string) => {
      const { body, status } = wire.fail(trouble, message)
      ledger.close(null, status)
      sendJson(response, status, body)
    }
    if (!allowed(request)) return refuse("auth", "The key is not valid.")
    const body = parse(text)
    const asked = readEmbedding(objectOf(body))
    if (asked instanceof Refused) return refuse("bad_request", asked.message)
    if (asked.model !== embeddingModel) return refuse("not_found", `The model '${asked.model}' makes no embeddings.`)
    ledger.close(asked.model, 200, embedded(asked))
    sendJson(response, 200, write(asked))
  }

  const get = (request: IncomingMessage, path: string, response: ServerResponse) => {
    const lister = request.headers["anthropic-version"] === undefined ? openai : anthropic
    if (path === "/__stats") sendJson(response, 200, ledger.stats)
    else if (path === "/api/tags") sendJson(response, 200, ollama.models(namesFor("ollama.chat")))
    else if (path === "/v1/models") sendJson(response, 200, lister.models(namesFor(lister.id)))
    else sendJson(response, 404, { error: "There is no such path." })
  }

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    response.setHeader(simulatedHeader.name, simulatedHeader.value)
    const path = (request.url ?? "/").split("?")[0]!
    const wire = wires.find((one) => one.path === path)
    const embedding = embeddingPaths.get(path)
    if (request.method === "GET") get(request, path, response)
    else if (request.method === "POST" && wire !== undefined)
      bodyOf(request, (text) => ask(wire, request, text, response))
    else if (request.method === "POST" && embedding !== undefined)
      bodyOf(request, (text) => embed(path.startsWith("/api") ? ollama : openai, embedding, request, text, response))
    else sendJson(response, 404, { error: "There is no such path." })
  }

  return { handle, ledger }
}
