import { cpSync, rmSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { RunResult } from "../domain/RunResult.ts"
import { type Fleet, serve } from "../standin/Fleet.ts"
import { fillDesk, fleetEntry, makeDesk, sayings, suiteText } from "../testing/desk.ts"
import { mayMount, type Round, roundOn, smallDiskAt } from "../testing/smallDisk.ts"

const cases = 120
const inFlight = 8

const fleetOf = serve({ profiles: sayings, latency: { fixedMs: 5, perTokenMs: 0 } })
const completedOf = ({ stats }: Fleet) => Effect.map(stats, ({ answered }) => answered)
const suiteOf = (url: string) => suiteText(url, { providers: { fleet: fleetEntry(url, { concurrency: inFlight }) } })

/** It said in one sentence that the disk is full and where, and what to do; with the disk grown it went through. */
const endsWell = ({ gone, stopped }: Round): RunResult => {
  assert.strictEqual(stopped.code, 5, stopped.stderr)
  const words = stopped.stderr.trim().split("\n").slice(-2)
  assert.match(words[0]!, /^\/\S+: the disk is full$/)
  assert.match(words[1]!, /^ {2}Free some space and run the same command again/)
  assert.notMatch(stopped.stderr, /^\s+at /m)
  assert.strictEqual(gone.code, 0, gone.stderr)
  const result = gone.json as RunResult
  assert.strictEqual(result.standings[0]?.paired, cases)
  return result
}

describe("a disk that is full in the middle of a run", { timeout: 180_000 }, () => {
  it.live.skipIf(!mayMount())(
    "while answers come in: the next run asks for no kept answer again, and the books agree with the provider's count [needs to mount a filesystem]",
    () =>
      Effect.gen(function* () {
        const fleet = yield* fleetOf
        const desk = yield* makeDesk
        yield* fillDesk(desk, cases)
        yield* desk.write("desk.suite.ts", suiteOf(fleet.openaiURL))
        const filled = join(desk.folder, "filled")
        cpSync(desk.home, filled, { recursive: true })
        rmSync(desk.home, { recursive: true })
        // Whichever of the four files of a run, or the answers, is the first that has no room.
        for (const free of [112, 192]) {
          yield* Effect.gen(function* () {
            const disk = yield* smallDiskAt(desk.home, filled)
            disk.leave(free)
            const round = yield* roundOn(disk, desk, ["replay", "desk.suite.ts"], completedOf(fleet))
            const { spend } = endsWell(round)
            const lost = round.completed - round.kept
            assert.isAbove(round.completed, 0)
            assert.strictEqual(round.again, 0)
            assert.isAtMost(lost, round.inFlight, "what was paid for and not kept is listed")
            assert.deepStrictEqual([spend.cached, spend.calls], [round.kept, cases - round.kept])
            assert.strictEqual(round.keptInTheEnd, cases)
            assert.strictEqual(round.completedInTheEnd, cases + lost)
          }).pipe(Effect.scoped)
        }
      })
  )
})
