import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import { callsIn, mutations, othersIn, readRows, skipsIn } from "../testReading.ts"
import { cline } from "./cline.ts"

type Row = Readonly<Record<string, unknown>>
type Files = Readonly<Record<string, ReadonlyArray<unknown>>>

const folder = "/home/ana/.config/Code/User/globalStorage/saoudrizwan.claude-dev/tasks/1754000000000"
const roo = folder.replace("saoudrizwan.claude-dev", "rooveterinaryinc.roo-cline")
const t = 1_754_000_000_000

const environment =
  "<environment_details>\n# Current Working Directory (/home/ana/shop) Files\nsrc/\n</environment_details>"
const asked = (text: string): Row => ({ role: "user", content: [{ type: "text", text }] })
const said = (text: string, more: Row = {}): Row => ({
  role: "assistant",
  content: [{ type: "text", text }],
  ...more
})
const used: Row = {
  role: "assistant",
  content: [
    { type: "thinking", thinking: "Tests first.", signature: "" },
    { type: "text", text: "I run them.", call_id: "x" },
    { type: "tool_use", id: "toolu_1", name: "execute_command", input: { command: "npm test" } }
  ]
}
const result: Row = {
  role: "user",
  content: [
    {
      type: "tool_result",
      tool_use_id: "toolu_1",
      content: [{ type: "text", text: "Exit code: 0\nOutput:\n3 passed" }]
    },
    { type: "text", text: environment }
  ]
}
const history = (): ReadonlyArray<Row> => [
  {
    role: "user",
    content: [
      { type: "text", text: "<task>\nfix it\n</task>" },
      { type: "text", text: environment }
    ]
  },
  used,
  result,
  said("All green.")
]
const request = (second: number, info: Row, more: Row = {}): Row => ({
  ts: t + second * 1000,
  type: "say",
  say: "api_req_started",
  text: JSON.stringify({ request: "…", ...info }),
  ...more
})
const counts = { tokensIn: 100, tokensOut: 20, cacheWrites: 30, cacheReads: 900, cost: 0.0125 }
const notices = (): ReadonlyArray<Row> => [
  { ts: t, type: "say", say: "task", text: "fix it" },
  request(1, counts, { conversationHistoryIndex: -1 }),
  request(9, { ...counts, tokensIn: 5, cost: 0.002 }, { conversationHistoryIndex: 1 }),
  { ts: t + 12_000, type: "say", say: "completion_result", text: "done" }
]
const metadata: Row = {
  files_in_context: [],
  model_usage: [{ ts: t + 500, model_id: "claude-sonnet-4-5", model_provider_id: "anthropic", mode: "act" }],
  environment_history: [{ ts: t, cline_version: "3.40.0" }]
}
const files = (more: Files = {}, at = folder): Files => ({
  [`${at}/api_conversation_history.json`]: history(),
  [`${at}/task_metadata.json`]: [metadata],
  [`${at}/ui_messages.json`]: notices(),
  ...Object.fromEntries(Object.entries(more).map(([name, rows]) => [`${at}/${name}`, rows]))
})
const read = (of: Files) => readRows(cline, of)
const shapeOf = ({ request }: ArchivedCall) =>
  request.messages.map(
    ({ blocks, role }) =>
      `${role}:${blocks.map((block) => (block.type === "text" ? block.text : block.type)).join("+")}`
  )

