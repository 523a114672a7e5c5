import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"

import type { CallRequest, Usage } from "../domain/Call.ts"
import { Fault } from "../domain/Fault.ts"
import type { AnswerRow } from "../domain/Output.ts"
import { type Connection, ProviderError, type Reply } from "../providers/contract.ts"
import { Answers } from "../store/Answers.ts"
import { type Account, type Ask, Calls, type CallsOptions } from "./Calls.ts"
import { inFlight } from "./ledger.ts"

const usageOf = (input: number, output: number): Usage => ({
  basis: "reported",
  input: { total: input, uncached: input, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 },
  output: { total: output, text: output, reasoning: 0 }
})
const reply = (text: string, usage = usageOf(10, 5)): Reply => ({
  response: { blocks: [{ type: "text", text }], stopReason: "end", complete: true },
  usage,
  timing: { startedAt: null, latencyMs: 12, basis: "reported" }
})
const error = (reason: ProviderError["reason"], more: { retryAfterMs?: number; mayBeBilled?: boolean } = {}) =>
  new ProviderError({ provider: "fleet", model: "small", reason, detail: "its words", mayBeBilled: false, ...more })

type Send = (text: string) => Effect.Effect<Reply, ProviderError>

/** A provider that answers from a script; it counts what it answered. */
const scripted = (script: Send) => {
  const seen: { asked: number; answered: number; out: number; texts: Array<string> } = {
    asked: 0,
    answered: 0,
    out: 0,
    texts: []
  }
  const connection: Connection = {
    prepare: (request) => {
      const block = request.messages[0]?.blocks[0]
      if (block?.type !== "text") return Result.fail({ message: "This wire carries text only." })
      return Result.succeed({
        body: { model: request.model, text: block.text, max_tokens: request.params.maxOutputTokens ?? null },
        losses: [{ what: "system placement", why: "scripted" }]
      })
    },
    send: (body) =>
      Effect.suspend(() => {
        seen.asked++
        seen.out++
        seen.texts.push(String(body["text"]))
        return script(String(body["text"]))
      }).pipe(
        Effect.tap(() => Effect.sync(() => seen.answered++)),
        Effect.ensuring(Effect.sync(() => seen.out--))
      ),
    models: Effect.succeed(["small"])
  }
  return { connection, seen }
}

const price = { input: "1", output: "4", source: "test", asOf: "2026-01-01" }
const cost = 10n * 1_000n + 5n * 4_000n

const account = (connection: Connection, more: Partial<Account> = {}): Account => ({
  name: "fleet",
  kind: "openai",
  host: "http://fleet",
  connection,
  concurrency: "adaptive",
  priceOf: (model) => (model === "unlisted" ? undefined : price),
  ...more
})

const memory = (rows = new Map<string, AnswerRow>()) =>
  Layer.succeed(Answers, {
    get: (key) => Effect.sync(() => rows.get(key)),
    has: (key) => rows.has(key),
    wasAsked: () => false,
    put: (row) => Effect.sync(() => void rows.set(row.key, row))
  })

const requestOf = (text: string, model = "small"): CallRequest => ({
  wire: "openai.chat",
  model,
  messages: [{ role: "user", blocks: [{ type: "text", text }] }],
  tools: null,
  params: { maxOutputTokens: 50 }
})
const askOf = (text: string, more: Partial<Ask> = {}): Ask => ({
  provider: "fleet",
  request: requestOf(text),
  series: "candidate",
  repeat: 0,
  stream: false,
  for: { case: "c1", setup: "s1" },
  ...more
})

const journalOf = () => {
  const lines: Array<Readonly<Record<string, unknown>>> = []
  return { lines, journal: (line: Readonly<Record<string, unknown>>) => Effect.sync(() => void lines.push(line)) }
}
const layerOf = (options: Partial<CallsOptions> & Pick<CallsOptions, "accounts">, rows?: Map<string, AnswerRow>) =>
  Calls.layer({ budget: null, journal: () => Effect.void, ...options }).pipe(Layer.provide(memory(rows)))
