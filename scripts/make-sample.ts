import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"

import { makeSample } from "./sample/sample.ts"

/** Writes the bundled sample archive anew: `node scripts/make-sample.ts`. */
const { counts, lines } = makeSample()
const file = fileURLToPath(new URL("../datasets/support-desk/calls.jsonl.gz", import.meta.url))
const packed = gzipSync(`${lines.join("\n")}\n`, { level: 9 })
writeFileSync(file, packed)
for (const [what, n] of Object.entries(counts)) console.log(`${what}: ${n}`)
console.log(`bytes: ${packed.length}`)
