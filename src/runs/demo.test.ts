import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import type { RunResult } from "../domain/RunResult.ts"
import type { Profile } from "../standin/Profile.ts"
import { profiles } from "../standin/profiles.ts"
import { shelves, stores } from "../store/stores.ts"
import { demo, runDemo } from "./demo.ts"

const inFolder = <A, E, R>(use: (folder: string) => Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "understudy-demo-"))),
    use,
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  )
const run = (home: string, fleet: ReadonlyArray<Profile> = profiles) =>
  runDemo({ profiles: fleet }).pipe(Effect.provide(Layer.mergeAll(stores(home), NodeServices.layer)))

const verdicts = ({ standings }: RunResult) => new Map(standings.map(({ setup, verdict }) => [setup.label, verdict]))

/** A rerun differs in run, spend and times only. */
const lasting = (result: RunResult) => {
  const { endedAt: _e, method, run: _r, spend: _s, startedAt: _t, ...rest } = result
  const { fixedAt: _f, ...fixed } = method
  return JSON.stringify({ ...rest, method: fixed, report: undefined })
}

/** The fleet with the behaviours of two models exchanged. */
const swapped = (one: string, other: string): ReadonlyArray<Profile> => {
  const of = (name: string) => profiles.find((profile) => profile.name === name)!
  return profiles.map((profile) =>
    profile.name === one
      ? { ...profile, behaviour: of(other).behaviour }
      : profile.name === other
        ? { ...profile, behaviour: of(one).behaviour }
        : profile
  )
}

describe("the demonstration", () => {
  it.live(
    "names the setup that the simulated models were made for, and a rerun says the same and pays for nothing",
    () =>
      inFolder((home) =>
        Effect.gen(function* () {
          const { doc: first } = yield* demo(join(home, "report")).pipe(
            Effect.provide(Layer.mergeAll(shelves(join(home, "state")), NodeServices.layer))
          )
          assert.deepStrictEqual(readdirSync(join(home, "state")), ["demo"], "its state is in a folder of its own")
          assert.deepStrictEqual(readdirSync(join(home, "report")).sort(), [
            "report.csv",
            "report.html",
            "report.json",
            "report.md"
          ])
          assert.isTrue(first.archive.simulated)
          assert.isAtLeast(first.standings.length + first.untried.length, 8)
          assert.isAtLeast(new Set(first.providers.map(({ kind }) => kind)).size, 3)
          assert.strictEqual(first.floor.mode, "measured")

          assert.strictEqual(first.decision?.verdict, "parity")
          assert.strictEqual(first.decision?.setup?.label, "fleet-openai/sim-small repairs=2")
          assert.closeTo(first.decision?.costRatio ?? 0, 0.12, 0.03)
          const seen = verdicts(first)
          for (const weak of [
            "fleet-openai/sim-nano",
            "fleet-openai/sim-small",
            "fleet-anthropic/sim-swift",
            "fleet-ollama/sim-local-8b",
            "fleet-ollama/sim-local-30b"
          ]) {
            assert.strictEqual(seen.get(weak), "inferior", weak)
          }

          const again = yield* run(join(home, "state", "demo"))
          assert.strictEqual(again.spend.calls, 0)
          assert.strictEqual(again.spend.usd, "0.000000000")
          assert.strictEqual(lasting(again), lasting(first))
        })
      ),
    { timeout: 300_000 }
  )

  it.live(
    "names another when two models exchange their behaviour",
    () =>
      inFolder((home) =>
        Effect.gen(function* () {
          const { decision, standings } = yield* run(home, swapped("sim-local-30b", "sim-middle"))
          assert.strictEqual(decision?.setup?.label, "fleet-ollama/sim-local-30b")
          assert.isFalse(standings.some(({ setup, verdict }) => setup.model === "sim-middle" && verdict === "parity"))
        })
      ),
    { timeout: 300_000 }
  )
})
