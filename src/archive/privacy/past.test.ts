import { readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

import { Archives } from "../../store/Archives.ts"
import { plantedSecrets } from "../../testing/secrets.ts"
import { inFolder, lines, row } from "../testFolder.ts"
import { watchPaths } from "../watch.ts"
import { cleaningOf, type Past, privacyFile } from "./past.ts"

const token = plantedSecrets.find(({ kind }) => kind === "github-token")!.secret
const said = (id: string, content: string) => row(id, { messages: [{ role: "user", content }] })

const file = Effect.gen(function* () {
  const folder = yield* (yield* Archives).folder("test")
  return join(folder, privacyFile)
})
const past = Effect.flatMap(file, (path) => Effect.promise(async () => JSON.parse(await readFile(path, "utf8"))))
const contents = Effect.gen(function* () {
  const archives = yield* Archives
  const reader = yield* archives.reader("test")
  const calls = yield* Effect.forEach(yield* archives.rows("test"), ({ id }) => reader.load(id))
  return JSON.stringify(calls.map(({ request }) => request.messages))
}).pipe(Effect.scoped)

describe("an archive's past", () => {
  const clean: Past = { secretsKept: false, every: [], some: [] }
  const wish = { keepSecrets: false, pseudonyms: [] }

  it("warns where the archive is not cleaned alike, and of nothing else", () => {
    assert.deepStrictEqual(cleaningOf(undefined, { keepSecrets: true, pseudonyms: ["email"] }), {
      pseudonyms: ["email"],
      asBefore: [],
      warnings: [],
      next: { secretsKept: true, every: ["email"], some: ["email"] }
    })
    assert.deepStrictEqual(cleaningOf(clean, wish).warnings, [])
    assert.deepStrictEqual(cleaningOf({ ...clean, secretsKept: true }, { ...wish, keepSecrets: true }).warnings, [])
    const [kept] = cleaningOf({ ...clean, secretsKept: true }, wish).warnings
    assert.match(kept!, /imported before with --keep-secrets stay as they are: delete the archive and import again/)
    const [now] = cleaningOf(clean, { ...wish, keepSecrets: true }).warnings
    assert.match(now!, /holds secrets from now on/)
    const [unknown] = cleaningOf({ ...clean, secretsKept: null }, { ...wish, pseudonyms: ["ip"] }).warnings
    assert.match(unknown!, /not known/)
  })

  it("keeps its pseudonyms, takes more, and goes on saying which calls were there before", () => {
    const before: Past = { secretsKept: false, every: ["email"], some: ["email"] }
    const same = cleaningOf(before, wish)
    assert.deepStrictEqual([same.pseudonyms, same.asBefore, same.warnings], [["email"], ["email"], []])
    const more = cleaningOf(before, { ...wish, pseudonyms: ["name"] })
    assert.deepStrictEqual([more.pseudonyms, more.asBefore], [["email", "name"], ["email"]])
    assert.match(more.warnings[0]!, /without --pseudonyms name stay as they are/)
    assert.deepStrictEqual(more.next, { secretsKept: false, every: ["email"], some: ["email", "name"] })
    assert.lengthOf(cleaningOf(more.next, wish).warnings, 1)
  })

  it.effect("counts what was replaced in what was added, and says what an import cannot clean any more", () =>
    inFolder(({ run, write }) =>
      Effect.gen(function* () {
        yield* write("a.jsonl", lines(said("1", `it is ${token}`), said("2", "nothing")))
        yield* run("a.jsonl", { keepSecrets: true })
        assert.include(yield* contents, token)
        assert.deepStrictEqual(yield* past, { v: 1, secretsKept: true, every: [], some: [] })
        for (const dryRun of [true, false]) {
          const again = yield* run("a.jsonl", { dryRun })
          assert.deepStrictEqual([again.imported, again.duplicates, again.secrets], [0, 2, {}])
          assert.lengthOf(again.warnings, 1)
        }
        yield* write("b.jsonl", lines(said("1", `it is ${token}`), said("3", `it is ${token} and ${token}`)))
        for (const dryRun of [true, false]) {
          const more = yield* run("b.jsonl", { dryRun })
          assert.deepStrictEqual([more.imported, more.secrets], [1, { "github-token": 1 }])
          assert.match(more.warnings[0]!, /--keep-secrets/)
        }
      })
    )
  )

  it.effect("gives later imports its pseudonyms, whether they name them or not", () =>
    inFolder(({ run, write }) =>
      Effect.gen(function* () {
        yield* write("a.jsonl", lines(said("1", "I am ana@shop.example")))
        const first = yield* run("a.jsonl", { pseudonyms: ["email"] })
        assert.deepStrictEqual([first.pseudonyms, first.pseudonymsAsBefore, first.warnings], [["email"], [], []])
        yield* write("b.jsonl", lines(said("2", "I am ben@shop.example, 10.1.2.3")))
        for (const dryRun of [true, false]) {
          const second = yield* run("b.jsonl", { dryRun })
          assert.deepStrictEqual(
            [second.pseudonymsAsBefore, second.secrets, second.warnings],
            [["email"], { email: 1 }, []]
          )
        }
        assert.notInclude(yield* contents, "ben@shop.example")
        yield* write("c.jsonl", lines(said("3", "I am cid@shop.example, 10.1.2.4")))
        for (const dryRun of [true, false]) {
          const third = yield* run("c.jsonl", { dryRun, pseudonyms: ["ip"] })
          assert.deepStrictEqual([third.pseudonyms, third.secrets], [["email", "ip"], { email: 1, ip: 1 }])
          assert.match(third.warnings[0]!, /without --pseudonyms ip/)
        }
        const all = yield* contents
        assert.notMatch(all, /cid@|10\.1\.2\.4/)
        assert.include(all, "10.1.2.3")
        assert.deepStrictEqual(yield* past, { v: 1, secretsKept: false, every: ["email"], some: ["email", "ip"] })
      })
    )
  )

  it.effect("stays what it was where nothing is added", () =>
    inFolder(({ run, write }) =>
      Effect.gen(function* () {
        yield* write("a.jsonl", lines(said("1", "hello")))
        yield* run("a.jsonl")
        const kept = yield* run("a.jsonl", { keepSecrets: true, pseudonyms: ["ip"] })
        assert.lengthOf(kept.warnings, 2)
        assert.deepStrictEqual(yield* past, { v: 1, secretsKept: false, every: [], some: [] })
      })
    )
  )

  it.effect("is not known where the archive does not say, and refused where it is broken", () =>
    inFolder(({ fault, run, write }) =>
      Effect.gen(function* () {
        yield* write("a.jsonl", lines(said("1", "hello")))
        yield* write("b.jsonl", lines(said("2", "hello")))
        yield* run("a.jsonl")
        const path = yield* file
        yield* Effect.promise(() => rm(path))
        assert.match((yield* run("b.jsonl")).warnings[0]!, /is not known/)
        assert.deepStrictEqual(yield* past, { v: 1, secretsKept: null, every: [], some: [] })
        for (const broken of ["{", "[]", '{"v":2}', '{"v":1,"secretsKept":false,"every":["email"],"some":[]}']) {
          yield* Effect.promise(() => writeFile(path, broken))
          const { kind, message } = yield* fault("b.jsonl")
          assert.strictEqual(kind, "input")
          assert.include(message, privacyFile)
          assert.strictEqual((yield* fault("b.jsonl", { dryRun: true })).kind, "input")
        }
      })
    )
  )

  it.live("holds for a watch as well, which says at once what it cannot clean", () =>
    inFolder(({ options, run, write }) =>
      Effect.gen(function* () {
        yield* write("a.jsonl", lines(said("1", `it is ${token}`)))
        yield* run("a.jsonl", { keepSecrets: true, pseudonyms: ["email"] })
        yield* write("b.jsonl", lines(said("2", "I am ana@shop.example")))
        const until = yield* Deferred.make<void>()
        const heard: Array<string> = []
        const committed = yield* Deferred.make<void>()
        const watch = yield* Effect.forkScoped(
          watchPaths(options("b.jsonl"), {
            until: Deferred.await(until),
            onCommit: () => Effect.asVoid(Deferred.succeed(committed, undefined)),
            onBusy: () => Effect.void,
            onWarning: (warning) => Effect.sync(() => heard.push(warning))
          })
        )
        yield* Deferred.await(committed)
        assert.match(heard.join("\n"), /^Calls imported before with --keep-secrets/)
        yield* Deferred.succeed(until, undefined)
        const result = yield* Fiber.join(watch)
        assert.deepStrictEqual(result.warnings, heard)
        assert.deepStrictEqual([result.pseudonymsAsBefore, result.secrets], [["email"], { email: 1 }])
        assert.notInclude(yield* contents, "ana@shop.example")
      }).pipe(Effect.scoped)
    )
  )
})
