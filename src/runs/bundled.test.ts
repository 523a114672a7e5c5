import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import { stores } from "../store/stores.ts"
import type { BundledSuite } from "./bundled.ts"
import { runDemo } from "./demo.ts"

/** What the simulated models were made for: which setup a suite names, and which are found inferior, or are given up below the margin, on the way. */
const answers: ReadonlyArray<{
  readonly suite: BundledSuite
  readonly needs?: string
  readonly winner: string
  readonly below: ReadonlyArray<string>
  /** The winner's cost against the incumbent's is below this. */
  readonly costRatio: number
}> = [
  {
    suite: "extraction",
    winner: "fleet-openai/sim-small repairs=2",
    below: ["fleet-anthropic/sim-swift", "fleet-openai/sim-small"],
    costRatio: 0.2
  },
  {
    suite: "tools",
    winner: "fleet-openai/sim-small",
    below: ["fleet-openai/sim-nano", "fleet-ollama/sim-local-8b"],
    costRatio: 0.15
  },
  {
    suite: "replies",
    winner: "fleet-openai/sim-small",
    below: ["fleet-ollama/sim-local-8b"],
    costRatio: 0.2
  },
  {
    suite: "code",
    needs: "bubblewrap",
    winner: "fleet-openai/sim-small repairs=2",
    below: ["fleet-openai/sim-nano repairs=2", "fleet-openai/sim-small"],
    costRatio: 0.3
  }
]

const absent = !(existsSync("/usr/bin/bwrap") || existsSync("/usr/local/bin/bwrap"))

describe("the bundled suites", () => {
  for (const { below, costRatio, needs, suite, winner } of answers) {
    it.live.skipIf(needs !== undefined && absent)(
      `${suite} names the setup that is good enough, and a rerun pays for nothing${needs === undefined ? "" : ` [needs ${needs}]`}`,
      () =>
        Effect.acquireUseRelease(
          Effect.sync(() => mkdtempSync(join(tmpdir(), "understudy-suite-"))),
          (home) =>
            Effect.gen(function* () {
              const first = yield* runDemo({}, suite)
              assert.isTrue(first.archive.simulated)
              assert.isAbove(first.archive.clusters, 40)
              const told = first.standings.map(({ setup, verdict }) => `${setup.label}: ${verdict}`).join("; ")
              assert.strictEqual(first.decision?.setup?.label, winner, told)
              assert.strictEqual(first.decision?.verdict, "parity", told)
              assert.isBelow(first.decision?.costRatio ?? 1, costRatio)
              const found = first.standings.flatMap(({ difference, setup, verdict }) =>
                verdict !== "parity" && difference.estimate < -first.method.margin ? [setup.label] : []
              )
              assert.includeMembers(found, [...below], told)

              const again = yield* runDemo({}, suite)
              assert.strictEqual(again.spend.calls, 0)
              assert.deepStrictEqual(again.decision, first.decision)
            }).pipe(Effect.provide(Layer.mergeAll(stores(home), NodeServices.layer))),
          (home) => Effect.sync(() => rmSync(home, { recursive: true, force: true }))
        ),
      { timeout: 600_000 }
    )
  }
})
