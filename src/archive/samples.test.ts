import { existsSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { shelves } from "../store/stores.ts"
import { temporaryFolder } from "../testing/folder.ts"
import { importPaths } from "./import.ts"

const samples = join(import.meta.dirname, "../../../shared/data/formats")

/**
 * What each folder of real logs gives: format, records, calls imported, duplicates, skips, grades A to D. The tests of the importers tell, sample
 * by sample, the line of jq or python that counts them; what only a packed file shows is counted here.
 */
const expected: ReadonlyArray<
  readonly [
    folder: string,
    format: string,
    read: number,
    imported: number,
    duplicates: number,
    skipped: number,
    grades: string
  ]
> = [
  // Each cassette lies there twice, as it was recorded and decoded: 2 and 7 exchanges.
  ["anthropic-http", "vcr", 4, 2, 2, 0, "2 0 0 0"],
  ["openai-http", "vcr", 14, 7, 7, 0, "7 0 0 0"],
  ["har", "har", 23, 23, 0, 0, "23 0 0 0"],
  ["openai-batch", "batch", 3, 3, 0, 0, "3 0 0 0"],
  ["claude-code", "claude-code", 53, 49, 1, 3, "0 46 0 3"],
  ["codex", "codex", 2, 2, 0, 0, "0 0 0 2"],
  // for f in *.eval: python3 -c "import zipfile,json,sys;z=zipfile.ZipFile(sys.argv[1]);print(sum(e['event']=='model' for n in z.namelist() if n.startswith('samples/') for e in json.loads(z.read(n))['events']))" $f
  // 2, 6; and one each in the two .json logs
  ["inspect", "inspect", 10, 10, 0, 0, "10 0 0 0"],
  ["langfuse", "langfuse", 12, 10, 2, 0, "0 5 2 3"],
  ["openinference", "langfuse", 1, 1, 0, 0, "1 0 0 0"],
  ["otel-genai", "langfuse", 3, 3, 0, 0, "0 3 0 0"],
  ["vercel-ai-sdk", "langfuse", 1, 1, 0, 0, "0 1 0 0"],
  // The third file holds recorded calls of an SDK, which are named and not read.
  ["langsmith", "langsmith", 3, 2, 0, 1, "2 0 0 0"],
  ["litellm", "litellm", 2, 2, 0, 0, "1 0 0 1"],
  ["tau-bench", "tau-bench", 2473, 2454, 0, 19, "0 2454 0 0"]
]

const importFolder = (folder: string, home: string) =>
  importPaths({ paths: [join(samples, folder)], name: "sample", format: "auto", dryRun: false }).pipe(
    Effect.provide(shelves(home), { local: true })
  )

describe.skipIf(!existsSync(samples))("real logs of others [needs ../shared]", () => {
  for (const [folder, format, read, imported, duplicates, skipped, grades] of expected) {
    it.live(`${folder} is told to be ${format} and read, and read again changes nothing`, () =>
      Effect.gen(function* () {
        const home = yield* temporaryFolder
        const result = yield* importFolder(folder, home)
        assert.deepStrictEqual(Object.keys(result.formats), [format])
        assert.deepStrictEqual(
          [result.read, result.imported, result.duplicates, result.skipped.length],
          [read, imported, duplicates, skipped]
        )
        assert.strictEqual(Object.values(result.fidelity).join(" "), grades)
        assert.deepStrictEqual(result.secrets, {})
        const again = yield* importFolder(folder, home)
        assert.deepStrictEqual([again.imported, again.replaced, again.read], [0, 0, read])
      }).pipe(Effect.scoped)
    )
  }

  for (const [folder, why] of [
    ["tau2-bench", "results without simulations"],
    ["tensorzero", "a dataset"]
  ] as const) {
    it.live(`${folder} holds no archived call, which is said`, () =>
      Effect.gen(function* () {
        const result = yield* importFolder(folder, yield* temporaryFolder)
        assert.strictEqual(result.imported, 0)
        assert.isTrue(
          result.skipped.some(({ reason }) => reason.includes(why)),
          JSON.stringify(result.skipped[0])
        )
      }).pipe(Effect.scoped)
    )
  }
})
