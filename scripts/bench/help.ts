/**
 * Start-up: `understudy --help` of the packed package against `node -e 0` on the same Node, interleaved. `npm run bench:help [-- RUNS]`,
 * default 9. Prints both medians and their ratio; absolute figures do not travel. The aim is at most 4.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

import { pack, plainEnvironment, unpack } from "../pack.ts"

const runs = Number(process.argv[2] ?? 9)
const work = mkdtempSync(join(tmpdir(), "understudy-bench-"))

const timed = (args: ReadonlyArray<string>): number => {
  const from = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { env: plainEnvironment(), encoding: "utf8" })
  if (status !== 0) throw new Error(`node ${args.join(" ")}: ${stderr}`)
  return performance.now() - from
}
const median = (values: ReadonlyArray<number>) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

try {
  unpack(pack(work), join(work, "package"))
  const help = [join(work, "package/bin/understudy.js"), "--help"]
  timed(help) // the first start fills Node's compile cache
  const bare: Array<number> = []
  const ours: Array<number> = []
  for (let run = 0; run < runs; run++) {
    bare.push(timed(["-e", "0"]))
    ours.push(timed(help))
  }
  const ratio = median(ours) / median(bare)
  console.log(`Node ${process.version}, medians of ${runs} interleaved runs`)
  console.log(`node -e 0           ${median(bare).toFixed(0)} ms`)
  console.log(`understudy --help   ${median(ours).toFixed(0)} ms`)
  console.log(`ratio               ${ratio.toFixed(2)}`)
} finally {
  rmSync(work, { recursive: true, force: true })
}
