import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { ArchivedCall } from "../../domain/Call.ts"
import { Fault } from "../../domain/Fault.ts"
import { Archives } from "../../store/Archives.ts"
import { shelves } from "../../store/stores.ts"
import { archivedCall, userMessage } from "../../testing/archivedCall.ts"
import { temporaryFolder } from "../../testing/folder.ts"
import { entriesIn, nameSlices, readSlices } from "./file.ts"
import { type SliceEntry, sliceFinder } from "./slices.ts"
import { templateOf } from "./template.ts"

/** Forty calls of two tasks and free chat. */
const calls = (from = 0): ReadonlyArray<ArchivedCall> =>
  Array.from({ length: 40 }, (_, at) => {
    const i = at + from
    const word = [...`${i}`].map((digit) => "abcdefghij"[Number(digit)]).join("")
    const ask =
      i % 4 === 0
        ? `Classify this ticket: ${word}`
        : i % 4 === 1
          ? `Translate to French: ${word} it`
          : `${word} is up, ${word}?`
    return archivedCall(`call-${i}`, {
      messages: [userMessage(ask)],
      call: { grouping: { attempt: 0, sessionId: `session-${i}` } }
    })
  })

const add = (archive: string, all: ReadonlyArray<ArchivedCall>) =>
  Effect.gen(function* () {
    const writer = yield* (yield* Archives).writer(archive)
    yield* writer.add(all.map((call) => ({ call, dedupeKey: call.id, rank: 0, template: templateOf(call) })))
    yield* writer.commit
  }).pipe(Effect.scoped)

const inHome = <A, E>(test: (fileOf: (archive: string) => string) => Effect.Effect<A, E, Archives>) =>
  Effect.gen(function* () {
    const home = yield* temporaryFolder
    return yield* Effect.provide(
      test((archive) => join(home, "archive", archive, "slices.json")),
      shelves(home)
    )
  }).pipe(Effect.scoped)

const read = (file: string) => Effect.promise(() => readFile(file, "utf8"))
const write = (file: string, entries: ReadonlyArray<SliceEntry> | string) =>
  Effect.promise(() => writeFile(file, typeof entries === "string" ? entries : JSON.stringify(entries)))
const named = (entries: ReadonlyArray<SliceEntry>) =>
  Object.fromEntries(entries.map(({ calls: n, slice }) => [slice, n]))

describe("an archive's slices file", { timeout: 180_000 }, () => {
  it.live("is not there before slices are named, and then holds an entry each, the largest first", () =>
    inHome((fileOf) =>
      Effect.gen(function* () {
        yield* add("desk", calls())
        assert.isUndefined(yield* readSlices("desk"))
        const entries = yield* nameSlices("desk")
        assert.deepStrictEqual(named(entries), { chat: 20, "classify-this-ticket": 10, "translate-to-french": 10 })
        assert.deepStrictEqual(yield* readSlices("desk"), entries)
        assert.deepStrictEqual(JSON.parse(yield* read(fileOf("desk"))), entries)
      })
    )
  )

  it.live("is left alone, byte for byte, where nothing is new", () =>
    inHome((fileOf) =>
      Effect.gen(function* () {
        yield* add("desk", calls())
        yield* nameSlices("desk")
        const before = yield* read(fileOf("desk"))
        yield* add("desk", calls())
        yield* nameSlices("desk")
        assert.strictEqual(yield* read(fileOf("desk")), before)
      })
    )
  )

  it.live("keeps what a person wrote when more is imported", () =>
    inHome((fileOf) =>
      Effect.gen(function* () {
        yield* add("desk", calls())
        const entries = yield* nameSlices("desk")
        yield* write(
          fileOf("desk"),
          entries.map((entry) => (entry.slice === "classify-this-ticket" ? { ...entry, slice: "Triage" } : entry))
        )
        yield* add("desk", calls(40))
        assert.deepStrictEqual(named(yield* nameSlices("desk")), { chat: 40, Triage: 20, "translate-to-french": 20 })
      })
    )
  )

  it.live("counts every call where there are more templates than are looked at", () =>
    inHome(() =>
      Effect.gen(function* () {
        yield* add("desk", [...calls(), ...calls(40), ...calls(80)])
        assert.deepStrictEqual(named(yield* nameSlices("desk", 60)), {
          chat: 60,
          "classify-this-ticket": 30,
          "translate-to-french": 30
        })
      })
    )
  )

  it.live("says in SQL what it says of each call", () =>
    inHome(() =>
      Effect.gen(function* () {
        yield* add("desk", calls())
        const find = sliceFinder(yield* nameSlices("desk"))
        const archives = yield* Archives
        const rows = yield* archives.query("desk", "SELECT id, template, slice FROM sliced ORDER BY id")
        assert.strictEqual(rows.length, 40)
        for (const row of rows) assert.strictEqual(row["slice"], find(String(row["template"]))?.slice)
        assert.deepStrictEqual(
          (yield* archives.rows("desk")).map(({ id, slice }) => [id, slice]).sort(),
          rows.map((row) => [row["id"], row["slice"]])
        )
      })
    )
  )

  it.live("stops an import's naming where it is broken, and is not written over", () =>
    inHome((fileOf) =>
      Effect.gen(function* () {
        yield* add("desk", calls())
        yield* write(fileOf("desk"), "[\n{]")
        const fault = yield* Effect.flip(nameSlices("desk"))
        assert.deepStrictEqual([fault.kind, fault.file, fault.line], ["input", fileOf("desk"), 2])
        assert.strictEqual(yield* read(fileOf("desk")), "[\n{]")
      })
    )
  )
})

describe("a slices file that is broken", () => {
  const key = templateOf(calls()[0]!).key
  const entry = (slice: unknown, templates: unknown) => ({ slice, templates, calls: 1, about: {} })
  const text = (entries: unknown) => JSON.stringify(entries, null, 2)
  const fault = (broken: string): Fault => {
    try {
      entriesIn(broken, "slices.json")
    } catch (cause) {
      if (cause instanceof Fault) return cause
      throw cause
    }
    throw new Error("it was read")
  }

  for (const [what, broken, line, sentence] of [
    ["is cut off", '[\n  {\n    "slice": "a",', 3, /no JSON/],
    ["is no list", "{}", 1, /no list of slices/],
    ["holds something else", text([entry("a", []), 7]), 8, /no name/],
    ["leaves a name out", text([entry("a", []), entry(" ", [])]), 8, /no name/],
    ["leaves the templates out", text([entry("a", undefined)]), 2, /no list of templates/],
    [
      "has a template of its own making",
      text([entry("a", ["tickets*"])]),
      5,
      /"tickets\*" in the slice "a" is no template/
    ],
    ["has a number for a template", text([entry("a", [1])]), 2, /is no template/],
    ["names a template twice", text([entry("a", [key]), entry("b", [key])]), 13, /named twice/]
  ] as const) {
    it(`says so, and where, when it ${what}`, () => {
      const { kind, line: at, mend, message, sentence: said } = fault(broken)
      assert.match(said, sentence)
      assert.deepStrictEqual([kind, at], ["input", line])
      assert.include(message, `slices.json:${line}`)
      assert.isString(mend)
    })
  }

  it("may have a name changed and a template moved, and nothing else is asked for", () => {
    assert.deepStrictEqual(entriesIn(JSON.stringify([{ slice: "Réponse à tout", templates: [key] }]), "slices.json"), [
      { slice: "Réponse à tout", templates: [key], calls: 0, about: { tools: "", system: "", user: "" } }
    ])
  })
})
