import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"

import { makeCodeSample } from "./sample/code.ts"
import { makeSample } from "./sample/sample.ts"

/** Writes the bundled sample archives anew: `node scripts/make-sample.ts`. */
for (const [folder, make] of [
  ["support-desk", makeSample],
  ["code-desk", makeCodeSample]
] as const) {
  const { counts, lines } = make()
  const file = fileURLToPath(new URL(`../datasets/${folder}/calls.jsonl.gz`, import.meta.url))
  const packed = gzipSync(`${lines.join("\n")}\n`, { level: 9 })
  writeFileSync(file, packed)
  console.log(`${folder}\n  bytes: ${packed.length}`)
  for (const [what, n] of Object.entries(counts)) console.log(`  ${what}: ${n}`)
}