const ask = (question: Ask) => Effect.flatMap(Calls, (calls) => calls.ask(question))
const spend = Effect.flatMap(Calls, (calls) => calls.spend)
const fork = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.forkChild(effect, { startImmediately: true })
/** Lets time pass until a fiber is done: under a tight cap tries go out one after the other. */
const joined = <A, E>(fiber: Fiber.Fiber<A, E>) =>
  Effect.gen(function* () {
    while (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("1 second")
    return yield* Fiber.join(fiber)
  })

describe("a call", () => {
  it.effect("is sent once per key, kept, and paid for once, however many ask at once", () => {
    const { connection, seen } = scripted((text) => Effect.as(Effect.yieldNow, reply(`re: ${text}`)))
    const { journal, lines } = journalOf()
    const rows = new Map<string, AnswerRow>()
    return Effect.gen(function* () {
      const answers = yield* Effect.forEach(new Array(20).fill("hello"), (text) => ask(askOf(text)), {
        concurrency: "unbounded"
      })
      assert.strictEqual(seen.asked, 1)
      assert.deepStrictEqual(answers.map(({ cached }) => cached).sort(), [false, ...new Array(19).fill(true)])
      assert.isTrue(answers.every((answer) => answer.cost === cost && answer.losses.length === 1))
      assert.deepStrictEqual(yield* spend, {
        usd: cost,
        judgeUsd: 0n,
        floorUsd: 0n,
        calls: 1,
        cached: 19,
        unpriced: 0,
        lost: 0
      })
      const [row] = [...rows.values()]
      assert.strictEqual(row?.key, answers[0]?.row.key)
      assert.deepStrictEqual(
        lines.map(({ at: _at, v: _v, ...line }) => line),
        [
          {
            event: "sent",
            key: row?.key,
            account: "fleet",
            model: "small",
            series: "candidate",
            repeat: 0,
            case: "c1",
            setup: "s1"
          },
          {
            event: "paid",
            key: row?.key,
            account: "fleet",
            model: "small",
            series: "candidate",
            repeat: 0,
            case: "c1",
            setup: "s1",
            usage: usageOf(10, 5),
            usd: "0.000030000",
            tries: 1
          }
        ]
      )
    }).pipe(Effect.provide(layerOf({ accounts: [account(connection)], journal }, rows)))
  })

  it.effect("that was answered in an earlier run costs nothing again and says what it cost", () => {
    const { connection, seen } = scripted((text) => Effect.succeed(reply(text)))
    const rows = new Map<string, AnswerRow>()
    const run = Effect.gen(function* () {
      const answer = yield* ask(askOf("hello"))
      return { cached: answer.cached, cost: answer.cost, spent: (yield* spend).usd }
    }).pipe((effect) => Effect.provide(effect, layerOf({ accounts: [account(connection)] }, rows), { local: true }))
    return Effect.gen(function* () {
      assert.deepStrictEqual(yield* run, { cached: false, cost, spent: cost })
      assert.deepStrictEqual(yield* run, { cached: true, cost, spent: 0n })
      assert.strictEqual(seen.asked, 1)
    })
  })

  it.effect("is shared by setups that send the same, and drawn anew for another repeat or series", () => {
    const { connection, seen } = scripted((text) => Effect.succeed(reply(text)))
    return Effect.gen(function* () {
      yield* ask(askOf("hello"))
      yield* ask(askOf("hello", { for: { case: "c1", setup: "s2" } }))
      assert.strictEqual(seen.asked, 1)
      yield* ask(askOf("hello", { repeat: 1 }))
      yield* ask(askOf("hello", { series: "floor" }))
      yield* ask(askOf("hello", { series: "judge" }))
      assert.strictEqual(seen.asked, 4)
      const { floorUsd, judgeUsd, usd } = yield* spend
      assert.deepStrictEqual([usd, floorUsd, judgeUsd], [4n * cost, cost, cost])
    }).pipe(Effect.provide(layerOf({ accounts: [account(connection)] })))
  })

  it.effect("that the wire cannot carry, or the provider will not have, is unsendable and in its words", () => {
    const { connection, seen } = scripted(() => Effect.fail(error("ContextTooLong")))
    const image = { type: "image", source: { kind: "url", url: "https://example.com/a.png" } } as const
    const request = { ...requestOf(""), messages: [{ role: "user" as const, blocks: [image] }] }
    return Effect.gen(function* () {
      const first = yield* Effect.flip(ask(askOf("", { request })))
      assert.deepInclude(first, { _tag: "CallFailed", kind: "unsendable", message: "This wire carries text only." })
      assert.strictEqual(seen.asked, 0)
      const second = yield* Effect.flip(ask(askOf("long")))
      assert.deepInclude(second, { _tag: "CallFailed", kind: "unsendable" })
      assert.include(second.message, "its words")
      assert.strictEqual(seen.asked, 1)
      assert.strictEqual((yield* spend).calls, 0)
    }).pipe(Effect.provide(layerOf({ accounts: [account(connection)] })))
  })

  it.effect(
    "stops the run when the key is refused, the model is not there, or the provider is not in the suite",
    () => {
      const { connection } = scripted((text) => Effect.fail(error(text === "key" ? "Auth" : "ModelNotFound")))
      return Effect.gen(function* () {
        const key = yield* Effect.flip(ask(askOf("key")))
        const model = yield* Effect.flip(ask(askOf("model")))
        const provider = yield* Effect.flip(ask(askOf("x", { provider: "elsewhere" })))
        for (const fault of [key, model, provider]) {
          assert.instanceOf(fault, Fault)
          assert.strictEqual(fault.kind, "input")
        }
        assert.include(key.message, "fleet refuses a request without a key: its words")
        assert.include(model.message, "fleet has no model called small: its words")
        assert.include(provider.message, "Providers of this run: fleet.")
      }).pipe(Effect.provide(layerOf({ accounts: [account(connection)] })))
    }
  )

  it.effect("that is paid for counts even when it cannot be kept", () => {
    const { connection } = scripted((text) => Effect.succeed(reply(text)))
    const full = Layer.succeed(Answers, {
      get: () => Effect.succeed(undefined),
      has: () => false,
      wasAsked: () => false,
      put: () => Effect.fail(new Fault({ kind: "infrastructure", sentence: "The disk is full." }))
    })
    const layer = Calls.layer({ accounts: [account(connection)], budget: null, journal: () => Effect.void })
    return Effect.gen(function* () {
      const fault = yield* Effect.flip(ask(askOf("hello")))
      assert.strictEqual(fault.message, "The disk is full.")
      assert.strictEqual((yield* spend).usd, cost)
    }).pipe(Effect.provide(Layer.provide(layer, full)))
  })
})

describe("tries", () => {
  it.effect("are made again after an error that may pass, and the bill of a lost one is not forgotten", () => {
    const ends = [error("Server"), error("Cut", { mayBeBilled: true }), error("Network")]
    const { connection, seen } = scripted(() => Effect.suspend(() => ends.shift() ?? Effect.succeed(reply("at last"))))
    const { journal, lines } = journalOf()
    return Effect.gen(function* () {
      const fiber = yield* fork(ask(askOf("hello")))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(fiber)).cost, cost)
      assert.deepStrictEqual(
        lines.map(({ event, reason, mayBeBilled, tries, lost }) => ({ event, reason, mayBeBilled, tries, lost })),
        [
          { event: "sent" },
          { event: "retry", reason: "Server", mayBeBilled: false },
          { event: "retry", reason: "Cut", mayBeBilled: true },
          { event: "retry", reason: "Network", mayBeBilled: false },
          { event: "paid", tries: 4, lost: ["Cut"] }
        ].map((line) => ({ reason: undefined, mayBeBilled: undefined, tries: undefined, lost: undefined, ...line }))
      )
      assert.deepInclude(yield* spend, { calls: 1, usd: cost, lost: 1 })
      assert.strictEqual(seen.answered, 1)
    }).pipe(Effect.provide(layerOf({ accounts: [account(connection)], journal })))
  })

  it.effect("of all calls wait as long as Retry-After says", () => {
    const at: Array<number> = []
    let limited = true
    const { connection } = scripted((text) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        at.push(now)
        if (!limited) return Effect.succeed(reply(text))
        limited = false
        return Effect.fail(error("RateLimited", { retryAfterMs: 20_000 }))
      })
    )
    return Effect.gen(function* () {
      const first = yield* fork(ask(askOf("first")))
      const second = yield* fork(ask(askOf("second")))
      yield* TestClock.adjust(19_999)
      assert.deepStrictEqual(at, [0])
      yield* TestClock.adjust(1)
      yield* Fiber.join(second)
      yield* TestClock.adjust(2_000)
      yield* Fiber.join(first)
      assert.deepStrictEqual([at.length, at[1]], [3, 20_000])
      assert.isAtLeast(at[2]!, 20_000)
    }).pipe(Effect.provide(layerOf({ accounts: [account(connection)] })))
  })

  it.effect("end as a failure of the infrastructure when the provider stays down", () => {
    const { connection, seen } = scripted(() => Effect.fail(error("Network")))
    const { journal, lines } = journalOf()
    return Effect.gen(function* () {
      const fiber = yield* fork(Effect.flip(ask(askOf("hello"))))
      yield* TestClock.adjust("10 minutes")
      const failed = yield* Fiber.join(fiber)
      assert.deepInclude(failed, { _tag: "CallFailed", kind: "infrastructure" })
      assert.include(failed.message, "6 tries")
      assert.strictEqual(seen.asked, 6)
      assert.deepInclude(lines.at(-1), { event: "failed", reason: "Network", tries: 6 })
    }).pipe(Effect.provide(layerOf({ accounts: [account(connection)], journal })))
  })

  it.effect(
    "stop for all calls of an account that is dead, and begin again when it is back",
    () => {
      let down = true
      const { connection, seen } = scripted((text) =>
        Effect.suspend(() => (down ? Effect.fail(error("Network")) : Effect.succeed(reply(text))))
      )
      return Effect.gen(function* () {
        const texts = Array.from({ length: 1_000 }, (_, i) => `${i}`)
        const all = yield* fork(Effect.forEach(texts, (text) => Effect.flip(ask(askOf(text))), { concurrency: 64 }))
        yield* TestClock.adjust("2 minutes")
        const failures = yield* Fiber.join(all)
        assert.isTrue(failures.every((failed) => failed._tag === "CallFailed" && failed.kind === "infrastructure"))
        assert.isAtMost(seen.asked, 6 * 64 + 1, "nobody but the first sixty-four kept asking")
        assert.include(failures.at(-1)?.message, "this was never sent")
        down = false
        yield* TestClock.adjust("1 minute")
        yield* ask(askOf("hello"))
        yield* ask(askOf("again"))
        assert.strictEqual((yield* spend).calls, 2)
      }).pipe(Effect.provide(layerOf({ accounts: [account(connection)] })))
    },
    60_000
  )

  it.effect(
    "in a storm of rate limits fall back, recover, and all calls are answered",
    () => {
      let room = 64
      let [rejected, most] = [0, 0]
      const provider = scripted((text) =>
        Effect.suspend(() => {
          most = Math.max(most, provider.seen.out)
          if (provider.seen.out <= room) return Effect.as(Effect.sleep(100), reply(text))
          rejected++
          return Effect.fail(error("RateLimited"))
        })
      )
      const { connection, seen } = provider
      const until = (answered: number) =>
        Effect.gen(function* () {
          while (seen.answered < answered) yield* TestClock.adjust(50)
        })
      return Effect.gen(function* () {
        const texts = Array.from({ length: 4_000 }, (_, i) => `${i}`)
        const all = yield* fork(Effect.forEach(texts, (text) => ask(askOf(text)), { concurrency: 100 }))
        yield* until(1_000)
        assert.isAbove(most, 32, "it found most of the room there was")
        room = 4
        yield* until(1_200)
        ;[rejected, most] = [0, 0]
        yield* until(1_800)
        assert.isAtMost(most, 16, "it fell back to about the room there was")
        assert.isAtMost(rejected, 300, "and so was seldom turned away")
        room = 64
        yield* until(3_500)
        assert.isAbove(most, 32, "it recovered")
        yield* until(4_000)
        const answers = yield* Fiber.join(all)
        assert.isTrue(
          answers.every(
            ({ row }, i) => row.response.blocks[0]?.type === "text" && row.response.blocks[0].text === texts[i]
          )
        )
        assert.deepInclude(yield* spend, { calls: seen.answered, usd: 4_000n * cost })
      }).pipe(Effect.provide(layerOf({ accounts: [account(connection)] })))
    },
    60_000
  )
})

