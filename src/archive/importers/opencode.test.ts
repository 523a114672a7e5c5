import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import { callsIn, mutations, othersIn, readRows, skipsIn } from "../testReading.ts"
import { opencodeUsage } from "./opencode/call.ts"
import { opencode } from "./opencode.ts"

type Row = Readonly<Record<string, unknown>>

const t = 1_767_225_600_000
const file = "session.json"
const user = (id: string, at: number, text: string, more: Row = {}): Row => ({
  info: { id, sessionID: "ses_1", role: "user", time: { created: t + at }, agent: "build", ...more },
  parts: [{ id: `prt_${id}`, messageID: id, sessionID: "ses_1", type: "text", text }]
})
const part = (id: string, messageID: string, type: string, more: Row = {}): Row => ({
  id: `prt_${id}`,
  messageID,
  sessionID: "ses_1",
  type,
  ...more
})
const tokens = (input: number, output: number, more: Row = {}): Row => ({
  input,
  output,
  reasoning: 0,
  cache: { read: 0, write: 0 },
  ...more
})
const finish = (id: string, messageID: string, reason: string, more: Row = {}): Row =>
  part(id, messageID, "step-finish", { reason, cost: 0.002, tokens: tokens(10, 5), ...more })
const tool = (id: string, messageID: string, more: Row = {}): Row =>
  part(id, messageID, "tool", {
    callID: `call_${id}`,
    tool: "bash",
    state: {
      status: "completed",
      input: { command: "npm test" },
      output: "3 passed",
      title: "npm test",
      metadata: { exit: 0 },
      time: { start: t + 2000, end: t + 4000 },
      ...more
    }
  })
const assistant = (id: string, at: number, parts: ReadonlyArray<Row>, more: Row = {}): Row => ({
  info: {
    id,
    sessionID: "ses_1",
    role: "assistant",
    parentID: "msg_1",
    providerID: "anthropic",
    modelID: "claude-sonnet-4-5",
    mode: "build",
    time: { created: t + at, completed: t + at + 9000 },
    cost: 0,
    tokens: tokens(0, 0),
    ...more
  },
  parts
})
const answer = () =>
  assistant("msg_2", 1000, [
    part("21", "msg_2", "step-start"),
    part("22", "msg_2", "reasoning", { text: "Tests first.", time: { start: t + 1500, end: t + 1900 } }),
    tool("23", "msg_2"),
    finish("24", "msg_2", "tool-calls", {
      tokens: tokens(127, 96, { reasoning: 103, total: 8006, cache: { read: 7680, write: 0 } })
    }),
    part("25", "msg_2", "step-start"),
    part("26", "msg_2", "text", { text: "All green.", time: { start: t + 5000, end: t + 6000 } }),
    finish("27", "msg_2", "stop")
  ])
const info: Row = { id: "ses_1", projectID: "p1", directory: "/home/ana/shop", version: "1.2.21", time: { created: t } }
const session = (...messages: ReadonlyArray<Row>): Row => ({
  info,
  messages: messages.length === 0 ? [user("msg_1", 0, "Run the tests"), answer()] : messages
})
const read = (...rows: ReadonlyArray<unknown>) => readRows(opencode, { [file]: rows })
const shapeOf = ({ request }: ArchivedCall) =>
  request.messages.map(
    ({ blocks, role }) =>
      `${role}:${blocks
        .map((block) =>
          block.type === "text"
            ? block.text
            : block.type === "tool_result"
              ? block.content.map((one) => (one.type === "text" ? one.text : one.type)).join()
              : block.type
        )
        .join("+")}`
  )

