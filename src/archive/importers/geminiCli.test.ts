import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import { callsIn, mutations, othersIn, readRows, skipsIn } from "../testReading.ts"
import { geminiCliUsage } from "./geminiCli/call.ts"
import { geminiCli } from "./geminiCli.ts"

type Row = Readonly<Record<string, unknown>>

const file = "/home/ana/.gemini/tmp/shop/chats/session-2026-08-01T09-00-11111111.jsonl"
const head = (more: Row = {}): Row => ({
  sessionId: "11111111-0000",
  projectHash: "ph",
  startTime: "2026-08-01T09:00:00.000Z",
  lastUpdated: "2026-08-01T09:00:00.000Z",
  ...more
})
const at = (second: number) => new Date(Date.UTC(2026, 7, 1, 9, 0, second)).toISOString()
const user = (id: string, text: string, second: number): Row => ({
  id,
  timestamp: at(second),
  type: "user",
  content: [{ text }]
})
const tool = (id: string, more: Row = {}): Row => ({
  id,
  name: "run_shell_command",
  args: { command: "npm test" },
  result: [
    {
      functionResponse: {
        id,
        name: "run_shell_command",
        response: { output: "Command: npm test\nOutput: 3 passed\nError: (none)\nExit Code: 0\nSignal: (none)" }
      }
    }
  ],
  status: "success",
  timestamp: at(9),
  ...more
})
const tokens = (input: number, output: number, more: Row = {}): Row => ({
  input,
  output,
  cached: 0,
  thoughts: 0,
  tool: 0,
  total: input + output,
  ...more
})
const gemini = (id: string, content: unknown, second: number, more: Row = {}): Row => ({
  id,
  timestamp: at(second),
  type: "gemini",
  content,
  model: "gemini-3-pro",
  thoughts: [],
  tokens: tokens(100, 10),
  ...more
})
const document = (): Row =>
  head({
    messages: [
      { id: "i1", type: "info", timestamp: at(0), content: "update available" },
      user("u1", "Run the tests", 1),
      gemini("g1", "Running them.", 4, {
        thoughts: [{ subject: "Plan", description: "run npm test", timestamp: at(3) }],
        toolCalls: [tool("c1")],
        tokens: tokens(900, 20, { cached: 500, thoughts: 30, total: 950 })
      }),
      gemini("g2", "All green.", 12)
    ]
  })
const lines = (): ReadonlyArray<Row> => {
  const [, ...messages] = document()["messages"] as ReadonlyArray<Row>
  return [head(), ...messages, { $set: { lastUpdated: at(20) } }]
}
const read = (...rows: ReadonlyArray<unknown>) => readRows(geminiCli, { [file]: rows })
const shapeOf = ({ request }: ArchivedCall) =>
  request.messages.map(
    ({ blocks, role }) =>
      `${role}:${blocks.map((block) => (block.type === "text" ? block.text : block.type)).join("+")}`
  )

