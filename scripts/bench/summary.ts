/**
 * `understudy archive` on a large index: the whole process against a bare `SELECT count(*), sum(…)` over the same file in a process of its own, each
 * once. `npm run bench:archive [-- CALLS]`, default 1,000,000; with 10000000 the index holds 60 billion tokens. The index is made by SQL in
 * the archive's own tables, without content. Sums, which go beyond 2^53, and list prices are held against the generator's own whole numbers.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"

import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import type { ArchiveSummary } from "../../src/archive/summary.ts"
import type { Usage } from "../../src/domain/Call.ts"
import { usd } from "../../src/domain/Money.ts"
import { priceBook } from "../../src/pricing/book.ts"
import { costOf } from "../../src/pricing/cost.ts"
import { Archives } from "../../src/store/Archives.ts"
import { literal, openDuck } from "../../src/store/duck.ts"
import { Home } from "../../src/store/Home.ts"
import { archivedCall } from "../../src/testing/archivedCall.ts"

const name = "bench"
/** Seconds between two calls: 10 million calls are half a year. */
const everySeconds = (calls: number) => (180 * 86_400) / calls
const models = [
  ["openai", "gpt-4o"],
  ["openai", "gpt-4o-mini"],
  ["anthropic", "claude-sonnet-4-20250514"],
  ["openai", "o3"],
  ["own", "a-model-without-a-price"]
] as const
/** What one call was billed beyond the least: sums go beyond 2^53 from a million calls on. */
const leastBilled = 10_000_000_000n

/** How the i-th call differs from the others; 6,000 tokens in all. */
const shapeOf = (i: number) => {
  const varied = (i * 7_919) % 1_001
  return {
    model: i % models.length,
    batch: i % 10 === 3,
    varied,
    uncached: 500 + varied,
    cacheRead: 4_400 - varied,
    cacheWrite5m: 400,
    cacheWrite1h: 100,
    text: 300 + (varied % 101),
    reasoning: 300 - (varied % 101),
    billed: (i * 104_729) % 1_000_003
  }
}

const fill = (calls: number) => {
  const varied = "((i * 7919) % 1001)"
  const of = (values: ReadonlyArray<string>, at: string) => `[${values.map(literal).join(", ")}][1 + ${at}]`
  const columns: Readonly<Record<string, string>> = {
    id: "md5(CAST(i AS VARCHAR)) || md5('x' || i)",
    model: of(
      models.map(([, model]) => model),
      `i % ${models.length}`
    ),
    provider: of(
      models.map(([provider]) => provider),
      `i % ${models.length}`
    ),
    wire: "'openai.chat'",
    sessionId: "'session-' || (i // 12)",
    trajectoryId: "'run-' || (i // 12)",
    stepIndex: "i % 12",
    attempt: "0",
    structure: "'told'",
    startedAt: "strftime(moment, '%Y-%m-%dT%H:%M:%S.%gZ')",
    started: "moment",
    latencyMs: "250.0 + i % 1000",
    fidelity: "['A', 'A', 'A', 'B'][1 + i % 4]",
    parts: `CASE WHEN i % 4 = 3 THEN '{"system":"absent","tools":"verbatim"}' ELSE '{"system":"verbatim","tools":"verbatim"}' END`,
    notes: `CASE WHEN i % 4 = 3 THEN '["the system prompt was not logged"]' ELSE '[]' END`,
    stopReason: "'end'",
    complete: "true",
    requestDigest: "md5('r' || i) || md5('s' || i)",
    questionDigest: "md5('q' || i) || md5('p' || i)",
    contentDigest: "md5('c' || i) || md5('d' || i)",
    usageBasis: "'reported'",
    inputTokens: "5400",
    uncachedTokens: `500 + ${varied}`,
    cacheReadTokens: `4400 - ${varied}`,
    cacheWrite5mTokens: "400",
    cacheWrite1hTokens: "100",
    cacheWriteOtherTokens: "0",
    promptTokens: "900",
    contextTokens: "4500",
    sourceBasis: "'derived'",
    outputTokens: "600",
    textTokens: `300 + ${varied} % 101`,
    reasoningTokens: `300 - ${varied} % 101`,
    billedNanoUsd: `${leastBilled} + (i * 104729) % 1000003`,
    billedBasis: "'gateway'",
    billing: "CASE WHEN i % 10 = 3 THEN 'batch' ELSE 'metered' END",
    labels: `'{"engineer":"engineer-' || (i // 12) % 40 || '","request_id":"' || md5('l' || i) || '","taskType":"task-' || i % 12 || '","team":"team-' || (i // 12) % 6 || '"}'`,
    engineer: "'engineer-' || (i // 12) % 40",
    team: "'team-' || (i // 12) % 6",
    taskType: "'task-' || i % 12",
    template: "'template-' || i % 12",
    importer: "'litellm'",
    file: "'bench.jsonl'",
    line: "i",
    dedupeKey: "md5('k' || i)",
    rank: "0",
    import: "1"
  }
  return `INSERT INTO calls (${Object.keys(columns)
    .map((column) => `"${column}"`)
    .join(", ")}) SELECT ${Object.values(columns).join(", ")}
    FROM (SELECT i, TIMESTAMP '2026-01-01' + to_milliseconds(CAST(floor(i * ${everySeconds(calls) * 1000}) AS BIGINT)) AS moment FROM range(${calls}) numbers(i))`
}

