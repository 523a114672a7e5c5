import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"

import { type Fleet, serve } from "./Fleet.ts"
import type { FaultKind } from "./faults.ts"
import { type Json, listOf, numberOf, objectOf, parse, textOf } from "./json.ts"
import type { Profile } from "./Profile.ts"
import { echo, profiles, served } from "./profiles.ts"

const ticket = [
  "Ticket 1 · received 2026-05-12 09:00 · email",
  "",
  "Hello,",
  "I ordered two Enamel kettles from you on 3 May (order HH-10001). One of them arrived cracked. Please refund me.",
  "",
  "Best, Ada Lind"
].join("\n")
const notes =
  "Case notes\n- Order HH-10001: 2 x Enamel kettle at 42.00 EUR, shipping 4.95 EUR, paid 88.95 EUR\n- Decision: refund approved"

const texts = { reply: `${notes}\n\n${ticket}`, act: ticket } as const
type Ask = keyof typeof texts

const wires = ["openai", "anthropic", "ollama"] as const
type WireName = (typeof wires)[number]
const paths = { openai: "/v1/chat/completions", anthropic: "/v1/messages", ollama: "/api/chat" } as const
const parameters = { type: "object", properties: { order_id: { type: "string" } } }

/** The same question on each wire. */
const bodyOf = (wire: WireName, model: string, ask: Ask, extra: object = {}) => {
  const user = { role: "user", content: texts[ask] }
  const system = "You work for a shop."
  if (wire === "anthropic") {
    const tools = ask === "act" ? { tools: [{ name: "lookup_order", input_schema: parameters }] } : {}
    return { model, max_tokens: 4096, system, messages: [user], ...tools, ...extra }
  }
  const messages = [{ role: "system", content: system }, user]
  const tools = ask === "act" ? { tools: [{ type: "function", function: { name: "lookup_order", parameters } }] } : {}
  return { model, messages, ...tools, ...(wire === "ollama" ? { stream: false } : {}), ...extra }
}

const post = (fleet: Fleet, wire: WireName, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  Effect.promise((signal) =>
    fetch(fleet.url + paths[wire], {
      method: "POST",
      signal,
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body)
    })
  )
const textIn = (response: Response) => Effect.promise(() => response.text())
const askFor = (fleet: Fleet, wire: WireName, body: unknown) => post(fleet, wire, body).pipe(Effect.flatMap(textIn))
const get = (fleet: Fleet, path: string, headers: Readonly<Record<string, string>> = {}) =>
  Effect.promise(async () => parse(await (await fetch(fleet.url + path, { headers })).text()))

interface Read {
  readonly text: string
  readonly calls: ReadonlyArray<readonly [name: Json | undefined, args: Json | undefined]>
  readonly finish: Json | undefined
  readonly usage: Json | undefined
}

const functionsIn = (calls: Json | undefined) => listOf(calls).map((call) => objectOf(objectOf(call)["function"]))

const readWhole = (wire: WireName, text: string): Read => {
  const body = objectOf(parse(text))
  if (wire === "openai") {
    const choice = objectOf(listOf(body["choices"])[0])
    const message = objectOf(choice["message"])
    const calls = functionsIn(message["tool_calls"])
    return {
      text: textOf(message["content"]) ?? "",
      calls: calls.map((fn) => [fn["name"], parse(textOf(fn["arguments"]) ?? "")]),
      finish: choice["finish_reason"],
      usage: body["usage"]
    }
  }
  if (wire === "anthropic") {
    const blocks = listOf(body["content"]).map(objectOf)
    return {
      text: blocks.flatMap((block) => textOf(block["text"]) ?? []).join(""),
      calls: blocks.flatMap((block) =>
        block["type"] === "tool_use" ? [[block["name"], block["input"]] as const] : []
      ),
      finish: body["stop_reason"],
      usage: body["usage"]
    }
  }
  const message = objectOf(body["message"])
  return {
    text: textOf(message["content"]) ?? "",
    calls: functionsIn(message["tool_calls"]).map((fn) => [fn["name"], fn["arguments"]]),
    finish: body["done_reason"],
    usage: [body["prompt_eval_count"] ?? null, body["eval_count"] ?? null]
  }
}

