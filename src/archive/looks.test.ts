import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { gzipSync } from "node:zlib"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { temporaryFolder } from "../testing/folder.ts"
import { isForeignName, Looks, mayBeExport, mayHoldRecords } from "./looks.ts"
import { inFolder, lines, row, zipOf } from "./testFolder.ts"

const patient = { timeout: 180_000 }

describe("a file in a folder", patient, () => {
  const names = [
    "calls.jsonl.1",
    "calls.jsonl.2025-10-10",
    "calls-old.txt",
    "calls",
    "calls.bak",
    "calls.old",
    "calls.out"
  ]

  it.effect("is read whatever its name, where its first bytes are those of a log", () =>
    inFolder(({ run, write }) =>
      Effect.gen(function* () {
        for (const [at, name] of names.entries()) yield* write(`day/${name}`, lines(row(`${at}`)))
        yield* write("day/notes.md", lines(row("md")))
        yield* write("day/packed.dump", gzipSync(lines(row("gz"))))
        const long = "x".repeat(10_000)
        yield* write("day/long.txt", lines(row("long", { messages: [{ role: "user", content: long }] })))
        const result = yield* run("day")
        assert.deepStrictEqual([result.imported, result.skipped, result.other], [names.length + 3, [], {}])
      })
    )
  )

  it.effect("is passed over and counted by its kind, where neither its name nor its first bytes speak for it", () =>
    inFolder(({ at, run, write }) =>
      Effect.gen(function* () {
        yield* write("day/a.jsonl", lines(row("1")))
        yield* write("day/README.md", `# Log\n\n${lines(row("example"))}`)
        yield* write("day/badge.md", "[![build](x)](y)\n")
        yield* write("day/page.ts", lines(row("code")))
        yield* write("day/picture", Buffer.from([0x89, 0x50, 0, 1, 2]))
        yield* write("day/empty", "")
        yield* write("day/settings", JSON.stringify({ colour: "red" }, null, 2))
        // A name that is a log's makes it a skip, as does a format that has a name.
        yield* write("day/b.jsonl.1", "no json\n")
        yield* write("day/weave.txt", lines({ op_name: "weave:///team/op/ask:1" }))
        const result = yield* run("day")
        assert.strictEqual(result.imported, 1)
        assert.deepStrictEqual(result.other, { "file .md": 2, "file .ts": 1, "file without extension": 3 })
        assert.deepStrictEqual(
          result.skipped.map(({ file }) => file),
          [at("day/b.jsonl.1"), at("day/weave.txt")]
        )
        assert.include(result.skipped[1]?.reason ?? "", "Weave")
      })
    )
  )

  it.effect("that is packed with others in a ZIP is chosen alike", () =>
    inFolder(({ fault, run, write }) =>
      Effect.gen(function* () {
        const members = [
          { name: "calls.jsonl.1", content: lines(row("1")) },
          { name: "calls-old.txt", content: lines(row("2")) },
          { name: "README.md", content: "# notes" },
          { name: "settings", content: '{"colour":"red"}' },
          { name: "page.ts", content: lines(row("3")) }
        ]
        yield* write("day.zip", zipOf(members))
        const result = yield* run("day.zip")
        assert.deepStrictEqual([result.imported, result.skipped], [2, []])
        assert.deepStrictEqual(result.other, { "file .md": 1, "file without extension": 1, "file .ts": 1 })
        yield* write("none/settings", '{"colour":"red"}')
        assert.include((yield* fault("none")).sentence, "no file here that could be an export")
      })
    )
  )
})

describe("a look at a file", () => {
  it("tells by name what is a log's, rotated or not, and what is none", () => {
    for (const name of ["a.jsonl", "a.log.1", "a.json.2025-10-10.3", "a.ndjson~", "a.jsonl.bak", "a.log.1.gz"])
      assert.isTrue(mayBeExport(name), name)
    for (const name of ["a.txt", "a", "jsonl", "a.1", "a.bak"]) assert.isFalse(mayBeExport(name), name)
    for (const name of ["a.PNG", "a.ts", "poetry.lock"]) assert.isTrue(isForeignName(name), name)
  })

  it("tells by the first bytes what may hold records", () => {
    const holds = (text: string) => mayHoldRecords(Buffer.from(text))
    for (const text of ['{"a":1}', '\ufeff{\r\n  "a": 1', '[\n{"a"', '[["x"', "{}", "---\ninteractions:\n- request:"])
      assert.isTrue(holds(text), text)
    for (const text of ["", "# {", "{{ template }}", "{ a: 1 }", "[section]", "[x](y)", "\0{", "key: value"])
      assert.isFalse(holds(text), text)
  })

  it.effect("is taken again when the file has changed, and leaves one that cannot be opened to its reader", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "calls")
      const looks = new Looks()
      const mayHold = Effect.sync(() => looks.mayHold(file))
      assert.isTrue(yield* mayHold)
      yield* Effect.promise(() => writeFile(file, "starting"))
      assert.deepStrictEqual([yield* mayHold, yield* mayHold], [false, false])
      yield* Effect.promise(() => writeFile(file, '{"a":1}\n{"a":2}\n'))
      assert.isTrue(yield* mayHold)
    }).pipe(Effect.scoped)
  )
})
