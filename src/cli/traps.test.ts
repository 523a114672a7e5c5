import { createHash } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { RunResult } from "../domain/RunResult.ts"
import { type Desk, fleetEntry, makeDesk, suiteText } from "../testing/desk.ts"

/** What was said: a text, or calls of the tool `book`. */
type Said = string | ReadonlyArray<Readonly<Record<string, unknown>>>
/** What a model says to question `i` when it is asked for the `draw`-th time; `premium` at draw -1 is the archive. */
type World = (model: string, i: number, draw: number) => Said

/** A number in [0,1) that depends on the names alone. */
const chance = (...names: ReadonlyArray<string | number>) =>
  createHash("sha256").update(names.join("|")).digest().readUInt32BE(0) / 2 ** 32

const tools = [
  {
    type: "function",
    function: {
      name: "book",
      description: "Books a table.",
      parameters: { type: "object", properties: { seats: { type: "integer" } }, required: ["seats"] }
    }
  }
]

const messageOf = (said: Said) =>
  typeof said === "string"
    ? { role: "assistant", content: said }
    : {
        role: "assistant",
        content: null,
        tool_calls: said.map((args, n) => ({
          id: `call_${n}`,
          type: "function",
          function: { name: "book", arguments: JSON.stringify(args) }
        }))
      }
const completion = (model: string, said: Said) => ({
  id: "x",
  object: "chat.completion",
  created: 1,
  model,
  choices: [{ index: 0, message: messageOf(said), finish_reason: typeof said === "string" ? "stop" : "tool_calls" }],
  usage: { prompt_tokens: 50, completion_tokens: 10, total_tokens: 60 }
})

