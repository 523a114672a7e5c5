import { readFile } from "node:fs/promises"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { Archives } from "../store/Archives.ts"
import { filesBelow } from "../testing/desk.ts"
import { inFolder, lines, row } from "./testFolder.ts"

const said = (id: string, engineer: string | undefined, content: string, more: object = {}) =>
  row(id, {
    metadata: { item_id: id, ...(engineer === undefined ? {} : { engineer }), ...more },
    messages: [{ role: "user", content }]
  })

const loaded = Effect.gen(function* () {
  const archives = yield* Archives
  const reader = yield* archives.reader("test")
  return yield* Effect.forEach(yield* archives.rows("test"), ({ id }) => reader.load(id))
}).pipe(Effect.scoped)

/** The files of a home that hold a name as a word of its own, however it is capitalised. */
const holding = (home: string, name: string) =>
  Effect.promise(async () => {
    const files: Array<string> = []
    for (const [file, digest] of Object.entries(filesBelow(home))) {
      if (digest === "folder") continue
      const text = await readFile(join(home, file), "latin1")
      if (new RegExp(`(?<![A-Za-z0-9])${name}(?![A-Za-z0-9_])`, "i").test(`${file} ${text}`)) files.push(file)
    }
    return files
  })

const textOf = (calls: ReadonlyArray<object>) => JSON.stringify(calls)

describe("pseudonyms of names", () => {
  it.effect("are one a person in the whole archive: in labels, texts, paths, ids, sources and skips", () =>
    inFolder(({ home, run, write }) =>
      Effect.gen(function* () {
        yield* write(
          "home/bob/logs/bob-1.jsonl",
          lines(
            said("1", "Ann", "open /home/bob/x and mail Bob", { session_id: "bob-7" }),
            said("2", undefined, "Dear BOB, bob said hi to ann\u001b[32mbob\u001b[0m"),
            said("3", "bob", "C:\\bob\\notes and bobbin, kebob and bob_x"),
            "{ torn"
          ).replace('"{ torn"', "{ torn")
        )
        const result = yield* run("home", { pseudonyms: ["name"] })
        assert.deepStrictEqual([result.imported, result.skipped.length], [3, 1])
        const calls = yield* loaded
        const all = textOf(calls)
        assert.notMatch(all, /(?<![A-Za-z0-9])(?:bob|ann)(?![A-Za-z0-9_])/i)
        assert.include(all, "bobbin, kebob and bob_x")
        const bob = calls.map(({ labels }) => labels["engineer"]).find((one, at) => at === 2 && one !== undefined)
        assert.match(String(bob), /^person-[0-9a-f]{8}$/)
        assert.lengthOf(new Set(all.match(/person-[0-9a-f]{8}/g)), 2)
        assert.include(all, `open /home/${bob}/x and mail ${bob}`)
        assert.deepStrictEqual(yield* holding(home, "bob"), [])
        const archives = yield* Archives
        for (const table of ["sources", "skips", "calls"])
          assert.notMatch(
            textOf(yield* archives.query("test", `SELECT CAST(t AS VARCHAR) AS row FROM ${table} t`)),
            /(?<![A-Za-z0-9])bob(?![A-Za-z0-9_])/i,
            table
          )
        assert.notMatch(textOf([result.skipped, result.files]), /\bbob\b/i)
      })
    )
  )

  it.effect("are known to later imports, which need not name the person again, and change nothing that is there", () =>
    inFolder(({ run, write }) =>
      Effect.gen(function* () {
        yield* write("a.jsonl", lines(said("1", "bob", "I am bob"), said("2", "Ann Lee", "I am Ann Lee")))
        yield* run("a.jsonl", { pseudonyms: ["name"] })
        yield* write("b.jsonl", lines(said("3", undefined, "Bob and Ann Lee, not Bobby nor Ann")))
        assert.strictEqual((yield* run("b.jsonl")).imported, 1)
        const texts = (yield* loaded).map(({ request }) => JSON.stringify(request.messages))
        const marks = texts.map((text) => /person-[0-9a-f]{8}/.exec(text)?.[0])
        assert.include(texts[2], `${marks[0]} and ${marks[1]}, not Bobby nor Ann`)
        const again = yield* run(["a.jsonl", "b.jsonl"])
        assert.deepStrictEqual([again.imported, again.duplicates], [0, 3])
      })
    )
  )

  it.effect("leave what records consist of: a customer may be called text, user or engineer", () =>
    inFolder(({ run, write }) =>
      Effect.gen(function* () {
        yield* write("a.jsonl", lines(said("1", "Text", "text of a user"), said("2", "assistant", "an engineer's")))
        yield* run("a.jsonl", { pseudonyms: ["name"] })
        const calls = yield* loaded
        assert.deepStrictEqual(
          calls.map(({ request }) => request.messages[0]?.blocks),
          [[{ type: "text", text: "text of a user" }], [{ type: "text", text: "an engineer's" }]]
        )
        for (const { labels } of calls) assert.match(String(labels["engineer"]), /^person-/)
      })
    )
  )
})
