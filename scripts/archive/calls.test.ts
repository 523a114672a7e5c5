import { assert, describe, it } from "@effect/vitest"

import { callsOf } from "./calls.ts"

const bytes = 2 * 1024 * 1024
const made = (seed: number, format: "pair" | "litellm" = "pair") => Buffer.concat([...callsOf({ bytes, format, seed })])

describe("the made-up archive", () => {
  it("is the same bytes for the same seed, about as many as were asked for, and others for another seed", () => {
    const first = made(1)
    assert.isTrue(first.equals(made(1)))
    assert.isFalse(first.equals(made(2)))
    assert.isTrue(first.length >= bytes && first.length < bytes * 1.05)
  })

  it("holds lines of about 5 KB, some twice, sessions whose history grows, and a secret now and then", () => {
    for (const format of ["pair", "litellm"] as const) {
      const lines = made(1, format).toString("utf8").trimEnd().split("\n")
      const size = lines.reduce((sum, line) => sum + line.length, 0) / lines.length
      assert.isTrue(size > 4000 && size < 7000, `${size}`)
      const twice = lines.length - new Set(lines).size
      assert.isTrue(twice > lines.length * 0.01 && twice < lines.length * 0.06, `${twice} of ${lines.length}`)
      const histories = lines.map((line) => {
        const row = JSON.parse(line) as {
          messages?: ReadonlyArray<unknown>
          request?: { messages: ReadonlyArray<unknown> }
        }
        return (row.messages ?? row.request?.messages ?? []).length
      })
      assert.strictEqual(Math.min(...histories), 2)
      assert.isTrue(Math.max(...histories) > 10)
      assert.isTrue(lines.some((line) => /AKIA[A-Z0-9]{16}|ghp_|postgres:\/\/|xoxb-/.test(line)))
    }
  })
})