/** A host at which the models of a world answer over real HTTP. */
const hostOf = (world: World) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly url: string; close(): void }>((resume) => {
      const draws = new Map<string, number>()
      const server = createServer((request, response) => {
        let text = ""
        request.on("data", (chunk) => {
          text += String(chunk)
        })
        request.on("end", () => {
          const { messages, model } = JSON.parse(text)
          const i = Number(/question (\d+)/.exec(JSON.stringify(messages))?.[1])
          const draw = draws.get(`${model} ${i}`) ?? 0
          draws.set(`${model} ${i}`, draw + 1)
          response.writeHead(200, { "content-type": "application/json" })
          response.end(JSON.stringify(completion(model, world(model, i, draw))))
        })
      }).listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}/v1`, close: () => server.close() }))
      })
    }),
    (server) => Effect.sync(server.close)
  )

/** An archive of `calls` calls, two a session, which `premium` of the world answered. */
const archive = Effect.fnUntraced(function* (
  desk: Desk,
  world: World,
  calls: number,
  about: (i: number) => { readonly slice?: string; readonly tools?: boolean; readonly expected?: unknown }
) {
  const rows = Array.from({ length: calls }, (_, i) => ({
    id: `call-${i}`,
    call_type: "acompletion",
    status: "success",
    custom_llm_provider: "openai",
    startTime: 1_780_000_000 + 3600 * i,
    endTime: 1_780_000_001 + 3600 * i,
    model: "premium",
    model_parameters: about(i).tools === true ? { max_tokens: 64, tools } : { max_tokens: 64 },
    messages: [{ role: "user", content: `This is question ${i}.` }],
    response: completion("premium", world("premium", i, -1)),
    metadata: { session_id: `s-${Math.floor(i / 2)}`, item: `item-${i}`, slice: about(i).slice ?? "all" }
  }))
  const references = rows.flatMap((_, i) => {
    const { expected } = about(i)
    return expected === undefined ? [] : [`${JSON.stringify({ key: `item-${i}`, expected })}\n`]
  })
  yield* desk.write("references.jsonl", references.join(""))
  const file = yield* desk.write("calls.jsonl", rows.map((row) => `${JSON.stringify(row)}\n`).join(""))
  const { code, stderr } = yield* desk.run(["import", file, "--name", "desk"])
  assert.strictEqual(code, 0, stderr)
})

/** The standing of `small` after `understudy replay`, and the command's exit code. */
const standing = Effect.fnUntraced(function* (desk: Desk, url: string, over: Readonly<Record<string, unknown>>) {
  yield* desk.write("desk.suite.ts", suiteText(url, { cases: {}, providers: { fleet: fleetEntry(url) }, ...over }))
  const { code, json, stderr } = yield* desk.run(["replay", "desk.suite.ts", "--json"])
  const [first] = (json as RunResult | undefined)?.standings ?? []
  assert.isDefined(first, stderr)
  return { code, ...first! }
})

const floor = { repeats: 1 }
const references = { references: { path: "references.jsonl", key: "label:item" } }

describe("a trap that real recordings set", () => {
  it.live(
    "a tool caller as good as the original repeats the original's own calls in three quarters of the cases: references decide",
    () =>
      Effect.gen(function* () {
        // Each is right in 86 %, and wrong in its own way; the premium model says the same again.
        const world: World = (model, i) =>
          chance(model, i) < 0.86 ? [{ seats: 2 + (i % 5) }] : [{ seats: model === "premium" ? 20 : 30 }]
        const host = yield* hostOf(world)
        const desk = yield* makeDesk
        yield* archive(desk, world, 400, (i) => ({
          tools: true,
          expected: [{ name: "book", arguments: { seats: 2 + (i % 5) } }]
        }))
        const graders = [{ use: "toolCalls" }]
        const common = { graders, noiseFloor: floor, parity: { margin: 0.1 } }
        const alone = yield* standing(desk, host.url, common)
        assert.approximately(alone.gates[0]!.score, 0.75, 0.05)
        assert.strictEqual(alone.verdict, "inferior")
        const judged = yield* standing(desk, host.url, { ...common, cases: references })
        assert.deepStrictEqual([judged.verdict, judged.code, judged.gates[0]!.kind], ["parity", 0, "outcome"])
        assert.approximately(judged.gates[0]!.reference, 0.86, 0.04, "the original is graded against the reference too")
      }).pipe(Effect.scoped),
    120_000
  )

  it.live(
    "an original that is right in 59 % agrees with nobody, itself included: agreement is held to the noise floor",
    () =>
      Effect.gen(function* () {
        const world: World = (model, i, draw) =>
          chance(model, i, draw) < 0.59
            ? String(7 * i)
            : String(7 * i + 1 + Math.floor(9 * chance("off", model, i, draw)))
        const host = yield* hostOf(world)
        const desk = yield* makeDesk
        yield* archive(desk, world, 600, () => ({}))
        const graders = [{ use: "numeric" }]
        const held = yield* standing(desk, host.url, { graders, noiseFloor: floor, parity: { margin: 0.1 } })
        assert.isBelow(held.gates[0]!.reference, 0.5, "the floor")
        assert.deepStrictEqual([held.verdict, held.code], ["parity", 0])
        const unheld = yield* standing(desk, host.url, { graders, noiseFloor: "skip", parity: { margin: 0.1 } })
        assert.deepStrictEqual([unheld.verdict, unheld.code], ["inferior", 3])
      }).pipe(Effect.scoped),
    120_000
  )

  it.live(
    "a model that is perfect at single calls and fails all parallel ones is stopped by that slice, not passed by the mean",
    () =>
      Effect.gen(function* () {
        const parallel = (i: number) => Math.floor(i / 2) % 8 === 0
        const world: World = (model, i) =>
          parallel(i) && model !== "small" ? [{ seats: 2 }, { seats: 4 }, { seats: 6 }] : [{ seats: 2 }]
        const host = yield* hostOf(world)
        const desk = yield* makeDesk
        yield* archive(desk, world, 640, (i) => ({ tools: true, slice: parallel(i) ? "parallel" : "single" }))
        const { code, slices, verdict, reason } = yield* standing(desk, host.url, {
          cases: { slice: "label:slice" },
          graders: [{ use: "toolCalls" }],
          noiseFloor: floor,
          parity: { margin: 0.2 }
        })
        assert.deepStrictEqual(
          slices.map((one) => [one.slice, one.verdict]),
          [
            ["parallel", "inferior"],
            ["single", "parity"]
          ]
        )
        assert.notStrictEqual(verdict, "parity")
        assert.notStrictEqual(code, 0)
        assert.include(reason, "parallel")
      }).pipe(Effect.scoped),
    120_000
  )

  it.live(
    "one case graded and passed of one is not parity",
    () =>
      Effect.gen(function* () {
        const world: World = () => "42"
        const host = yield* hostOf(world)
        const desk = yield* makeDesk
        yield* archive(desk, world, 1, () => ({}))
        const { code, gates, verdict } = yield* standing(desk, host.url, {
          graders: [{ use: "exact" }],
          noiseFloor: floor
        })
        assert.strictEqual(gates[0]!.score, 1)
        assert.deepStrictEqual([verdict, code], ["inconclusive", 4])
      }).pipe(Effect.scoped),
    60_000
  )
})
