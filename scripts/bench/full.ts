/**
 * A replay on real disks that are too small for it, against the bundled fleet: `npm run bench:full`, as root or, without, by
 * `unshare --user --map-root-user --mount npm run bench:full`, for it mounts file systems (tmpfs). First the run imports its archive itself on an
 * empty disk, then it finds it there; each time with more room, until all goes well. Where the disk is full the run stops; then the disk grows,
 * and the same command is started again. Exit 1 where an answer that was kept was asked for again, an answer that the fleet completed is neither
 * kept nor listed as one in flight, or a run ended in another way than with one sentence and its mend.
 */
import { cpSync, rmSync } from "node:fs"
import { join } from "node:path"

import * as Effect from "effect/Effect"

import type { RunResult } from "../../src/domain/RunResult.ts"
import { serve } from "../../src/standin/Fleet.ts"
import { fleetEntry, liteLlmLines, makeDesk, referenceLines, sayings, suiteText } from "../../src/testing/desk.ts"
import { mayMount, type Round, roundOn, smallDiskAt } from "../../src/testing/smallDisk.ts"

const cases = 300
/** Room on the disk, in KiB. */
const empty = [4, 8, 12, 16, 24, 48, 96, 192, 384, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384]
const filled = [
  4, 8, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 512, 576, 640, 672,
  704, 736, 768
]

const args = ["replay", "desk.suite.ts"]

/** What a command said that stopped, and whether it said it as it should. */
const stopOf = ({ stopped: { code, stderr } }: Round, home: string) => {
  if (code === 0) return { told: true, words: "it went through" }
  const [sentence = "", mend = ""] = stderr.trim().split("\n").slice(-2)
  const told = code === 5 && /: the disk is full$/.test(sentence) && /^ {2}Free some space/.test(mend)
  const place = sentence
    .replace(`${home}/`, "")
    .replace(home, "the home")
    .replace(/\d{8}[-\w]*/, "…")
  return { told, words: `${told ? place.replace(": the disk is full", "") : stderr.trim().slice(-600)} (exit ${code})` }
}

await Effect.gen(function* () {
  if (!mayMount()) {
    console.log("This process may not mount file systems: unshare --user --map-root-user --mount npm run bench:full")
    process.exitCode = 2
    return
  }
  const fleet = yield* serve({ profiles: sayings, latency: { fixedMs: 5, perTokenMs: 0 } })
  const desk = yield* makeDesk
  yield* desk.write("calls.jsonl", liteLlmLines(cases))
  yield* desk.write("references.jsonl", referenceLines(cases))
  const providers = { fleet: fleetEntry(fleet.openaiURL, { concurrency: 16 }) }
  yield* desk.write("desk.suite.ts", suiteText(fleet.openaiURL, { archive: { paths: ["calls.jsonl"] }, providers }))
  const completed = Effect.map(fleet.stats, ({ answered }) => answered)
  let wrong = 0

  const row = (free: number, from?: string) =>
    Effect.gen(function* () {
      const disk = yield* smallDiskAt(desk.home, from)
      disk.leave(free)
      const round = yield* roundOn(disk, desk, args, completed)
      const { told, words } = stopOf(round, desk.home)
      const result = round.gone.json as RunResult | undefined
      const lost = round.completed - round.kept
      const right =
        told &&
        round.again === 0 &&
        lost <= round.inFlight &&
        round.gone.code === 0 &&
        result?.standings[0]?.paired === cases &&
        round.keptInTheEnd === cases &&
        result.spend.cached === round.kept &&
        round.completedInTheEnd === cases + lost
      if (!right) wrong++
      console.log(
        `| ${free} | ${words} | ${round.completed} | ${round.kept} | ${round.inFlight} | ${lost} | ${round.again} | ${round.completedInTheEnd - round.keptInTheEnd} | ${right ? "yes" : `NO (exit ${round.gone.code}) ${round.gone.stderr.slice(-300)}`} |`
      )
      return round.stopped.code === 0
    }).pipe(Effect.scoped)

  const head = () => {
    console.log(
      "| KiB free | where it stopped | completed | kept | in flight at the stop | of them lost | asked again | paid twice in all | right |"
    )
    console.log("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |")
  }
  console.log(
    `${cases} cases, 16 in flight, Node ${process.version}\n\nAn empty disk; the run imports its archive itself:\n`
  )
  head()
  for (const free of empty) if (yield* row(free)) break
  console.log("\nA disk with the archive on it:\n")
  const home = join(desk.folder, "archived")
  yield* desk.run(["replay", "desk.suite.ts", "--json", "--limit", "1"]) // into a home that is no disk of its own
  cpSync(desk.home, home, { recursive: true })
  for (const folder of ["answers", "runs"]) rmSync(join(home, folder), { recursive: true })
  head()
  for (const free of filled) if (yield* row(free, home)) break
  if (wrong > 0) process.exitCode = 1
}).pipe(Effect.scoped, Effect.runPromise)
