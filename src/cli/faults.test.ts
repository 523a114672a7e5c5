import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"

import type { RunResult } from "../domain/RunResult.ts"
import { serve } from "../standin/Fleet.ts"
import type { FaultRule } from "../standin/faults.ts"
import { filesBelow, fillDesk, fleetEntry, linesBelow, makeDesk, sayings, suiteText } from "../testing/desk.ts"

const patience = 180_000
const grader = fileURLToPath(new URL("../../suites/graders/sameWork.ts", import.meta.url))
const sample = fileURLToPath(new URL("../../datasets/support-desk/calls.jsonl.gz", import.meta.url))

/** What a standing says of quality and money; latency is as it was. */
const judged = ({ standings }: RunResult) =>
  standings.map(({ latencyMs: _, loop, ...rest }) => ({
    ...rest,
    rounds: loop?.rounds.map(({ latencyMs: _ms, ...round }) => round)
  }))

/** A replay of the bundled sample by simulated models that differ from draw to draw, through a provider with these faults. */
const replayUnder = (faults: ReadonlyArray<FaultRule>) =>
  Effect.gen(function* () {
    const fleet = yield* serve({ faults })
    const desk = yield* makeDesk
    yield* desk.write(
      "desk.suite.ts",
      suiteText(fleet.openaiURL, {
        archive: { paths: [sample], format: "litellm" },
        cases: { slice: "label:taskType" },
        incumbent: { provider: "fleet", model: "sim-premium-large" },
        noiseFloor: { repeats: 1 },
        providers: {
          fleet: fleetEntry(fleet.openaiURL, {
            prices: {
              "sim-premium-large": { input: "5", output: "25" },
              "sim-small": { input: "0.5", output: "2.2" }
            }
          })
        },
        setups: [{ provider: "fleet", models: "sim-small", repairs: 2 }],
        checks: [{ use: "jsonSchema", options: { from: "request" } }],
        graders: [{ use: grader }]
      })
    )
    const { code, json, stderr } = yield* desk.run(["replay", "desk.suite.ts", "--limit", "40", "--json"])
    assert.isDefined(json, stderr)
    return { code, result: json as RunResult, stats: yield* fleet.stats }
  }).pipe(Effect.scoped)

/** A provider that refuses every key and says it back in its error. */
const parrot = Effect.acquireRelease(
  Effect.callback<{ readonly url: string; close(): void }>((resume) => {
    const server = createServer(({ headers }, response) => {
      response.writeHead(401, { "content-type": "application/json" })
      response.end(JSON.stringify({ error: { message: `Incorrect API key provided: ${headers.authorization}` } }))
    }).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      resume(Effect.succeed({ url: `http://127.0.0.1:${port}/v1`, close: () => server.close() }))
    })
  }),
  (server) => Effect.sync(server.close)
)

const secret = "sk-e2e-7c1f0b93a4d84f6f9a55"

const holdsSecret = (folder: string) =>
  Object.entries(filesBelow(folder)).flatMap(([name, digest]) =>
    digest !== "folder" && readFileSync(join(folder, name)).includes(secret) ? [name] : []
  )

