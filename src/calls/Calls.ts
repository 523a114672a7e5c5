import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"

import type { CallRequest } from "../domain/Call.ts"
import type { Fault } from "../domain/Fault.ts"
import type { NanoUsd } from "../domain/Money.ts"
import type { AnswerRow, Loss, Series } from "../domain/Output.ts"
import { isMachineRate, type Rate } from "../domain/Price.ts"
import { costOfAnswer, worstOfMachineTime } from "../pricing/machine.ts"
import { type Connection, defaultTimeoutMs, type Prepared } from "../providers/contract.ts"
import { Answers } from "../store/Answers.ts"
import { type BreakerPolicy, breakerPolicy } from "./breaker.ts"
import { makeBudget, type Purse, purseOf } from "./budget.ts"
import { type Bought, buy, type Errand, type Market } from "./buy.ts"
import { CallFailed } from "./CallFailed.ts"
import { keyOf } from "./key.ts"
import { type Lane, type LaneState, makeLane } from "./lane.ts"
import type { Line } from "./lines.ts"
import { makeOwn } from "./own.ts"
import { type RetryPolicy, retryPolicy } from "./retry.ts"
import { makeShared } from "./shared.ts"
import { makeTally } from "./tally.ts"
import { noAccount, noEmbeddings, unpriced } from "./words.ts"
import { worstCaseOf, worstCostOf, worstTokens } from "./worstCase.ts"

/** An opened provider account with what calls need to know of it. */
export interface Account {
  /** The name in the suite. */
  readonly name: string
  readonly kind: string
  /** Address without credentials; part of the cache key. */
  readonly host: string
  readonly connection: Connection
  readonly concurrency: "adaptive" | number
  /** The most that may be spent with it in this run; left out: no cap of its own. */
  readonly cap?: NanoUsd
  /** The environment variable of its key, for messages; `undefined`: it is asked without one. */
  readonly keyEnv?: string
  /** Milliseconds that a try may take; left out: the connection's default. A try is never billed for more of its machine's time. */
  readonly timeoutMs?: number
  /** By tokens, or by its machine's time; `undefined`: unpriced. */
  priceOf(model: string): Rate | undefined
}

/** One question. */
export interface Ask {
  readonly provider: string
  readonly request: CallRequest
  readonly series: Series
  /** Same request, different draw: 0, 1, 2 … */
  readonly repeat: number
  /** Digest of the archived request that the question comes from, where it comes from one: part of the cache key. */
  readonly origin?: string
  readonly stream: boolean
  /** The request is one text, whose embedding is asked for. */
  readonly embedding?: true
  /** For the journal and the messages. */
  readonly for: { readonly case: string; readonly setup: string }
}

export interface Answered {
  readonly row: AnswerRow
  readonly cached: boolean
  /** It was in the cache when the run began. */
  readonly before?: true
  /** What it cost when it was bought, at the run's prices; `null`: unpriced. */
  readonly cost: NanoUsd | null
  readonly losses: ReadonlyArray<Loss>
}

export type { LaneState }
export { CallFailed }

/** What was paid in this run, in nano-dollars; answers from the cache cost nothing again. */
export interface Spend {
  /** All that was bought: candidates, floor and judges. */
  readonly usd: NanoUsd
  /** Of `usd`: the judges' part, and the noise floor's. */
  readonly judgeUsd: NanoUsd
  readonly floorUsd: NanoUsd
  /** Answers paid for in this run. */
  readonly calls: number
  readonly cached: number
  /** Answers paid for that have no price; their money is not in `usd`. */
  readonly unpriced: number
  /** Tries without an answer that the provider may have billed; what they cost is not known and not in `usd`. */
  readonly lost: number
  /** Tries without an answer at machines that are paid by the hour, and what their time cost, which is in `usd`; left out where there was none. */
  readonly unanswered?: { readonly tries: number; readonly usd: NanoUsd }
}

/** A change of how a run asks that is going on: `paused` holds every new try of all accounts back. */
export type Retuning =
  | { readonly account: string; readonly concurrency: "adaptive" | number }
  | { readonly paused: boolean }

