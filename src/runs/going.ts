import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

import { Calls } from "../calls/Calls.ts"
import type { Fault } from "../domain/Fault.ts"
import { type NanoUsd, usd } from "../domain/Money.ts"
import type { RunResult } from "../domain/RunResult.ts"
import type { RunWriter } from "../store/Runs.ts"
import { blockLines, type Paper } from "../telemetry/block.ts"
import { drawing } from "../telemetry/live.ts"
import { progressLines } from "../telemetry/progress.ts"
import { makeWorks } from "../telemetry/works.ts"
import { listen, type Order, type Status } from "./control.ts"
import { happenings } from "./happenings.ts"
import { observed } from "./observe.ts"
import { aloneIn } from "./others.ts"
import { stopping } from "./stopping.ts"
import { Watch } from "./watch.ts"

const plainEveryMs = 2_000
const sampleEveryMs = 1_000

/** What a run says of itself to those who look on. */
export interface Self {
  readonly command: RunResult["command"]
  /** So far all answers are simulated. */
  readonly simulated: boolean
  readonly archive: string
  /** The accounts that it may ask, as kind and address. */
  readonly asks: ReadonlyArray<string>
  /** The run's cap; `null`: none. */
  readonly cap: NanoUsd | null
  /** By setup id, and `floor`: how it is called, and which account answers it. */
  readonly works: ReadonlyMap<string, { readonly label: string; readonly account: string }>
  /** Of the first event. */
  readonly about: Readonly<Record<string, unknown>>
}

/** What the work of a run is given: a writer and calls that are looked on, and who is told of its cases. */
export interface Tools {
  readonly writer: RunWriter
  /** One case of a work is done. */
  onCase(what: string, total: number): void
  /** A sentence for people. */
  say(sentence: string): void
}

/** Stderr as a terminal on which lines can be drawn over, and whether in colour; `undefined`: it is none. */
const terminal = Effect.gen(function* () {
  const set = (name: string) =>
    Config.option(Config.String(name)).pipe(
      Effect.map(Option.getOrElse(() => "")),
      Effect.orElseSucceed(() => "")
    )
  if (!process.stderr.isTTY || (yield* set("TERM")) === "dumb") return undefined
  return { colour: (yield* set("NO_COLOR")) === "" }
})

/** Retunes the accounts that an order names: all, or none where one of them is not there. */
const retune = Effect.fnUntraced(function* (calls: Calls["Service"], { concurrency = {} }: Order) {
  const known = new Set((yield* calls.lanes).map(({ account }) => account))
  const named = Object.entries(concurrency)
  const unknown = named.filter(([account]) => !known.has(account)) // first: all or none
  for (const [account, limit] of [...unknown, ...named]) yield* calls.retune({ account, concurrency: limit })
})

/**
 * Does the work of a run while it can be looked at and steered: a block on the terminal or plain lines, events, orders over its socket. It ends
 * early, with a `Fault` of kind `interrupted`, when the user wants it to: nothing more is sent then, and what is out is waited for.
 */
export const goingOn = <A, R>(writer: RunWriter, self: Self, work: (tools: Tools) => Effect.Effect<A, Fault, R>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { events, until } = yield* Watch
      const clock = yield* Clock.Clock
      const now = () => clock.currentTimeMillisUnsafe()
      const startedAt = now()
      const works = makeWorks(now)
      const labelOf = (setup: string) => self.works.get(setup)?.label ?? setup
      const bare = yield* Calls
      const happens = happenings({ calls: bare, events, run: writer.id })
      const { calls, writer: seen } = observed(bare, writer, {
        paid: (setup, cost) => works.paid(labelOf(setup), cost),
        done: (about) => {
          if (!about.answered) works.failed(labelOf(about.setup))
          happens.tell("case", { ...about })
        }
      })
      const asked = yield* Deferred.make<void>()
      let [isStarting, isStopping, over] = [true, false, false]
      const say = (sentence: string) => {
        if (!over) process.stderr.write(`${sentence}\n`)
      }

      const screen = yield* terminal
      const paint = (paper: Paper) =>
        blockLines(
          {
            run: writer.id,
            elapsedMs: now() - startedAt,
            usd: Effect.runSync(bare.spend).usd,
            cap: self.cap,
            simulated: self.simulated,
            stopping: isStopping,
            works: works.all,
            accountOf: new Map([...self.works.values()].map(({ account, label }) => [label, account])),
            accounts: Effect.runSync(Effect.provideService(bare.lanes, Clock.Clock, clock))
          },
          paper
        )
      if (screen !== undefined) yield* drawing(process.stderr, [process.stdout], screen.colour, paint)
      const lines = progressLines({
        works,
        write: say,
        now,
        everyMs: plainEveryMs,
        spent: () => Effect.runSync(bare.spend).usd,
        get simulated() {
          return self.simulated
        }
      })

      const status: Effect.Effect<Status> = Effect.gen(function* () {
        const accounts = yield* bare.lanes
        const spend = yield* bare.spend
        const held = accounts.length > 0 && accounts.every(({ paused }) => paused?.why === "held")
        return {
          run: writer.id,
          command: self.command,
          archive: self.archive,
          asks: self.asks,
          state: isStopping ? "stopping" : isStarting ? "starting" : held ? "paused" : "running",
          elapsedMs: now() - startedAt,
          works: works.all.map(({ done, failed, total, usd: paid, what }) => ({
            what,
            done,
            total,
            failed,
            usd: usd(paid)
          })),
          accounts,
          spend: { usd: usd(spend.usd), capUsd: usd(self.cap), calls: spend.calls, cached: spend.cached }
        }
      })
      const obey = (order: Order): Effect.Effect<Status, Fault> =>
        Effect.gen(function* () {
          yield* retune(bare, order)
          if (order.concurrency !== undefined) happens.tell("retuned", { concurrency: order.concurrency })
          if (order.do === "pause" || (order.do === "resume" && !isStopping)) {
            yield* bare.retune({ paused: order.do === "pause" })
            happens.tell(order.do === "pause" ? "paused" : "resumed", {})
          }
          if (order.do === "stop") {
            isStopping = true
            yield* Deferred.succeed(asked, undefined)
          }
          return yield* status
        })
      yield* listen(writer.folder, obey).pipe(Effect.catch(({ message }) => Effect.sync(() => say(message))))
      yield* aloneIn({ run: writer.id, archive: self.archive, asks: self.asks })
      isStarting = false

      const stop = Effect.raceFirst(
        Effect.as(until, "Ctrl-C again ends it at once"),
        Effect.as(Deferred.await(asked), "Ctrl-C in its terminal ends it at once")
      ).pipe(
        Effect.flatMap((again) => {
          isStopping = true
          happens.tell("stopping", {})
          return stopping(bare, say, again)
        })
      )
      happens.tell("runStarted", { command: self.command, ...self.about })
      yield* happens.sample.pipe(Effect.andThen(Effect.sleep(sampleEveryMs)), Effect.forever, Effect.forkScoped)
      const tools: Tools = {
        writer: seen,
        say,
        onCase: (what, total) => {
          works.tick(what, total)
          if (screen === undefined) lines.ticked(what)
        }
      }
      const done = Effect.provideService(work(tools), Calls, calls).pipe(
        Effect.tap(() =>
          Effect.sync(() => {
            over = true
          })
        )
      )
      return yield* Effect.raceFirst(done, stop).pipe(Effect.onExit((exit) => happens.ended(exit)))
    })
  )
