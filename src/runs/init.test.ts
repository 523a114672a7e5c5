import { execFile } from "node:child_process"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { promisify } from "node:util"

import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Terminal from "effect/Terminal"

import { importers } from "../archive/registry.ts"
import { checks } from "../checks/registry.ts"
import { strategies } from "../climb/registry.ts"
import type { ArchivedCall } from "../domain/Call.ts"
import { graders } from "../graders/registry.ts"
import { providers } from "../providers/registry.ts"
import { Archives } from "../store/Archives.ts"
import { stores } from "../store/stores.ts"
import { loadSuite } from "../suite/load.ts"
import { archivedCall } from "../testing/archivedCall.ts"
import { temporaryFolder } from "../testing/folder.ts"
import { type InitInput, initIn } from "./init.ts"

const repository = resolve(import.meta.dirname, "../..")
const registries = { graders, checks, providers, importers, strategies }

const told = (input: Partial<InitInput> = {}): InitInput => ({
  name: undefined,
  archive: undefined,
  provider: "openai",
  models: ["small"],
  ask: false,
  ...input
})

/** Calls of three tasks; what a test is about is given. */
const calls = (given: (at: number) => Parameters<typeof archivedCall>[1] = () => ({})): ReadonlyArray<ArchivedCall> =>
  Array.from({ length: 12 }, (_, at) => {
    const one = given(at) ?? {}
    const labels = { taskType: ["refund", "triage", "reply"][at % 3]!, team: ["red", "blue"][at % 2]! }
    return archivedCall(`call-${at}`, { ...one, call: { labels, ...one.call } })
  })

const fill = (archive: string, all: ReadonlyArray<ArchivedCall>) =>
  Effect.gen(function* () {
    const writer = yield* (yield* Archives).writer(archive)
    for (const call of all) yield* writer.add([{ call, dedupeKey: call.id, rank: 0 }])
    yield* writer.commit
  }).pipe(Effect.scoped)

/** Runs a test in a folder with a home beside its suites; the terminal is one that nobody sits at unless one is given. */
const inFolder = <A, E>(
  test: (
    cwd: string
  ) => Effect.Effect<A, E, Archives | Layer.Success<ReturnType<typeof stores>> | NodeServices.NodeServices>,
  terminal: Layer.Layer<Terminal.Terminal> = Layer.empty as never
) =>
  Effect.gen(function* () {
    const cwd = yield* temporaryFolder
    return yield* Effect.provide(
      test(cwd),
      Layer.merge(stores(join(cwd, ".understudy")), Layer.provideMerge(terminal, NodeServices.layer))
    )
  }).pipe(Effect.scoped)

const read = (...path: ReadonlyArray<string>) => Effect.promise(() => readFile(join(...path), "utf8"))

