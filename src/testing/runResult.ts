import { nanoOf, usd } from "../domain/Money.ts"
import type { RunResult, SetupDoc, StandingDoc } from "../domain/RunResult.ts"
import { type Axes, setupOf } from "../domain/Setup.ts"
import type { GateResult, Verdict } from "../domain/Standing.ts"

/** Builders of run results for tests: plausible, complete, every part replaceable. */

/** A setup with its axes spelled out. */
export const setupDoc = (provider: string, model: string, axes: Axes = {}): SetupDoc => ({
  ...setupOf(provider, model, axes),
  configuration: { repairs: 0, ...axes }
})

/** A gate whose interval is `half` wide to either side. Differences in [-1,1]. */
export const gateResult = (difference: number, over: Partial<GateResult> = {}): GateResult => {
  const half = 0.02
  return {
    grader: "exact",
    kind: "agreement",
    verdict: difference - half > -0.05 ? "parity" : difference + half < -0.05 ? "inferior" : "inconclusive",
    difference: { estimate: difference, lower: difference - half, upper: difference + half },
    bound: difference - 1.3 * half,
    pParity: difference > -0.03 ? 0.001 : 0.5,
    pInferior: difference < -0.08 ? 0.001 : 0.5,
    score: 0.92 + difference,
    reference: 0.92,
    cases: 612,
    clusters: 170,
    ungraded: 0,
    ...over
  }
}

const incumbentUsd = "0.004210000"

/** A standing; its figures are those of its first gate. */
export const standingDoc = (
  setup: SetupDoc,
  difference: number,
  usdPerCase: string | null,
  over: Partial<StandingDoc> = {}
): StandingDoc => {
  const gate = over.gates?.[0] ?? gateResult(difference)
  const verdict: Verdict = over.verdict ?? gate.verdict
  const nano = usdPerCase === null ? null : (nanoOf(usdPerCase) ?? null)
  const share = usdPerCase === null ? null : Number(usdPerCase) / Number(incumbentUsd)
  return {
    setup,
    verdict,
    reason: {
      parity: "at most 2.6 points worse, margin 5.0 points",
      inferior: `exact: worse by ${(-100 * difference).toFixed(1)} points; shown to be more than the margin of 5.0 points`,
      inconclusive: "at most 6.6 points worse at the level asked for, margin 5.0 points: the data do not decide"
    }[verdict],
    gates: [gate],
    reported: [],
    slices: ["chat", "extract", "tools"].map((slice, at) => ({
      slice,
      cases: [300, 250, 62][at]!,
      clusters: [80, 70, 20][at]!,
      score: 0.92 + difference - 0.01 * at,
      reference: 0.92,
      difference: { estimate: difference - 0.01 * at, lower: difference - 0.05, upper: difference + 0.03 },
      verdict: at === 2 ? "inconclusive" : verdict,
      usdPerCase
    })),
    asked: 612,
    paired: gate.cases,
    priced: nano === null ? 0 : gate.cases,
    failed: { infrastructure: 0, unsendable: 0, budget: 0 },
    costRatio: share === null ? null : { estimate: share, lower: share * 0.95, upper: share * 1.05 },
    latencyMs: { p50: 420, p95: 1840 },
    repaired: (setup.axes.repairs ?? 0) > 0 ? 41 : 0,
    checksBroken: 0,
    cases: gate.cases,
    difference: gate.difference,
    bound: gate.bound,
    usdPerCase,
    usd: nano === null ? null : usd(nano * 612n),
    incumbentUsdPerCase: incumbentUsd,
    ...over
  }
}

/** Setups of the fixture, from the cheapest to the dearest. */
export const fixtureSetups = {
  tiny: setupDoc("fleet", "tiny"),
  small: setupDoc("fleet", "small"),
  smallRepaired: setupDoc("fleet", "small", { repairs: 2 }),
  medium: setupDoc("claude", "medium", { temperature: 0 }),
  wordy: setupDoc("ollama", "wordy"),
  dear: setupDoc("fleet", "dear", { reasoningEffort: "high" }),
  unpriced: setupDoc("ollama", "unknown-7b")
} as const