describe("a task of Cline's", () => {
  it("has a call for every answer, with counts, cost and time from its user's notices", () => {
    const calls = callsIn(read(files()))
    const [first, second] = calls
    assert.strictEqual(calls.length, 2)
    assert.deepStrictEqual(first?.usage.input, {
      total: 1030,
      uncached: 100,
      cacheRead: 900,
      cacheWrite5m: 0,
      cacheWrite1h: 0,
      cacheWriteOther: 30
    })
    assert.deepStrictEqual(first?.billed, { nanoUsd: "12500000", basis: "client-estimate", billing: "unknown" })
    assert.strictEqual(second?.usage.input?.uncached, 5)
    assert.strictEqual(first?.timing.startedAt, new Date(t + 1000).toISOString())
    assert.deepStrictEqual(
      first?.response.blocks.map(({ type }) => type),
      ["thinking", "text", "tool_use"]
    )
    assert.deepStrictEqual(shapeOf(second!).slice(1), [
      "assistant:I run them.+tool_use",
      "tool:tool_result",
      `user:${environment}`
    ])
    for (const [step, call] of calls.entries()) {
      assert.strictEqual(call.request.model, "claude-sonnet-4-5")
      assert.strictEqual(call.request.provider, "anthropic")
      assert.isNull(call.request.tools)
      assert.strictEqual(call.fidelity.grade, "B")
      assert.strictEqual(call.fidelity.parts["history"], "verbatim")
      assert.strictEqual(call.grouping.stepIndex, step)
      assert.strictEqual(call.provenance.producer?.version, "3.40.0")
      assert.strictEqual(call.labels["project"], "shop")
      assert.strictEqual(call.labels["engineer"], "ana")
      assert.strictEqual(call.labels["application"], "cline")
      assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
    }
  })

  it("says how its tests went and that it came to an end", () => {
    const signals = read(files()).flatMap((one) =>
      one._tag === "Verdict" ? [[one.signal.name, one.signal.value]] : []
    )
    assert.deepStrictEqual(signals, [
      ["task_complete", true],
      ["tests", true]
    ])
  })

  it("is joined by the place in the conversation, also where a request had no answer", () => {
    const failed = request(5, { ...counts, cost: 0.5 }, { conversationHistoryIndex: 1 })
    const broken = request(6, {}, { conversationHistoryIndex: 90 })
    const [task, one, two, done] = notices()
    const found = read(files({ "ui_messages.json": [task, one, failed, two, broken, done] }))
    const [first, second, third] = callsIn(found)
    assert.strictEqual(first?.usage.input?.uncached, 100)
    assert.strictEqual(second?.usage.input?.uncached, 5)
    assert.strictEqual(third?.billed.nanoUsd, "500000000", "a request without an answer keeps its cost")
    assert.strictEqual(third?.fidelity.grade, "D")
    assert.isTrue(othersIn(found).includes("request without an answer and without counts"))
  })

  it("is joined by order where neither place nor time is noted; an uneven number is told", () => {
    const bare = notices().map(({ conversationHistoryIndex: _, ...row }) => row)
    const even = callsIn(read(files({ "ui_messages.json": bare })))
    assert.deepStrictEqual(
      even.map(({ usage }) => [usage.basis, usage.input?.uncached]),
      [
        ["reported", 100],
        ["reported", 5]
      ]
    )
    const [uneven] = callsIn(read(files({ "ui_messages.json": bare.slice(0, 2) })))
    assert.strictEqual(uneven?.usage.basis, "unreliable")
    assert.isTrue(uneven?.fidelity.notes.some((note) => note.includes("by their order")))
  })

  it("puts a request together from two notices", () => {
    const row = (second: number, info: Row) => ({ ...request(second, {}), text: JSON.stringify(info) })
    const calls = callsIn(
      read(files({ "ui_messages.json": [row(1, {}), row(4, counts), row(6, {}), row(9, { ...counts, tokensIn: 7 })] }))
    )
    assert.deepStrictEqual(
      calls.map(({ usage }) => usage.input?.uncached),
      [100, 7]
    )
  })

  it("takes counts that stand beside the answer where there is no notice", () => {
    const answer = said("Hi", {
      modelInfo: { modelId: "gpt-5", providerId: "openai-native", mode: "plan" },
      metrics: { tokens: { prompt: 10, completion: 4, cached: 6 }, cost: 0.001 }
    })
    const [call] = callsIn(read({ [`${folder}/api_conversation_history.json`]: [asked("Hello"), answer] }))
    assert.strictEqual(call?.request.model, "gpt-5")
    assert.strictEqual(call?.labels["mode"], "plan")
    assert.strictEqual(call?.usage.input?.total, 16)
    assert.strictEqual(call?.usage.basis, "derived")
    assert.strictEqual(call?.billed.nanoUsd, "1000000")
  })

  it("leaves out what the program cut from the conversation, and the results of calls that are gone", () => {
    const long = [asked("1"), said("a"), asked("2"), used, result, said("c")]
    const rows = [
      request(1, counts, { conversationHistoryIndex: -1 }),
      request(2, counts, { conversationHistoryIndex: 1 }),
      request(3, counts, { conversationHistoryIndex: 3 }),
      {
        ts: t + 3500,
        type: "say",
        say: "text",
        text: "c",
        conversationHistoryIndex: 4,
        conversationHistoryDeletedRange: [2, 3]
      }
    ]
    const edits = [[1, [0, [[0, [[t + 2900, "text", ["[NOTE] shortened"], []]]]]]]]
    const calls = callsIn(
      read(files({ "api_conversation_history.json": long, "context_history.json": [edits], "ui_messages.json": rows }))
    )
    assert.deepStrictEqual(calls.map(shapeOf), [
      ["user:1"],
      ["user:1", "assistant:a", "user:2"],
      ["user:1", "assistant:[NOTE] shortened", `user:${environment}`]
    ])
    assert.deepStrictEqual(
      calls.map(({ fidelity }) => [fidelity.grade, fidelity.parts["history"]]),
      [
        ["B", "verbatim"],
        ["B", "verbatim"],
        ["B", "reconstructed"]
      ]
    )
  })

  it("knows its own words in the model's name from an answer", () => {
    const rows = [
      asked("1"),
      said("Well\n\n[Response interrupted by user]"),
      asked("2"),
      said("Failure: I did not provide a response.")
    ]
    const [cut, none] = callsIn(read({ [`${folder}/api_conversation_history.json`]: rows }))
    assert.deepStrictEqual(cut?.response, {
      blocks: [{ type: "text", text: "Well" }],
      stopReason: "cancelled",
      complete: false
    })
    assert.strictEqual(none?.response.error?.type, "empty_answer")
  })

  it("holds no cost where it notes 0, and no counts where it notes nothing else", () => {
    const zero = { tokensIn: 0, tokensOut: 0, cacheWrites: 0, cacheReads: 0, cost: 0 }
    const [call] = callsIn(read(files({ "ui_messages.json": [request(1, zero, { conversationHistoryIndex: -1 })] })))
    assert.isNull(call?.billed.nanoUsd)
    assert.isNull(call?.usage.input)
  })

  it("is C where a message before the answer cannot be read", () => {
    const rows = [asked("1"), { role: "bystander", content: "?" }, said("a")]
    const [call] = callsIn(read({ [`${folder}/api_conversation_history.json`]: rows }))
    assert.strictEqual(call?.fidelity.grade, "C")
    assert.strictEqual(call?.fidelity.parts["history"], "partial")
  })

  it("has its notices read under any name: their counts alone", () => {
    const found = readRows(cline, { "/tmp/notices.json": notices() })
    assert.isTrue(cline.sniff({ file: "/tmp/notices.json", first: notices() }))
    assert.deepStrictEqual(
      callsIn(found).map(({ fidelity, usage }) => [fidelity.grade, usage.input?.uncached]),
      [
        ["D", 100],
        ["D", 5]
      ]
    )
  })

  it("is settled when the next task's folder comes, and at the end", () => {
    const other = folder.replace("1754000000000", "1754000000001")
    const calls = callsIn(read({ ...files(), ...files({}, other) }))
    assert.deepStrictEqual(
      calls.map(({ grouping }) => grouping.sessionId),
      ["1754000000000", "1754000000000", "1754000000001", "1754000000001"]
    )
    assert.strictEqual(new Set(calls.map(({ id }) => id)).size, 4)
  })

  it("is known by the names of its files", () => {
    for (const [file, first] of Object.entries(files())) assert.isTrue(cline.sniff({ file, first }), file)
    assert.isFalse(cline.sniff({ file: `${folder}/history.json`, first: history() }))
    assert.isFalse(cline.sniff({ file: `${folder}/ui_messages.json`, first: [{ a: 1 }] }))
  })

  it("whatever is in it, is read or skipped, never a crash", () => {
    const all = files({ "context_history.json": [[[1, [0, [[0, [[t, "text", ["x"], []]]]]]]]] })
    for (const one of mutations(all, 600, 3)) {
      const rows = Object.fromEntries(
        Object.entries(one ?? {}).map(([file, list]) => [file, Array.isArray(list) ? list : [list]])
      )
      read(rows)
    }
    assert.deepStrictEqual(skipsIn(read({ [`${folder}/ui_messages.json`]: [7] })), ["not a JSON object"])
  })
})

