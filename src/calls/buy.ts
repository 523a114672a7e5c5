import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

import type { Fault } from "../domain/Fault.ts"
import type { NanoUsd } from "../domain/Money.ts"
import type { AnswerRow } from "../domain/Output.ts"
import type { Price } from "../domain/Price.ts"
import { costOf } from "../pricing/cost.ts"
import type { Prepared, ProviderError, Reply } from "../providers/contract.ts"
import type { Budget, Purse } from "./budget.ts"
import { CallFailed } from "./CallFailed.ts"
import type { Told } from "./gate.ts"
import type { Lane } from "./lane.ts"
import { failedLine, givenUpLine, type Line, paidLine, retryLine, type Subject, sentLine } from "./lines.ts"
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
  /** The caps that hold for it. */
  readonly purses: ReadonlyArray<Purse>
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
  const { body, lane, price, purses, stream, subject, worst } = errand
  const { budget, journal, retry, tally } = market
  const send = lane.account.connection.send(body, { stream })
  let journalled = false
  // Asked when there is room for the try: what waited while its account died does not go out.
  const passage = {
    model: subject.model,
    told,
    send: Effect.flatMap(Clock.currentTimeMillis, (now): Effect.Effect<Reply, ProviderError | CallFailed | Fault> => {
      const why = lane.closed(subject.model, now)
      if (why !== undefined) return Effect.fail(notAsked(`${subject.account}/${subject.model}`, why))
      if (journalled) return send
      journalled = true
      return Effect.andThen(journal(sentLine(subject, now)), send)
    })
  }
  const lost: Array<string> = []
  for (let tries = noTries; ; ) {
    const why = lane.resting(subject.model, yield* Clock.currentTimeMillis)
    const end = yield* why !== undefined
      ? Effect.succeed(notAsked(`${subject.account}/${subject.model}`, why))
      : budget.within(
          purses,
          worst,
          (reservation) =>
            lane.gate.through(passage).pipe(
              Effect.map((reply) => {
                const cost = price === undefined ? null : (costOf(reply.usage, price)?.total ?? null)
                reservation.paid(cost)
                return { reply, cost }
              }),
              Effect.catchTags({
                ProviderError: (error) => {
                  if (error.mayBeBilled) reservation.lost()
                  return Effect.succeed(error)
                },
                CallFailed: (failed) => Effect.succeed(failed)
              })
            ),
          (noRoom) => Effect.succeed(overBudget(noRoom))
        )
    if ("reply" in end) {
      const row = rowOf(subject, end.reply)
      return yield* Effect.uninterruptible(
        Effect.suspend(() => {
          tally.paid(subject.series, end.cost)
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
    if (end instanceof CallFailed) {
      if (journalled) yield* journal(givenUpLine(subject, now, end, tries.failed + tries.limited))
      return yield* end
    }
    tries = count(tries, end)
    lane.failed(subject.model, end, now)
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