/** An archive of one small call, whose index is then filled with the generated calls in its place. */
const generate = (home: string, calls: number) =>
  Effect.gen(function* () {
    yield* Effect.scoped(
      Effect.gen(function* () {
        const writer = yield* (yield* Archives).writer(name)
        yield* writer.add([{ call: archivedCall("first"), dedupeKey: "first", rank: 0 }])
        yield* writer.commit
      })
    )
    yield* Effect.scoped(
      Effect.gen(function* () {
        const duck = yield* openDuck(join(home, "archive", name, "index.duckdb"), "write")
        yield* duck.query("SET memory_limit = '4GB'") // an import does with less; this is no import
        yield* duck.transaction([
          "DELETE FROM calls",
          fill(calls),
          "INSERT INTO templates SELECT 'template-' || i, 'tools ' || i, 'system prompt ' || i, 'question ' || i FROM range(12) numbers(i)"
        ])
        yield* duck.query("CHECKPOINT")
        const slices = Array.from({ length: 12 }, (_, i) => ({ slice: `slice-${i}`, templates: [`template-${i}`] }))
        writeFileSync(join(home, "archive", name, "slices.json"), JSON.stringify(slices))
      })
    )
  }).pipe(Effect.provide(Archives.layer.pipe(Layer.provide(Home.layer(home)))))

/** The totals, added up in whole numbers from the shapes, and list prices by the price book's own arithmetic. */
const expected = Effect.fnUntraced(function* (calls: number) {
  const book = yield* priceBook({})
  const prices = models.map(([provider, model]) =>
    book.priceOf({ name: provider, kind: provider }, model, "2026-01-01")
  )
  const costs = new Map<string, bigint | null>()
  const costOfShape = (shape: ReturnType<typeof shapeOf>): bigint | null => {
    const key = `${shape.model} ${shape.varied} ${shape.batch}`
    const known = costs.get(key)
    if (known !== undefined) return known
    const { cacheRead, cacheWrite1h, cacheWrite5m, reasoning, text, uncached } = shape
    const usage: Usage = {
      basis: "reported",
      input: { total: 5_400, uncached, cacheRead, cacheWrite5m, cacheWrite1h, cacheWriteOther: 0 },
      output: { total: 600, text, reasoning }
    }
    const price = prices[shape.model]
    const parts = price === undefined ? null : costOf(usage, price)
    if (parts === null) {
      costs.set(key, null)
      return null
    }
    const { total: _, ...kinds } = parts
    // A batch is billed at half the price; half of a whole number of nano-dollars rounds to the even one.
    const half = (nano: bigint) => nano / 2n + (nano % 2n === 1n && (nano / 2n) % 2n === 1n ? 1n : 0n)
    const cost = Object.values(kinds).reduce((sum, nano) => sum + (shape.batch ? half(nano) : nano), 0n)
    costs.set(key, cost)
    return cost
  }
  const sums = { uncached: 0, cacheRead: 0, reasoning: 0, text: 0, billed: 0n, repriced: 0n, unpriced: 0 }
  let extra = 0
  for (let i = 0; i < calls; i++) {
    const shape = shapeOf(i)
    sums.uncached += shape.uncached
    sums.cacheRead += shape.cacheRead
    sums.reasoning += shape.reasoning
    sums.text += shape.text
    extra += shape.billed
    const cost = costOfShape(shape)
    if (cost === null) sums.unpriced++
    else sums.repriced += cost
  }
  return { ...sums, billed: leastBilled * BigInt(calls) + BigInt(extra) }
})

