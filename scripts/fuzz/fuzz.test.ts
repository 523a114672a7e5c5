import { assert, describe, it } from "@effect/vitest"

import { Random } from "../sample/random.ts"
import { anyImporter, check } from "./check.ts"
import { mutated } from "./mutate.ts"
import { seeds } from "./rows.ts"

describe("the importers", () => {
  it("read the made-up files of all formats", async () => {
    const read: Array<readonly [string, string | undefined, number]> = []
    for (const { name, text } of seeds) {
      const outcome = await check({ name, bytes: Buffer.from(text) }, new Random(1), { scan: true, still: true })
      assert.deepStrictEqual(outcome.faults, [], name)
      assert.strictEqual(outcome.skips, 0, name)
      read.push([name, outcome.importer, outcome.calls])
    }
    assert.deepStrictEqual(read, [
      ["pairs.jsonl", "pair", 6],
      ["litellm.jsonl", "litellm", 2],
      ["projects/app/s1.jsonl", "claude-code", 2],
      ["rollout-2026-08-02T09-00-00-0199-aaaa.jsonl", "codex", 2],
      ["batch.jsonl", "batch", 2],
      ["langfuse.jsonl", "langfuse", 1],
      ["spans.jsonl", "otlp", 1],
      ["langsmith.json", "langsmith", 1],
      ["inspect.json", "inspect", 1],
      ["gpt-4o-airline.json", "tau-bench", 2],
      ["instance.traj", "swe-agent", 1],
      ["capture.har", "har", 1],
      ["cassette.yaml", "vcr", 1],
      ["trace.jsonl", "claude-trace", 1]
    ])
  })

  // The bench feeds them with ten thousand and more: npm run bench:fuzz.
  it("throw on none of some hundred broken ones, and account for every record", async () => {
    const random = new Random(20260801)
    for (let n = 0; n < 500; n++) {
      const { name, text } = random.pick(seeds)
      const bytes = mutated(text, random.pick(seeds).text, random)
      const given = random.chance(0.15) ? { given: anyImporter(random) } : {}
      const { faults } = await check({ name, bytes }, random, { ...given, scan: n % 25 === 0 })
      assert.deepStrictEqual(faults, [], `input ${n}, from ${name}`)
    }
  })
})