describe("a session of Gemini CLI", () => {
  it("has a call for every record of the model, with the conversation before it", () => {
    const [first, second, ...rest] = callsIn(read(document()))
    assert.deepStrictEqual(rest, [])
    assert.deepStrictEqual(shapeOf(first!), ["user:Run the tests"])
    assert.deepStrictEqual(shapeOf(second!), [
      "user:Run the tests",
      "assistant:Running them.+tool_use",
      "tool:tool_result"
    ])
    assert.strictEqual(second!.request.messages[0], first!.request.messages[0], "history is shared, not copied")
    assert.deepStrictEqual(
      first!.response.blocks.map(({ type }) => type),
      ["thinking", "text", "tool_use"]
    )
    assert.strictEqual(first!.response.stopReason, "tool_use")
    for (const call of [first!, second!]) {
      assert.strictEqual(call.request.model, "gemini-3-pro")
      assert.isNull(call.request.tools)
      assert.strictEqual(call.fidelity.grade, "B")
      assert.strictEqual(call.fidelity.parts["history"], "reconstructed")
      assert.strictEqual(call.grouping.trajectoryId, "11111111-0000")
      assert.strictEqual(call.labels["project"], "shop")
      assert.strictEqual(call.labels["projectHash"], "ph")
      assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
    }
    assert.strictEqual(second!.grouping.stepIndex, 1)
    assert.strictEqual(first!.timing.startedAt, at(1))
    assert.strictEqual(first!.timing.latencyMs, 3000)
    assert.strictEqual(second!.timing.startedAt, at(9), "it was asked when the tool had run")
  })

  it("reads the same from lines as from a document, and each call once", () => {
    const [old, now] = [read(document()), read(...lines())]
    const keys = (found: typeof old) => found.flatMap((one) => (one._tag === "Call" ? [one.dedupeKey] : []))
    assert.deepStrictEqual(keys(now), keys(old))
    assert.deepStrictEqual(
      callsIn(now).map(({ request, response, usage }) => ({ request, response, usage })),
      callsIn(old).map(({ request, response, usage }) => ({ request, response, usage }))
    )
  })

  it("says how tests went that the model ran", () => {
    const verdicts = read(document()).filter(({ _tag }) => _tag === "Verdict")
    assert.deepStrictEqual(verdicts, [
      {
        _tag: "Verdict",
        of: "11111111-0000",
        signal: { name: "tests", value: true, source: "test", scope: "trajectory", comment: "npm test", at: at(9) }
      }
    ])
  })

  it("takes a later record of the same id for the fuller one", () => {
    const session = geminiCli.start({})
    const reader = session.open(file)
    const feed = (json: unknown, line: number) => reader.line({ line, json })
    feed(head(), 1)
    feed(user("u1", "Hi", 1), 2)
    feed(gemini("g1", "Hello.", 2, { tokens: null }), 3)
    const early = reader.end()
    feed(gemini("g1", "Hello.", 2, { toolCalls: [tool("c1")] }), 4)
    const late = reader.end()
    const ranks = [...early, ...late].flatMap((one) => (one._tag === "Call" ? [one.rank ?? 0] : []))
    assert.strictEqual(callsIn(early).length, 1)
    assert.strictEqual(callsIn(late).length, 1)
    assert.isTrue(ranks[1]! > ranks[0]!)
    assert.strictEqual(callsIn(early)[0]?.id, callsIn(late)[0]?.id)
    assert.deepStrictEqual(reader.end(), [], "what has not changed is not given again")
  })

  it("keeps what was rewound: it was paid for; what comes after is a branch", () => {
    const calls = callsIn(
      read(
        head(),
        user("u1", "One", 1),
        gemini("g1", "1", 2),
        user("u2", "Two", 3),
        gemini("g2", "2", 4),
        { $rewindTo: "u2" },
        user("u3", "Three", 5),
        gemini("g3", "3", 6)
      )
    )
    assert.deepStrictEqual(calls.map(shapeOf), [
      ["user:One"],
      ["user:One", "assistant:1", "user:Two"],
      ["user:One", "assistant:1", "user:Three"]
    ])
    assert.deepStrictEqual(
      calls.map(({ grouping }) => [grouping.trajectoryId, grouping.stepIndex, grouping.branch]),
      [
        ["11111111-0000", 0, undefined],
        ["11111111-0000", 1, undefined],
        ["11111111-0000/1", 0, "1"]
      ]
    )
  })

  it("goes on from what the program rewrote, and leaves the calls before as they were", () => {
    const found = read(
      head(),
      user("u1", "A long story", 1),
      gemini("g1", "Yes?", 2),
      {
        $set: {
          messages: [
            { id: "s1", timestamp: at(3), type: "user", content: [{ text: "Summary so far" }] },
            { id: "s2", timestamp: at(3), type: "gemini", content: [{ text: "Got it." }] }
          ]
        }
      },
      user("u2", "Go on", 4),
      gemini("g2", "Done.", 5)
    )
    assert.deepStrictEqual(callsIn(found).map(shapeOf), [
      ["user:A long story"],
      ["user:Summary so far", "assistant:Got it.", "user:Go on"]
    ])
    assert.strictEqual(callsIn(found)[1]?.request.messages[1]?.injectedBy, "harness")
    assert.isTrue(othersIn(found).includes("rewritten conversation"))
  })

  it("does not tell a tool's result twice where it has a record of its own", () => {
    const result = (tool("c1")["result"] as ReadonlyArray<unknown>)[0]
    const calls = callsIn(
      read(
        head(),
        user("u1", "Hi", 1),
        gemini("g1", "", 2, { toolCalls: [tool("c1")] }),
        { id: "r1", timestamp: at(9), type: "user", content: [result] },
        gemini("g2", "Done.", 12)
      )
    )
    assert.deepStrictEqual(shapeOf(calls[1]!), ["user:Hi", "assistant:tool_use", "tool:tool_result"])
    assert.isUndefined(calls[0]?.timing.latencyMs, "a record of tools alone was written when they had run")
  })

  it("of a sub-agent names its parent", () => {
    const sub = "/home/ana/.gemini/tmp/shop/chats/parent-1/sub-1.jsonl"
    const [call] = callsIn(
      readRows(geminiCli, { [sub]: [head({ kind: "subagent" }), user("u", "Hi", 1), gemini("g", "Yo", 2)] })
    )
    assert.strictEqual(call?.grouping.agentRole, "subagent")
    assert.strictEqual(call?.grouping.parentTrajectoryId, "parent-1")
  })

  it("is told from others by its head, its updates or its answers", () => {
    for (const first of [[document()], lines(), [{ $rewindTo: "x" }], [{ messages: [gemini("g", "", 1)] }]])
      assert.isTrue(geminiCli.sniff({ file, first }))
    assert.isFalse(geminiCli.sniff({ file, first: [{ sessionId: "s", type: "user", uuid: "u", parentUuid: null }] }))
  })

  it("whatever is in it, is read or skipped, never a crash", () => {
    for (const row of mutations(document(), 400, 7)) read(row)
    for (const rows of mutations(lines(), 400, 11)) read(...(Array.isArray(rows) ? rows : [rows]))
    assert.deepStrictEqual(skipsIn(read(7, document()["messages"])), ["not a JSON object", "not a JSON object"])
  })
})

describe("its counts of tokens", () => {
  const sides = (raw: unknown) => {
    const { basis, input, output } = geminiCliUsage(raw)
    return [basis, input?.total, input?.uncached, input?.cacheRead, output?.total, output?.text, output?.reasoning]
  }

  it("have cached input inside the prompt or beside it: the total tells", () => {
    const raw = { input: 900, output: 20, cached: 500, thoughts: 30, tool: 0 }
    assert.deepStrictEqual(sides({ ...raw, total: 950 }), ["reported", 900, 400, 500, 50, 20, 30])
    assert.deepStrictEqual(sides({ ...raw, total: 1450 }), ["reported", 1400, 900, 500, 50, 20, 30])
  })

  it("have thoughts beside the output and tool use beside the prompt", () => {
    assert.deepStrictEqual(sides({ input: 100, output: 10, cached: 0, thoughts: 5, tool: 7, total: 122 }), [
      "reported",
      107,
      107,
      0,
      15,
      10,
      5
    ])
  })

  it("that are all 0 were not reported", () => {
    const { input, output } = geminiCliUsage({ input: 0, output: 0, cached: 0, total: 0 })
    assert.isNull(input)
    assert.isNull(output)
  })
})
