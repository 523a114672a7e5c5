/**
 * Feeds the importers with broken files: relatives of small files of each format, and of the real samples where they are there. Nothing may
 * throw but a `Fault`, every record must be accounted for, every call must be as the schema says.
 * `node scripts/bench/fuzz.ts [INPUTS SEED]`, default 10000 and 1. Prints what was read, and what went wrong with the input that did it.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

import { anyImporter, check } from "../fuzz/check.ts"
import { mutated } from "../fuzz/mutate.ts"
import { type Seed, seeds } from "../fuzz/rows.ts"
import { Random } from "../sample/random.ts"

const inputs = Number(process.argv[2] ?? 10_000)
const seed = Number(process.argv[3] ?? 1)
const samples = join(import.meta.dirname, "../../../shared/data/formats")
const textual = /\.(jsonl?|har|ya?ml|traj)$/
const longest = 200_000

/** Real files, long ones cut to their first lines. */
const real: ReadonlyArray<Seed> = existsSync(samples)
  ? readdirSync(samples, { recursive: true, encoding: "utf8" }).flatMap((path) => {
      if (!textual.test(path)) return []
      const text = readFileSync(join(samples, path), "utf8")
      const cut = text.length <= longest ? text : text.slice(0, Math.max(text.lastIndexOf("\n", longest), 50_000))
      return [{ name: path, text: cut }]
    })
  : []
const random = new Random(seed)
const all = [...seeds, ...real]
const counts = new Map<string, { files: number; calls: number; skips: number }>()
let failed = 0
console.log(`${inputs} inputs from ${seeds.length} made-up files and ${real.length} real ones, seed ${seed}`)
for (let n = 0; n < inputs; n++) {
  const { name, text } = random.pick(random.chance(0.5) || real.length === 0 ? seeds : real)
  const bytes = mutated(text, random.pick(all).text, random)
  const given = random.chance(0.15) ? { given: anyImporter(random) } : {}
  const { calls, faults, importer, skips } = await check({ name, bytes }, random, { ...given, scan: n % 20 === 0 })
  const count = counts.get(importer ?? "nobody") ?? { files: 0, calls: 0, skips: 0 }
  counts.set(importer ?? "nobody", { files: count.files + 1, calls: count.calls + calls, skips: count.skips + skips })
  if (faults.length === 0) continue
  failed += 1
  const folder = join(tmpdir(), "understudy-fuzz")
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${seed}-${n}-${name.replaceAll("/", "_")}`)
  writeFileSync(file, bytes)
  console.log(
    `${file} (${given.given?.id ?? "sniffed"}: ${importer ?? "nobody"})\n  ${[...new Set(faults)].slice(0, 3).join("\n  ")}`
  )
}
for (const [importer, count] of [...counts].sort())
  console.log(`${importer.padEnd(16)} ${count.files} files, ${count.calls} calls, ${count.skips} skips`)
console.log(failed === 0 ? "no fault" : `${failed} inputs with a fault`)
process.exitCode = failed === 0 ? 0 : 1
