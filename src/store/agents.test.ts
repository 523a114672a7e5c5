import { stat } from "node:fs/promises"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { ArchivedCall } from "../domain/Call.ts"
import type { Message } from "../domain/Message.ts"
import { archivedCall, userMessage } from "../testing/archivedCall.ts"
import { Archives } from "./Archives.ts"
import { importAll, inHome, loadAll } from "./inHome.testing.ts"

const assistant = (text: string): Message => ({ role: "assistant", blocks: [{ type: "text", text }] })

/** A run of an agent: each call sends all that was said before, and one thing more. */
const run = (name: string, steps: number, given: (step: number) => Partial<ArchivedCall> = () => ({})) => {
  const said: Array<Message> = [{ role: "system", blocks: [{ type: "text", text: `You are ${name}.` }] }]
  return Array.from({ length: steps }, (_, step): ArchivedCall => {
    said.push(userMessage(`${name}, do ${step}`))
    const call = archivedCall(`${name}-${step}`, {
      messages: [...said],
      answer: `${name} did ${step}`,
      call: {
        timing: { startedAt: new Date(Date.UTC(2026, 4, 1) + step * 1000).toISOString(), basis: "reported" },
        grouping: { sessionId: name, attempt: 0 },
        usage: {
          basis: "reported",
          input: input(100 + step * 50),
          output: { total: 20, text: 15, reasoning: 5 }
        },
        ...given(step)
      }
    })
    said.push(assistant(`${name} did ${step}`))
    return call
  })
}
const input = (total: number) => ({
  total,
  uncached: total,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  cacheWriteOther: 0
})

/** A copy that shares no object, as one that is parsed from a log. */
const parsed = <A>(value: A): A => JSON.parse(JSON.stringify(value)) as A

const sizes = (root: string, name: string) =>
  Effect.promise(async () => {
    const sizeOf = async (file: string) => (await stat(join(root, "archive", name, file))).size
    return (await sizeOf("calls.jsonl")) + (await sizeOf("messages.jsonl")) + (await sizeOf("derived.jsonl"))
  })

describe("histories of agents", { timeout: 180_000 }, () => {
  it.effect("take linear room however long they get, and come back whole", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const [short, long] = [run("short", 60), run("long", 240)]
        yield* importAll("short", parsed(short))
        yield* importAll("long", parsed(long))
        assert.isBelow((yield* sizes(root, "long")) / (yield* sizes(root, "short")), 4.6)
        const ids = [0, 7, 8, 15, 16, 17, 100, 239].map((step) => `long-${step}`)
        const loaded = yield* loadAll("long", ids)
        assert.deepStrictEqual(
          loaded.map((call) => call.request.messages),
          ids.map((id) => long.find((call) => call.id === id)!.request.messages)
        )
        const rows = yield* (yield* Archives).rows("long")
        assert.strictEqual(new Set(rows.map((row) => row.requestDigest)).size, 240)
      })
    )
  )

  it.effect("have the same digests whether their messages are shared objects or parsed ones", () =>
    inHome(() =>
      Effect.gen(function* () {
        const calls = run("a", 40)
        yield* importAll("shared", calls)
        yield* importAll("parsed", calls.map(parsed))
        const digests = (name: string) =>
          Effect.flatMap(Archives, (archives) =>
            archives.query(
              name,
              "SELECT id, requestDigest, questionDigest, contentDigest, historyHash FROM calls ORDER BY id"
            )
          )
        assert.deepStrictEqual(yield* digests("shared"), yield* digests("parsed"))
      })
    )
  )

  it.effect("take linear time where messages are shared: 2,000 calls with up to 4,000 messages", () =>
    inHome(() =>
      Effect.gen(function* () {
        const calls = run("patient", 2000)
        const before = performance.now()
        yield* importAll("patient", calls)
        assert.isBelow(performance.now() - before, 40_000)
        const [row] = yield* (yield* Archives).query("patient", "SELECT max(stepIndex) AS last FROM calls")
        assert.deepStrictEqual(row, { last: 1999 })
      })
    )
  )

  it.effect("a long tool set stands once, whatever calls offer it", () =>
    inHome((root) =>
      Effect.gen(function* () {
        const tools = Array.from({ length: 30 }, (_, at) => ({
          name: `tool-${at}`,
          description: "What it does. ".repeat(20),
          inputSchema: { type: "object", properties: { z: { type: "string" }, a: { type: "number" } } },
          kind: "function" as const,
          basis: "recorded" as const
        }))
        const calls = run("a", 20).map((call) => ({ ...call, request: { ...call.request, tools: parsed(tools) } }))
        yield* importAll("tools", calls)
        assert.isBelow(yield* sizes(root, "tools"), 60_000)
        const [call] = yield* loadAll("tools", ["a-9"])
        assert.strictEqual(JSON.stringify(call!.request.tools), JSON.stringify(tools), "letter by letter")
      })
    )
  )

  it.effect("foreign JSON keeps the order of its keys, in messages and in answers", () =>
    inHome(() =>
      Effect.gen(function* () {
        const use = (id: string) => ({
          type: "tool_use" as const,
          id,
          name: "f",
          input: { z: 1, a: { y: [], b: null } },
          kind: "function" as const
        })
        const base = archivedCall("a", { messages: [{ role: "assistant", blocks: [use("1")] }] })
        const call = { ...base, response: { ...base.response, blocks: [use("2")] } }
        yield* importAll("order", [call])
        const [loaded] = yield* loadAll("order", ["a"])
        assert.strictEqual(
          JSON.stringify(
            [loaded!.request.messages[0]!.blocks[0], loaded!.response.blocks[0]].map(
              (block) => block && "input" in block && block.input
            )
          ),
          JSON.stringify([use("1").input, use("2").input])
        )
      })
    )
  )
})