const standings: ReadonlyArray<StandingDoc> = [
  standingDoc(fixtureSetups.dear, 0.012, "0.003900000"),
  standingDoc(fixtureSetups.wordy, -0.022, "0.001630000", {
    verdict: "inconclusive",
    failed: { infrastructure: 3, unsendable: 2, budget: 0 }
  }),
  standingDoc(fixtureSetups.medium, -0.004, "0.001210000"),
  standingDoc(fixtureSetups.small, -0.093, "0.000381000"),
  standingDoc(fixtureSetups.smallRepaired, -0.011, "0.000504000"),
  standingDoc(fixtureSetups.tiny, -0.312, "0.000071500"),
  standingDoc(fixtureSetups.unpriced, -0.006, null)
]

/** A climb that named a setup; everything can be replaced. */
export const runResult = (over: Partial<RunResult> = {}): RunResult => ({
  v: 1,
  run: "20260524T201500Z-3f1a",
  command: "climb",
  startedAt: "2026-05-24T20:15:00.000Z",
  endedAt: "2026-05-24T20:15:41.000Z",
  suite: { name: "support-desk", file: "suites/support-desk.suite.ts", digest: "ab".repeat(32) },
  archive: {
    name: "support-desk",
    digest: "cd".repeat(32),
    calls: 655,
    cases: 612,
    clusters: 170,
    slices: [
      { slice: "chat", cases: 300, clusters: 80 },
      { slice: "extract", cases: 250, clusters: 70 },
      { slice: "tools", cases: 62, clusters: 20 }
    ],
    left: { "another model answered": 31, "incomplete answer": 12 },
    from: "2026-03-02T08:11:00.000Z",
    to: "2026-04-30T17:42:00.000Z",
    usdAtRunPrices: "2.757550000",
    usdBilled: "2.801000000",
    casesBilled: 612,
    simulated: false
  },
  incumbent: { provider: "openai", model: "gpt-4o-2024-08-06", usdPerCase: incumbentUsd },
  method: {
    margin: 0.05,
    alpha: 0.05,
    level: 0.0083333,
    strategy: "cheapestFirst",
    setupsPriced: 6,
    gates: ["exact"],
    reportedOnly: [],
    checks: ["jsonSchema"],
    cluster: "session",
    slice: "label:taskType",
    seed: 7,
    fixedAt: "2026-05-24T20:15:01.000Z"
  },
  floor: {
    mode: "measured",
    gates: [{ grader: "exact", floor: { estimate: 0.92, lower: 0.897, upper: 0.941 }, cases: 612, clusters: 170 }],
    selected: null,
    usd: "2.576000000",
    why: "A grader compares with the archived answers."
  },
  decision: {
    verdict: "parity",
    setup: fixtureSetups.smallRepaired,
    policy: ["chat", "extract", "tools"].map((slice) => ({ slice, setup: fixtureSetups.smallRepaired })),
    costRatio: 0.1197,
    costRatioInterval: { estimate: 0.1197, lower: 0.112, upper: 0.128 },
    saving: { usdPerYear: { estimate: "14310.220000000", lower: "13901.000000000", upper: "14720.500000000" } },
    reason: "fleet/small repairs=2 is the cheapest setup shown to be at parity"
  },
  standings,
  untried: [{ setup: setupDoc("fleet", "huge"), reason: "dearer than the setup named" }],
  estimate: { usd: "1.500000000", low: "0.700000000", high: "4.000000000" },
  spend: {
    usd: "4.012345678",
    judgeUsd: "0.000000000",
    floorUsd: "2.576000000",
    calls: 4300,
    cached: 120,
    unpriced: 612,
    lost: 0
  },
  providers: [
    { name: "fleet", kind: "openai", host: "127.0.0.1" },
    { name: "claude", kind: "anthropic", host: "127.0.0.1" },
    { name: "ollama", kind: "ollama", host: "127.0.0.1" }
  ],
  prices: [
    {
      provider: "openai",
      model: "gpt-4o-2024-08-06",
      input: "2.5",
      output: "10",
      source: "@pydantic/genai-prices 0.1.8",
      asOf: "2026-05-24"
    },
    { provider: "fleet", model: "small", input: "0.1", output: "0.4", source: "suite", asOf: "2026-05-24" }
  ],
  assumptions: [
    "Future traffic has the archive's mix of slices.",
    "Agreement with the archived answers is enough for equal quality; it is not needed for it."
  ],
  versions: { understudy: "0.1.0", node: "26.10.0", openai: "7.57.0" },
  digests: { config: "ef".repeat(32) },
  ...over
})

