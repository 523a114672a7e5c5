import { assert, describe, it } from "@effect/vitest"

import type { ArchiveSummary } from "../archive/summary.ts"
import { archivePage, bytes } from "./archivePage.ts"
import { groupsPage } from "./groupsPage.ts"

const known = (usd: string, calls: number) => ({ usd, calls, callsWithout: 0 })
const unknown = (calls: number) => ({ usd: null, calls: 0, callsWithout: calls })
const part = (calls: number) => ({
  calls,
  tokens: { input: 1000, output: 200 },
  billed: known("12.500000000", calls),
  repriced: known("10.000000000", calls)
})
const ranked = { ...known("25.000000000", 100), byOther: 0 }
const tokens = {
  input: 3000,
  prompt: 1000,
  context: 1500,
  inputUnsplit: 500,
  output: 300,
  outputText: 200,
  reasoning: 60,
  outputUnsplit: 40,
  uncachedInput: 1000,
  cacheRead: 1900,
  cacheWrite5m: 60,
  cacheWrite1h: 30,
  cacheWriteOther: 10,
  callsWithoutUsage: 1,
  callsWithoutInput: 2,
  callsWithoutOutput: 3,
  callsWithoutContext: 4,
  callsWithoutSplit: 5
} as const

const grade = (name: "A" | "B" | "C" | "D", calls: number) => ({
  grade: name,
  calls,
  usedFor: `used ${name}`,
  reasons: calls === 0 ? [] : [{ text: `why ${name}`, calls }],
  mends: calls === 0 || name === "A" ? [] : [{ text: `mend of ${name}`, calls }]
})

const basis = {
  from: "2026-06-01T00:00:00.000Z",
  to: "2026-07-01T00:00:00.000Z",
  days: 30,
  usd: "25.000000000",
  calls: 20,
  callsWithout: 0
}

const summaryOf = (over: Partial<ArchiveSummary> = {}): ArchiveSummary => ({
  name: "desk",
  digest: null,
  calls: 100,
  incomplete: 3,
  from: "2026-05-01T00:00:00.000Z",
  to: "2026-07-01T00:00:00.000Z",
  days: 61,
  untimed: 2,
  trajectories: { count: 30, callsWithout: 0 },
  sessions: { count: 20, callsWithout: 5 },
  fidelity: { A: 90, B: 10, C: 0, D: 0 },
  grades: [grade("A", 90), grade("B", 10), grade("C", 0), grade("D", 0)],
  formats: { litellm: 100 },
  models: [{ model: "gpt-4o", provider: "openai", ...part(100) }],
  slices: [
    { slice: "refunds", shareOfCalls: 0.6, shareOfSpend: 0.75, ranked, ...part(60) },
    { slice: "other", shareOfCalls: 0.4, shareOfSpend: null, ranked, ...part(40) }
  ],
  months: [{ month: "2026-05", ...part(100) }],
  topSessions: [{ session: "s1", from: null, to: null, engineer: "ann", project: null, ranked, ...part(4) }],
  tokens,
  billed: { ...known("25.000000000", 100), cachedResponses: 0, bases: { gateway: 100 } },
  repriced: {
    usd: "20.000000000",
    calls: 90,
    callsWithout: 10,
    unpriced: [{ model: "mystery", provider: null, reason: "no price", calls: 10 }],
    prices: []
  },
  leading: "billed",
  ranked,
  forecast: {
    billed: { usdPerYear: "304.166666667", reason: null, basis },
    repriced: { usdPerYear: "243.333333333", reason: null, basis: { ...basis, callsWithout: 10 } }
  },
  outcomes: [{ name: "resolved", source: "test", scope: "trajectory", count: 12, mean: 0.75, meanOf: 12 }],
  labels: [{ name: "team", calls: 100, values: 2, common: ["a", "b"] }],
  disk: { content: 1_200_000, blobs: 0, index: 800_000 },
  skips: [{ reason: "not valid JSON", count: 7 }],
  ...over
})

