import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

import { DuckDBInstance } from "@duckdb/node-api"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { hostileResult, runResult } from "../../testing/runResult.ts"
import { csv, csvCell } from "./csv.ts"

const rendered = (result = runResult()) => csv.render({ result, worst: [], worstOf: null }, Effect.succeed([]))

/** Reads a CSV text as another program would. */
const read = (text: string) =>
  Effect.promise(async () => {
    const folder = mkdtempSync(join(tmpdir(), "understudy-csv-"))
    try {
      const file = join(folder, "report.csv")
      writeFileSync(file, text)
      const connection = await (await DuckDBInstance.create(":memory:")).connect()
      const reader = await connection.runAndReadAll(
        "SELECT * FROM read_csv($file, header = true, strict_mode = true, all_varchar = true, quote = '\"', escape = '\"', delim = ',')",
        { file }
      )
      return reader.getRowObjects()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

describe("the CSV report", () => {
  it.effect("has a row a setup that other programs read, exact money, empty cells for the unpriced", () =>
    Effect.gen(function* () {
      const rows = yield* read(yield* rendered())
      assert.strictEqual(rows.length, 7)
      assert.deepStrictEqual(
        [rows[0]?.["setup"], rows[0]?.["verdict"], rows[0]?.["usd_per_case"], rows[0]?.["difference"]],
        ["fleet/tiny", "inferior", "0.000071500", "-0.312"]
      )
      assert.deepStrictEqual([rows[6]?.["setup"], rows[6]?.["usd_per_case"]], ["ollama/unknown-7b", null])
    })
  )

  it.effect("says in every row whether live models answered", () =>
    Effect.gen(function* () {
      const archive = { ...runResult().archive, simulated: true }
      const says = (rows: ReadonlyArray<Readonly<Record<string, unknown>>>) =>
        new Set(rows.map((row) => row["simulated"]))
      assert.deepStrictEqual(says(yield* read(yield* rendered())), new Set(["false"]))
      assert.deepStrictEqual(says(yield* read(yield* rendered(runResult({ archive })))), new Set(["true"]))
    })
  )

  it.effect("survives hostile labels", () =>
    Effect.gen(function* () {
      const text = yield* rendered(hostileResult())
      const rows = yield* read(text)
      assert.deepStrictEqual(
        rows.map((row) => row["setup"]).sort(),
        hostileResult()
          .standings.map(({ setup }) => setup.label)
          .sort()
      )
      assert.match(text, /^setup_id,.*\r\n/)
    })
  )
})

describe("a cell", () => {
  it("that a spreadsheet would run as a formula gets an apostrophe; numbers stay numbers", () => {
    assert.deepStrictEqual(
      ['=HYPERLINK("x","y")', "+1", "-1", "@SUM(A1)", "\t=1", "plain", 'a"b', "two\nlines"].map(csvCell),
      ['"\'=HYPERLINK(""x"",""y"")"', "'+1", "'-1", "'@SUM(A1)", "'\t=1", "plain", '"a""b"', '"two\nlines"']
    )
    assert.deepStrictEqual([{ number: -0.01 }, { number: "-0.000000001" }, { number: Number.NaN }, null].map(csvCell), [
      "-0.01",
      "-0.000000001",
      "",
      ""
    ])
  })

  it("that should hold a decimal text and holds something else is text", () => {
    assert.strictEqual(csvCell({ number: "=1+1" }), "'=1+1")
  })

  it.effect.prop("can be read back", { text: Schema.String }, ({ text }) =>
    Effect.sync(() => {
      const cell = csvCell(text)
      const bare = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell
      assert.strictEqual(/^[=+\-@\t\r]/.test(text) ? bare.slice(1) : bare, text)
      assert.isTrue(cell.startsWith('"') || !/[",\r\n]/.test(cell))
    })
  )
})