describe("a run", { concurrent: true }, () => {
  it.live(
    "through a provider with faults: every case is answered, the verdict and the costs are those without faults",
    () =>
      Effect.gen(function* () {
        const storm: ReadonlyArray<FaultRule> = [
          { kind: "rateLimited", rate: 0.1, retryAfter: 1 },
          { kind: "serverError", rate: 0.05 },
          { kind: "malformed", rate: 0.05 },
          { kind: "cut", rate: 0.03 }
        ]
        const [calm, stormy] = yield* Effect.all([replayUnder([]), replayUnder(storm)], { concurrency: 2 })
        const { faults, requests, answered } = stormy.stats
        for (const kind of ["rateLimited", "serverError", "malformed", "cut"] as const)
          assert.isAbove(faults[kind] ?? 0, 0)
        assert.isAbove(requests, answered)
        assert.strictEqual(stormy.result.spend.calls, answered)
        for (const { asked, failed, paired } of stormy.result.standings) {
          assert.deepStrictEqual(failed, { infrastructure: 0, unsendable: 0, budget: 0 })
          assert.strictEqual(paired, asked)
        }
        assert.strictEqual(stormy.code, calm.code)
        assert.deepStrictEqual(judged(stormy.result), judged(calm.result))
        assert.deepStrictEqual(stormy.result.floor, calm.result.floor)
        const { lost, ...spent } = stormy.result.spend
        assert.isAbove(lost, 0, "what was cut or malformed may have been billed, and is counted apart")
        assert.deepStrictEqual({ ...spent, lost: 0 }, calm.result.spend)
      }),
    patience
  )

  it.live(
    "whose provider goes down in the middle ends with exit 5 and the reason; when it is back, the next run goes on",
    () =>
      Effect.gen(function* () {
        const calls = 60
        const desk = yield* makeDesk
        yield* fillDesk(desk, calls)
        const up = yield* Scope.make()
        const options = { profiles: sayings, latency: { fixedMs: 40, perTokenMs: 0 } }
        const first = yield* serve(options).pipe(Scope.provide(up))
        yield* desk.write(
          "desk.suite.ts",
          suiteText(first.openaiURL, { providers: { fleet: fleetEntry(first.openaiURL, { concurrency: 20 }) } })
        )
        const running = yield* desk.start(["replay", "desk.suite.ts"])
        yield* first.stats.pipe(
          Effect.repeat({ until: ({ answered }) => answered >= 10, schedule: Schedule.spaced("5 millis") })
        )
        yield* Scope.close(up, Exit.void)
        const down = yield* running.ended
        assert.strictEqual(down.code, 5, down.stderr)
        assert.match(down.stdout, /fleet\/small: \d+ of 60 cases got no answer for reasons of infrastructure/)
        assert.match(down.stdout, /ECONNREFUSED/)
        assert.match(down.stdout, /run the same command again when the provider answers/)

        const kept = linesBelow(desk.home, /^answers\/.*jsonl$/).length
        assert.isAbove(kept, 0)
        const back = yield* serve({ ...options, port: first.port })
        const again = yield* desk.run(["replay", "desk.suite.ts", "--json"])
        assert.strictEqual(again.code, 0, again.stderr)
        assert.strictEqual((yield* back.stats).answered, calls - kept)
        assert.strictEqual((again.json as RunResult).standings[0]?.paired, calls)
      }).pipe(Effect.scoped),
    patience
  )

  it.live(
    "whose key is missing or refused ends with exit 2 and the name of its variable; the key is told nowhere",
    () =>
      Effect.gen(function* () {
        const desk = yield* makeDesk
        yield* fillDesk(desk, 12)
        const fleet = yield* serve({ profiles: sayings, apiKey: Redacted.make(secret) })
        const echoing = yield* parrot
        const keyed = (url: string) =>
          suiteText(url, { providers: { fleet: fleetEntry(url, { apiKey: "env:DESK_KEY" }) } })
        yield* desk.write("keyed.suite.ts", keyed(fleet.openaiURL))
        yield* desk.write("parrot.suite.ts", keyed(echoing.url))
        yield* desk.write("keyless.suite.ts", suiteText(fleet.openaiURL))
        const said: Array<string> = []
        const replay = Effect.fnUntraced(function* (suite: string, key: string | undefined, ...flags: Array<string>) {
          const env: Record<string, string> = key === undefined ? {} : { DESK_KEY: key }
          const ended = yield* desk.run(["replay", suite, ...flags], { env })
          said.push(ended.stdout, ended.stderr)
          return ended
        })

        const untouched = filesBelow(desk.home)
        for (const missing of [undefined, ""]) {
          const { code, stderr } = yield* replay("keyed.suite.ts", missing)
          assert.strictEqual(code, 2)
          assert.match(
            stderr,
            /the key of provider fleet is not in the environment variable DESK_KEY\n {2}Set DESK_KEY/
          )
        }
        assert.deepStrictEqual(filesBelow(desk.home), untouched)
        assert.strictEqual((yield* fleet.stats).requests, 0)

        const refused = yield* replay("parrot.suite.ts", secret, "--json")
        assert.strictEqual(refused.code, 2)
        assert.nestedPropertyVal(refused.json, "error.kind", "input")
        assert.match(refused.stdout, /refuses the key in the environment variable DESK_KEY \(401\)/)
        const wanted = yield* replay("keyless.suite.ts", secret)
        assert.strictEqual(wanted.code, 2)
        assert.match(wanted.stderr, /providers\.fleet\.apiKey: "env:NAME"/)

        assert.strictEqual((yield* replay("keyed.suite.ts", secret, "--inconclusive=pass")).code, 0)
        said.push((yield* desk.run(["report", "latest", "--out", "report"], { env: { DESK_KEY: secret } })).stdout)
        assert.strictEqual((yield* desk.run(["doctor"], { env: { DESK_KEY: secret } })).stdout.includes(secret), false)

        assert.deepStrictEqual(holdsSecret(desk.folder), [])
        assert.isFalse(said.some((text) => text.includes(secret)))
      }).pipe(Effect.scoped),
    patience
  )
})
