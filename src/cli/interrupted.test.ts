import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { delimiter, join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

import { usd } from "../domain/Money.ts"
import type { RunResult } from "../domain/RunResult.ts"
import { isFitNode } from "../runs/machine.ts"
import type { Fleet } from "../standin/Fleet.ts"
import { serve } from "../standin/Fleet.ts"
import {
  type Desk,
  fleetEntry,
  linesBelow,
  liteLlmLines,
  makeDesk,
  referenceLines,
  sayings,
  suiteText
} from "../testing/desk.ts"
import type { Running } from "../testing/launcher.ts"

const calls = 120
const inFlight = 6
/** Answers that may be lost by a kill: those on their way, and those that had come and were being written. */
const losable = 2 * inFlight
/** A call of five tokens in and one out at the suite's price: nano-dollars. */
const nanoPerCall = 900n
const patience = 120_000

/** A Node on the PATH that is too old to run Understudy itself, so that the launcher goes on in another process. */
const oldNode = Effect.runSync(Config.String("PATH").pipe(Effect.orElseSucceed(() => "")))
  .split(delimiter)
  .map((folder) => join(folder, "node"))
  .filter((file) => existsSync(file))
  .find((file) => !isFitNode(execFileSync(file, ["--version"], { encoding: "utf8" }).trim().slice(1)))

/** A fleet that takes its time, and a desk with a suite that imports its archive and asks it. */
const slowDesk = Effect.gen(function* () {
  const fleet = yield* serve({ profiles: sayings, latency: { fixedMs: 60, perTokenMs: 0 } })
  const desk = yield* makeDesk
  yield* desk.write("calls.jsonl", liteLlmLines(calls))
  yield* desk.write("references.jsonl", referenceLines(calls))
  yield* desk.write(
    "desk.suite.ts",
    suiteText(fleet.openaiURL, {
      archive: { paths: ["calls.jsonl"] },
      providers: { fleet: fleetEntry(fleet.openaiURL, { concurrency: inFlight }) }
    })
  )
  return { fleet, desk }
})
type SlowDesk = Effect.Success<typeof slowDesk>

const answered = ({ stats }: Fleet, atLeast: number) =>
  stats.pipe(Effect.repeat({ until: (now) => now.answered >= atLeast, schedule: Schedule.spaced("5 millis") }))

const answerLines = ({ home }: Desk) => linesBelow(home, /^answers\/.*\.jsonl$/)
const paidLines = ({ home }: Desk) =>
  linesBelow(home, /^runs\/.*journal\.jsonl$/).filter((line) => line["event"] === "paid")
const keysOf = (lines: ReadonlyArray<Readonly<Record<string, unknown>>>) => lines.map((line) => String(line["key"]))

/** The next run goes on after so many were ended: what was answered and kept is not asked again, and the books agree with the provider's own count. */
const goesOn = Effect.fnUntraced(function* ({ desk, fleet }: SlowDesk, ends: number) {
  const kept = keysOf(answerLines(desk))
  assert.isAbove(kept.length, 0)
  assert.isBelow(kept.length, calls)
  const before = (yield* fleet.stats).answered
  assert.isAtMost(before - kept.length, ends * losable)

  const { code, json, stderr } = yield* desk.run(["replay", "desk.suite.ts", "--json"])
  assert.strictEqual(code, 0, stderr)
  const { spend, standings } = json as RunResult
  assert.strictEqual(standings[0]?.paired, calls)
  assert.strictEqual(spend.cached, kept.length)
  assert.strictEqual(spend.calls, calls - kept.length)
  assert.strictEqual((yield* fleet.stats).answered - before, spend.calls)

  const keys = keysOf(answerLines(desk))
  assert.strictEqual(new Set(keys).size, calls)
  assert.strictEqual(keys.length, calls, "no answer is kept twice")
  const paid = paidLines(desk)
  const paidKeys = keysOf(paid)
  assert.strictEqual(new Set(paidKeys).size, paidKeys.length, "no answer is paid twice")
  assert.deepStrictEqual(
    paidKeys.filter((key) => !keys.includes(key)),
    [],
    "what is paid is on disk"
  )
  assert.isAtMost(calls - paid.length, ends * losable, "an answer is on disk before it counts as paid")
  for (const line of paid) assert.strictEqual(line["usd"], usd(nanoPerCall))
  assert.strictEqual(spend.usd, usd(BigInt(spend.calls) * nanoPerCall))
})

/** Starts a replay, ends it once it has got some answers, and gives what it said. */
const endedInTheMiddle = (
  { desk, fleet }: SlowDesk,
  end: (running: Running) => void,
  { args = [], node }: { readonly args?: ReadonlyArray<string>; readonly node?: string | undefined } = {}
) =>
  Effect.gen(function* () {
    const before = (yield* fleet.stats).answered
    const running = yield* desk.start(["replay", "desk.suite.ts", ...args], node === undefined ? {} : { node })
    yield* answered(fleet, before + 3 * inFlight)
    end(running)
    return yield* running.ended
  }).pipe(Effect.scoped)

const onwards = /Interrupted\. What was paid for is kept: run the same command again to go on\./

describe("a run that is ended in the middle", { concurrent: true }, () => {
  it.live(
    "by kill -9: the next run pays for no answered call again, and archive, answers and books agree",
    () =>
      Effect.gen(function* () {
        const both = yield* slowDesk
        const { desk } = both
        const { signal } = yield* endedInTheMiddle(both, (running) => running.kill("SIGKILL"))
        assert.strictEqual(signal, "SIGKILL")

        const archive = yield* desk.run(["archive", "desk", "--json"])
        assert.propertyVal(archive.json, "calls", calls)
        const unfinished = yield* desk.run(["report", "latest", "--json"])
        assert.strictEqual(unfinished.code, 2)
        yield* goesOn(both, 1)
        assert.strictEqual((yield* desk.run(["archive", "desk", "--json"])).stdout, archive.stdout)
      }).pipe(Effect.scoped),
    patience
  )

  it.live(
    "by Ctrl-C, SIGTERM or a closed terminal: exit 130 with how to go on, in words or as a document, and the next run does",
    () =>
      Effect.gen(function* () {
        const both = yield* slowDesk
        for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
          const inWords = yield* endedInTheMiddle(both, (running) => running.kill(signal))
          assert.deepStrictEqual([inWords.code, inWords.stdout], [130, ""], signal)
          assert.match(inWords.stderr, onwards)
        }
        const asDocument = yield* endedInTheMiddle(both, (running) => running.kill("SIGINT", "all"), {
          args: ["--json"]
        })
        assert.strictEqual(asDocument.code, 130)
        assert.nestedPropertyVal(asDocument.json, "error.kind", "interrupted")
        assert.nestedPropertyVal(asDocument.json, "error.mend", "Run the same command again to go on.")
        assert.notMatch(asDocument.stderr, onwards)
        yield* goesOn(both, 4)
      }).pipe(Effect.scoped),
    patience
  )

  it.live.skipIf(oldNode === undefined)(
    "under a launcher on a Node that is too old (needs one on the PATH): the same, and the run ends with its launcher",
    () =>
      Effect.gen(function* () {
        const both = yield* slowDesk
        const ends: ReadonlyArray<readonly [how: string, end: (running: Running) => void, code: number | null]> = [
          ["Ctrl-C, which a terminal sends to both processes", (running) => running.kill("SIGINT", "all"), 130],
          ["SIGTERM to the launcher alone", (running) => running.kill("SIGTERM"), 130],
          ["kill -9 of the launcher alone", (running) => running.kill("SIGKILL"), null]
        ]
        for (const [how, end, code] of ends) {
          const ended = yield* endedInTheMiddle(both, end, { node: oldNode })
          assert.strictEqual(ended.code, code, how)
          assert.match(ended.stderr, onwards, how)
        }
        yield* goesOn(both, ends.length)
      }).pipe(Effect.scoped),
    patience
  )
})
