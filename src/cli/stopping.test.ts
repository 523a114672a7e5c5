import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

import type { Status } from "../runs/control.ts"
import { serve } from "../standin/Fleet.ts"
import { fillDesk, fleetEntry, linesBelow, makeDesk, saying, sayings, suiteText } from "../testing/desk.ts"

const calls = 60
const inFlight = 3
const patience = 60_000

/** A desk whose suite asks a model that answers after a while. */
const slowDesk = Effect.fnUntraced(function* (fixedMs: number) {
  const fleet = yield* serve({ profiles: [...sayings, saying("slow", "ok")], latency: { fixedMs, perTokenMs: 0 } })
  const desk = yield* makeDesk
  yield* fillDesk(desk, calls)
  yield* desk.write(
    "desk.suite.ts",
    suiteText(fleet.openaiURL, { providers: { fleet: fleetEntry(fleet.openaiURL, { concurrency: inFlight }) } })
  )
  const out = desk.run(["ctl", "latest", "--json"]).pipe(
    Effect.map(({ json }) => json as Partial<Status>),
    Effect.repeat({ until: ({ accounts }) => accounts?.[0]?.out === inFlight, schedule: Schedule.spaced("20 millis") })
  )
  return { desk, fleet, out }
})

describe("Ctrl-C", { concurrent: true }, () => {
  it.live(
    "once: nothing more is sent, and what is in flight is waited for and kept",
    () =>
      Effect.gen(function* () {
        const { desk, fleet } = yield* slowDesk(700)
        const running = yield* desk.start(["replay", "desk.suite.ts"])
        yield* fleet.stats.pipe(
          Effect.repeat({ until: ({ answered }) => answered >= inFlight, schedule: Schedule.spaced("5 millis") })
        )
        yield* Effect.sleep(150) // the next ones are on their way
        running.kill("SIGINT", "all")
        const { code, stderr } = yield* running.ended
        assert.strictEqual(code, 130)
        assert.match(stderr, /Stopping: nothing more is sent\. Waiting for 3 calls that are paid for, 30 s at most/)
        assert.match(stderr, /Interrupted\. What was paid for is kept/)
        assert.notMatch(stderr, /cut off/)
        const { answered } = yield* fleet.stats
        assert.isAtLeast(answered, 2 * inFlight)
        assert.strictEqual(linesBelow(desk.home, /^answers\/.*\.jsonl$/).length, answered, "no paid answer is lost")
      }).pipe(Effect.scoped),
    patience
  )

  it.live(
    "twice: it ends at once and says what is cut off",
    () =>
      Effect.gen(function* () {
        const { desk, fleet, out } = yield* slowDesk(600_000)
        const running = yield* desk.start(["replay", "desk.suite.ts", "--json"])
        yield* out
        running.kill("SIGINT", "all")
        const { json } = yield* desk.run(["ctl", "latest", "--json"])
        assert.propertyVal(json, "state", "stopping")
        yield* Effect.sleep(150) // else it is taken for the same Ctrl-C
        running.kill("SIGINT", "all")
        const ended = yield* running.ended
        assert.strictEqual(ended.code, 130)
        assert.nestedPropertyVal(ended.json, "error.kind", "interrupted")
        assert.match(ended.stderr, /Ended with 3 calls under way: cut off, and perhaps billed/)
        assert.strictEqual((yield* fleet.stats).answered, 0)
        assert.strictEqual(linesBelow(desk.home, /^answers\/.*\.jsonl$/).length, 0)
      }).pipe(Effect.scoped),
    patience
  )
})
