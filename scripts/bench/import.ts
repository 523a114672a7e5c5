/**
 * Import against a plain loop that splits a file on newline bytes and parses each line once, in one run, each side in a process of its own.
 * `npm run bench:import [-- MEGABYTES ROUNDS]`, default 256 and 1: rows of `{request, response}` bodies (`generate-archive.ts`), so many
 * megabytes and a quarter of them, to see whether memory grows with the file. Our side is the built package, as users run it: `npm run build`
 * comes first. Prints the best of the rounds and ratios; absolute figures do not travel.
 */
import { spawnSync } from "node:child_process"
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import { fileURLToPath } from "node:url"
import { createGzip } from "node:zlib"

import { type Taken, takenIn, telling } from "./telling.ts"

/** What one side took. */
interface ImportSide extends Taken {
  readonly records: number
  /** Of the records as they are unpacked. */
  readonly megabytes: number
  /** The part of the time in which secrets were looked for. */
  readonly share?: number
}

const megabytes = Number(process.argv[2] ?? 256)
const rounds = Number(process.argv[3] ?? 1)
const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const work = mkdtempSync(join(tmpdir(), "understudy-bench-"))

const run = (...args: ReadonlyArray<string>) => {
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(`${args.join(" ")}: ${stderr}`)
  return { stdout, stderr }
}

const side = (how: "plain" | "keep" | "scan", file: string): ImportSide => {
  const megabytes = statSync(file.replace(/\.gz$/, "")).size / 1024 / 1024
  if (how === "plain") {
    const { stderr, stdout } = run("--import", telling, here("plainLoop.ts"), file)
    return { records: Number(stdout), megabytes, ...takenIn(stderr) }
  }
  const home = join(work, "home")
  const keep = how === "keep" ? ["--keep-secrets"] : []
  const main = here("../../dist/main.js")
  const { stderr, stdout } = run("--import", telling, main, "import", file, ...keep, "--json", "--home", home)
  rmSync(home, { recursive: true })
  const { read, time } = JSON.parse(stdout) as { readonly read: number; readonly time: { readonly scanning: number } }
  return { records: read, megabytes, ...takenIn(stderr), ...(how === "scan" ? { share: time.scanning } : {}) }
}

const generated = (size: number): string => {
  const file = join(work, `calls-${size}.jsonl`)
  run(here("../generate-archive.ts"), String(size), file)
  return file
}
const packed = async (file: string): Promise<string> => {
  await pipeline(createReadStream(file), createGzip({ level: 6 }), createWriteStream(`${file}.gz`))
  return `${file}.gz`
}

const names = {
  plain: "plain loop: split, parse",
  keep: "import --keep-secrets",
  scan: "import",
  gz: "import --keep-secrets, gz",
  smallKeep: "import --keep-secrets, a quarter of the file",
  smallScan: "import, a quarter of the file"
} as const
type Name = keyof typeof names

const best = new Map<Name, ImportSide>()
const measure = (name: Name, one: ImportSide) => {
  const before = best.get(name)
  if (before === undefined || one.seconds < before.seconds) best.set(name, one)
}

try {
  const full = generated(megabytes)
  const quarter = generated(megabytes / 4)
  const gz = await packed(full)
  for (let round = 0; round < rounds; round++) {
    measure("plain", side("plain", full))
    measure("keep", side("keep", full))
    measure("scan", side("scan", full))
    measure("gz", side("keep", gz))
    measure("smallKeep", side("keep", quarter))
    measure("smallScan", side("scan", quarter))
  }
  const of = (name: Name) => best.get(name)!
  const rate = (name: Name) => of(name).megabytes / of(name).seconds
  console.log(`${megabytes} MB, ${of("plain").records} records, best of ${rounds}, Node ${process.version}`)
  console.log(`${"".padEnd(46)}   MB/s  CPU us/record  peak MB`)
  for (const [name, about] of Object.entries(names) as ReadonlyArray<readonly [Name, string]>) {
    const { cpuSeconds, peakMb, records, share } = of(name)
    const perRecord = ((cpuSeconds * 1e6) / records).toFixed(0)
    const scanned = share === undefined ? "" : `  ${(100 * share).toFixed(0)} % of the time in the scanner`
    console.log(
      `${about.padEnd(46)} ${rate(name).toFixed(0).padStart(6)} ${perRecord.padStart(14)} ${peakMb.toFixed(0).padStart(8)}${scanned}`
    )
  }
  const ratio = (a: number, b: number) => `${(a / b).toFixed(2)} x`
  console.log(`rate, import without the scanner over the plain loop (aim 0.28):  ${ratio(rate("keep"), rate("plain"))}`)
  console.log(`rate, import over the plain loop (aim 0.05):                      ${ratio(rate("scan"), rate("plain"))}`)
  console.log(`rate, gz over the same unpacked:                                  ${ratio(rate("gz"), rate("keep"))}`)
  console.log(
    `peak memory, four times the file, without the scanner:            ${ratio(of("keep").peakMb, of("smallKeep").peakMb)}`
  )
  console.log(
    `peak memory, four times the file, with it:                        ${ratio(of("scan").peakMb, of("smallScan").peakMb)}`
  )
} finally {
  rmSync(work, { recursive: true, force: true })
}
