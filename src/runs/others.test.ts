import { assert, describe, it } from "@effect/vitest"

import { sees } from "./others.ts"

const mine = { run: "20261125T100000-0002", archive: "desk", asks: ["openai at a", "openai at b"] }

describe("a run that is to begin", () => {
  it("gives way to one that goes on with the same archive and an account of its own", () => {
    for (const run of ["20261125T100000-0001", "20261125T100000-0003"]) {
      for (const state of ["running", "paused", "stopping"] as const) {
        const other = { run, state, archive: "desk", asks: ["openai at b", "ollama at c"] }
        assert.strictEqual(sees(mine, other), "give way")
        assert.strictEqual(sees(mine, { ...other, archive: "other" }), "free")
        assert.strictEqual(sees(mine, { ...other, asks: ["openai at c"] }), "free")
      }
    }
  })

  it("of two that begin at once, one waits for the other to give way", () => {
    const other = { ...mine, run: "20261125T100000-0003", state: "starting" as const }
    assert.strictEqual(sees(mine, other), "wait")
    assert.strictEqual(sees(other, { ...mine, state: "starting" }), "give way")
  })
})
