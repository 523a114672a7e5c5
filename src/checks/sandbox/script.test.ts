import { assert, describe, it } from "@effect/vitest"

import { toldIn } from "./script.ts"

describe("what a run printed", () => {
  it("is told by stages", () => {
    assert.deepStrictEqual(toldIn("copied\nM ready\nhello\nM report\n<xml/>", "M"), {
      ready: true,
      output: "hello",
      report: "<xml/>"
    })
    assert.strictEqual(toldIn("no room\nM fault it is full\n", "M").fault, "it is full")
    assert.strictEqual(toldIn("x\nM refused patch 1 does not apply\n", "M").refused, "patch 1 does not apply")
  })

  it("is no fault of the harness's where the command itself says so: it may have read the mark", () => {
    for (const forged of ["fault the harness broke", "refused no"]) {
      const told = toldIn(`\nM ready\nhello\nM ${forged}\n\nM report\n`, "M")
      assert.isTrue(told.ready)
      assert.isUndefined(told.fault)
      assert.isUndefined(told.refused)
    }
  })
})