/** What the layer of {@link Calls} is made from. */
export interface CallsOptions {
  readonly accounts: ReadonlyArray<Account>
  /** The most this run may spend; `null`: no cap. */
  readonly budget: NanoUsd | null
  /** The most that the judges may spend, and each setup, by its id; left out: no caps of their own. */
  readonly caps?: { readonly judge?: NanoUsd; readonly setups?: Readonly<Record<string, NanoUsd>> }
  /** Appends a line to the run's journal; durable when it returns. */
  readonly journal: (line: Line) => Effect.Effect<void, Fault>
  /** Told, once for each, what the user of the run must know of a provider's model: that it bills more than it was asked for. */
  readonly warn?: (sentence: string) => void
  /** Told of every answer, bought or kept from before: whose it is, and whether the bundled fleet gave it. */
  readonly came?: (provider: string, simulated: boolean) => void
  readonly retry?: Partial<RetryPolicy>
  readonly breaker?: Partial<BreakerPolicy>
}

/** A question that can be sent. */
interface Ready {
  readonly lane: Lane
  readonly way: Errand["way"]
  readonly prepared: Prepared
  readonly price: Rate | undefined
  readonly purses: ReadonlyArray<Purse>
  readonly key: string
}

/** One paid call, made once: cache, rate gate, retries, budget, journal. Whoever asks a model asks here. */
export class Calls extends Context.Service<
  Calls,
  {
    /** `Fault` only for what must stop the run: a full disk, a key that is refused, a model that is not there. */
    ask(ask: Ask): Effect.Effect<Answered, CallFailed | Fault>
    readonly spend: Effect.Effect<Spend>
    /** How the accounts stand now. */
    readonly lanes: Effect.Effect<ReadonlyArray<LaneState>>
    /** Changes how the run asks, from now on. `Fault`, kind `usage`: there is no such account. */
    retune(change: Retuning): Effect.Effect<void, Fault>
    /** Worst case of one call at the account's price: the reservation; `null`: unpriced. A request that cannot be sent costs nothing. */
    worstCase(provider: string, request: CallRequest): NanoUsd | null
  }
>()("@understudy/harness/calls/Calls") {
  /**
   * Calls through these accounts, with one budget, one cache and one gate an account for all who ask.
   * A call is bought at most once per key, however many ask at once; its worst case is reserved before it is sent, so the cap holds.
   */
  static readonly layer = (options: CallsOptions): Layer.Layer<Calls, never, Answers> =>
    Layer.effect(
      Calls,
      Effect.map(Answers, (answers) => Calls.of(makeCalls(options, answers)))
    )
}

/** A purse for each cap there is, and the ones that hold for a question. */
const pursesOf = ({ accounts, budget, caps }: CallsOptions) => {
  const run = budget === null ? [] : [purseOf("The budget", budget)]
  const byAccount = new Map(
    accounts.map(({ cap, name }) => [
      name,
      cap === undefined ? run : [...run, purseOf(`Provider ${name}'s budget`, cap, "provider")]
    ])
  )
  const judge = caps?.judge === undefined ? undefined : purseOf("The judges' budget", caps.judge, "judges")
  const setups = new Map(
    Object.entries(caps?.setups ?? {}).map(([id, cap]) => [id, purseOf("The setup's budget", cap, "setup")])
  )
  return (ask: Ask): ReadonlyArray<Purse> => {
    const shared = byAccount.get(ask.provider) ?? run
    const own = ask.series === "judge" ? judge : setups.get(ask.for.setup) // a floor answer too, where a setup asks for it
    return own === undefined ? shared : [...shared, own]
  }
}

/** What one try can cost at most, by its tokens or by its machine's time. */
const worstOf = (
  { timeoutMs = defaultTimeoutMs }: Account,
  request: CallRequest,
  body: Prepared["body"],
  rate: Rate
): NanoUsd => (isMachineRate(rate) ? worstOfMachineTime(timeoutMs, rate) : worstCaseOf(request, body, rate))