describe("the budget of a run", () => {
  const Pick = Schema.Struct({
    input: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 550 })),
    output: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 50 })),
    lost: Schema.Boolean
  })
  it.effect.prop(
    "is never exceeded by 64 calls at once, lost tries at their dearest included",
    {
      picks: Schema.Array(Pick).check(Schema.isBetweenLength(20, 64)),
      cap: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 8_000_000 }))
    },
    ({ cap, picks }) => {
      let billed = 0n
      const lost = new Set<string>()
      const { connection, seen } = scripted((text) => {
        const pick = picks[Number(text)]!
        billed += BigInt(pick.input * 1_000 + pick.output * 4_000)
        if (!pick.lost || lost.has(text))
          return Effect.as(Effect.yieldNow, reply(text, usageOf(pick.input, pick.output)))
        lost.add(text)
        return Effect.fail(error("Timeout", { mayBeBilled: true }))
      })
      return Effect.gen(function* () {
        const all = yield* fork(Effect.forEach(picks, (_, i) => Effect.result(ask(askOf(`${i}`))), { concurrency: 64 }))
        const ends = yield* joined(all)
        assert.isTrue(billed <= BigInt(cap), `${billed} of ${cap}`)
        const { calls, usd } = yield* spend
        assert.isTrue(usd <= billed)
        assert.strictEqual(calls, seen.answered)
        assert.isTrue(
          ends.every(
            (end) => Result.isSuccess(end) || (end.failure._tag === "CallFailed" && end.failure.kind === "budget")
          )
        )
      }).pipe(Effect.provide(layerOf({ accounts: [account(connection)], budget: BigInt(cap) }), { local: true }))
    },
    { timeout: 180_000, arbitrary: { runs: 40 } }
  )

  it.effect("refuses calls without a price, in words", () => {
    const { connection, seen } = scripted((text) => Effect.succeed(reply(text)))
    const unlisted = askOf("hello", { request: requestOf("hello", "unlisted") })
    return Effect.gen(function* () {
      const failed = yield* Effect.flip(ask(unlisted))
      assert.deepInclude(failed, { _tag: "CallFailed", kind: "budget" })
      assert.include(failed.message, "fleet/unlisted has no price, so the budget of $20.00 cannot be kept")
      assert.strictEqual(seen.asked, 0)
    }).pipe(Effect.provide(layerOf({ accounts: [account(connection)], budget: 20_000_000_000n })))
  })

  it.effect("says what is left when it has no room", () => {
    const { connection } = scripted((text) => Effect.succeed(reply(text)))
    return Effect.gen(function* () {
      const failed = yield* Effect.flip(ask(askOf("hello")))
      assert.match(
        failed.message,
        /^The budget of \$0\.0005 has no room for this call: \$0\.00 is spent .* up to \$0\.0007\d+: 50 output tokens at most, and 5\d\d for what is sent\.$/
      )
    }).pipe(Effect.provide(layerOf({ accounts: [account(connection)], budget: 500_000n })))
  })

  it.effect("lets unpriced calls through where there is none, and counts them", () => {
    const { connection } = scripted((text) => Effect.succeed(reply(text)))
    return Effect.gen(function* () {
      const answer = yield* ask(askOf("hello", { request: requestOf("hello", "unlisted") }))
      assert.isNull(answer.cost)
      assert.deepInclude(yield* spend, { usd: 0n, calls: 1, unpriced: 1 })
    }).pipe(Effect.provide(layerOf({ accounts: [account(connection)] })))
  })

  it.effect("is what worstCase promises: null without a price, nothing for what cannot be sent", () => {
    const { connection } = scripted((text) => Effect.succeed(reply(text)))
    return Effect.gen(function* () {
      const calls = yield* Calls
      assert.isTrue((calls.worstCase("fleet", requestOf("hello")) ?? 0n) > 50n * 4_000n)
      assert.isNull(calls.worstCase("fleet", requestOf("hello", "unlisted")))
      assert.isNull(calls.worstCase("elsewhere", requestOf("hello")))
      assert.strictEqual(calls.worstCase("fleet", { ...requestOf(""), messages: [] }), 0n)
    }).pipe(Effect.provide(layerOf({ accounts: [account(connection)] })))
  })
})

