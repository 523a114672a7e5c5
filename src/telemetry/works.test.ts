import { assert, describe, it } from "@effect/vitest"

import { progressLines } from "./progress.ts"
import { makeWorks } from "./works.ts"

const world = () => {
  let time = 0
  const works = makeWorks(() => time)
  return {
    works,
    later: (ms: number) => {
      time += ms
    },
    now: () => time
  }
}

describe("the counts of a run", () => {
  it("add up over the stages of a search; rate and time left are those of the stage", () => {
    const { later, works } = world()
    for (let i = 0; i < 10; i++) works.tick("a", 10)
    later(100_000)
    works.tick("a", 30)
    works.failed("a")
    works.paid("a", 5n)
    works.paid("a", 6n)
    later(1_000)
    works.tick("a", 30)
    assert.deepStrictEqual(works.of("a"), {
      what: "a",
      done: 12,
      total: 40,
      failed: 1,
      usd: 11n,
      perSecond: 2,
      leftMs: 14_000,
      active: true
    })
    works.tick("b", 2)
    assert.deepStrictEqual(
      works.all.map(({ active, what }) => [what, active]),
      [
        ["a", false],
        ["b", true]
      ]
    )
  })

  it("become plain lines now and then, and when a work is done", () => {
    const { later, now, works } = world()
    const written: Array<string> = []
    const lines = progressLines({
      works,
      now,
      write: (line) => written.push(line),
      everyMs: 2_000,
      spent: () => 1_500_000_000n,
      simulated: false
    })
    for (let i = 0; i < 8; i++) {
      later(500)
      works.tick("small", 8)
      if (i === 6) works.failed("small")
      lines.ticked("small")
    }
    assert.deepStrictEqual(written, [
      "small: 4/8 cases, 3/s, $1.5000 spent, about 2 s left",
      "small: 8/8 cases, 1 without an answer, 2/s, $1.5000 spent"
    ])
  })
})
