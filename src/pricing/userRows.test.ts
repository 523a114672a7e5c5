import { existsSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { readPricesFile, UserPrices, userRow } from "./userRows.ts"

const folder = mkdtempSync(join(tmpdir(), "understudy-prices-"))
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const decode = Schema.decodeUnknownSync(UserPrices)
const recorded = fileURLToPath(new URL("../../../shared/data/replay/prices.json", import.meta.url))

describe("a user's price rows", () => {
  it("give exact decimals, whichever names the row uses", () => {
    const prices = decode({
      small: { input: 0.1, output: "0.4", cacheRead: 1e-7, cacheWrite: 0.2, cacheWrite1h: 0.3, reasoning: 1 },
      large: { input_per_mtok: 3, output_per_mtok: 9, source: "price list of May", note: "kept" }
    })
    assert.deepStrictEqual(userRow(prices, "small"), {
      input: "0.1",
      output: "0.4",
      cacheRead: "0.0000001",
      cacheWrite5m: "0.2",
      cacheWrite1h: "0.3",
      reasoning: "1",
      source: "suite"
    })
    assert.deepStrictEqual(userRow(prices, "large"), { input: "3", output: "9", source: "suite (price list of May)" })
    assert.isUndefined(userRow(prices, "medium"))
    assert.isUndefined(userRow(prices, "toString"))
  })

  it("keep a price of zero as zero", () => {
    const row = userRow(decode({ own: { input: 0, output: 0, cacheRead: 0 } }), "own")
    assert.deepStrictEqual(row, { input: "0", output: "0", cacheRead: "0", source: "suite" })
  })

  it("are refused when a price is negative, missing, no number or misspelt", () => {
    const bad = [
      { small: { input: -1, output: 1 } },
      { small: { input: 1 } },
      { small: { input: "cheap", output: 1 } },
      { small: { input: "", output: 1 } },
      { small: { input: Number.NaN, output: 1 } },
      { small: { input: 1, output: 1, cacheread: 0.1 } },
      { small: 3 }
    ]
    for (const prices of bad) assert.throws(() => decode(prices), /at \["small"\]/, JSON.stringify(prices))
  })
})

describe("a file of prices", () => {
  it.effect("is read by model", () =>
    Effect.gen(function* () {
      const prices = yield* readPricesFile(
        file("good.json", '{ "m": { "input_per_mtok": 0.88, "output_per_mtok": 1e-2 } }')
      )
      assert.deepStrictEqual(userRow(prices, "m"), { input: "0.88", output: "0.01", source: "suite" })
    })
  )

  it.effect("names the file, the line and the mend when it is wrong", () =>
    Effect.gen(function* () {
      const absent = yield* Effect.flip(readPricesFile(join(folder, "absent.json")))
      assert.include(absent.message, "absent.json: There is no such price file.")
      const broken = yield* Effect.flip(readPricesFile(file("broken.json", '{\n  "m": { "input": 1,, }\n}')))
      assert.strictEqual(broken.line, 2)
      assert.include(broken.message, "is not JSON")
      const negative = yield* Effect.flip(
        readPricesFile(file("negative.json", '{ "m": { "input": -1, "output": 1 }, "n": { "input": 1 } }'))
      )
      assert.include(negative.message, "m / input")
      assert.include(negative.message, "n / output")
      for (const fault of [absent, broken, negative]) {
        assert.strictEqual(fault.exitCode, 2)
        assert.isDefined(fault.file)
        assert.isDefined(fault.mend)
      }
    })
  )

  it.effect.skipIf(!existsSync(recorded))("of the recorded fleet prices its eleven models [needs ../shared]", () =>
    Effect.gen(function* () {
      const prices = yield* readPricesFile(recorded)
      const rows = Object.keys(prices).map((model) => userRow(prices, model))
      assert.isAbove(rows.length, 10)
      assert.isTrue(rows.every((row) => row !== undefined && Number(row.input) > 0 && Number(row.output) > 0))
      assert.strictEqual(userRow(prices, "Mistral-Large-2")?.output, "9")
    })
  )
})