describe("init", { timeout: 180_000 }, () => {
  it.live("writes a suite for the archive there is, that loads as it says", () =>
    inFolder((cwd) =>
      Effect.gen(function* () {
        yield* fill("support-desk", calls())
        const { doc } = yield* initIn(cwd, told({ models: ["small,large", "small"] }))
        assert.deepStrictEqual(doc, {
          files: ["suites/support-desk.suite.ts", "understudy.config.ts"]
        })
        const suite = yield* loadSuite("suites/support-desk.suite.ts", { registries, cwd })
        assert.deepStrictEqual(suite.archive, { name: "support-desk" })
        assert.deepStrictEqual(suite.incumbent, { provider: "openai", model: "gpt-4o-2024-08-06" })
        assert.strictEqual(suite.cases.slice, "label:taskType")
        assert.deepStrictEqual(
          suite.setups.map(({ label }) => label),
          ["openai/small", "openai/large"]
        )
        assert.strictEqual(suite.config?.file, join(cwd, "understudy.config.ts"))
      })
    )
  )

  it.live("what it writes passes the strictest compiler", () =>
    inFolder((cwd) =>
      Effect.gen(function* () {
        const schema = { type: "json_schema", schema: { type: "object" } } as const
        yield* fill(
          "a",
          calls(() => ({ answer: '{"a":1}', request: { responseFormat: schema } }))
        )
        yield* initIn(cwd, told())
        const config = {
          extends: join(repository, "tsconfig.json"),
          include: ["."],
          compilerOptions: {
            paths: { "@understudy/harness": [join(repository, "src/index.ts")] },
            typeRoots: [join(repository, "node_modules/@types")]
          }
        }
        yield* Effect.promise(() => writeFile(join(cwd, "tsconfig.json"), JSON.stringify(config)))
        yield* Effect.promise(() => writeFile(join(cwd, "package.json"), '{"type":"module"}'))
        const tsc = join(repository, "node_modules/typescript/bin/tsc")
        const said = yield* Effect.promise(() =>
          promisify(execFile)(process.execPath, [tsc, "-p", cwd]).then(
            () => "",
            (error: { readonly stdout: string }) => error.stdout
          )
        )
        assert.strictEqual(said, "")
      })
    )
  )

  it.live("chooses graders that can tell of nearly every answer", () =>
    inFolder((cwd) =>
      Effect.gen(function* () {
        const tool = { type: "tool_use", id: "t", name: "refund", input: {}, kind: "function" } as const
        const response = (at: number) => ({
          call: { response: { blocks: at % 2 === 0 ? [tool] : [], stopReason: "end" as const, complete: true } }
        })
        const of = Effect.fnUntraced(function* (name: string, all: ReadonlyArray<ArchivedCall>) {
          yield* fill(name, all)
          yield* initIn(cwd, told({ archive: name }))
          const suite = yield* loadSuite(`suites/${name}.suite.ts`, { registries, cwd })
          return [suite.graders.map(({ use }) => use), suite.checks.map(({ use }) => use)]
        })
        const schema = { type: "json_schema", schema: { type: "object" } } as const
        const json = calls(() => ({ answer: '{"a":1}', request: { responseFormat: schema } }))
        assert.deepStrictEqual(yield* of("json", json), [["jsonEqual"], ["jsonSchema"]])
        assert.deepStrictEqual(
          yield* of(
            "label",
            calls(() => ({ answer: "refund" }))
          ),
          [["exact"], []]
        )
        assert.deepStrictEqual(
          yield* of(
            "prose",
            calls(() => ({ answer: "word ".repeat(40) }))
          ),
          [["textSimilarity"], []]
        )
        assert.deepStrictEqual(
          yield* of(
            "tools",
            calls(() => response(0))
          ),
          [["toolCalls"], []]
        )
        assert.deepStrictEqual(yield* of("mixed", calls(response)), [["toolCalls", "textSimilarity"], []])
      })
    )
  )

  it.live("overwrites nothing, and says what to do", () =>
    inFolder((cwd) =>
      Effect.gen(function* () {
        yield* fill("a", calls())
        yield* Effect.promise(() => mkdir(join(cwd, "suites")))
        yield* Effect.promise(() => writeFile(join(cwd, "suites/a.suite.ts"), "mine"))
        const fault = yield* Effect.flip(initIn(cwd, told()))
        assert.strictEqual(fault.exitCode, 2)
        assert.strictEqual(fault.file, join(cwd, "suites/a.suite.ts"))
        assert.include(fault.mend, "another name")
        assert.strictEqual(yield* read(cwd, "suites/a.suite.ts"), "mine")

        yield* Effect.promise(() => writeFile(join(cwd, "understudy.config.ts"), "export default {}"))
        assert.deepStrictEqual((yield* initIn(cwd, told({ name: "b" }))).doc, { files: ["suites/b.suite.ts"] })
        assert.strictEqual(yield* read(cwd, "understudy.config.ts"), "export default {}")
      })
    )
  )

  it.live("says what it was not told, where it may not ask", () =>
    inFolder((cwd) =>
      Effect.gen(function* () {
        const said = (input: Partial<InitInput>) =>
          Effect.map(Effect.flip(initIn(cwd, told(input))), ({ message }) => message)
        assert.include(yield* said({}), "understudy import PATH")
        yield* fill("a", calls())
        assert.include(yield* said({ models: [] }), "--model NAME")
        assert.include(yield* said({ provider: undefined, models: ["mine"] }), "--provider openai | anthropic | ollama")
        assert.include(yield* said({ name: "../out" }), '"../out" cannot be the name')
        yield* fill("b", calls())
        assert.include(yield* said({}), "there are 2 archives: a, b")
      })
    )
  )

  it.live("foreign text cannot leave its literal", () =>
    inFolder((cwd) =>
      Effect.gen(function* () {
        const bad = '"\n}); process.exit(7) // \u2028*/ `'
        const labels = (at: number) => ({ [`task${bad}`]: `${at % 2}`, taskType: `${at % 3}` })
        yield* fill(
          "a",
          calls((at) => ({ request: { model: bad }, call: { labels: labels(at) } }))
        )
        yield* initIn(cwd, told({ models: [bad] }))
        const suite = yield* loadSuite("suites/a.suite.ts", { registries, cwd })
        assert.strictEqual(suite.incumbent?.model, bad)
        assert.deepStrictEqual(
          suite.setups.map(({ model }) => model),
          [bad.replaceAll(/\s*,\s*/g, ",").trim()]
        )
      })
    )
  )

  it.live("asks at a terminal: return takes what is proposed", () => {
    const keys = ["return", "return", "t", "i", "n", "y", "return", "return"]
    const typed = Effect.gen(function* () {
      const queue = yield* Queue.unbounded<Terminal.UserInput>()
      const terminal = yield* Terminal.Terminal
      const press = (name: string): Terminal.UserInput => ({
        input: name.length === 1 ? Option.some(name) : Option.none(),
        key: { name, ctrl: false, meta: false, shift: false }
      })
      yield* Queue.offerAll(queue, keys.map(press))
      return Terminal.make({ ...terminal, readInput: Effect.succeed(queue), display: () => Effect.void })
    })
    const terminal = Layer.provide(Layer.effect(Terminal.Terminal, typed), NodeServices.layer)
    return inFolder(
      (cwd) =>
        Effect.gen(function* () {
          yield* fill("support-desk", calls())
          yield* initIn(cwd, told({ ask: true, provider: undefined, models: [] }))
          const suite = yield* loadSuite("suites/support-desk.suite.ts", { registries, cwd })
          assert.deepStrictEqual(
            suite.setups.map(({ label }) => label),
            ["openai/tiny"]
          )
          assert.strictEqual(suite.cases.slice, "label:taskType")
        }),
      terminal
    )
  })
})
