import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { isAbsolute, join } from "node:path"

import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Semaphore from "effect/Semaphore"

import type { Isolation } from "../contract.ts"
import { bubblewrapArgv, inside, type Shown } from "./bubblewrap.ts"
import { containerArgv } from "./container.ts"
import type { Job, Places, Ran } from "./contract.ts"
import { scopedFolder } from "./folders.ts"
import { launch, type Printed, type Start } from "./launch.ts"
import { scriptOf, toldIn } from "./script.ts"
import { type Way, wayOf } from "./way.ts"

/** As many at once as there are cores: more would only make time limits a lottery. */
const lanes = Semaphore.makeUnsafe(availableParallelism())

/** Users that systemd gives to services for the time they run: nothing else has them. */
const users = { first: 61184, count: 4336 }
let turn = 0

const patchPlace = (i: number) => `/sandbox/in/${i}.patch`

const readOnlyOf = (job: Job): ReadonlyArray<Shown> =>
  Object.entries(job.readOnly ?? {}).map(([place, from]) => ({
    from,
    at: isAbsolute(place) ? place : join(inside.work, place)
  }))

const shownOf = (job: Job): ReadonlyArray<Shown> => [
  ...(job.fixture === undefined ? [] : [{ from: job.fixture, at: inside.fixture }]),
  ...(job.files === undefined ? [] : [{ from: job.files, at: inside.files }]),
  ...(job.patches ?? []).map((from, i) => ({ from, at: patchPlace(i) })),
  ...readOnlyOf(job)
]

/** The few files of a system that programs ask who and where they are. */
const identity = (folder: string, uid: number): ReadonlyArray<Shown> => {
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o644 })
    return { from: join(folder, name), at: `/etc/${name}` }
  }
  return [
    write("passwd", `sandbox:x:${uid}:${uid}::${inside.work}:/bin/sh\n`),
    write("group", `sandbox:x:${uid}:\n`),
    write("hosts", "127.0.0.1 localhost\n::1 localhost\n")
  ]
}

interface Prepared {
  readonly start: Start
  readonly places: Places
}

const insideOf = (job: Job, ownUser: boolean): Places => ({
  ...inside,
  patches: (job.patches ?? []).map((_, i) => patchPlace(i)),
  links: [],
  ownUser
})

const prepared = (way: Way, job: Job, folder: string, name: string): Prepared => {
  switch (way.kind) {
    case "bubblewrap": {
      const uid = way.dropped ? users.first + (turn++ % users.count) : (process.getuid?.() ?? 0)
      const shown = [...identity(folder, uid), ...shownOf(job)]
      const manner = way.dropped ? { kind: "dropped" as const, uid } : { kind: "own" as const }
      const argv = bubblewrapArgv(way.host, job.limits, shown, manner)
      return { start: { program: way.program, argv, env: {} }, places: insideOf(job, true) }
    }
    case "container": {
      const argv = containerArgv(way.image, name, job.limits, shownOf(job))
      const end = () => {
        spawn(way.program, ["kill", name], { stdio: "ignore" }).on("error", () => {})
      }
      return { start: { program: way.program, argv, end, elsewhere: true }, places: insideOf(job, false) }
    }
    case "none": {
      const [work, temporary] = [join(folder, "work"), join(folder, "tmp")]
      for (const made of [work, temporary]) mkdirSync(made)
      const links = Object.entries(job.readOnly ?? {}).flatMap(([at, from]) => (isAbsolute(at) ? [] : [{ from, at }]))
      return {
        start: { program: "/bin/sh", argv: [], env: { PATH: way.path }, marker: name },
        places: {
          work,
          temporary,
          fixture: job.fixture ?? "",
          files: job.files ?? "",
          patches: job.patches ?? [],
          links,
          ownUser: false
        }
      }
    }
  }
}

/** An output without the names of the folders it was made in. */
const neutral = (text: string, { files, fixture, temporary, work }: Places): string => {
  const sources = [files, fixture].filter((folder) => folder !== "")
  const own = sources.reduce((rest, folder) => rest.replaceAll(`${folder}/`, ""), text)
  return own.replaceAll(`${work}/`, "").replaceAll(work, ".").replaceAll(temporary, "/tmp")
}

const last = (text: string) => text.trim().split("\n").at(-1)?.trim() ?? ""

const ranOf = (printed: Printed, mark: string, places: Places): Ran => {
  const told = toldIn(printed.out, mark)
  const output = neutral(told.output, places)
  if (told.fault !== undefined) {
    const detail = last(output)
    return { kind: "fault", why: detail === "" ? told.fault : `${told.fault}: ${detail}` }
  }
  if (printed.stopped !== undefined && (told.ready || told.refused !== undefined)) {
    return { kind: "stopped", why: printed.stopped, output }
  }
  if (told.refused !== undefined) return { kind: "refused", why: told.refused, output }
  if (told.ready) return { kind: "ended", code: printed.code ?? 128, output, report: told.report }
  const why = printed.stopped ?? (last(printed.errors) || last(output) || `it ended with code ${printed.code}`)
  return { kind: "fault", why: `the sandbox did not start: ${why}` }
}

const missing = (job: Job): string | undefined => {
  for (const path of [job.fixture, ...Object.values(job.readOnly ?? {})]) {
    if (path !== undefined && !existsSync(path)) return `${path} is not there`
  }
  return undefined
}

/**
 * Runs a command as a suite's isolation asks, in a fresh folder of its own that is gone afterwards, with all that it started. Never fails: what
 * is not the answer's doing is a `fault`. Interruption kills it. As many run at once as there are cores; the time limit counts from the start.
 */
export const run = (isolation: Isolation, job: Job): Effect.Effect<Ran> =>
  Effect.gen(function* () {
    const way = yield* wayOf(isolation)
    if (Result.isFailure(way)) return { kind: "fault" as const, why: way.failure }
    const lack = missing(job)
    if (lack !== undefined) return { kind: "fault" as const, why: lack }
    const folder = yield* scopedFolder
    const mark = `understudy-${randomBytes(12).toString("hex")}`
    const { places, start } = prepared(way.success, job, folder, `understudy-${randomBytes(12).toString("hex")}`)
    const script = scriptOf(job, places, way.success.path, mark)
    const printed = yield* launch(start, script, job.limits, job.timeoutMs)
    return ranOf(printed, mark, places)
  }).pipe(Effect.scoped, lanes.withPermits(1))
