import { mkdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"

import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import { importers } from "../archive/registry.ts"
import { nameSlices } from "../archive/slices/file.ts"
import { templateOf } from "../archive/slices/template.ts"
import { checks } from "../checks/registry.ts"
import { strategies } from "../climb/registry.ts"
import type { ArchivedCall } from "../domain/Call.ts"
import { graders } from "../graders/registry.ts"
import { providers } from "../providers/registry.ts"
import { Archives } from "../store/Archives.ts"
import { stores } from "../store/stores.ts"
import { loadSuite } from "../suite/load.ts"
import { archivedCall, userMessage } from "../testing/archivedCall.ts"
import { temporaryFolder } from "../testing/folder.ts"
import { casesOf } from "./cases.ts"
import { initIn } from "./init.ts"

const registries = { graders, checks, providers, importers, strategies }
const model = "gpt-4o-2024-08-06"
const digits = "abcdefghij"
const word = (n: number) => [...`${n}`].map((digit) => digits[Number(digit)]).join("")

/** Thirty calls of each of two tasks; of each task three ask the same of another number. */
const calls: ReadonlyArray<ArchivedCall> = Array.from({ length: 60 }, (_, at) => {
  const data = at < 6 ? `order ${at} is late` : `${word(at)} is here`
  return archivedCall(`call-${at}`, {
    messages: [userMessage(`${at % 2 === 0 ? "Classify this ticket:" : "Write an answer to the customer:"} ${data}`)],
    call: { grouping: { attempt: 0, sessionId: `session-${at}` }, labels: {} }
  })
})

const inFolder = <A, E>(
  test: (
    cwd: string
  ) => Effect.Effect<A, E, Archives | Layer.Success<ReturnType<typeof stores>> | NodeServices.NodeServices>
) =>
  Effect.gen(function* () {
    const cwd = yield* temporaryFolder
    const writer = Effect.gen(function* () {
      const into = yield* (yield* Archives).writer("desk")
      yield* into.add(calls.map((call) => ({ call, dedupeKey: call.id, rank: 0, template: templateOf(call) })))
      yield* into.commit
    }).pipe(Effect.scoped)
    return yield* Effect.provide(
      Effect.andThen(writer, test(cwd)),
      Layer.merge(stores(join(cwd, ".understudy")), NodeServices.layer)
    )
  }).pipe(Effect.scoped)

let suites = 0

const suiteOf = Effect.fnUntraced(function* (cwd: string, cases: string) {
  suites += 1 // a module is loaded once
  const file = `suites/mine-${suites}.suite.ts`
  const text = `export default {
    name: "mine", archive: { name: "desk" }, cases: ${cases},
    setups: [{ provider: "openai", models: "small" }], graders: [{ use: "exact" }]
  }`
  yield* Effect.promise(async () => {
    await mkdir(join(cwd, "suites"), { recursive: true })
    await writeFile(join(cwd, file), text)
  })
  return yield* loadSuite(file, { registries, cwd })
})

const casesIn = Effect.fnUntraced(function* (cwd: string, cases: string, narrowing = {}) {
  const suite = yield* suiteOf(cwd, cases)
  return yield* casesOf(suite, yield* (yield* Archives).rows("desk"), model, narrowing)
})

describe("the cases of a suite", { timeout: 180_000 }, () => {
  it.live("are sliced by the templates of their prompts, which the flags then know", () =>
    inFolder((cwd) =>
      Effect.gen(function* () {
        yield* nameSlices("desk")
        const { rows } = yield* casesIn(cwd, '{ slice: "template" }')
        const counts = Map.groupBy(rows, ({ slice }) => slice)
        assert.deepStrictEqual([...counts].map(([slice, some]) => [slice, some.length]).sort(), [
          ["classify-this-ticket", 30],
          ["write-an-answer-to-the", 30]
        ])
        const narrowed = yield* casesIn(cwd, '{ slice: "template" }', { slices: ["classify-this-ticket"] })
        assert.strictEqual(narrowed.rows.length, 30)
      })
    )
  )

  it.live("are not sliced by templates that nobody has named", () =>
    inFolder((cwd) =>
      Effect.gen(function* () {
        yield* nameSlices("desk")
        yield* Effect.promise(() => rm(join(cwd, ".understudy/archive/desk/slices.json")))
        const fault = yield* Effect.flip(casesIn(cwd, '{ slice: "template" }'))
        assert.strictEqual(fault.kind, "input")
        assert.match(fault.message, /mine-\d+\.suite\.ts: cases\.slice: the archive "desk" has no slices\.json/)
      })
    )
  )

  it.live("take nearly equal prompts once with the weight of all", () =>
    inFolder((cwd) =>
      Effect.gen(function* () {
        yield* nameSlices("desk")
        const cases =
          '{ slice: "template", sample: { size: 1000, by: ["slice", "time", "cost"], nearDuplicates: "once" } }'
        const { left, rows } = yield* casesIn(cwd, cases)
        assert.strictEqual(rows.length, 56)
        assert.deepStrictEqual(left, { "near-duplicate of another": 4 })
        assert.deepStrictEqual(
          rows.map(({ weight }) => weight).filter((weight) => weight !== 1),
          [3, 3]
        )
        const all = yield* casesIn(cwd, '{ slice: "template", sample: { size: 1000 } }')
        assert.strictEqual(all.rows.length, 60)
      })
    )
  )

  it.live("are sliced by templates in a first suite where no label tells the task", () =>
    inFolder((cwd) =>
      Effect.gen(function* () {
        yield* nameSlices("desk")
        yield* initIn(cwd, { name: undefined, archive: undefined, provider: "openai", models: ["small"], ask: false })
        const suite = yield* loadSuite("suites/desk.suite.ts", { registries, cwd })
        assert.strictEqual(suite.cases.slice, "template")
      })
    )
  )
})