/** Puts a stream together as a client of that wire does. */
const readStream = (wire: WireName, raw: string): Read => {
  const events = raw
    .split("\n")
    .filter((line) => line.startsWith(wire === "ollama" ? "{" : "data: {"))
    .map((line) => objectOf(parse(line.replace("data: ", ""))))
  if (wire === "ollama") {
    const last = events[events.length - 1]!
    const messages = events.map((event) => objectOf(event["message"]))
    const content = messages.map((message) => textOf(message["content"]) ?? "").join("")
    const tool_calls = messages.flatMap((message) => listOf(message["tool_calls"]))
    return readWhole(wire, JSON.stringify({ ...last, message: { content, tool_calls } }))
  }
  if (wire === "openai") {
    const choices = events.map((event) => objectOf(listOf(event["choices"])[0]))
    const deltas = choices.map((choice) => objectOf(choice["delta"]))
    const fns = deltas.flatMap((delta) => functionsIn(delta["tool_calls"]))
    const args = fns.map((fn) => textOf(fn["arguments"]) ?? "").join("")
    return {
      text: deltas.map((delta) => textOf(delta["content"]) ?? "").join(""),
      calls: fns.flatMap((fn) => (fn["name"] === undefined ? [] : [[fn["name"], parse(args)] as const])),
      finish: choices.find((choice) => textOf(choice["finish_reason"]) !== undefined)?.["finish_reason"],
      usage: events[events.length - 1]!["usage"]
    }
  }
  const deltas = events.map((event) => objectOf(event["delta"]))
  const args = deltas.map((delta) => textOf(delta["partial_json"]) ?? "").join("")
  const end = events.find((event) => event["type"] === "message_delta")
  const starts = events.map((event) => objectOf(event["content_block"]))
  return {
    text: deltas.map((delta) => textOf(delta["text"]) ?? "").join(""),
    calls: starts.flatMap((block) => (block["type"] === "tool_use" ? [[block["name"], parse(args)] as const] : [])),
    finish: objectOf(end?.["delta"])["stop_reason"],
    usage: end?.["usage"]
  }
}

const streamed = { stream: true, stream_options: { include_usage: true } }
/** A model that makes no errors, so that what it says is known. */
const perfect: Profile = {
  ...profiles[0]!,
  behaviour: { ...profiles[0]!.behaviour, errors: { triage: 0, extract: 0, act: 0, reply: 0 } }
}

