/**
 * A replay through a provider with every fault at once: 20 % 429, 10 % 500, 5 % answers cut off, 2 % sockets left hanging, 1 % bodies that are no
 * JSON. `node scripts/bench/storm.ts [CASES SEED]`, default 2000 and 1. All cases have to be answered and the books to be the fleet's own, to
 * the nano-dollar. Then the same in a new home under a cap
 * that tries without an answer, which may have been billed and hold their worst case back, use up: it has to hold.
 */
import * as Effect from "effect/Effect"

import { nanoOf, usd } from "../../src/domain/Money.ts"
import type { RunResult } from "../../src/domain/RunResult.ts"
import { serve } from "../../src/standin/Fleet.ts"
import type { FaultRule } from "../../src/standin/faults.ts"
import { fillDesk, fleetEntry, makeDesk, sayings, suiteText } from "../../src/testing/desk.ts"

const cases = Number(process.argv[2] ?? 2000)
const seed = Number(process.argv[3] ?? 1)
const storm: ReadonlyArray<FaultRule> = [
  { kind: "rateLimited", rate: 0.2, retryAfter: 0 },
  { kind: "serverError", rate: 0.1 },
  { kind: "cut", rate: 0.05 },
  { kind: "hang", rate: 0.02 },
  { kind: "malformed", rate: 0.01 }
]

const replay = Effect.fnUntraced(function* (budget: string) {
  const fleet = yield* serve({ profiles: sayings, faults: storm, seed, latency: { fixedMs: 5, perTokenMs: 0 } })
  const desk = yield* makeDesk
  yield* fillDesk(desk, cases)
  const providers = { fleet: fleetEntry(fleet.openaiURL, { timeoutMs: 1500 }) }
  yield* desk.write("desk.suite.ts", suiteText(fleet.openaiURL, { providers }))
  const start = performance.now()
  const { code, json, stderr } = yield* desk.run(["replay", "desk.suite.ts", "--budget", budget, "--json"])
  if (json === undefined || "error" in (json as object))
    return yield* Effect.die(new Error(JSON.stringify(json) + stderr))
  const seconds = (performance.now() - start) / 1000
  return { code, result: json as RunResult, stats: yield* fleet.stats, seconds }
}, Effect.scoped)

/** What the fleet's own counts come to at the suite's prices: 100 nano-dollars a token in, 400 a token out. */
const billed = (model: { readonly promptTokens: number; readonly completionTokens: number } | undefined) =>
  100n * BigInt(model?.promptTokens ?? 0) + 400n * BigInt(model?.completionTokens ?? 0)

await Effect.gen(function* () {
  const whole = yield* replay("1")
  const [standing] = whole.result.standings
  const own = billed(whole.stats.models["small"])
  console.log(`seed ${seed}, ${cases} cases, Node ${process.version}`)
  console.log(
    `faults made: ${JSON.stringify(whole.stats.faults)}; requests ${whole.stats.requests}; ${whole.seconds.toFixed(0)} s`
  )
  console.log(
    `cases answered ${standing?.paired} of ${cases}, failed ${JSON.stringify(standing?.failed)}; exit ${whole.code}`
  )
  console.log(`answers: the fleet's count ${whole.stats.answered}, ours ${whole.result.spend.calls}`)
  console.log(
    `money: the fleet's tokens come to $${usd(own)}, our books say $${whole.result.spend.usd}; ${whole.result.spend.lost} tries lost`
  )
  const cap = 3n * own
  const capped = yield* replay(usd(cap))
  const spent = nanoOf(capped.result.spend.usd) ?? 0n
  console.log(
    `under a cap of $${usd(cap)}: spent $${usd(spent)}, the fleet's tokens come to $${usd(billed(capped.stats.models["small"]))}; cases answered ${capped.result.standings[0]?.paired}; exit ${capped.code}`
  )
  const right =
    standing?.paired === cases &&
    whole.stats.answered === whole.result.spend.calls &&
    usd(own) === whole.result.spend.usd &&
    spent <= cap &&
    capped.code === 6 &&
    billed(capped.stats.models["small"]) === spent
  if (!right) process.exitCode = 1
}).pipe(Effect.runPromise)
