import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

import type { InFlight } from "../calls/ledger.ts"
import { serve } from "../standin/Fleet.ts"
import { fillDesk, fleetEntry, linesBelow, makeDesk, sayings, suiteText } from "../testing/desk.ts"

const inFlight = 5

interface Shown {
  readonly run: string
  readonly state: string
  readonly inFlight: {
    readonly count: number
    readonly byProvider: Readonly<Record<string, number>>
    readonly calls: ReadonlyArray<InFlight>
  }
}

describe("show RUN", { timeout: 180_000 }, () => {
  it.live("lists the calls in flight of a run that goes on, and of one that was killed", () =>
    Effect.gen(function* () {
      // Answers take longer than the test looks on.
      const fleet = yield* serve({ profiles: sayings, latency: { fixedMs: 60_000, perTokenMs: 0 } })
      const desk = yield* makeDesk
      yield* fillDesk(desk, 30)
      const providers = { fleet: fleetEntry(fleet.openaiURL, { concurrency: inFlight }) }
      yield* desk.write("desk.suite.ts", suiteText(fleet.openaiURL, { providers }))
      const running = yield* desk.start(["replay", "desk.suite.ts"])
      const sent = yield* Effect.sync(() =>
        linesBelow(desk.home, /journal\.jsonl$/).map((line) => String(line["key"]))
      ).pipe(Effect.repeat({ until: ({ length }) => length >= inFlight, schedule: Schedule.spaced("50 millis") }))
      assert.strictEqual(sent.length, inFlight)

      const shown = (run: string) => Effect.map(desk.run(["show", run, "--json"]), ({ json }) => json as Shown)
      const going = yield* shown("2")
      assert.strictEqual(going.state, "going")
      assert.deepStrictEqual([going.inFlight.count, going.inFlight.byProvider], [inFlight, { fleet: inFlight }])
      assert.sameMembers(
        going.inFlight.calls.map(({ key }) => key),
        sent
      )

      running.kill("SIGKILL", "all")
      yield* running.ended
      const killed = yield* shown(going.run)
      assert.strictEqual(killed.state, "ended")
      assert.deepStrictEqual(killed.inFlight, going.inFlight)
      const { code, stdout } = yield* desk.run(["show", going.run])
      assert.strictEqual(code, 0)
      assert.match(stdout, /In flight when its journal ends: 5 calls \(fleet 5\)\. They may have been billed/)
    }).pipe(Effect.scoped)
  )

  it.live("says of a finished run that nothing is open", () =>
    Effect.gen(function* () {
      const fleet = yield* serve({ profiles: sayings })
      const desk = yield* makeDesk
      yield* fillDesk(desk, 18)
      yield* desk.write("desk.suite.ts", suiteText(fleet.openaiURL))
      yield* desk.run(["replay", "desk.suite.ts"])
      const { code, stdout } = yield* desk.run(["show", "latest"])
      assert.strictEqual(code, 0)
      assert.match(stdout, /^Run \S+ is finished: replay of suite desk, 18 cases of archive desk, 1 setup/)
      assert.match(stdout, /No call is open in its journal/)
    }).pipe(Effect.scoped)
  )
})
