import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

import type { Fault } from "../domain/Fault.ts"
import type { NanoUsd } from "../domain/Money.ts"
import type { AnswerRow } from "../domain/Output.ts"
import type { Price } from "../domain/Price.ts"
import { costOf } from "../pricing/cost.ts"
import type { Prepared, Reply } from "../providers/contract.ts"
import type { Budget } from "./budget.ts"
import type { CallFailed } from "./CallFailed.ts"
import type { Lane } from "./lane.ts"
import { failedLine, type Line, paidLine, retryLine, type Subject, sentLine } from "./lines.ts"
import { count, next, noTries, type RetryPolicy } from "./retry.ts"
import type { Tally } from "./tally.ts"
import { givenUp, notAsked, overBudget, refused, stopping } from "./words.ts"

/** One question on its way to a provider. */
export interface Errand {
  readonly lane: Lane
  readonly subject: Subject
  readonly body: Prepared["body"]
  readonly stream: boolean
  readonly price: Price | undefined
  /** What one try can cost at most; put aside while it is out. */
  readonly worst: NanoUsd
}

/** What buying needs of its surroundings. */
export interface Market {
  readonly budget: Budget
  readonly tally: Tally
  readonly retry: RetryPolicy
  journal(line: Line): Effect.Effect<void, Fault>
  /** Keeps a row; durable when it returns. */
  keep(row: AnswerRow): Effect.Effect<void, Fault>
}

/** An answer that was paid for just now; `cost` is `null` where it is unpriced. */
export interface Bought {
  readonly row: AnswerRow
  readonly cost: NanoUsd | null
}

const rowOf = ({ account, key, model, repeat, series }: Subject, { response, timing, usage }: Reply): AnswerRow => ({
  v: 1,
  key,
  provider: account,
  model,
  series,
  repeat,
  response,
  usage,
  timing
})

/**
 * Buys one answer: reserve, gate, journal, send, again where that helps, keep, journal. The answer is on disk before the journal says that
 * it is paid, and neither can be interrupted once the answer is there.
 */
export const buy = Effect.fnUntraced(function* (
  errand: Errand,
  market: Market
): Effect.fn.Return<Bought, CallFailed | Fault> {
  const { body, lane, price, stream, subject, worst } = errand
  const { budget, journal, retry, tally } = market
  const send = lane.account.connection.send(body, { stream })
  const sent = Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.andThen(journal(sentLine(subject, now)), send))
  const lost: Array<string> = []
  for (let tries = noTries; ; ) {
    const why = lane.closed(yield* Clock.currentTimeMillis)
    if (why !== undefined) return yield* notAsked(subject.account, why)
    const end = yield* budget.within(
      worst,
      (reservation) =>
        lane.gate.through(tries === noTries ? sent : send).pipe(
          Effect.map((reply) => {
            const cost = price === undefined ? null : (costOf(reply.usage, price)?.total ?? null)
            reservation.paid(cost)
            return { reply, cost }
          }),
          Effect.catchTag("ProviderError", (error) => {
            if (error.mayBeBilled) reservation.lost()
            return Effect.succeed(error)
          })
        ),
      (noRoom) => Effect.fail(overBudget(noRoom))
    )
    if ("reply" in end) {
      lane.answered()
      const row = rowOf(subject, end.reply)
      return yield* Effect.uninterruptible(
        Effect.suspend(() => {
          tally.paid(subject.series, end.cost)
          return market.keep(row)
        }).pipe(
          Effect.andThen(Clock.currentTimeMillis),
          Effect.flatMap((now) =>
            journal(
              paidLine(subject, now, {
                usage: row.usage,
                cost: end.cost,
                tries: tries.failed + tries.limited + 1,
                lost
              })
            )
          ),
          Effect.as({ row, cost: end.cost })
        )
      )
    }
    const now = yield* Clock.currentTimeMillis
    tries = count(tries, end)
    lane.failed(end, now, retry.patienceMs)
    if (end.mayBeBilled) {
      lost.push(end.reason)
      tally.lost()
    }
    const then = next(retry, tries, end, yield* Random.next)
    if ("giveUp" in then) {
      yield* journal(failedLine(subject, now, end, tries.failed + tries.limited))
      return yield* stopping(lane.account, end) ?? (end.retryable ? givenUp(end, then.giveUp) : refused(end))
    }
    yield* journal(retryLine(subject, now, end, then.waitMs))
    yield* Effect.sleep(then.waitMs)
  }
})
