import { assert, describe, it } from "@effect/vitest"

import { type AccountNow, blockLines, type RunNow, shortened } from "./block.ts"
import type { Work } from "./works.ts"

const work = (what: string, over: Partial<Work> = {}): Work => ({
  what,
  done: 1_032,
  total: 1_032,
  failed: 0,
  usd: 35_700_000n,
  perSecond: 60,
  leftMs: null,
  active: false,
  ...over
})
const account = (over: Partial<AccountNow> = {}): AccountNow => ({
  account: "fleet",
  out: 12,
  limit: 16,
  tokensPerSecond: { input: 900, output: 334 },
  ...over
})
const now = (over: Partial<RunNow> = {}): RunNow => ({
  run: "20261124T201500-ab12",
  elapsedMs: 62_000,
  usd: 123_456_789n,
  cap: 20_000_000_000n,
  simulated: false,
  stopping: false,
  works: [
    work("noise floor"),
    work("fleet/sim-small temperature=0 reasoningEffort=high repairs=2", {
      done: 512,
      failed: 3,
      leftMs: 70_000,
      active: true
    })
  ],
  accountOf: new Map([["fleet/sim-small temperature=0 reasoningEffort=high repairs=2", "fleet"]]),
  accounts: [account()],
  ...over
})
const ink = new RegExp(`${"\u001b"}\\[\\d+m`, "g")
const paper = { columns: 80, rows: 24, colour: false }

describe("the block of a run on a terminal", () => {
  it("says of every setup what is done, failed, in flight, its limit, tokens a second, spend and time left", () => {
    assert.deepStrictEqual(blockLines(now(), paper), [
      "run 20261124T201500-ab12  1:02  $0.1234 of $20.0000",
      "  setup                           done  failed  in flight  tok/s    spend  left",
      "  noise floor              1,032/1,032                            $0.0357  done",
      "  fleet/sim-s…h repairs=2    512/1,032       3      12/16   1.2k  $0.0357  1:10"
    ])
  })

  it("is never as wide as the terminal, nor as high, and shows what goes on where there is no room for all", () => {
    const works = Array.from({ length: 40 }, (_, i) =>
      work(
        `fleet/${"m".repeat(60)}-${i}`,
        i === 3 ? { done: 7, active: true, leftMs: 9e7 } : { usd: 123_456_000_000_000n }
      )
    )
    for (const [columns, rows] of [
      [80, 24],
      [100, 10],
      [40, 5],
      [20, 3],
      [3, 2]
    ] as const) {
      const lines = blockLines(now({ works, accounts: [account({ paused: { why: "quota", ms: 12_000 } })] }), {
        columns,
        rows,
        colour: false
      })
      assert.isBelow(lines.length, rows)
      assert.isBelow(Math.max(...lines.map((line) => [...line].length)), columns, lines.join("\n"))
      if (columns >= 80 && rows >= 10) {
        assert.include(lines.join("\n"), "7/1,032")
        assert.match(lines.join("\n"), /and \d\d more/)
        assert.include(lines.at(-1), "fleet: its quota is used up, again in 0:12")
      }
    }
  })

  it("says that it is paused, that it is stopping, and that money is simulated", () => {
    const held = account({ paused: { why: "held", ms: null } })
    assert.match(blockLines(now({ accounts: [held] }), paper)[0]!, /paused$/)
    assert.match(blockLines(now({ accounts: [held], stopping: true }), paper)[0]!, /stopping$/)
    assert.match(blockLines(now({ simulated: true, cap: null }), paper)[0]!, /\$0\.1234 \(simulated\)$/)
  })

  it("is coloured only where colours may be used, and then no wider", () => {
    const coloured = blockLines(now(), { ...paper, colour: true })
    assert.include(coloured.join(""), "\u001b[")
    assert.deepStrictEqual(
      coloured.map((line) => line.replaceAll(ink, "")),
      blockLines(now(), paper)
    )
  })

  it("shortens a label in its middle, for its ends tell setups apart", () => {
    assert.strictEqual(shortened("fleet/sim-small repairs=2", 13), "fleet/…airs=2")
    assert.strictEqual(shortened("ü🙂x", 3), "ü🙂x")
    assert.strictEqual(shortened("abc", 1), "…")
    assert.strictEqual(shortened("abc", 0), "")
  })
})
