import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { Archives } from "../store/Archives.ts"
import type { ImportResult } from "./import.ts"
import { inFolder, lines } from "./testFolder.ts"

type Row = Readonly<Record<string, unknown>>
type Files = Readonly<Record<string, ReadonlyArray<Row>>>

/** Orders of two or three things: as they are, the other way round, and with each of three first, in the middle and last. */
const ordersOf = <A>(all: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> => {
  const [one, two, three] = all as readonly [A, A, A?]
  return three === undefined ? [all, [two, one]] : [all, [...all].reverse(), [two, one, three], [three, one, two]]
}

/** All that an archive holds: its calls whole, their places in the index, and the signals. Where its lines lie is left out. */
const stateOf = Effect.fn("stateOf")(function* (name: string) {
  const archives = yield* Archives
  const columns =
    "id, dedupeKey, rank, sessionId, trajectoryId, stepIndex, branch, parentCallId, parentTrajectoryId, structure, contextTokens, promptTokens, file, line"
  const index = yield* archives.query(name, `SELECT ${columns} FROM calls ORDER BY id`)
  const signals = yield* archives.query(name, "SELECT * FROM signals ORDER BY ALL")
  const reader = yield* archives.reader(name)
  const calls = yield* Effect.forEach(index, ({ id }) => reader.load(String(id)))
  return { calls, index, signals }
}, Effect.scoped)

const addsUp = ({ duplicates, imported, read, skipped }: ImportResult) =>
  assert.strictEqual(read, imported + duplicates + skipped.length)

/** Imports files in several orders, a command each, then all again in one; gives what the archive then holds each time. */
const inEveryOrder = (files: Files) =>
  inFolder(({ run, write }) =>
    Effect.gen(function* () {
      for (const [file, rows] of Object.entries(files)) yield* write(file, lines(...rows))
      const names = Object.keys(files)
      yield* run(names, { name: "together" })
      const expected = yield* stateOf("together")
      yield* run([...names].reverse(), { name: "reversed" })
      assert.deepStrictEqual(yield* stateOf("reversed"), expected, "in one command")
      for (const [at, order] of ordersOf(names).entries()) {
        const name = `order-${at}`
        let imported = 0
        for (const file of order) {
          const result = yield* run(file, { name })
          addsUp(result)
          imported += result.imported
        }
        assert.strictEqual(imported, expected.calls.length)
        assert.deepStrictEqual(yield* stateOf(name), expected, order.join(", "))
        for (const again of at === 0 ? [names, ...names.map((one) => [one])] : [names]) {
          const result = yield* run(again, { name })
          addsUp(result)
          assert.deepStrictEqual([result.imported, result.replaced], [0, 0], `${order.join(", ")}; ${again.join(", ")}`)
        }
        assert.deepStrictEqual(yield* stateOf(name), expected, `${order.join(", ")}; again`)
      }
      return expected
    })
  )

/** Session, trajectory and step of each call, by what it answered. */
const placesOf = ({ calls }: Effect.Success<ReturnType<typeof stateOf>>) =>
  Object.fromEntries(
    calls.map(({ grouping, response }) => [
      response.blocks.flatMap((block) => (block.type === "text" ? [block.text] : [])).join(),
      [grouping.sessionId, grouping.trajectoryId, grouping.stepIndex].join(" ")
    ])
  )

const minute = (at: number, day = 1) => new Date(Date.UTC(2026, 7, day, 10, at)).toISOString()

describe("Codex's forks", { timeout: 180_000 }, () => {
  const [parent, fork, second] = [1, 2, 3].map((n) => `0199aaaa-0000-7000-8000-00000000000${n}`) as [
    string,
    string,
    string
  ]
  const fileOf = (id: string, hour: string) => `codex/rollout-2026-08-01T${hour}-00-00-${id}.jsonl`
  const head = (id: string, at: string, more: Row = {}): Row => ({
    timestamp: at,
    type: "session_meta",
    payload: { id, timestamp: at, cli_version: "0.144.1", base_instructions: { text: "You are Codex." }, ...more }
  })
  /** A turn: what was said, what was answered, and its counts. */
  const turn = (n: number, answer: string, at: number, day = 1): ReadonlyArray<Row> => {
    const usage = (input: number, output: number) => ({ input_tokens: input, output_tokens: output })
    const row = (type: string, payload: Row) => ({ timestamp: minute(at, day), type, payload })
    const content = (type: string, text: string) => [{ type, text }]
    return [
      row("turn_context", { turn_id: `t${n}`, model: "gpt-5.3-codex" }),
      row("response_item", { type: "message", role: "user", content: content("input_text", `go ${n}`) }),
      row("response_item", {
        type: "message",
        role: "assistant",
        id: `msg_${answer}`,
        content: content("output_text", answer)
      }),
      row("event_msg", {
        type: "token_count",
        info: { last_token_usage: usage(100 * n, n), total_token_usage: usage(50 * n * (n + 1), (n * (n + 1)) / 2) }
      })
    ]
  }
  const copied = (rows: ReadonlyArray<Row>, at: string) => rows.map((row) => ({ ...row, timestamp: at }))

  it.effect("hold what is their own, the parent the rest, in whatever order they come", () =>
    Effect.gen(function* () {
      for (const named of [true, false]) {
        const from = (id: string) => (named ? { forked_from_id: id } : {})
        const first = [head(parent, minute(0)), ...turn(1, "p1", 1), ...turn(2, "p2", 2)]
        const forked = [
          head(fork, minute(10), from(parent)),
          ...copied(first, minute(10)),
          ...turn(3, "f3", 11),
          ...turn(4, "f4", 12)
        ]
        const again = [
          head(second, minute(20), from(fork)),
          ...copied(forked.slice(0, -4), minute(20)),
          ...turn(4, "s4", 21)
        ]
        const state = yield* inEveryOrder({
          [fileOf(parent, "10")]: [...first, ...turn(3, "p3", 30)],
          [fileOf(fork, "11")]: forked,
          [fileOf(second, "12")]: again
        })
        assert.deepStrictEqual(placesOf(state), {
          p1: `${parent} ${parent} 0`,
          p2: `${parent} ${parent} 1`,
          p3: `${parent} ${parent} 2`,
          f3: `${parent} ${fork} 2`,
          f4: `${parent} ${fork} 3`,
          s4: `${parent} ${second} 3`
        })
        assert.isTrue(state.calls.every(({ timing }) => timing.basis === "derived"))
      }
    })
  )
})

describe("Claude Code's copies", { timeout: 180_000 }, () => {
  const base = (session: string, uuid: string, parentUuid: string | null, at: string): Row => ({
    uuid,
    parentUuid,
    isSidechain: false,
    sessionId: session,
    version: "2.1.150",
    timestamp: at
  })
  /** A turn: a command that a tool ran, or a word, and the answer. */
  const turn = (session: string, name: string, parent: string | null, at: number, day = 1): ReadonlyArray<Row> => {
    const answer = (uuid: string, before: string, content: ReadonlyArray<Row>, stop: string) => ({
      ...base(session, uuid, before, minute(at + 1, day)),
      type: "assistant",
      requestId: `req_${uuid}`,
      message: {
        id: `msg_${uuid}`,
        role: "assistant",
        model: "claude-opus-4-5",
        content,
        stop_reason: stop,
        usage: { input_tokens: 100 + at, output_tokens: 10 }
      }
    })
    const said = (uuid: string, before: string | null, content: unknown) => ({
      ...base(session, uuid, before, minute(at, day)),
      type: "user",
      message: { role: "user", content }
    })
    const tool = { type: "tool_use", id: `tool_${name}`, name: "Bash", input: { command: "npm test" } }
    const result = { type: "tool_result", tool_use_id: `tool_${name}`, content: `Tests  1 passed (1) ${name}` }
    return [
      said(`${name}-u`, parent, `do ${name}`),
      answer(`${name}-c`, `${name}-u`, [{ type: "text", text: `${name} calls` }, tool], "tool_use"),
      said(`${name}-r`, `${name}-c`, [result]),
      answer(`${name}-a`, `${name}-r`, [{ type: "text", text: name }], "end_turn")
    ]
  }
  const under = (session: string, rows: ReadonlyArray<Row>, said: boolean) =>
    rows.map((row) => ({
      ...row,
      sessionId: session,
      ...(said ? { forkedFrom: { sessionId: row["sessionId"], messageUuid: row["uuid"] } } : {})
    }))
  const [one, two, three] = ["a", "b", "c"].map((letter) => `${letter.repeat(8)}-0000-4000-8000-000000000000`) as [
    string,
    string,
    string
  ]
  const [first, second, third] = [three, two, one] // a folder's files are read by name: the first session comes last

  it.effect("that say where they are from stay there, though that session has gone on longer than the fork", () =>
    Effect.gen(function* () {
      const shared = turn(first, "p1", null, 0)
      const forked = [...under(second, shared, true), ...turn(second, "f2", "p1-a", 10)]
      const state = yield* inEveryOrder({
        [`claude/${first}.jsonl`]: [...shared, ...turn(first, "p2", "p1-a", 5), ...turn(first, "p3", "p2-a", 0, 3)],
        [`claude/${second}.jsonl`]: forked,
        [`claude/${third}.jsonl`]: [...under(third, forked, true), ...turn(third, "s3", "f2-a", 20)]
      })
      const places = placesOf(state)
      assert.deepStrictEqual(
        ["p1", "p2", "p3", "f2", "s3"].map((name) => places[name]),
        [
          `${first} ${first} 1`,
          `${first} ${first} 3`,
          `${first} ${first} 5`,
          `${second} ${second} 3`,
          `${third} ${third} 5`
        ]
      )
    })
  )

  it.effect("that do not say it stay with the session that ended before the resumed one went on", () =>
    Effect.gen(function* () {
      const made = [...turn(first, "p1", null, 0), ...turn(first, "p2", "p1-a", 5)]
      const resumed = [...under(second, made, false), ...turn(second, "r3", "p2-a", 40)]
      const state = yield* inEveryOrder({
        [`claude/${first}.jsonl`]: made,
        [`claude/${second}.jsonl`]: resumed,
        [`claude/${third}.jsonl`]: [...under(third, resumed, false), ...turn(third, "s4", "r3-a", 0, 2)]
      })
      const places = placesOf(state)
      assert.deepStrictEqual(
        ["p1", "p2", "r3", "s4"].map((name) => places[name]),
        [`${first} ${first} 1`, `${first} ${first} 3`, `${second} ${second} 5`, `${third} ${third} 7`]
      )
    })
  )

  it.effect("that keep their session's name are that session's, and what goes on from them is not", () =>
    Effect.gen(function* () {
      const made = turn(first, "p1", null, 0)
      const state = yield* inEveryOrder({
        [`claude/${first}.jsonl`]: [...made, ...turn(first, "p2", "p1-a", 5)],
        [`claude/${second}.jsonl`]: [...made, ...turn(second, "r2", "p1-a", 20)]
      })
      const places = placesOf(state)
      assert.deepStrictEqual(
        ["p1", "p2", "r2"].map((name) => places[name]),
        [`${first} ${first} 1`, `${first} ${first} 3`, `${second} ${second} 3`]
      )
    })
  )
})

describe("the halves of a batch", { timeout: 180_000 }, () => {
  const input = (id: string) => ({
    custom_id: id,
    method: "POST",
    url: "/v1/chat/completions",
    body: { model: "gpt-4o-mini", messages: [{ role: "user", content: `question ${id}` }] }
  })
  const output = (id: string) => ({
    id: `batch_req_${id}`,
    custom_id: id,
    response: {
      status_code: 200,
      request_id: `req_${id}`,
      body: {
        id: `chatcmpl-${id}`,
        object: "chat.completion",
        created: 1785578400,
        model: "gpt-4o-mini-2024-07-18",
        choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hello" } }],
        usage: { prompt_tokens: 8, completion_tokens: 1, total_tokens: 9 }
      }
    },
    error: null
  })
  const failed = {
    id: "batch_req_c",
    custom_id: "c",
    response: null,
    error: { code: "batch_expired", message: "late" }
  }

  it.effect("that came apart are whole calls once both come together", () =>
    inFolder(({ run, write }) =>
      Effect.gen(function* () {
        yield* write("in.jsonl", lines(input("a"), input("b"), input("c")))
        yield* write("out.jsonl", lines(output("b"), output("a"), failed))
        const both = ["in.jsonl", "out.jsonl"]
        const whole = yield* run(both, { name: "together" })
        assert.deepStrictEqual([whole.imported, whole.fidelity.A], [3, 3])
        const expected = yield* stateOf("together")
        for (const order of [
          ["out.jsonl", "in.jsonl"],
          ["in.jsonl", "out.jsonl"]
        ]) {
          const name = order.join("-").replaceAll(".jsonl", "")
          for (const file of order) {
            const result = yield* run(file, { name })
            addsUp(result)
            const counts = [result.imported, result.replaced, result.skipped.length]
            assert.deepStrictEqual(counts, file === "in.jsonl" ? [0, 0, 3] : [2, 0, 1])
            assert.strictEqual(result.fidelity.D, file === "in.jsonl" ? 0 : 2)
            assert.isTrue(result.skipped.every(({ reason }) => reason.includes("import both files together")))
          }
          const joined = yield* run(both, { name })
          addsUp(joined)
          assert.deepStrictEqual([joined.imported, joined.duplicates, joined.replaced], [1, 2, 2])
          assert.deepStrictEqual(yield* stateOf(name), expected)
          for (const again of [["out.jsonl"], both]) {
            const result = yield* run(again, { name })
            assert.deepStrictEqual([result.imported, result.replaced], [0, 0])
          }
          assert.deepStrictEqual(yield* stateOf(name), expected)
        }
      })
    )
  )
})

describe("tables of Langfuse", () => {
  const observation = (id: string, project: string) => ({
    id,
    trace_id: "t1",
    project_id: project,
    type: "GENERATION",
    start_time: "2026-08-01 10:00:00.000",
    input: '[{"role":"user","content":"hi"}]',
    output: '{"role":"assistant","content":"hello"}',
    provided_model_name: "gpt-4o",
    usage_details: { input: 3, output: 1, total: 4 },
    updated_at: "2026-08-01 10:00:03.000"
  })
  const trace = (project: string, user: string) => ({
    id: "t1",
    project_id: project,
    timestamp: "2026-08-01 10:00:00.000",
    user_id: user,
    session_id: "s1",
    tags: ["eu"]
  })

  it.effect(
    "that came apart have session, user and tags once they come together; traces alone are told, and no fault",
    () =>
      inFolder(({ run, write }) =>
        Effect.gen(function* () {
          yield* write("observations.jsonl", lines(observation("o1", "p1"), observation("o1", "p2")))
          yield* write("traces.jsonl", lines(trace("p1", "ana"), trace("p2", "bob")))
          const both = ["observations.jsonl", "traces.jsonl"]
          assert.strictEqual((yield* run(both, { name: "together" })).imported, 2)
          const expected = yield* stateOf("together")
          assert.deepStrictEqual(
            expected.calls
              .map(({ grouping, labels }) => [grouping.sessionId, labels["endUser"], labels["tags"]].join())
              .sort(),
            ["s1,ana,eu", "s1,bob,eu"]
          )
          for (const file of both) {
            const result = yield* run(file, { name: "apart" })
            addsUp(result)
            assert.deepStrictEqual(
              [result.imported, result.other],
              file === "traces.jsonl" ? [0, { "trace without its calls: import both together": 2 }] : [2, {}]
            )
          }
          const joined = yield* run(both, { name: "apart" })
          addsUp(joined)
          assert.deepStrictEqual([joined.imported, joined.replaced], [0, 2])
          assert.deepStrictEqual(yield* stateOf("apart"), expected)
          for (const again of [["observations.jsonl"], both]) {
            const result = yield* run(again, { name: "apart" })
            assert.deepStrictEqual([result.imported, result.replaced], [0, 0])
          }
          assert.deepStrictEqual(yield* stateOf("apart"), expected)
        })
      )
  )
})
