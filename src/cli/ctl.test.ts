import { existsSync, statSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

import type { Status } from "../runs/control.ts"
import { serve } from "../standin/Fleet.ts"
import { fillDesk, fleetEntry, linesBelow, makeDesk, sayings, suiteText } from "../testing/desk.ts"

const calls = 300
const patience = 60_000

/** A fleet that takes its time, and a desk whose suite asks it two calls at once. */
const slowDesk = Effect.gen(function* () {
  const fleet = yield* serve({ profiles: sayings, latency: { fixedMs: 100, perTokenMs: 0 } })
  const desk = yield* makeDesk
  yield* fillDesk(desk, calls)
  yield* desk.write(
    "desk.suite.ts",
    suiteText(fleet.openaiURL, { providers: { fleet: fleetEntry(fleet.openaiURL, { concurrency: 2 }) } })
  )
  const answered = Effect.map(fleet.stats, (stats) => stats.answered)
  const reaches = (atLeast: number) =>
    answered.pipe(Effect.repeat({ until: (now) => now >= atLeast, schedule: Schedule.spaced("5 millis") }))
  const ctl = (...args: ReadonlyArray<string>) => desk.run(["ctl", ...args, "--json"])
  const status = (...args: ReadonlyArray<string>) =>
    Effect.map(ctl(...args), ({ code, json, stderr }) => {
      assert.strictEqual(code, 0, stderr)
      return json as Status
    })
  return { answered, ctl, desk, reaches, status }
})

describe("a run that is going on", { concurrent: true }, () => {
  it.live(
    "is asked where it stands, retuned, paused, resumed and stopped; it tells its events; what was bought is kept",
    () =>
      Effect.gen(function* () {
        const { answered, ctl, desk, reaches, status } = yield* slowDesk
        assert.strictEqual((yield* ctl("latest")).code, 2)
        const running = yield* desk.start(["replay", "desk.suite.ts", "--events", "events.jsonl"])
        yield* reaches(4)

        const first = yield* status("latest")
        assert.strictEqual(first.state, "running")
        assert.deepInclude(first.works.at(-1), { what: "fleet/small", total: calls, failed: 0 })
        assert.deepInclude(first.accounts[0], { account: "fleet", limit: 2 })
        const socket = join(desk.home, "runs", first.run, "control.sock")
        assert.strictEqual(statSync(socket).mode & 0o777, 0o600)

        assert.strictEqual((yield* status(first.run, "--concurrency", "fleet=3")).accounts[0]?.limit, 3)
        const unknown = yield* ctl("latest", "--concurrency", "fleet=7", "--concurrency", "flet=3")
        assert.strictEqual(unknown.code, 2)
        assert.nestedPropertyVal(unknown.json, "error.message", "There is no provider called flet.")
        assert.strictEqual((yield* ctl("latest", "--concurrency", "fleet=many")).code, 2)
        assert.strictEqual((yield* ctl("20200101T000000-0000")).code, 2)

        yield* status("latest", "pause")
        yield* status("latest").pipe(Effect.repeat({ until: ({ accounts }) => accounts[0]?.out === 0 }))
        const held = yield* answered
        const paused = yield* status("latest")
        assert.deepInclude(paused, { state: "paused" })
        assert.strictEqual(paused.accounts[0]?.limit, 3, "a wish with an unknown provider changes nothing")
        assert.strictEqual(yield* answered, held)
        assert.isBelow(held, calls)

        yield* status("latest", "resume", "--concurrency", "fleet=1")
        yield* reaches(held + 2)
        const stopping = yield* desk.run(["ctl", first.run, "stop"])
        assert.strictEqual(stopping.code, 0)
        assert.match(stopping.stdout, /stopping.*What was paid for is kept/s)
        const { code, stderr } = yield* running.ended
        assert.strictEqual(code, 130)
        assert.match(stderr, /Interrupted\. What was paid for is kept/)
        assert.isFalse(existsSync(socket))
        assert.strictEqual(linesBelow(desk.home, /^answers\/.*\.jsonl$/).length, yield* answered)

        const late = yield* ctl(first.run)
        assert.strictEqual(late.code, 2)
        assert.match(JSON.stringify(late.json), /is not going on: it was ended before it had a result/)

        const events = linesBelow(desk.folder, /^events\.jsonl$/)
        assert.deepInclude(events[0], { v: 1, event: "runStarted", run: first.run, command: "replay", cases: calls })
        assert.deepInclude(events.at(-1), { event: "runEnded", how: "interrupted" })
        const names = new Set(events.map(({ event }) => event))
        for (const name of ["lane", "spend", "retuned", "paused", "resumed", "stopping"]) assert.isTrue(names.has(name))
        const done = events.filter(({ event }) => event === "case")
        assert.isAtLeast(done.length, held - 5)
        assert.deepInclude(done[0], {
          series: "candidate",
          ended: "complete",
          answered: true,
          cost: "0.000000900",
          attempts: 1
        })
        assert.isNumber(done[0]?.["latencyMs"])
        assert.deepInclude(events.filter(({ event }) => event === "spend").at(-1), { calls: yield* answered })
      }).pipe(Effect.scoped),
    patience
  )

  it.live(
    "is not there any more after kill -9, whatever it left behind; events that cannot be written stop a run before it spends",
    () =>
      Effect.gen(function* () {
        const { answered, ctl, desk, reaches } = yield* slowDesk
        const refused = yield* desk.run(["replay", "desk.suite.ts", "--events", "nowhere/events.jsonl", "--json"])
        assert.strictEqual(refused.code, 2)
        assert.nestedPropertyVal(refused.json, "error.kind", "usage")
        assert.strictEqual(yield* answered, 0)

        const running = yield* desk.start(["replay", "desk.suite.ts"])
        yield* reaches(4)
        running.kill("SIGKILL")
        yield* running.ended
        assert.match((yield* desk.run(["ctl", "latest", "pause"])).stderr, /no run of this home is going on/)
        assert.strictEqual((yield* ctl("2")).code, 2)
      }).pipe(Effect.scoped),
    patience
  )
})