describe("a session of opencode", () => {
  it("has a call for every step of an answer, with its own counts and cost", () => {
    const found = read(session())
    const calls = callsIn(found)
    const [first, second] = calls
    assert.strictEqual(calls.length, 2)
    assert.deepStrictEqual(first?.usage.input?.total, 7807)
    assert.deepStrictEqual(first?.usage.output, { total: 199, text: 96, reasoning: 103 })
    assert.strictEqual(first?.usage.basis, "reported")
    assert.deepStrictEqual(first?.billed, { nanoUsd: "2000000", basis: "client-estimate", billing: "metered" })
    assert.deepStrictEqual(
      calls.map(({ response }) => response.stopReason),
      ["tool_use", "end"]
    )
    assert.deepStrictEqual(shapeOf(second!), ["user:Run the tests", "assistant:thinking+tool_use", "tool:3 passed"])
    assert.deepStrictEqual(
      calls.map(({ timing }) => [timing.startedAt, timing.latencyMs]),
      [
        [new Date(t + 1000).toISOString(), 1000],
        [new Date(t + 4000).toISOString(), 2000]
      ]
    )
    for (const [step, call] of calls.entries()) {
      assert.strictEqual(call.fidelity.grade, "B")
      assert.strictEqual(call.fidelity.parts["history"], "reconstructed")
      assert.strictEqual(call.grouping.stepIndex, step)
      assert.strictEqual(call.labels["project"], "shop")
      assert.strictEqual(call.provenance.producer?.version, "1.2.21")
      assert.isNull(call.request.tools)
      assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
    }
    assert.deepStrictEqual(
      found.flatMap((one) => (one._tag === "Verdict" ? [[one.of, one.signal.name, one.signal.value]] : [])),
      [["ses_1", "tests", true]]
    )
  })

  it("is the same from an export, the storage folder, the server's list and the tables of its database", () => {
    const storage = "/home/ana/.local/share/opencode/storage"
    const messages = session()["messages"] as ReadonlyArray<{ info: Row; parts: ReadonlyArray<Row> }>
    const parts = messages.flatMap((one) => one.parts)
    const folder = readRows(opencode, {
      ...Object.fromEntries(messages.map((one) => [`${storage}/message/ses_1/${one.info["id"]}.json`, [one.info]])),
      ...Object.fromEntries(parts.map((one) => [`${storage}/part/${one["messageID"]}/${one["id"]}.json`, [one]])),
      [`${storage}/project/p1.json`]: [{ id: "p1", worktree: "/home/ana/shop", time: { created: t } }],
      [`${storage}/session/p1/ses_1.json`]: [info],
      [`${storage}/todo/ses_1.json`]: [{ content: "x", status: "pending" }]
    })
    const row = ({ id, messageID, sessionID, ...data }: Row) => ({
      id,
      ...(messageID === undefined ? {} : { message_id: messageID }),
      session_id: sessionID,
      time_created: t,
      data: JSON.stringify(data)
    })
    const tables = read(...messages.map((one) => row(one.info)), ...parts.map(row), {
      id: "ses_1",
      project_id: "p1",
      parent_id: null,
      directory: "/home/ana/shop",
      version: "1.2.21",
      time_created: t
    })
    const list = read(info, ...messages)
    const [whole, ...others] = [read(session()), folder, tables, list].map((found) =>
      callsIn(found).map(({ provenance: _, ...call }) => call)
    )
    for (const other of others) assert.deepStrictEqual(other, whole)
    assert.deepStrictEqual(
      othersIn(folder).filter((type) => type.startsWith("opencode's")),
      ["opencode's project", "opencode's todo"]
    )
  })

  it("without marks has its steps told apart by what follows a tool's result", () => {
    const bare = assistant(
      "msg_2",
      1000,
      [
        part("1", "msg_2", "reasoning", { text: "Look." }),
        tool("2", "msg_2"),
        part("3", "msg_2", "text", { text: "Done." })
      ],
      { tokens: tokens(50, 7), cost: 0.01 }
    )
    const calls = callsIn(read(session(user("msg_1", 0, "Go"), bare)))
    assert.deepStrictEqual(
      calls.map(({ response }) => response.blocks.map(({ type }) => type)),
      [["thinking", "tool_use"], ["text"]]
    )
    assert.deepStrictEqual(
      calls.map(({ usage }) => usage.input?.total),
      [undefined, 50],
      "the message's own counts are those of its last step"
    )
  })

  it("paid by subscription has no cost, which is not a cost of 0; of a provider without a price neither", () => {
    const free = (providerID: string) =>
      callsIn(
        read(
          session(
            user("msg_1", 0, "Go"),
            assistant(
              "msg_2",
              1,
              [part("1", "msg_2", "text", { text: "Hi" }), finish("2", "msg_2", "stop", { cost: 0 })],
              { providerID }
            )
          )
        )
      )[0]?.billed
    assert.deepStrictEqual(free("anthropic"), { nanoUsd: null, basis: "none", billing: "subscription" })
    assert.deepStrictEqual(free("ollama"), { nanoUsd: null, basis: "none", billing: "unknown" })
  })

  it("sends a notice in place of a result that was cleared before, and the result itself until then", () => {
    const early = (id: string, at: number, parts: ReadonlyArray<Row>) => assistant(id, at, parts)
    const cleared = tool("3", "msg_2", { time: { start: t + 2000, end: t + 3000, compacted: t + 20_000 } })
    const calls = callsIn(
      read(
        session(
          user("msg_1", 0, "Go"),
          early("msg_2", 1000, [cleared, finish("4", "msg_2", "tool-calls")]),
          early("msg_3", 10_000, [part("5", "msg_3", "text", { text: "One" }), finish("6", "msg_3", "stop")]),
          early("msg_4", 30_000, [part("7", "msg_4", "text", { text: "Two" }), finish("8", "msg_4", "stop")])
        )
      )
    )
    assert.strictEqual(shapeOf(calls[1]!)[2], "tool:3 passed")
    assert.strictEqual(shapeOf(calls[2]!)[2], "tool:[Old tool result content cleared]")
    assert.isTrue(calls[2]?.fidelity.notes.some((note) => note.includes("cleared")))
  })

  it("is C where a result is gone that was sent", () => {
    const gone = tool("3", "msg_2", { output: undefined })
    const [, second] = callsIn(
      read(
        session(
          user("msg_1", 0, "Go"),
          assistant("msg_2", 1, [gone, finish("4", "msg_2", "tool-calls"), part("5", "msg_2", "text", { text: "x" })])
        )
      )
    )
    assert.strictEqual(second?.fidelity.grade, "C")
  })

  it("goes on from its last summary", () => {
    const compaction = { ...user("msg_3", 20_000, ""), parts: [part("31", "msg_3", "compaction", { auto: true })] }
    const summary = assistant(
      "msg_4",
      21_000,
      [part("41", "msg_4", "text", { text: "So far: all green." }), finish("42", "msg_4", "stop")],
      { parentID: "msg_3", summary: true }
    )
    const calls = callsIn(
      read(
        session(
          user("msg_1", 0, "Run the tests"),
          answer(),
          compaction,
          summary,
          user("msg_5", 30_000, "Go on"),
          assistant("msg_6", 31_000, [part("61", "msg_6", "text", { text: "Ok" }), finish("62", "msg_6", "stop")])
        )
      )
    )
    assert.deepStrictEqual(shapeOf(calls.at(-1)!), [
      "user:What did we do so far?",
      "assistant:So far: all green.",
      "user:Go on"
    ])
    assert.strictEqual(calls.at(-1)?.fidelity.grade, "B")
    assert.strictEqual(calls[2]?.grouping.agentRole, "compaction")
    assert.strictEqual(calls[2]?.fidelity.grade, "C", "what was asked for the summary is not recorded")
  })

  it("keeps a call that failed as the error it was, and does not send it again", () => {
    const error = {
      name: "APIError",
      data: { message: "overloaded sk-abcdefghijkl", statusCode: 529, isRetryable: true }
    }
    const failed = assistant("msg_2", 1000, [part("1", "msg_2", "retry", { attempt: 1 })], { error })
    const [call, next] = callsIn(
      read(
        session(
          user("msg_1", 0, "Go"),
          failed,
          assistant("msg_3", 9000, [part("3", "msg_3", "text", { text: "Hi" }), finish("4", "msg_3", "stop")])
        )
      )
    )
    assert.strictEqual(call?.response.error?.httpStatus, 529)
    assert.strictEqual(call?.response.error?.message, "overloaded sk-abcdefghijkl")
    assert.strictEqual(call?.grouping.attempt, 1)
    assert.deepStrictEqual(shapeOf(next!), ["user:Go"])
  })

  it("has the system prompt where an old version kept it, and what the user set of it", () => {
    const text = [part("1", "msg_2", "text", { text: "Hi" })]
    const of = (more: Row, asked: Row = {}) =>
      callsIn(read(session(user("msg_1", 0, "Go", asked), assistant("msg_2", 1, text, more))))[0]!
    assert.deepStrictEqual(shapeOf(of({ system: ["You are opencode.", "Env"] })).slice(0, 2), [
      "system:You are opencode.",
      "system:Env"
    ])
    assert.strictEqual(of({ system: ["You are opencode."] }).fidelity.parts["system"], "verbatim")
    assert.strictEqual(of({}, { system: "Be brief." }).fidelity.parts["system"], "partial")
    assert.strictEqual(of({}).fidelity.parts["system"], "absent")
  })

  it("started by another knows that one and its call", () => {
    const task = tool("9", "msg_2", { metadata: { sessionId: "ses_2" } })
    const child = { ...info, id: "ses_2", parentID: "ses_1" }
    const calls = callsIn(
      read(session(user("msg_1", 0, "Go"), assistant("msg_2", 1, [task])), {
        info: child,
        messages: [user("m1", 5, "Sub"), assistant("m2", 6, [part("1", "m2", "text", { text: "Hi" })])]
      })
    )
    assert.deepStrictEqual(
      calls.map(({ grouping }) => [grouping.agentRole, grouping.parentTrajectoryId, grouping.parentToolUseId]),
      [
        ["main", undefined, undefined],
        ["subagent", "ses_1", "call_9"]
      ]
    )
  })

  it("that grows in its folder has given again what has changed, and nothing else", () => {
    const store = opencode.start({ following: true })
    const feed = (...rows: ReadonlyArray<unknown>) =>
      rows.flatMap((json, at) => store.open(`${at}.json`).line({ line: 1, json }))
    const { info: own, parts } = answer() as { info: Row; parts: ReadonlyArray<Row> }
    feed(info, user("msg_1", 0, "Go")["info"], own, ...parts.slice(0, 3))
    const early = store.end()
    feed(...parts.slice(3))
    const late = store.end()
    assert.strictEqual(callsIn(early).length, 1)
    assert.strictEqual(callsIn(late).length, 2)
    assert.strictEqual(callsIn(early)[0]?.id, callsIn(late)[0]?.id)
    assert.deepStrictEqual(othersIn(late), [])
    assert.deepStrictEqual(store.end(), [])
  })

  it("is told from other exports by its parts", () => {
    const sniff = (...first: ReadonlyArray<unknown>) => opencode.sniff({ file, first })
    assert.isTrue(sniff(session()))
    assert.isTrue(sniff((answer()["parts"] as ReadonlyArray<unknown>)[0]))
    assert.isTrue(sniff(answer()["info"]))
    assert.isTrue(sniff(info))
    assert.isFalse(sniff({ info: {}, tasks: [] }))
    assert.isFalse(sniff({ info: {}, messages: [{ role: "user", content: "" }] }))
    assert.isFalse(sniff({ id: "x", session_id: "y" }))
  })

  it("whatever is in it, is read or skipped, never a crash", () => {
    for (const row of mutations(session(), 500, 5)) read(row)
    const rows = [info, answer()["info"], ...(answer()["parts"] as ReadonlyArray<unknown>)]
    for (const one of mutations(rows, 300, 9)) read(...(Array.isArray(one) ? one : [one]))
    assert.deepStrictEqual(skipsIn(read(7, { info, messages: [7] })), [
      "not a JSON object",
      "a message without its info"
    ])
  })
})

describe("its counts of tokens", () => {
  it("hold reasoning inside the output where the total says so", () => {
    const { output } = opencodeUsage({
      input: 100,
      output: 50,
      reasoning: 20,
      cache: { read: 0, write: 0 },
      total: 150
    })
    assert.deepStrictEqual(output, { total: 50, text: 30, reasoning: 20 })
  })

  it("that are all 0 were not told", () => {
    assert.isNull(opencodeUsage(tokens(0, 0)).input)
  })
})