describe("caps of a part of a run", () => {
  const answering = () => scripted((text) => Effect.succeed(reply(text)))
  const worst = (calls: Calls["Service"]) => calls.worstCase("fleet", requestOf("hello 0")) ?? 0n
  const dear = Effect.flatMap(Calls, (calls) => Effect.succeed(worst(calls)))
  const first = (text: string, more: Partial<Ask> = {}) => Effect.flip(ask(askOf(text, more)))

  it.effect("hold for a provider, in words, and leave others alone", () => {
    const { connection } = answering()
    const accounts = [
      account(connection, { cap: 500_000n }),
      account(connection, { name: "other", host: "http://other" })
    ]
    return Effect.gen(function* () {
      const failed = yield* first("hello")
      assert.deepInclude(failed, { _tag: "CallFailed", kind: "budget" })
      assert.match(failed.message, /^Provider fleet's budget of \$0\.0005 has no room for this call: /)
      yield* ask(askOf("hello", { provider: "other" }))
    }).pipe(Effect.provide(layerOf({ accounts })))
  })

  it.effect("hold for the judges alone, and their money counts for the run as well", () => {
    const { connection } = answering()
    return Effect.gen(function* () {
      const failed = yield* first("hello", { series: "judge" })
      assert.match(failed.message, /^The judges' budget of \$0\.0005 has no room for this call: /)
      yield* ask(askOf("hello"))
      yield* ask(askOf("hello", { series: "floor" }))
    }).pipe(Effect.provide(layerOf({ accounts: [account(connection)], caps: { judge: 500_000n } })))
  })

  it.effect("hold for each setup by itself: what one has no room for, another who asks the same still gets", () => {
    const { connection, seen } = answering()
    return Effect.gen(function* () {
      const room = yield* dear
      const poor = yield* fork(Effect.result(ask(askOf("hello 0", { for: { case: "c1", setup: "poor" } }))))
      const rich = yield* fork(Effect.result(ask(askOf("hello 0", { for: { case: "c1", setup: "rich" } }))))
      const [refused, answered] = [yield* Fiber.join(poor), yield* Fiber.join(rich)]
      assert.isTrue(Result.isFailure(refused) && /^The setup's budget of /.test(refused.failure.message))
      assert.isTrue(Result.isSuccess(answered))
      yield* ask(askOf("hello 1", { series: "floor", for: { case: "c1", setup: "floor" } }))
      yield* ask(askOf("hello 1", { series: "judge", for: { case: "c1", setup: "poor" } }))
      assert.strictEqual(seen.asked, 3)
      assert.isTrue(room > cost)
    }).pipe(
      Effect.provide(layerOf({ accounts: [account(connection)], caps: { setups: { poor: 1n, rich: 10_000_000n } } }))
    )
  })

  it.effect("refuse calls without a price only where they hold", () => {
    const { connection, seen } = answering()
    const unlisted = (more: Partial<Ask>) => askOf("hello", { request: requestOf("hello", "unlisted"), ...more })
    return Effect.gen(function* () {
      const failed = yield* Effect.flip(ask(unlisted({ series: "judge" })))
      assert.include(
        failed.message,
        "fleet/unlisted has no price, so the judges' budget of $1.00 cannot be kept with it"
      )
      assert.isNull((yield* ask(unlisted({}))).cost)
      assert.strictEqual(seen.asked, 1)
    }).pipe(Effect.provide(layerOf({ accounts: [account(connection)], caps: { judge: 1_000_000_000n } })))
  })

  it.effect.prop(
    "are all kept at once by what is billed, lost tries at their dearest included",
    {
      picks: Schema.Array(
        Schema.Struct({
          input: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 550 })),
          output: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 50 })),
          lost: Schema.Boolean,
          who: Schema.Literals(["a", "b", "judge", "floor"]),
          provider: Schema.Literals(["fleet", "other"])
        })
      ).check(Schema.isBetweenLength(20, 64)),
      caps: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 8_000_000 }))).check(
        Schema.isBetweenLength(5, 5)
      )
    },
    ({ caps: amounts, picks }) => {
      const [run, fleet, judge, a, b] = amounts.map(BigInt) as [bigint, bigint, bigint, bigint, bigint]
      const billed: Record<string, bigint> = { run: 0n, fleet: 0n, other: 0n, judge: 0n, a: 0n, b: 0n, floor: 0n }
      const lost = new Set<string>()
      const { connection } = scripted((text) => {
        const pick = picks[Number(text)]!
        const bill = BigInt(pick.input * 1_000 + pick.output * 4_000)
        for (const of of ["run", pick.provider, pick.who]) billed[of]! += bill
        if (!pick.lost || lost.has(text))
          return Effect.as(Effect.sleep(Number(text) % 3), reply(text, usageOf(pick.input, pick.output)))
        lost.add(text)
        return Effect.fail(error("Timeout", { mayBeBilled: true }))
      })
      const accounts = [
        account(connection, { cap: fleet }),
        account(connection, { name: "other", host: "http://other" })
      ]
      return Effect.gen(function* () {
        const all = yield* fork(
          Effect.forEach(
            picks,
            ({ provider, who }, i) =>
              Effect.result(
                ask(
                  askOf(`${i}`, {
                    provider,
                    series: who === "judge" || who === "floor" ? who : "candidate",
                    for: { case: "c", setup: who }
                  })
                )
              ),
            { concurrency: 64 }
          )
        )
        const ends = yield* joined(all)
        const caps: Record<string, bigint> = { run, fleet, judge, a, b }
        for (const [of, cap] of Object.entries(caps))
          assert.isTrue(billed[of]! <= cap, `${of}: ${billed[of]} of ${cap}`)
        assert.isTrue(
          ends.every(
            (end) => Result.isSuccess(end) || (end.failure._tag === "CallFailed" && end.failure.kind === "budget")
          )
        )
      }).pipe(Effect.provide(layerOf({ accounts, budget: run, caps: { judge, setups: { a, b } } }), { local: true }))
    },
    { timeout: 180_000, arbitrary: { runs: 40 } }
  )
})