describe("the page of an archive", () => {
  it("is one screen that tells billed from list prices, and what is known from what is not", () => {
    const page = archivePage(summaryOf())
    for (const said of [
      "Archive desk: 100 calls, 30 trajectories, 20 sessions (5 calls in none); 2026-05-01 to 2026-07-01 (61 days); 2 calls carry no time",
      "$25.00 for 100 calls, as recorded (gateway)",
      "$20.00 for 90 of 100 calls; 10 unpriced: mystery 10 (no price)",
      "$304.17 billed, $243.33 at list prices: the rate of 2026-06-01 to 2026-07-01 x 365",
      "3,000 = 1,000 prompt + 1,500 context carried along, 500 not told apart (4 calls); 2 calls do not say",
      "300 = 200 text + 60 reasoning, 40 not told apart (5 calls); 3 calls do not say",
      "1,000 uncached, 1,900 cache read, cache write 60 (5 min) 30 (1 h) 10 (other)",
      "A 90 (90 %): used A",
      "mend (10 calls): mend of B",
      "outcome resolved (test): 12 signals, mean 0.75",
      "2.0 MB (1.2 MB text, 0 B media, 800 KB index)",
      "7 not valid JSON"
    ])
      assert.include(page, said)
    assert.match(page, /^refunds +60 +60 % +\$12\.50 +\$10\.00 +75 %$/m)
    assert.match(page, /^s1 +4 +\$12\.50 +\$10\.00 +ann +–$/m)
    assert.isAtMost(page.split("\n").length, 45)
  })

  it("never says zero for what nobody knows", () => {
    const page = archivePage(
      summaryOf({
        from: null,
        to: null,
        days: null,
        untimed: 100,
        billed: { ...unknown(100), cachedResponses: 0, bases: {} },
        repriced: {
          ...unknown(100),
          unpriced: [{ model: "m", provider: null, reason: "no price", calls: 100 }],
          prices: []
        },
        leading: null,
        forecast: {
          billed: { usdPerYear: null, reason: "no call carries a time", basis: null },
          repriced: { usdPerYear: null, reason: "no call carries a time", basis: null }
        },
        tokens: { ...tokens, callsWithoutInput: 100, callsWithoutOutput: 100 },
        models: [
          {
            model: "m",
            provider: null,
            ...part(100),
            tokens: { input: null, output: null },
            billed: unknown(100),
            repriced: unknown(100)
          }
        ]
      })
    )
    for (const said of [
      "no call carries a time",
      "billed          the archive does not say",
      "at list prices  no call has a price; 100 unpriced: m 100 (no price)",
      "a year          not known: no call carries a time",
      "input tokens    – (no call says)",
      "output tokens   – (no call says)"
    ])
      assert.include(page, said)
    assert.notInclude(page, "$0")
    assert.match(page, /^m +100 +– +– +– +–$/m)
  })

  it("says where shares and ranks go by amounts of both kinds", () => {
    const page = archivePage(summaryOf({ leading: "repriced", ranked: { ...ranked, byOther: 20 } }))
    assert.match(page, /^slice +calls +of calls +billed +at list prices +of spend$/m)
    assert.include(page, "Shares and ranks go by list prices; 20 calls have none, and count with what was billed.")
    assert.notInclude(archivePage(summaryOf()), "Shares and ranks")
  })

  it("shows sums beyond 2^53 to the last digit", () => {
    const page = archivePage(summaryOf({ tokens: { ...tokens, input: "9007199254740993" } }))
    assert.include(page, "9,007,199,254,740,993 = 1,000 prompt")
  })

  it("strips foreign text of control characters, and cuts it", () => {
    const evil = "\u001b[31mred\u001b[0m\u0007\u202e"
    const long = `${evil}${"x".repeat(500)}`
    const page = archivePage(
      summaryOf({
        models: [{ model: long, provider: long, ...part(1) }],
        slices: [
          { slice: long, shareOfCalls: 1, shareOfSpend: 1, ranked, ...part(1) },
          { slice: long, shareOfCalls: 1, shareOfSpend: 1, ranked, ...part(1) }
        ],
        topSessions: [{ session: long, from: null, to: null, engineer: long, project: long, ranked, ...part(1) }],
        labels: [{ name: long, calls: 1, values: 1, common: [long] }],
        outcomes: [{ name: long, source: "test", scope: "call", count: 1, mean: null, meanOf: 0 }],
        skips: [{ reason: long, count: 1 }],
        repriced: {
          ...unknown(1),
          unpriced: [{ model: long, provider: null, reason: "no price", calls: 1 }],
          prices: []
        }
      })
    )
    for (const code of ["\u001b", "\u0007", "\u202e"]) assert.notInclude(page, code)
    for (const line of page.split("\n")) assert.isAtMost(line.length, 240)
  })

  it("by group says what is not in its sums", () => {
    const group = { values: ["ann", null], calls: 9, tokens, billed: known("1.000000000", 9), repriced: unknown(9) }
    const page = groupsPage("desk", { by: ["engineer", "month"], groups: [group], more: 3 })
    assert.match(page, /^ann +not known +9 +1,000 +1,500 +60 +200 +\$1\.00 +–$/m)
    assert.include(page, "… 3 groups more")
    assert.include(
      page,
      "Not in these sums: 6 calls do not tell prompt and context apart; 8 calls do not tell text and reasoning apart; 9 calls have no list price."
    )
  })

  it("by a label that no call carries says so in a line, with those there are", () => {
    const group = { values: [null], calls: 9, tokens, billed: unknown(9), repriced: unknown(9) }
    const page = (there: ReadonlyArray<string>) =>
      groupsPage("desk", { by: ["label:nope"], groups: [group], more: 0, notThere: { labels: ["nope"], there } })
    assert.match(page(["team", "task"]), /\nNo call carries the label nope; labels are team, task\.$/)
    assert.match(page([..."abcdefghij"]), /labels are a, b, c, d, e, f, g, h, and 2 more\.$/)
    assert.match(page([]), /No call carries the label nope; the calls have no labels\.$/)
  })

  it("tells bytes as people read them", () => {
    assert.deepStrictEqual([0, 812, 1_400, 812_000, 1_400_000_000].map(bytes), [
      "0 B",
      "812 B",
      "1.4 KB",
      "812 KB",
      "1.4 GB"
    ])
  })
})