const check = (
  calls: number,
  { billed, repriced, tokens, ...summary }: ArchiveSummary,
  sums: Effect.Success<ReturnType<typeof expected>>
) => {
  const pairs: ReadonlyArray<readonly [what: string, found: unknown, wanted: unknown]> = [
    ["calls", summary.calls, calls],
    ["input", tokens.input, 5_400 * calls],
    ["output", tokens.output, 600 * calls],
    ["prompt", tokens.prompt, 900 * calls],
    ["context", tokens.context, 4_500 * calls],
    ["uncached", tokens.uncachedInput, sums.uncached],
    ["cache read", tokens.cacheRead, sums.cacheRead],
    ["text", tokens.outputText, sums.text],
    ["reasoning", tokens.reasoning, sums.reasoning],
    ["billed", billed.usd, usd(sums.billed)],
    ["at list prices", repriced.usd, usd(sums.repriced)],
    ["unpriced", repriced.callsWithout, sums.unpriced],
    [
      "billed by month",
      String(summary.months.reduce((sum, { billed: { usd: month } }) => sum + BigInt(month!.replace(".", "")), 0n)),
      String(sums.billed)
    ]
  ]
  const wrong = pairs.filter(([, found, wanted]) => found !== wanted)
  if (wrong.length > 0)
    throw new Error(wrong.map(([what, found, wanted]) => `${what}: ${found}, not ${wanted}`).join("; "))
  console.log(`sums agree to the nano-dollar: billed ${sums.billed} nano-dollars (2^53 is ${2n ** 53n})`)
}

const timed = (args: ReadonlyArray<string>) => {
  const from = performance.now()
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 1e9 })
  if (status !== 0) throw new Error(`node ${args.join(" ")}: ${stderr}${stdout}`)
  return { seconds: (performance.now() - from) / 1000, stdout }
}

const bare = (file: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const duck = yield* openDuck(file, "read")
      yield* duck.query(
        `SELECT count(*), sum("inputTokens"), sum("outputTokens"), sum("promptTokens"), sum("contextTokens"), sum("reasoningTokens"), sum("billedNanoUsd") FROM calls`
      )
    })
  )

const [first = "1000000", file = ""] = process.argv.slice(2)
if (first === "--bare") await Effect.runPromise(bare(file))
else {
  const calls = Number(first)
  const home = mkdtempSync(join(tmpdir(), "understudy-bench-"))
  const launcher = resolve(import.meta.dirname, "../../bin/understudy.js")
  try {
    const from = performance.now()
    await Effect.runPromise(generate(home, calls))
    console.log(
      `${calls.toLocaleString("en")} calls, ${(6_000 * calls).toLocaleString("en")} tokens, made in ${((performance.now() - from) / 1000).toFixed(0)} s`
    )
    const index = join(home, "archive", name, "index.duckdb")
    if (!existsSync(index)) throw new Error(`no index at ${index}`)
    const sums = await Effect.runPromise(expected(calls))
    const ours = timed([launcher, "archive", name, "--home", home])
    const theirs = timed([import.meta.filename, "--bare", index])
    const json = timed([launcher, "archive", name, "--home", home, "--json"])
    check(calls, JSON.parse(json.stdout) as ArchiveSummary, sums)
    console.log(ours.stdout.split("\n").slice(0, 12).join("\n"))
    console.log(`understudy archive  ${ours.seconds.toFixed(2)} s (whole process)`)
    console.log(`bare SELECT         ${theirs.seconds.toFixed(2)} s (whole process)`)
    console.log(`ratio               ${(ours.seconds / theirs.seconds).toFixed(1)}`)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
