/**
 * Writes a large archive of made-up calls to stdout or into a file, for benchmarks: the same arguments give the same bytes.
 * `node scripts/generate-archive.ts MEGABYTES [FILE] [--format pair|litellm] [--seed N]`
 */
import { closeSync, openSync, writeSync } from "node:fs"
import { parseArgs } from "node:util"

import { callsOf } from "./archive/calls.ts"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { format: { type: "string", default: "pair" }, seed: { type: "string", default: "1" } }
})
const megabytes = Number(positionals[0])
if (!(megabytes > 0) || (values.format !== "pair" && values.format !== "litellm")) {
  console.error("node scripts/generate-archive.ts MEGABYTES [FILE] [--format pair|litellm] [--seed N]")
  process.exit(2)
}
const out = positionals[1] === undefined ? 1 : openSync(positionals[1], "w")
for (const piece of callsOf({ bytes: megabytes * 1024 * 1024, format: values.format, seed: Number(values.seed) }))
  for (let at = 0; at < piece.length; ) at += writeSync(out, piece, at)
if (out !== 1) closeSync(out)