const makeCalls = (options: CallsOptions, answers: Answers["Service"]): Calls["Service"] => {
  const breaker = { ...breakerPolicy, ...options.breaker }
  const retry = { ...retryPolicy, ...options.retry }
  const lanes = new Map(options.accounts.map((one) => [one.name, makeLane(one, breaker, retry.patienceMs)]))
  const tally = makeTally()
  const own = makeOwn()
  const purses = pursesOf(options)
  // That a cap has no room for one asker says nothing of another's.
  const shared = makeShared<Answered, CallFailed | Fault>(
    (error) => error._tag === "CallFailed" && error.kind === "budget"
  )
  const market: Market = {
    budget: makeBudget(),
    tally,
    retry,
    journal: (line) => options.journal(line),
    warn: (sentence) => options.warn?.(sentence),
    keep: (row) => answers.put(own.note(row))
  }

  const errand = (ask: Ask, { key, lane, prepared, price, purses, way }: Ready): Errand | CallFailed => {
    const { name } = lane.account
    const { model } = ask.request
    const [first] = purses
    if (first !== undefined && price === undefined) return unpriced(name, model, first)
    const capped = first === undefined ? undefined : price
    const tokens = capped === undefined || isMachineRate(capped) ? undefined : worstTokens(ask.request, prepared.body)
    return {
      lane,
      way,
      subject: { key, account: name, model, series: ask.series, repeat: ask.repeat, for: ask.for },
      body: prepared.body,
      stream: ask.stream,
      price,
      purses,
      ...(tokens === undefined ? {} : { tokens }),
      worst: () => {
        if (capped === undefined) return 0n
        return tokens === undefined || isMachineRate(capped)
          ? worstOf(lane.account, ask.request, prepared.body, capped)
          : worstCostOf(lane.reserve.of(model, tokens), capped)
      }
    }
  }

  const bought = (ask: Ask, ready: Ready): Effect.Effect<Answered, CallFailed | Fault> => {
    const going = errand(ask, ready)
    return going instanceof CallFailed
      ? Effect.fail(going)
      : Effect.map(buy(going, market), ({ cost, row }: Bought) => {
          options.came?.(ask.provider, row.simulated === true)
          return { row, cached: false, cost, losses: ready.prepared.losses }
        })
  }

  const answer = (ask: Ask, ready: Ready): Effect.Effect<Answered, CallFailed | Fault> =>
    answers.has(ready.key)
      ? Effect.flatMap(answers.get(ready.key), (row) => {
          if (row === undefined) return bought(ask, ready)
          tally.cached()
          options.came?.(ask.provider, row.simulated === true)
          const cost = ready.price === undefined ? null : costOfAnswer(row, ready.price)
          const before = own.has(ready.key) ? {} : ({ before: true } as const)
          return Effect.succeed({ row, cached: true, ...before, cost, losses: ready.prepared.losses })
        })
      : bought(ask, ready)

  return Calls.of({
    ask: (ask) =>
      Effect.suspend(() => {
        const lane = lanes.get(ask.provider)
        if (lane === undefined) return Effect.fail(noAccount(ask.provider, [...lanes.keys()]))
        const { connection, host, kind } = lane.account
        const way = ask.embedding === true ? connection.embedding : connection
        if (way === undefined) return Effect.fail(noEmbeddings(ask.provider, kind))
        const prepared = way.prepare(ask.request)
        if (Result.isFailure(prepared))
          return Effect.fail(new CallFailed({ kind: "unsendable", message: prepared.failure.message }))
        const ready: Ready = {
          lane,
          way,
          prepared: prepared.success,
          price: lane.account.priceOf(ask.request.model),
          purses: purses(ask),
          key: keyOf({
            kind,
            host,
            body: prepared.success.body,
            series: ask.series,
            repeat: ask.repeat,
            origin: ask.origin
          })
        }
        // What is there is nobody's work under way.
        if (answers.has(ready.key)) return answer(ask, ready)
        return shared.once(ready.key, answer(ask, ready), (same) => {
          tally.cached()
          return { ...same, cached: true, losses: ready.prepared.losses }
        })
      }),
    spend: Effect.sync(() => tally.spend),
    lanes: Effect.map(Clock.currentTimeMillis, (now) => [...lanes.values()].map((lane) => lane.state(now))),
    retune: (change) => {
      if ("paused" in change)
        return Effect.forEach(lanes.values(), ({ gate }) => (change.paused ? gate.hold : gate.resume), {
          discard: true
        })
      const lane = lanes.get(change.account)
      return lane === undefined ? noAccount(change.account, [...lanes.keys()]) : lane.gate.retune(change.concurrency)
    },
    worstCase: (provider, request) => {
      const lane = lanes.get(provider)
      const price = lane?.account.priceOf(request.model)
      if (lane === undefined || price === undefined) return null
      const prepared = lane.account.connection.prepare(request)
      return Result.isFailure(prepared) ? 0n : worstOf(lane.account, request, prepared.success.body, price)
    }
  })
}