describe("the fleet", () => {
  it.live("says the same on all three wires, streamed and not, with the wire's own usage", () =>
    Effect.gen(function* () {
      for (const ask of ["reply", "act"] as const) {
        const said: Array<unknown> = []
        for (const wire of wires) {
          const fleet = yield* serve({ profiles: [perfect] })
          const once = readWhole(wire, yield* askFor(fleet, wire, bodyOf(wire, perfect.name, ask, { seed: 1 })))
          // The same draw: a fleet that was not asked before.
          const other = yield* serve({ profiles: [perfect] })
          const raw = yield* askFor(other, wire, bodyOf(wire, perfect.name, ask, { seed: 1, ...streamed }))
          assert.deepStrictEqual(readStream(wire, raw), once)
          said.push([once.text.split("\n").at(-1), once.calls])
        }
        const right =
          ask === "reply" ? ["Resolution: refund 42.00 EUR", []] : ["", [["lookup_order", { order_id: "HH-10001" }]]]
        assert.deepStrictEqual(said, [right, right, right])
      }
    })
  )

  it.live("counts tokens as each wire counts them", () =>
    Effect.gen(function* () {
      const thinker = { ...perfect, behaviour: { ...perfect.behaviour, reasoning: 100, cacheHit: 1 } }
      const fleet = yield* serve({ profiles: [thinker] })
      const system = "The handbook of the shop. ".repeat(200)
      const user = { role: "user", content: texts.reply }
      const messages = [{ role: "system", content: system }, user]
      const openai = readWhole("openai", yield* askFor(fleet, "openai", { model: perfect.name, messages }))
      const usage = objectOf(openai.usage)
      const cached = numberOf(objectOf(usage["prompt_tokens_details"])["cached_tokens"])!
      assert.strictEqual(cached, 1280)
      assert.isAbove(numberOf(usage["prompt_tokens"])!, cached)
      const reasoning = numberOf(objectOf(usage["completion_tokens_details"])["reasoning_tokens"])!
      assert.isAbove(reasoning, 50)
      assert.isAbove(numberOf(usage["completion_tokens"])!, reasoning)
      // Anthropic caches what is marked, and counts it beside the input.
      const marked = [{ type: "text", text: system, cache_control: { type: "ephemeral" } }]
      const claude = { model: perfect.name, max_tokens: 4096, messages: [user] }
      const plain = objectOf(readWhole("anthropic", yield* askFor(fleet, "anthropic", { ...claude, system })).usage)
      const hit = objectOf(
        readWhole("anthropic", yield* askFor(fleet, "anthropic", { ...claude, system: marked })).usage
      )
      assert.strictEqual(plain["cache_read_input_tokens"], 0)
      assert.strictEqual(hit["cache_read_input_tokens"], 1280)
      assert.strictEqual(plain["input_tokens"], numberOf(hit["input_tokens"])! + 1280)
    })
  )

  it.live("answers a question the same whatever else is asked, in whatever order", () =>
    Effect.gen(function* () {
      const asked = Array.from({ length: 60 }, (_, i) => ({
        model: profiles[i % profiles.length]!.name,
        ask: i % 2 === 0 ? ("act" as const) : ("reply" as const),
        note: `Note ${i}`
      }))
      const answers = (order: ReadonlyArray<(typeof asked)[number]>, concurrency: number) =>
        Effect.gen(function* () {
          const fleet = yield* serve()
          const pairs = yield* Effect.forEach(
            order,
            ({ ask, model, note }) => {
              const body = bodyOf("ollama", model, ask)
              const messages = [...body.messages, { role: "system", content: note }]
              return askFor(fleet, "ollama", { ...body, messages }).pipe(
                Effect.map((text) => [`${model} ${note}`, readWhole("ollama", text)] as const)
              )
            },
            { concurrency }
          )
          return new Map([...pairs].sort(([a], [b]) => (a < b ? -1 : 1)))
        })
      assert.deepStrictEqual(yield* answers(asked, 1), yield* answers([...asked].reverse(), 16))
    })
  )

  it.live("gives the k-th asking of a question the k-th draw, and a seed its own", () =>
    Effect.gen(function* () {
      const name = profiles[0]!.name
      const series = (count: number, extra: object = {}) =>
        Effect.gen(function* () {
          const fleet = yield* serve()
          return yield* Effect.forEach(Array.from({ length: count }), () =>
            askFor(fleet, "openai", bodyOf("openai", name, "reply", extra)).pipe(
              Effect.map((text) => readWhole("openai", text).text)
            )
          )
        })
      const twelve = yield* series(12)
      assert.isAbove(new Set(twelve).size, 1)
      assert.deepStrictEqual(yield* series(12), twelve)
      assert.strictEqual(new Set(yield* series(5, { seed: 3 })).size, 1)
    })
  )

  it.live("lists each model on its own wire and serves each on all", () =>
    Effect.gen(function* () {
      const fleet = yield* serve()
      const names = (body: Json | undefined, list: string, key: string) =>
        listOf(objectOf(body)[list]).map((model) => objectOf(model)[key])
      const of = (wire: string) => served.filter((profile) => profile.wire === wire).map(({ name }) => name)
      assert.deepStrictEqual(names(yield* get(fleet, "/v1/models"), "data", "id"), of("openai.chat"))
      const version = { "anthropic-version": "2023-06-01" }
      assert.deepStrictEqual(names(yield* get(fleet, "/v1/models", version), "data", "id"), of("anthropic.messages"))
      assert.deepStrictEqual(names(yield* get(fleet, "/api/tags"), "models", "name"), of("ollama.chat"))
      const local = of("ollama.chat")[0]!
      assert.strictEqual((yield* post(fleet, "anthropic", bodyOf("anthropic", local, "act"))).status, 200)
    })
  )

  it.live("refuses what the wires refuse", () =>
    Effect.gen(function* () {
      const fleet = yield* serve({ apiKey: Redacted.make("right") })
      const good = { authorization: "Bearer right" }
      const name = profiles[0]!.name
      const status = (wire: WireName, body: unknown, headers: Readonly<Record<string, string>> = good) =>
        post(fleet, wire, body, headers).pipe(Effect.map((response) => response.status))
      assert.strictEqual(yield* status("openai", bodyOf("openai", name, "act"), {}), 401)
      assert.strictEqual(yield* status("anthropic", bodyOf("anthropic", name, "act"), { "x-api-key": "wrong" }), 401)
      assert.strictEqual(yield* status("anthropic", bodyOf("anthropic", name, "act"), { "x-api-key": "right" }), 200)
      assert.strictEqual(yield* status("openai", "{"), 400)
      assert.strictEqual(yield* status("openai", { model: name, messages: [] }), 400)
      assert.strictEqual(
        yield* status("anthropic", { ...bodyOf("anthropic", name, "act"), max_tokens: undefined }),
        400
      )
      for (const wire of wires) assert.strictEqual(yield* status(wire, bodyOf(wire, "gpt-9", "act")), 404)
      const call = { id: "call_1", type: "function", function: { name: "lookup_order", arguments: "{}" } }
      const open = [
        { role: "user", content: ticket },
        { role: "assistant", content: null, tool_calls: [call] }
      ]
      assert.strictEqual(yield* status("openai", { model: name, messages: open }), 400)
      const use = { type: "tool_use", id: "toolu_1", name: "lookup_order", input: {} }
      const left = [
        { role: "user", content: ticket },
        { role: "assistant", content: [use] },
        { role: "user", content: "?" }
      ]
      assert.strictEqual(yield* status("anthropic", { model: name, max_tokens: 9, messages: left }), 400)
    })
  )

  it.live("cuts an answer at the token limit", () =>
    Effect.gen(function* () {
      const fleet = yield* serve({ profiles: [perfect] })
      const limited = bodyOf("openai", perfect.name, "reply", { max_tokens: 10 })
      const said = readWhole("openai", yield* askFor(fleet, "openai", limited))
      assert.deepStrictEqual([said.finish, said.text.length], ["length", 40])
    })
  )

  it.live("makes the faults that it is told to, and counts them", () =>
    Effect.gen(function* () {
      const outcome = (kind: FaultKind, wire: WireName, extra: object) =>
        Effect.gen(function* () {
          const fleet = yield* serve({ profiles: [perfect], faults: [{ kind, rate: 1, retryAfter: 7 }] })
          const response = yield* post(fleet, wire, bodyOf(wire, perfect.name, "reply", extra))
          const text = yield* Effect.promise(() => response.text().catch(() => "broken off"))
          const { answered, faults } = yield* fleet.stats
          assert.deepStrictEqual([answered, faults], [0, { [kind]: 1 }])
          return { status: response.status, text, retryAfter: response.headers.get("retry-after") }
        })
      for (const wire of wires) {
        const limited = yield* outcome("rateLimited", wire, {})
        assert.deepStrictEqual([limited.status, limited.retryAfter], [429, "7"])
        assert.strictEqual((yield* outcome("serverError", wire, {})).status, 500)
        assert.strictEqual((yield* outcome("overloaded", wire, {})).status, wire === "anthropic" ? 529 : 503)
        for (const extra of [{}, streamed]) {
          assert.strictEqual((yield* outcome("cut", wire, extra)).text, "broken off")
          const malformed = yield* outcome("malformed", wire, extra)
          const lines = malformed.text.split("\n").filter((line) => /^(data: )?\{/.test(line))
          assert.isTrue(lines.some((line) => parse(line.replace("data: ", "")) === undefined))
        }
      }
    })
  )

  it.live("spares the share of requests and the models that a fault does not name, and lets a retry succeed", () =>
    Effect.gen(function* () {
      const [one, two] = [profiles[0]!.name, profiles[1]!.name]
      const fleet = yield* serve({ faults: [{ kind: "serverError", rate: 0.4, model: one }], seed: 5 })
      const statuses = (model: string) =>
        Effect.forEach(
          Array.from({ length: 100 }),
          () => post(fleet, "openai", bodyOf("openai", model, "act")).pipe(Effect.map((response) => response.status)),
          { concurrency: 8 }
        )
      const failed = (yield* statuses(one)).filter((status) => status === 500).length
      assert.isTrue(failed > 20 && failed < 60, `${failed} of 100`)
      assert.deepStrictEqual(new Set(yield* statuses(two)), new Set([200]))
      const { answered, models, requests, statuses: counted } = yield* fleet.stats
      assert.deepStrictEqual([requests, answered, counted["500"]], [200, 200 - failed, failed])
      assert.strictEqual(models[one]!.answered, 100 - failed)
      assert.deepStrictEqual(yield* get(fleet, "/__stats"), JSON.parse(JSON.stringify(yield* fleet.stats)))
    })
  )

  it.live("gives who asks again after a broken connection the answer that was lost", () =>
    Effect.gen(function* () {
      const name = profiles[0]!.name
      const ask = (faults: ReadonlyArray<{ readonly kind: "cut"; readonly rate: number }>) =>
        Effect.gen(function* () {
          const fleet = yield* serve({ faults, seed: 2 })
          const tries = Effect.promise(async () => {
            for (;;) {
              const response = await fetch(fleet.url + paths.openai, {
                method: "POST",
                body: JSON.stringify(bodyOf("openai", name, "reply"))
              })
              const text = await response.text().catch(() => undefined)
              if (text !== undefined) return readWhole("openai", text)
            }
          })
          return [yield* tries, yield* tries, (yield* fleet.stats).faults.cut ?? 0] as const
        })
      const [first, second, cuts] = yield* ask([{ kind: "cut", rate: 0.7 }])
      assert.isAbove(cuts, 0)
      assert.deepStrictEqual([first, second, 0], yield* ask([]))
    })
  )

  it.live("takes the time that it is told to: first token, then the rest", () =>
    Effect.gen(function* () {
      const fleet = yield* serve({ profiles: [perfect], latency: { fixedMs: 30, perTokenMs: 1 } })
      const response = yield* post(fleet, "anthropic", bodyOf("anthropic", perfect.name, "reply", streamed))
      const reader = response.body!.getReader()
      const chunks = yield* Effect.promise(async () => {
        let count = 0
        while (!(await reader.read()).done) count++
        return count
      })
      assert.isAbove(chunks, 3)
    })
  )

  it.live("leaves a request hanging until the client goes or the fleet does, and frees its port", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const options = { profiles: [perfect], faults: [{ kind: "hang", rate: 1 } as const] }
      const fleet = yield* serve(options).pipe(Scope.provide(scope))
      const waiting = yield* Effect.exit(
        Effect.tryPromise(() =>
          fetch(fleet.url + paths.ollama, {
            method: "POST",
            body: JSON.stringify(bodyOf("ollama", perfect.name, "act"))
          })
        )
      ).pipe(Effect.forkChild({ startImmediately: true }))
      while ((yield* fleet.stats).faults.hang !== 1) yield* Effect.yieldNow
      yield* Scope.close(scope, Exit.void)
      assert.isTrue(Exit.isFailure(yield* Fiber.join(waiting)))
      const again = yield* serve({ port: fleet.port })
      const taken = yield* Effect.flip(serve({ port: again.port }))
      assert.include(taken.message, `port ${again.port}`)
    })
  )

  it.live("has a model for benchmarks that works nothing out", () =>
    Effect.gen(function* () {
      const fleet = yield* serve({ profiles: [echo] })
      for (const wire of wires)
        assert.strictEqual(readWhole(wire, yield* askFor(fleet, wire, bodyOf(wire, echo.name, "reply"))).text, "ok")
      assert.strictEqual((yield* fleet.stats).answered, 3)
    })
  )
})