/** A climb in which every setup tried was inferior. */
export const noneResult = (over: Partial<RunResult> = {}): RunResult =>
  runResult({
    decision: {
      verdict: "none",
      setup: null,
      policy: ["chat", "extract", "tools"].map((slice) => ({ slice, setup: null })),
      costRatio: null,
      costRatioInterval: null,
      saving: { usdPerYear: null },
      reason: "every setup tried is inferior"
    },
    standings: [
      standingDoc(fixtureSetups.tiny, -0.312, "0.000071500"),
      standingDoc(fixtureSetups.small, -0.193, "0.000381000"),
      standingDoc(fixtureSetups.smallRepaired, -0.101, "0.000504000")
    ],
    ...over
  })

/** A climb that ran out of cases undecided. */
export const inconclusiveResult = (over: Partial<RunResult> = {}): RunResult =>
  noneResult({
    decision: {
      ...noneResult().decision!,
      verdict: "inconclusive",
      reason: "the archive's cases ran out before claude/medium was decided"
    },
    standings: [
      standingDoc(fixtureSetups.tiny, -0.312, "0.000071500"),
      standingDoc(fixtureSetups.medium, -0.041, "0.001210000"),
      standingDoc(fixtureSetups.wordy, -0.044, "0.001630000")
    ],
    ...over
  })

/** A text that tries everything that a report must not fall for. */
export const hostileText = [
  "<script>window.pwned = true</script>",
  "</style></pre></textarea></title><img src=x onerror='window.pwned = true'>",
  '"><svg onload="window.pwned = true"><a href="javascript:window.pwned = true">press</a>',
  "![x](https://example.org/beacon.png) [y](javascript:window.pwned) <https://example.org/>",
  "``` ```` `````",
  "a | b || c",
  '=HYPERLINK("https://example.org/","press")',
  "\u001b[31mred\u001b[0m \u001b]0;title\u0007 \u0000\u0008 \u202Egnp.exe\u202C",
  "--> ]]> &lt;b&gt; {{7*7}}"
].join("\n")

/** The fixture with hostile text wherever a suite, a log, a provider or a plug-in may have put it. */
export const hostileResult = (): RunResult => {
  const base = runResult()
  const bad = (text: string) => `${hostileText}\n${text}`
  const standings = base.standings.map((standing) => ({
    ...standing,
    setup: { ...standing.setup, label: bad(standing.setup.label), provider: bad("p"), model: bad("m") },
    reason: bad("reason"),
    gates: standing.gates.map((gate) => ({ ...gate, grader: bad(gate.grader) })),
    slices: standing.slices.map((slice) => ({ ...slice, slice: bad(slice.slice) }))
  }))
  const named = standings.find(({ setup }) => setup.id === fixtureSetups.smallRepaired.id)?.setup ?? null
  return {
    ...base,
    run: "20260524T201500Z-3f1a",
    suite: { ...base.suite, name: bad("suite"), file: bad("file") },
    archive: { ...base.archive, name: bad("archive"), left: { [bad("reason")]: 3 } },
    incumbent: { ...base.incumbent, provider: bad("openai"), model: bad("gpt") },
    decision: {
      ...base.decision!,
      setup: named,
      policy: base.decision!.policy.map(({ slice }) => ({ slice: bad(slice), setup: named })),
      reason: bad("reason")
    },
    standings,
    untried: base.untried.map(({ setup }) => ({ setup: { ...setup, label: bad("huge") }, reason: bad("reason") })),
    floor: { ...base.floor, why: bad("why") },
    assumptions: [bad("assumption")],
    providers: [{ name: bad("name"), kind: bad("kind"), host: bad("host") }],
    prices: [
      { provider: bad("p"), model: bad("m"), input: bad("1"), output: bad("2"), source: bad("s"), asOf: bad("d") }
    ],
    versions: { [bad("thing")]: bad("1") },
    digests: { [bad("thing")]: bad("1") }
  }
}
