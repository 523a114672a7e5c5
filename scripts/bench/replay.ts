/**
 * Replay against a bare loop over the same SDK, both at concurrency 64 against the bundled fleet at zero latency, interleaved, each in a
 * process of its own. `npm run bench [-- CASES ROUNDS]`, default 10000 and 3. Prints medians and ratios; absolute figures do not travel.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

import * as Effect from "effect/Effect"

import { importPaths } from "../../src/archive/import.ts"
import { stores } from "../../src/store/stores.ts"
import { writeArchive } from "./archive.ts"
import type { Side } from "./side.ts"

const cases = Number(process.argv[2] ?? 10_000)
const rounds = Number(process.argv[3] ?? 3)
const concurrency = 64
const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const work = mkdtempSync(join(tmpdir(), "understudy-bench-"))

const side = (file: string, ...args: ReadonlyArray<string | number>): Side => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [here(file), ...args.map(String)], {
    encoding: "utf8"
  })
  if (status !== 0) throw new Error(`${file}: ${stderr}`)
  return JSON.parse(stdout) as Side
}
const median = (values: ReadonlyArray<number>) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Imports an archive of `count` calls into a home of its own and writes its suite. */
const prepare = async (count: number, url: string) => {
  const file = join(work, `calls-${count}.jsonl`)
  const suite = join(work, `bench-${count}.suite.ts`)
  writeArchive(file, count)
  writeFileSync(
    suite,
    `export default {
  name: "bench", archive: { name: "bench" }, noiseFloor: "skip", graders: [{ use: "exact" }],
  incumbent: { provider: "fleet", model: "premium" },
  providers: { fleet: { kind: "openai", baseURL: "${url}", concurrency: ${concurrency},
    prices: { "sim-echo": { input: 0.1, output: 0.4 }, premium: { input: 1, output: 4 } } } },
  setups: [{ provider: "fleet", models: "sim-echo" }]
}\n`
  )
  return {
    suite,
    home: async (round: number) => {
      const home = join(work, `home-${count}-${round}`)
      await importPaths({ paths: [file], name: "bench", format: "litellm", dryRun: false }).pipe(
        Effect.provide(stores(home)),
        Effect.runPromise
      )
      return home
    }
  }
}

const show = (name: string, sides: ReadonlyArray<Side>) => {
  const rate = median(sides.map(({ requests, seconds }) => requests / seconds))
  const cpu = median(sides.map(({ cpuSeconds, requests }) => (1_000 * cpuSeconds) / requests))
  const peak = median(sides.map(({ peakMb }) => peakMb))
  console.log(
    `${name.padEnd(44)} ${rate.toFixed(0).padStart(7)} ${cpu.toFixed(2).padStart(10)} ${peak.toFixed(0).padStart(8)}`
  )
  return { rate, cpu, peak }
}

let server: ChildProcess | undefined
try {
  server = spawn(process.execPath, [here("server.ts")], { stdio: ["ignore", "pipe", "inherit"] })
  const url = await new Promise<string>((done) => server?.stdout?.once("data", (line) => done(String(line).trim())))
  const full = await prepare(cases, url)
  const tenth = await prepare(Math.ceil(cases / 10), url)
  const sides: Record<"bare" | "ours" | "warm" | "small" | "bareStreamed" | "oursStreamed", Array<Side>> = {
    bare: [],
    ours: [],
    warm: [],
    small: [],
    bareStreamed: [],
    oursStreamed: []
  }
  for (let round = 0; round < rounds; round++) {
    const home = await full.home(round)
    sides.bare.push(side("bare.ts", url, cases, concurrency))
    sides.ours.push(side("ours.ts", full.suite, home))
    sides.warm.push(side("ours.ts", full.suite, home))
    sides.small.push(side("ours.ts", tenth.suite, await tenth.home(round)))
    sides.bareStreamed.push(side("bare.ts", url, cases, concurrency, "stream"))
    sides.oursStreamed.push(side("streamed.ts", url, cases, concurrency))
  }
  console.log(
    `${cases} cases, concurrency ${concurrency}, medians of ${rounds} interleaved rounds, Node ${process.version}`
  )
  console.log(`${"".padEnd(44)} requests/s  CPU ms/request  peak MB`)
  const bare = show("bare loop: openai SDK, p-limit", sides.bare)
  const ours = show("understudy replay, all of it", sides.ours)
  show("understudy replay again, every answer cached", sides.warm)
  const small = show(`understudy replay of ${Math.ceil(cases / 10)} cases`, sides.small)
  const bareStreamed = show("bare loop, streamed", sides.bareStreamed)
  const oursStreamed = show("our openai provider, streamed", sides.oursStreamed)
  const times = (a: number, b: number) => `${(a / b).toFixed(2)} x`
  console.log(`rate, ours over bare:                  ${times(ours.rate, bare.rate)}`)
  console.log(`CPU per request, ours over bare:       ${times(ours.cpu, bare.cpu)}`)
  console.log(`peak memory, ten times the cases:      ${times(ours.peak, small.peak)}`)
  console.log(`streamed: rate, ours over bare:        ${times(oursStreamed.rate, bareStreamed.rate)}`)
} finally {
  server?.kill()
  rmSync(work, { recursive: true, force: true })
}
