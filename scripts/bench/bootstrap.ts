/** `bootstrap.ts`: how long 10,000 seeded resamples of 1,000 cases take on one core, by how the cases fall into clusters. */
import { cpus, loadavg } from "node:os"

import { bcaP, clusterBootstrap, percentileP } from "../../src/parity/bootstrap.ts"

const cases = 1000
const runs = 11
const values = Float64Array.from({ length: cases }, (_, i) => ((i * 37) % 11) / 10 - 0.52)
const weight = Float64Array.from({ length: cases }, (_, i) => 1 + (i % 3))
const median = (times: ReadonlyArray<number>) => times.toSorted((a, b) => a - b)[(runs - 1) / 2]!.toFixed(1)

console.log(`${process.version}, ${cpus()[0]?.model ?? "processor unknown"}, load ${loadavg()[0]?.toFixed(1)}`)
for (const [name, size, weighted] of [
  ["one case each", 1, false],
  ["one case each, weighted", 1, true],
  ["five cases each", 5, false],
  ["five cases each, weighted", 5, true]
] as const) {
  const cluster = Array.from({ length: cases }, (_, i) => Math.floor(i / size))
  const wall: Array<number> = []
  const cpu: Array<number> = []
  let p = ""
  for (let seed = 0; seed < runs; seed++) {
    const [from, used] = [performance.now(), process.cpuUsage()]
    const bootstrap = clusterBootstrap({ values, cluster, ...(weighted && { weight }) }, { resamples: 10_000, seed })
    p = `p ${percentileP(bootstrap, -0.05).toFixed(4)} percentile, ${bcaP(bootstrap, -0.05).toFixed(4)} BCa`
    wall.push(performance.now() - from)
    cpu.push(process.cpuUsage(used).user / 1000)
  }
  console.log(
    `${cases / size} clusters, ${name}: median of ${runs}: ${median(wall)} ms, of the processor ${median(cpu)} ms (${p})`
  )
}