describe("a task of Roo Code's", () => {
  const protocol = (apiProtocol: string, more: Row = {}) => {
    const [call] = callsIn(
      read(files({ "ui_messages.json": [request(1, { ...counts, apiProtocol, ...more }), request(9, counts)] }, roo))
    )
    return [call?.usage.basis, call?.usage.input?.total, call?.usage.input?.uncached]
  }

  it("counts cached tokens inside the input, but for older ones on Anthropic's wire", () => {
    assert.deepStrictEqual(protocol("openai", { tokensIn: 1000 }), ["reported", 1000, 70])
    assert.deepStrictEqual(protocol("anthropic", { tokensIn: 1000 }), ["derived", 1000, 70])
    assert.deepStrictEqual(protocol("anthropic", { tokensIn: 100 }), ["derived", 1030, 100])
  })

  it("leaves out what a summary stands for, once it is there; its model is told in the conversation", () => {
    const told = `<environment_details>\n# Current Workspace Directory (/home/ana/shop) Files\n<model>openai/gpt-5</model>\n</environment_details>`
    const rows = [
      { ...asked("1"), ts: t, condenseParent: "s" },
      { ...said("a"), ts: t + 1, condenseParent: "s" },
      { ...said("Summary"), role: "user", ts: t + 2, isSummary: true, condenseId: "s" },
      { role: "user", ts: t + 3, content: [{ type: "text", text: told }] },
      { role: "assistant", type: "reasoning", encrypted_content: "enc", summary: [], ts: t + 4 },
      { ...said("b"), ts: t + 4 }
    ]
    const calls = callsIn(read({ [`${roo}/api_conversation_history.json`]: rows }))
    assert.deepStrictEqual(calls.map(shapeOf), [["user:1"], ["user:Summary", `user:${told}`]])
    assert.strictEqual(calls[1]?.request.model, "openai/gpt-5")
    assert.strictEqual(calls[1]?.response.blocks[0]?.type, "thinking")
    assert.strictEqual(calls[1]?.labels["application"], "roo-code")
  })

  it("in its second form is named, not read", () => {
    assert.deepStrictEqual(
      skipsIn(read({ [`${roo}/api_conversation_history.json`]: [{ version: 2, messages: [] }] })),
      ["a conversation in the form of version 2, which is not read"]
    )
  })
})
