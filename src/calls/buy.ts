import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

import type { Fault } from "../domain/Fault.ts"
import type { NanoUsd } from "../domain/Money.ts"
import type { AnswerRow } from "../domain/Output.ts"
import { isMachineRate, type MachineRate, type Rate } from "../domain/Price.ts"
import { costOfAnswer, costOfMachineTime } from "../pricing/machine.ts"
import {
  type Connection,
  defaultTimeoutMs,
  type Prepared,
  type ProviderError,
  type Reply
} from "../providers/contract.ts"
import type { Budget, Purse, Reservation } from "./budget.ts"
import { CallFailed, taking } from "./CallFailed.ts"
import type { Told } from "./gate.ts"
import { askedFor } from "./key.ts"
import type { Lane } from "./lane.ts"
import { failedLine, givenUpLine, type Line, paidLine, retryLine, type Subject, sentLine } from "./lines.ts"
import type { Tokens } from "./reserve.ts"
import { count, next, noTries, type RetryPolicy, type Tries } from "./retry.ts"
import type { Tally } from "./tally.ts"
import { billsMore, givenUp, notAsked, overBudget, refused, stopping } from "./words.ts"

/** One question on its way to a provider. */
export interface Errand {
  readonly lane: Lane
  /** How the account is asked: for an answer, or for an embedding. */
  readonly way: Pick<Connection, "prepare" | "send">
  readonly subject: Subject
  readonly body: Prepared["body"]
  readonly stream: boolean
  readonly price: Rate | undefined
  /** What one try can cost at most, as far as is known by now; put aside while it is out. */
  readonly worst: () => NanoUsd
  /** The tokens it is made of, as the request tells; left out where no cap holds, or time is paid for. */
  readonly tokens?: Tokens
  /** The caps that hold for it. */
  readonly purses: ReadonlyArray<Purse>
}

/** What buying needs of its surroundings. */
export interface Market {
  readonly budget: Budget
  readonly tally: Tally
  readonly retry: RetryPolicy
  journal(line: Line): Effect.Effect<void, Fault>
  /** A sentence for the run's user. */
  warn(sentence: string): void
  /** Keeps a row; durable when it returns. */
  keep(row: AnswerRow): Effect.Effect<void, Fault>
}

/** An answer that was paid for just now; `cost` is `null` where it is unpriced. */
export interface Bought {
  readonly row: AnswerRow
  readonly cost: NanoUsd | null
}

/** The money put aside for a try is no longer enough: it lines up for it again. */
class Overdrawn {
  readonly _tag = "Overdrawn"
}

const rowOf = (
  { account, for: asker, key, model, repeat, series }: Subject,
  { response, simulated, timing, usage }: Reply,
  taken: Pick<AnswerRow["timing"], "shareMs" | "heldMs" | "failed">
): AnswerRow => ({
  v: 1,
  key,
  asked: askedFor(asker.setup, asker.case),
  provider: account,
  model,
  series,
  repeat,
  ...(simulated === true ? { simulated } : {}),
  response,
  usage,
  timing: { ...timing, ...taken }
})

/** Milliseconds of a try as they are kept: to the nanosecond, and no more than a try may take. */
const taken = (ms: number, limitMs: number) => Math.min(limitMs, Math.round(ms * 1e6) / 1e6)

const told = ({ quota, usage: { input, output } }: Reply): Told =>
  input === null || output === null ? { quota } : { quota, tokens: input.total + output.total }

/**
 * Buys one answer: reserve, gate, journal, send, again where that helps, keep, journal. The answer is on disk before the journal says that
 * it is paid, and neither can be interrupted once the answer is there.
 */
