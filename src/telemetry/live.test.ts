import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"

import { drawing, makeLive, type Outlet } from "./live.ts"

const esc = "\u001b"
const signs = new RegExp(`${esc}\\[(\\d+)A|(${esc}\\[J)|([^])`, "g")

/** A terminal that keeps what a person would see; it knows what the block needs: up, to the line's start, clear to the end. */
const makeScreen = () => {
  let lines = [""]
  let row = 0
  let writes = 0
  const put = (text: string) => {
    writes++
    for (const [, up, clear, sign = ""] of text.matchAll(signs)) {
      if (up !== undefined) row -= Number(up)
      else if (clear !== undefined) lines = lines.slice(0, row).concat("")
      else if (sign === "\n") {
        row++
        lines[row] ??= ""
      } else if (sign !== "\r") lines[row] = `${lines[row] ?? ""}${sign}`
    }
    return true
  }
  const outlet: Outlet = { write: put as Outlet["write"] }
  return {
    outlet,
    get seen() {
      return lines.join("\n")
    },
    get writes() {
      return writes
    }
  }
}

describe("a block on a terminal", () => {
  it("is drawn over, stays below what others write, and leaves nothing behind", () => {
    const terminal = makeScreen()
    const before = terminal.outlet.write
    const stdout = makeScreen()
    stdout.outlet.write = terminal.outlet.write.bind(terminal.outlet)
    const live = makeLive(terminal.outlet, [stdout.outlet])
    live.draw(["a 1", "b 1"])
    live.draw(["a 2", "b 1", "c 1"])
    assert.strictEqual(terminal.seen, "a 2\nb 1\nc 1\n")
    terminal.outlet.write("a sentence\n")
    assert.strictEqual(terminal.seen, "a sentence\n")
    live.draw(["a 3"])
    stdout.outlet.write("half")
    live.draw(["a 4"])
    assert.strictEqual(terminal.seen, "a sentence\nhalf\na 4\n")
    live.end()
    assert.strictEqual(terminal.seen, "a sentence\nhalf\n")
    live.draw(["a 5"])
    assert.strictEqual(terminal.seen, "a sentence\nhalf\n")
    assert.strictEqual(terminal.outlet.write, before)
  })

  it.effect("is drawn five times a second at most, only where it changed, and removed when the scope ends", () =>
    Effect.gen(function* () {
      const terminal = makeScreen()
      let count = 0
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* drawing(terminal.outlet, [], false, ({ columns }) => [`${columns} ${Math.min(count++, 3)}`])
          yield* TestClock.adjust("10 seconds")
          assert.isAtMost(count, 52)
          assert.isAtLeast(count, 40)
          assert.strictEqual(terminal.writes, 4)
          assert.strictEqual(terminal.seen, "80 3\n")
        })
      )
      assert.strictEqual(terminal.seen, "")
    })
  )
})
