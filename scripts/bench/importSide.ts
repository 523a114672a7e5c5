/** One side of the import benchmark: `importSide.ts plain|keep|scan FILE HOME`. Prints an `ImportSide`. */
import { createReadStream, rmSync, statSync } from "node:fs"

import * as Effect from "effect/Effect"

/** What one side took. */
export interface ImportSide {
  readonly records: number
  /** Of the records as they are unpacked. */
  readonly megabytes: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakMb: number
  /** The part of the time in which secrets were looked for. */
  readonly share?: number
}

const [how = "plain", file = "", home = ""] = process.argv.slice(2)

const plain = async (): Promise<Pick<ImportSide, "records" | "megabytes">> => {
  let [records, bytes] = [0, 0]
  let rest: ReadonlyArray<Buffer> = []
  const chunks: AsyncIterable<Buffer> = createReadStream(file, { highWaterMark: 1024 * 1024 })
  for await (const chunk of chunks) {
    bytes += chunk.length
    let from = 0
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      const line = chunk.subarray(from, at)
      JSON.parse((rest.length === 0 ? line : Buffer.concat([...rest, line])).toString("utf8"))
      records += 1
      rest = []
      from = at + 1
    }
    if (from < chunk.length) rest = [...rest, chunk.subarray(from)]
  }
  return { records, megabytes: bytes / 1024 / 1024 }
}

const ours = async (): Promise<Pick<ImportSide, "records" | "megabytes" | "share">> => {
  const { importPaths } = await import("../../src/archive/import.ts")
  const { stores } = await import("../../src/store/stores.ts")
  const result = await importPaths({
    paths: [file],
    name: "bench",
    format: "auto",
    dryRun: false,
    keepSecrets: how === "keep"
  }).pipe(Effect.provide(stores(home)), Effect.runPromise)
  const unpacked = file.replace(/\.gz$/, "")
  const share = how === "scan" ? { share: result.time.scanning } : {}
  return { records: result.read, megabytes: statSync(unpacked).size / 1024 / 1024, ...share }
}

const start = performance.now()
const done = await (how === "plain" ? plain() : ours())
const { system, user } = process.cpuUsage()
const side: ImportSide = {
  ...done,
  seconds: (performance.now() - start) / 1000,
  cpuSeconds: (user + system) / 1e6,
  peakMb: process.resourceUsage().maxRSS / 1024
}
console.log(JSON.stringify(side))
rmSync(home, { recursive: true, force: true })