describe("the accounts of a run", () => {
  it.effect("tell how they stand: out, waiting, limit, pauses, rate limits and tokens a second", () => {
    let limited = true
    const { connection } = scripted((text) =>
      Effect.suspend(() => {
        if (!limited) return text === "slow" ? Effect.never : Effect.succeed(reply(text, usageOf(100, 50)))
        limited = false
        return Effect.fail(error("RateLimited", { retryAfterMs: 20_000 }))
      })
    )
    return Effect.gen(function* () {
      const { lanes, retune } = yield* Calls
      const quiet = {
        account: "fleet",
        out: 0,
        waiting: 0,
        limit: 1,
        limited: 0,
        tokensPerSecond: { input: 0, output: 0 }
      }
      assert.deepStrictEqual(yield* lanes, [quiet])
      const fiber = yield* fork(ask(askOf("hello")))
      yield* fork(ask(askOf("slow")))
      yield* TestClock.adjust(5_000)
      const resting = { ...quiet, waiting: 1, limited: 1, paused: { why: "asked", ms: 15_000 } }
      assert.deepStrictEqual((yield* lanes) as unknown, [resting])
      yield* TestClock.adjust(15_000)
      yield* retune({ account: "fleet", concurrency: 2 })
      yield* TestClock.adjust(2_000)
      yield* Fiber.join(fiber)
      assert.deepInclude((yield* lanes)[0], { out: 1, waiting: 0, limit: 2, limited: 1 })
      const { input, output } = (yield* lanes)[0]!.tokensPerSecond
      assert.isTrue(input > 0 && input === 2 * output)
      yield* retune({ paused: true })
      yield* fork(ask(askOf("more")))
      assert.deepInclude((yield* lanes)[0], { out: 1, waiting: 1, paused: { why: "held", ms: null } })
      yield* retune({ paused: false })
      yield* TestClock.adjust(0)
      assert.deepInclude((yield* lanes)[0], { out: 1, waiting: 0 })
    }).pipe(Effect.provide(layerOf({ accounts: [account(connection, { concurrency: 1 })] })))
  })

  it.effect("that die while calls wait for room send none of them, and the journal leaves none of them open", () => {
    const { connection, seen } = scripted(() =>
      Effect.as(Effect.sleep(1), undefined).pipe(Effect.andThen(Effect.fail(error("Network"))))
    )
    const { journal, lines } = journalOf()
    return Effect.gen(function* () {
      const all = yield* fork(
        Effect.forEach(new Array(50).fill(0), (_, i) => Effect.flip(ask(askOf(`${i}`))), { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("1 minute")
      const failures = yield* Fiber.join(all)
      assert.strictEqual(seen.asked, 3)
      assert.isTrue(failures.every((failed) => failed._tag === "CallFailed" && failed.kind === "infrastructure"))
      assert.deepStrictEqual(inFlight(lines), [])
      assert.deepStrictEqual(
        new Set(lines.filter(({ event }) => event === "failed").map(({ reason }) => reason)),
        new Set(["NotAsked"])
      )
    }).pipe(
      Effect.provide(
        layerOf({
          accounts: [account(connection, { concurrency: 1 })],
          journal,
          breaker: { failures: 3, downMs: 0, coolMs: 600_000 }
        })
      )
    )
  })

  it.effect("that begin slowly are waited for, with few tries, and every call is answered", () => {
    let ready = false
    const { connection, seen } = scripted((text) =>
      Effect.suspend(() => (ready ? Effect.succeed(reply(text)) : Effect.fail(error("Starting"))))
    )
    return Effect.gen(function* () {
      const texts = Array.from({ length: 30 }, (_, i) => `${i}`)
      const all = yield* fork(Effect.forEach(texts, (text) => ask(askOf(text)), { concurrency: "unbounded" }))
      yield* TestClock.adjust("50 seconds")
      assert.isAtMost(seen.asked, 400, "eight at a time, every three seconds")
      ready = true
      assert.lengthOf(yield* joined(all), 30)
    }).pipe(Effect.provide(layerOf({ accounts: [account(connection)] })))
  })

  it.effect(
    "that never answer but with failures are given up after a minute, and it is said what was never sent",
    () => {
      const { connection, seen } = scripted(() => Effect.fail(error("Server")))
      return Effect.gen(function* () {
        const texts = Array.from({ length: 400 }, (_, i) => `${i}`)
        const all = yield* fork(
          Effect.forEach(texts, (text) => Effect.flip(ask(askOf(text))), { concurrency: "unbounded" })
        )
        yield* TestClock.adjust("2 minutes")
        const failures = yield* Fiber.join(all)
        assert.isAtMost(seen.asked, 250)
        assert.isAbove(failures.filter((one) => one._tag === "CallFailed" && one.neverSent === true).length, 150)
      }).pipe(Effect.provide(layerOf({ accounts: [account(connection)] })))
    }
  )

  it.effect("that fail with half of the cases answer the others, and try each as often as is promised", () => {
    const tries = new Map<string, number>()
    const { connection } = scripted((text) => {
      tries.set(text, (tries.get(text) ?? 0) + 1)
      return Effect.sleep(5).pipe(
        Effect.andThen(Number(text) % 100 < 50 ? Effect.fail(error("Server")) : Effect.succeed(reply(text)))
      )
    })
    return Effect.gen(function* () {
      const texts = Array.from({ length: 400 }, (_, i) => `${i}`)
      const all = yield* fork(
        Effect.forEach(texts, (text) => Effect.result(ask(askOf(text))), { concurrency: "unbounded" })
      )
      const ends = yield* joined(all)
      assert.strictEqual(ends.filter(Result.isSuccess).length, 200)
      assert.isTrue(texts.every((text) => tries.get(text) === (Number(text) % 100 < 50 ? 6 : 1)))
    }).pipe(Effect.provide(layerOf({ accounts: [account(connection)] })))
  })

  it.effect(
    "of a wrong configuration stop the run; where answers came before, something broke and is tried again",
    () => {
      let first: ProviderError["reason"] | undefined
      const { connection } = scripted((text) =>
        Effect.suspend(() => {
          const reason = first
          first = undefined
          return reason === undefined ? Effect.succeed(reply(text)) : Effect.fail(error(reason))
        })
      )
      return Effect.gen(function* () {
        for (const [reason, says, mend] of [
          ["Address", "does not take calls at its address", "/v1"],
          ["Blocked", "turns away whoever asks from here", "not about the key"],
          ["Untrusted", "cannot be asked safely", "caFile"],
          ["Proxy", "behind a proxy", "USER:PASSWORD@"],
          ["Spent", "no money or quota left", "Top it up"]
        ] as const) {
          first = reason
          const fault = yield* Effect.flip(ask(askOf(reason)))
          assert.deepInclude(fault, { _tag: "Fault", kind: "input" })
          assert.include(fault.message, says)
          assert.include(fault instanceof Fault ? fault.mend : "", mend)
        }
        yield* ask(askOf("hello"))
        for (const reason of ["Address", "Blocked", "Untrusted", "Proxy"] as const) {
          first = reason
          yield* joined(yield* fork(ask(askOf(`again ${reason}`))))
        }
      }).pipe(Effect.provide(layerOf({ accounts: [account(connection)] })))
    }
  )

  it.effect("go on with their other models where one of them fails without end", () => {
    const { connection, seen } = scripted((text) =>
      text.startsWith("bad") ? Effect.fail(error("Server")) : Effect.succeed(reply(text))
    )
    return Effect.gen(function* () {
      for (const text of ["bad 1", "bad 2", "bad 3"]) {
        const fiber = yield* fork(Effect.flip(ask(askOf(text))))
        yield* TestClock.adjust("10 minutes")
        yield* Fiber.join(fiber)
      }
      const asked = seen.asked
      const rest = yield* fork(Effect.flip(ask(askOf("bad 4"))))
      yield* joined(rest)
      assert.strictEqual(seen.asked, asked, "a model that is down is not asked")
      const other = requestOf("hello", "large")
      yield* ask(askOf("hello", { request: other }))
      assert.strictEqual((yield* spend).calls, 1)
    }).pipe(
      Effect.provide(
        layerOf({ accounts: [account(connection)], breaker: { failures: 5, downMs: 1_000, coolMs: 6_000_000 } })
      )
    )
  })

  it.effect(
    "that ask to be left alone beyond all patience fail the call in their words, and are not asked meanwhile",
    () => {
      const { connection, seen } = scripted(() => Effect.fail(error("RateLimited", { retryAfterMs: 3_600_000 })))
      return Effect.gen(function* () {
        const failed = yield* Effect.flip(ask(askOf("hello")))
        assert.match(failed.message, /^fleet\/small: RateLimited: its words \(given up: it asks to wait 3600 s\)$/)
        assert.include((yield* Effect.flip(ask(askOf("more")))).message, "this was never sent")
        assert.deepInclude((yield* (yield* Calls).lanes)[0], { paused: { why: "down", ms: 3_600_000 } })
        assert.strictEqual(seen.asked, 1)
      }).pipe(Effect.provide(layerOf({ accounts: [account(connection)] })))
    }
  )
})

describe("an interruption", () => {
  it.effect("gives back permits and money, and another who asked the same goes on", () => {
    const started = Deferred.makeUnsafe<void>()
    let turn = 0
    const { connection, seen } = scripted((text) =>
      turn++ === 0 ? Effect.andThen(Deferred.succeed(started, undefined), Effect.never) : Effect.succeed(reply(text))
    )
    return Effect.gen(function* () {
      const first = yield* fork(ask(askOf("hello")))
      yield* Deferred.await(started)
      const same = yield* fork(ask(askOf("hello")))
      const other = yield* fork(ask(askOf("other")))
      yield* Fiber.interrupt(first)
      assert.isFalse((yield* Fiber.join(same)).cached)
      yield* Fiber.join(other)
      assert.deepInclude(yield* spend, { calls: 2, usd: 2n * cost })
      assert.deepStrictEqual([seen.asked, seen.out], [3, 0])
    }).pipe(Effect.provide(layerOf({ accounts: [account(connection, { concurrency: 1 })], budget: 800_000n })))
  })

  it.effect("does not lose an answer that is there already", () => {
    const { connection } = scripted((text) => Effect.succeed(reply(text)))
    const putting = Deferred.makeUnsafe<void>()
    const disk = Deferred.makeUnsafe<void>()
    const rows: Array<AnswerRow> = []
    const slow = Layer.succeed(Answers, {
      get: () => Effect.succeed(undefined),
      has: () => false,
      wasAsked: () => false,
      put: (row) =>
        Effect.andThen(
          Deferred.succeed(putting, undefined),
          Effect.map(Deferred.await(disk), () => void rows.push(row))
        )
    })
    const { journal, lines } = journalOf()
    return Effect.gen(function* () {
      const fiber = yield* fork(ask(askOf("hello")))
      yield* Deferred.await(putting)
      const stopped = yield* fork(Fiber.interrupt(fiber))
      yield* Deferred.succeed(disk, undefined)
      yield* Fiber.join(stopped)
      assert.strictEqual(rows.length, 1)
      assert.deepInclude(lines.at(-1), { event: "paid" })
    }).pipe(
      Effect.provide(Layer.provide(Calls.layer({ accounts: [account(connection)], budget: null, journal }), slow))
    )
  })
})