export const buy = Effect.fnUntraced(function* (
  errand: Errand,
  market: Market
): Effect.fn.Return<Bought, CallFailed | Fault> {
  const { body, lane, price, purses, stream, subject, tokens, way, worst } = errand
  const { budget, journal, retry, tally } = market
  const rate = price !== undefined && isMachineRate(price) ? price : undefined
  const byTime = rate !== undefined
  const limitMs = lane.account.timeoutMs ?? defaultTimeoutMs
  let [shareMs, heldMs] = [0, 0]
  let [settled, latest] = [0n, 0n]
  const withTook = (failed: CallFailed) =>
    byTime && heldMs > 0 ? taking(failed, { shareMs, heldMs, cost: settled }) : failed
  // What the tries so far took of a machine costs this much more than what was settled: rounded once in all, however many there were.
  const unsettled = (rate: MachineRate): NanoUsd => {
    const cost = costOfMachineTime(shareMs, rate) ?? 0n
    const more = cost - settled
    settled = cost
    return more
  }
  const nowMs = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)
  const send = Effect.acquireUseRelease(
    Effect.map(nowMs, (since) => ({ since, stay: lane.occupancy.enter(since) })),
    () => way.send(body, { stream }),
    ({ since, stay }) =>
      Effect.map(nowMs, (now) => {
        shareMs += taken(stay.leave(now), limitMs)
        heldMs += taken(now - since, limitMs)
      })
  )
  const { model } = subject
  // Before the try's money is settled: the next to go out must hold back as much.
  const learn = ({ usage }: Reply) => {
    if (tokens === undefined) return
    const most = lane.reserve.of(model, tokens)
    if (!lane.reserve.learn(model, tokens, usage)) return
    budget.revalue()
    if (most.input === tokens.input && most.output === tokens.output)
      market.warn(billsMore(subject.account, model, most, usage))
  }
  let journalled = false
  // Asked when there is room for the try: what waited while its account died does not go out.
  const passage = (reservation: Reservation, tries: Tries) => ({
    model: subject.model,
    told,
    send: Effect.flatMap(
      Clock.currentTimeMillis,
      (now): Effect.Effect<Reply, ProviderError | CallFailed | Fault | Overdrawn> => {
        if (!reservation.stands()) return Effect.fail(new Overdrawn())
        const why = lane.closed(subject.model, now)
        if (why !== undefined)
          return Effect.fail(notAsked(`${subject.account}/${subject.model}`, why, tries.failed + tries.limited))
        if (journalled) return send
        journalled = true
        return Effect.andThen(journal(sentLine(subject, now)), send)
      }
    )
  })
  const lost: Array<string> = []
  let failedMs = 0
  for (let tries = noTries; ; ) {
    const before = tries
    const why = lane.resting(subject.model, yield* Clock.currentTimeMillis)
    const end = yield* why !== undefined
      ? Effect.succeed(notAsked(`${subject.account}/${subject.model}`, why, tries.failed + tries.limited))
      : budget.within(
          purses,
          worst,
          (reservation) =>
            lane.gate.through(passage(reservation, before)).pipe(
              Effect.onExit(() =>
                Effect.sync(() => {
                  // Machine time is used up whether or not an answer came of it.
                  if (rate === undefined) return
                  latest = unsettled(rate)
                  reservation.paid(latest)
                  tally.took(subject.series, latest)
                })
              ),
              Effect.map((reply) => {
                learn(reply)
                const cost =
                  price === undefined ? null : costOfAnswer({ usage: reply.usage, timing: { shareMs } }, price)
                if (!byTime) reservation.paid(cost)
                return { reply, cost }
              }),
              Effect.catchTags({
                ProviderError: (failed) => {
                  const error = lane.meant(failed)
                  if (error.mayBeBilled && !byTime) reservation.lost()
                  return Effect.succeed(error)
                },
                CallFailed: (failed) => Effect.succeed(failed),
                Overdrawn: (again) => Effect.succeed(again)
              })
            ),
          (noRoom) => Effect.succeed(overBudget(noRoom, tokens && lane.reserve.of(model, tokens)))
        )
    if (end instanceof Overdrawn) continue
    if ("reply" in end) {
      const failed = tries.failed + tries.limited
      const row = rowOf(subject, end.reply, {
        shareMs,
        heldMs,
        ...(failed === 0 ? {} : { failed: { tries: failed, shareMs: failedMs } })
      })
      return yield* Effect.uninterruptible(
        Effect.suspend(() => {
          // Machine time was counted try by try.
          tally.paid(subject.series, byTime ? 0n : end.cost)
          return Effect.andThen(
            Effect.map(Clock.currentTimeMillis, (now) => lane.answered(subject.model, row.usage, now)),
            market.keep(row)
          )
        }).pipe(
          Effect.andThen(Clock.currentTimeMillis),
          Effect.flatMap((now) =>
            journal(
              paidLine(subject, now, {
                usage: row.usage,
                cost: end.cost,
                tries: failed + 1,
                lost
              })
            )
          ),
          Effect.as({ row, cost: end.cost })
        )
      )
    }
    const now = yield* Clock.currentTimeMillis
    const took = rate === undefined ? {} : { took: settled }
    if (end instanceof CallFailed) {
      if (journalled) yield* journal(givenUpLine(subject, now, end, { tries: tries.failed + tries.limited, ...took }))
      return yield* withTook(end)
    }
    tries = count(tries, end)
    failedMs = shareMs
    if (byTime) tally.unanswered(latest)
    lane.failed(subject.model, end, now)
    // What a try took of a machine is known, and settled.
    if (end.mayBeBilled && !byTime) {
      lost.push(end.reason)
      tally.lost()
    }
    const then = next(retry, tries, end, yield* Random.next)
    if ("giveUp" in then) {
      yield* journal(failedLine(subject, now, end, { tries: tries.failed + tries.limited, ...took }))
      return yield* stopping(lane.account, end) ?? withTook(end.retryable ? givenUp(end, then.giveUp) : refused(end))
    }
    yield* journal(retryLine(subject, now, end, { waitMs: then.waitMs, ...took }))
    yield* Effect.sleep(then.waitMs)
  }
})
