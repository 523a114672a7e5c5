/**
 * A replay that is killed (SIGKILL) at instants drawn from a printed seed and started again each time, against the bundled fleet, until nothing
 * is left to ask. `node scripts/bench/kills.ts [KILLS SEED]`, default 50 and 1. Compares the books with the fleet's own count of completed answers:
 * no answer that was kept is asked for again, and every completed answer that was not kept was in flight at a kill, which the journal shows.
 */
import { setTimeout as sleep } from "node:timers/promises"

import * as Effect from "effect/Effect"

import type { RunResult } from "../../src/domain/RunResult.ts"
import { serve } from "../../src/standin/Fleet.ts"
import { type Desk, fillDesk, fleetEntry, linesBelow, makeDesk, sayings, suiteText } from "../../src/testing/desk.ts"

const kills = Number(process.argv[2] ?? 50)
const seed = Number(process.argv[3] ?? 1)
const inFlight = 8
const fixedMs = 60
/** Milliseconds of a life, from its first answer on: as long as some fifty cases take. */
const life = 400
const cases = Math.ceil(kills * ((life / 2 / fixedMs) * inFlight) * 1.3) + 100

/** Numbers in [0,1) from a seed (mulberry32). */
const drawn = (start: number) => {
  let state = start | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const eventsOf = ({ home }: Desk, event: string) =>
  linesBelow(home, /^runs\/.*journal\.jsonl$/).flatMap((line) => (line["event"] === event ? [String(line["key"])] : []))
const keptOf = ({ home }: Desk) => new Set(linesBelow(home, /^answers\/.*\.jsonl$/).map((line) => String(line["key"])))

await Effect.gen(function* () {
  const fleet = yield* serve({ profiles: sayings, latency: { fixedMs, perTokenMs: 0 } })
  const desk = yield* makeDesk
  yield* fillDesk(desk, cases)
  const providers = { fleet: fleetEntry(fleet.openaiURL, { concurrency: inFlight }) }
  yield* desk.write("desk.suite.ts", suiteText(fleet.openaiURL, { providers }))
  const random = drawn(seed)
  let twice = 0
  let done = 0
  for (; done < kills; done++) {
    const before = (yield* fleet.stats).requests
    const kept = keptOf(desk)
    const sentBefore = eventsOf(desk, "sent").length
    if (kept.size >= cases) break
    const running = yield* desk.start(["replay", "desk.suite.ts"])
    while ((yield* fleet.stats).requests === before) yield* Effect.promise(() => sleep(2))
    yield* Effect.promise(() => sleep(random() * life))
    running.kill("SIGKILL", "all")
    yield* running.ended
    const again = eventsOf(desk, "sent")
      .slice(sentBefore)
      .filter((key) => kept.has(key))
    twice += again.length
  }
  const { json, stderr } = yield* desk.run(["replay", "desk.suite.ts", "--json"])
  if (json === undefined) return yield* Effect.die(new Error(stderr))
  const { spend, standings } = json as RunResult
  const { answered } = yield* fleet.stats
  const paid = eventsOf(desk, "paid")
  const open = eventsOf(desk, "sent").length - paid.length - eventsOf(desk, "failed").length
  const kept = keptOf(desk)
  console.log(`seed ${seed}: ${done} kills, ${cases} cases, ${inFlight} in flight, Node ${process.version}`)
  console.log(`answered by the fleet                     ${answered}`)
  console.log(`kept                                      ${kept.size}`)
  console.log(`  of them with their line in a journal    ${new Set(paid).size}`)
  console.log(`paid for and not kept                     ${answered - kept.size}`)
  console.log(`sent and open at a kill, by the journals  ${open}`)
  console.log(`kept answers that were asked for again    ${twice}`)
  console.log(`the last run: cases paired ${standings[0]?.paired}, from the cache ${spend.cached}, paid ${spend.calls}`)
  const right = kept.size === cases && twice === 0 && answered - kept.size <= open && standings[0]?.paired === cases
  if (!right) process.exitCode = 1
}).pipe(Effect.scoped, Effect.runPromise)