describe("structure", { timeout: 180_000 }, () => {
  const structure = (name: string) =>
    Effect.flatMap(Archives, (archives) =>
      archives.query(
        name,
        `SELECT id, trajectoryId, stepIndex, branch, parentCallId, parentTrajectoryId, structure, promptTokens, contextTokens, sourceBasis
         FROM calls ORDER BY id`
      )
    )

  it.effect("is found at the commit, and told by rows and by the loaded call", () =>
    inHome(() =>
      Effect.gen(function* () {
        const calls = run("a", 3)
        yield* importAll("found", calls)
        const at = (step: number, prompt: number, context: number) => ({
          id: `a-${step}`,
          trajectoryId: "t-a-0",
          stepIndex: step,
          branch: null,
          parentCallId: step === 0 ? null : `a-${step - 1}`,
          parentTrajectoryId: null,
          structure: "derived",
          promptTokens: prompt,
          contextTokens: context,
          sourceBasis: "derived"
        })
        // 100 in and 15 of text out are the context of the second, whose input is 150; then 150 + 15 of 200.
        assert.deepStrictEqual(yield* structure("found"), [at(0, 100, 0), at(1, 35, 115), at(2, 35, 165)])
        const [row] = (yield* (yield* Archives).rows("found")).filter(({ id }) => id === "a-2")
        assert.deepStrictEqual(row?.usage.inputBySource, { prompt: 35, context: 165, basis: "derived" })
        const [loaded] = yield* loadAll("found", ["a-2"])
        assert.deepStrictEqual(loaded?.usage.inputBySource, { prompt: 35, context: 165, basis: "derived" })
        assert.deepStrictEqual(loaded?.grouping, {
          sessionId: "a",
          attempt: 0,
          trajectoryId: "t-a-0",
          stepIndex: 2,
          parentCallId: "a-1"
        })
      })
    )
  )

  it.effect("is the same in whatever order and in however many imports the calls come", () =>
    inHome(() =>
      Effect.gen(function* () {
        const main = run("a", 20)
        // Asked again from the fifth step on, and one call of another session.
        const { request } = main[5]!
        const again = {
          ...main[5]!,
          id: "again",
          request: { ...request, messages: [...request.messages.slice(0, -1), userMessage("something else")] },
          timing: main[9]!.timing
        }
        const calls = [...main, again, ...run("b", 2)]
        yield* importAll("once", calls)
        for (const call of [...calls].reverse()) yield* importAll("backwards", [parsed(call)])
        const once = yield* structure("once")
        assert.deepStrictEqual(yield* structure("backwards"), once)
        const branch = once.find((row) => row["id"] === "again")
        assert.deepInclude(branch, {
          trajectoryId: "t-again",
          branch: "4.1",
          parentTrajectoryId: "t-a-0",
          parentCallId: "a-4"
        })
        const ids = calls.map(({ id }) => id)
        assert.deepStrictEqual(yield* loadAll("backwards", ids), yield* loadAll("once", ids))
      })
    )
  )

  it.effect("a mark for the provider's cache that moves along does not part a call from what it goes on from", () =>
    inHome(() =>
      Effect.gen(function* () {
        const marked = run("a", 4).map((call) => {
          const [last, ...before] = [...call.request.messages].reverse()
          const blocks = last!.blocks.map((block) => ({ ...block, cacheControl: { ttl: "5m" as const } }))
          return { ...call, request: { ...call.request, messages: [...before.reverse(), { ...last!, blocks }] } }
        })
        yield* importAll("marked", marked)
        assert.deepStrictEqual(
          (yield* structure("marked")).map((row) => row["stepIndex"]),
          [0, 1, 2, 3]
        )
      })
    )
  )

  it.effect("what the log told stays as it was told", () =>
    inHome(() =>
      Effect.gen(function* () {
        const told = { sessionId: "a", attempt: 0, trajectoryId: "run-1", stepIndex: 7, branch: "own" }
        yield* importAll(
          "told",
          run("a", 3, (step) => (step === 1 ? { grouping: told } : {}))
        )
        const [first, second, third] = yield* structure("told")
        assert.deepInclude(second, {
          trajectoryId: "run-1",
          stepIndex: 7,
          branch: "own",
          structure: "told",
          parentCallId: "a-0"
        })
        assert.deepInclude(third, { trajectoryId: "run-1", stepIndex: 8, structure: "derived", parentCallId: "a-1" })
        assert.deepInclude(first, { trajectoryId: "t-a-0", stepIndex: 0 })
        const [loaded] = yield* loadAll("told", ["a-1"])
        assert.deepStrictEqual(loaded!.grouping, { ...told, parentCallId: "a-0" })
      })
    )
  )

  it.effect("prompt and context add up to the input, always; unknown stays unknown", () =>
    inHome(() =>
      Effect.gen(function* () {
        const bare = (id: string, messages: ReadonlyArray<Message>, total: number | null) =>
          archivedCall(id, {
            messages,
            call: {
              grouping: { attempt: 0 },
              usage: { basis: "reported", input: total === null ? null : input(total), output: null }
            }
          })
        const history = [userMessage("x".repeat(300)), assistant("y".repeat(100)), userMessage("z".repeat(200))]
        yield* importAll("sources", [
          bare("estimated", history, 1001),
          bare("first", [userMessage("hi")], 7),
          bare("answered", [userMessage("hi"), assistant("ho")], 9),
          bare("empty", [], 8),
          bare("unknown", history, null)
        ])
        const rows = yield* (yield* Archives).query(
          "sources",
          "SELECT id, inputTokens, promptTokens, contextTokens, sourceBasis FROM calls ORDER BY id"
        )
        const of = (id: string) => rows.find((row) => row["id"] === id)!
        assert.deepInclude(of("first"), { promptTokens: 7, contextTokens: 0, sourceBasis: "derived" })
        assert.deepInclude(of("answered"), { promptTokens: 0, contextTokens: 9, sourceBasis: "estimated" })
        assert.deepInclude(of("empty"), { promptTokens: null, contextTokens: null, sourceBasis: null })
        assert.deepInclude(of("unknown"), { promptTokens: null, contextTokens: null, sourceBasis: null })
        const share = Number(of("estimated")["contextTokens"]) / 1001
        assert.isTrue(share > 0.6 && share < 0.72, `400 of 600 letters, and some around them: ${share}`)
        assert.strictEqual(Number(of("estimated")["promptTokens"]) + Number(of("estimated")["contextTokens"]), 1001)
      })
    )
  )
})
