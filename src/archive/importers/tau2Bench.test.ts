import { existsSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import { callsIn, mutations, othersIn, readFiles, readRows, skipsIn } from "../testReading.ts"
import { tau2Bench } from "./tau2Bench.ts"

type Row = Readonly<Record<string, unknown>>

const clock = (second: number) => new Date(Date.UTC(2026, 5, 30, 10, 0, second)).toISOString().replace("Z", "")
const usage = (prompt: number, completion: number) => ({ prompt_tokens: prompt, completion_tokens: completion })
const info: Row = {
  git_commit: "c0ffee",
  agent_info: { implementation: "llm_agent", llm: "openai/gpt-4.1-2025-04-14", llm_args: { temperature: 0 } },
  user_info: { implementation: "user_simulator", llm: "gpt-4.1" },
  environment_info: { domain_name: "telecom", policy: "Be polite.", tool_defs: null }
}
const call = (id: string, requestor = "assistant") => [{ id, name: "find", arguments: { q: "a" }, requestor }]
const simulation = (more: Row = {}): Row => ({
  id: "sim-1",
  task_id: "t1",
  trial: 2,
  start_time: clock(0),
  end_time: clock(60),
  termination_reason: "user_stop",
  reward_info: { reward: 1, reward_breakdown: { DB: 1, COMMUNICATE: 1 } },
  mode: "half_duplex",
  messages: [
    { role: "assistant", content: "Hi! How can I help you today?", cost: 0, timestamp: clock(1) },
    { role: "user", content: "My phone is dead", usage: usage(50, 5), cost: 0.001, timestamp: clock(3) },
    {
      role: "assistant",
      content: null,
      tool_calls: call("c1"),
      usage: usage(900, 20),
      cost: 0.002,
      timestamp: clock(8),
      generation_time_seconds: 2.5
    },
    { id: "c1", role: "tool", content: "{}", requestor: "assistant", error: false, timestamp: clock(9) },
    { role: "assistant", content: "Please restart it.", usage: usage(950, 10), cost: 0.0021, timestamp: clock(12) },
    { role: "user", content: null, tool_calls: call("u1", "user"), usage: usage(60, 6), timestamp: clock(15) },
    { id: "u1", role: "tool", content: "restarted", requestor: "user", error: false, timestamp: clock(16) },
    { role: "user", content: "It works", usage: usage(70, 4), timestamp: clock(18) },
    { role: "assistant", content: "Glad to hear.", usage: usage(990, 8), cost: 0, timestamp: clock(20) }
  ],
  ...more
})
const results = (...simulations: ReadonlyArray<Row>): Row => ({
  timestamp: clock(0),
  info,
  tasks: [{ id: "t1" }],
  simulations: simulations.length === 0 ? [simulation()] : simulations
})
const read = (...rows: ReadonlyArray<unknown>) => readRows(tau2Bench, { "/runs/a/results.json": rows })
const shapeOf = ({ request }: ArchivedCall) =>
  request.messages.map(
    ({ blocks, role }) =>
      `${role}:${blocks.map((block) => (block.type === "text" ? block.text : block.type)).join("+")}`
  )

describe("a simulation of τ²-bench", () => {
  it("has a call for every answer of the agent, with counts, cost and time", () => {
    const found = read(results())
    const calls = callsIn(found)
    assert.deepStrictEqual(
      calls.map(({ usage: { input, output } }) => [input?.total, output?.total]),
      [
        [900, 20],
        [950, 10],
        [990, 8]
      ]
    )
    assert.deepStrictEqual(
      calls.map(({ billed }) => billed.nanoUsd),
      ["2000000", "2100000", null],
      "a cost of 0 is one that is not known"
    )
    assert.strictEqual(calls[0]?.timing.startedAt, "2026-06-30T10:00:05.500Z")
    assert.strictEqual(calls[0]?.timing.latencyMs, 2500)
    for (const [step, one] of calls.entries()) {
      assert.strictEqual(one.request.model, "gpt-4.1-2025-04-14")
      assert.strictEqual(one.request.provider, "openai")
      assert.strictEqual(one.request.params.temperature, 0)
      assert.isNull(one.request.tools)
      assert.strictEqual(one.fidelity.grade, "B")
      assert.strictEqual(one.grouping.stepIndex, step)
      assert.strictEqual(one.labels["taskType"], "tau2-bench telecom")
      assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(one))), one)
    }
    assert.deepStrictEqual(
      found.filter(({ _tag }) => _tag === "Other"),
      [{ _tag: "Other", type: "answer of the simulated user", count: 3 }]
    )
  })

  it("shows the agent what it was shown: the greeting, and nothing of its user's own tools", () => {
    const last = callsIn(read(results())).at(-1)!
    assert.deepStrictEqual(shapeOf(last), [
      "system:Be polite.",
      "assistant:Hi! How can I help you today?",
      "user:My phone is dead",
      "assistant:tool_use",
      "tool:tool_result",
      "assistant:Please restart it.",
      "user:It works"
    ])
    assert.deepStrictEqual(
      last.request.messages.map(({ injectedBy }) => injectedBy),
      [undefined, "harness", "simulator", undefined, undefined, undefined, "simulator"]
    )
  })

  it("has a reward, its parts and its end, for the whole of it", () => {
    const verdicts = read(results()).flatMap((one) =>
      one._tag === "Verdict" ? [[one.of, one.signal.name, one.signal.value, one.signal.source]] : []
    )
    assert.deepStrictEqual(verdicts, [
      ["sim-1", "reward", 1, "env-reward"],
      ["sim-1", "reward.DB", 1, "env-reward"],
      ["sim-1", "reward.COMMUNICATE", 1, "env-reward"],
      ["sim-1", "termination_reason", "user_stop", "system"]
    ])
  })

  it("prefers what the provider sent, where that was kept", () => {
    const raw_data = {
      id: "chatcmpl-1",
      object: "chat.completion",
      model: "gpt-4.1-2025-04-14",
      choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
      usage: { ...usage(900, 20), total_tokens: 920, prompt_tokens_details: { cached_tokens: 512 } }
    }
    const [one] = callsIn(
      read(
        results(
          simulation({
            messages: [
              { role: "user", content: "Hi" },
              { role: "assistant", content: "Hello", raw_data }
            ]
          })
        )
      )
    )
    assert.strictEqual(one?.usage.input?.cacheRead, 512)
    assert.strictEqual(one?.response.stopReason, "end")
    assert.strictEqual(one?.response.id, "chatcmpl-1")
  })

  it("lists tools where its environment does, and results that come together as one message", () => {
    const environment_info = {
      domain_name: "x",
      tool_defs: { find: { name: "find", doc: "Finds", params: { type: "object" } } }
    }
    const [first, second, third] = simulation()["messages"] as ReadonlyArray<Row>
    const together = {
      role: "tool",
      tool_messages: [
        { id: "c1", role: "tool", content: "1" },
        { id: "c2", role: "tool", content: "2", error: true }
      ]
    }
    const messages = [
      first,
      second,
      { ...third, tool_calls: [...call("c1"), ...call("c2")] },
      together,
      { role: "assistant", content: "Ok", usage: usage(1, 1) }
    ]
    const calls = callsIn(
      read({ info: { ...info, environment_info }, tasks: [], simulations: [simulation({ messages })] })
    )
    assert.deepStrictEqual(
      calls[0]?.request.tools?.map(({ basis, name }) => [name, basis]),
      [["find", "reconstructed"]]
    )
    assert.strictEqual(shapeOf(calls[1]!).at(-1), "tool:tool_result+tool_result")
    assert.strictEqual(calls[1]?.fidelity.parts["system"], "absent")
  })

  it("that was spoken is a skip, or C where there is a script of it", () => {
    assert.deepStrictEqual(skipsIn(read(results(simulation({ messages: null, ticks: [{ tick_id: 0 }] })))), [
      "a voice simulation: what was said is sound in slices of time, not messages"
    ])
    const messages = [
      { role: "user", content: "UklGRg==", is_audio: true, audio_script_gold: "Hi there" },
      { role: "assistant", content: "Hello", usage: usage(1, 1) }
    ]
    const [one] = callsIn(read(results(simulation({ messages }))))
    assert.deepStrictEqual(one?.request.messages[1]?.blocks, [
      { type: "audio", source: { kind: "missing", reason: "placeholder" }, transcript: "Hi there" }
    ])
    assert.strictEqual(one?.fidelity.grade, "C")
  })

  it("in a file of its own is set up as the results file above says", () => {
    const { simulations: _, ...head } = results()
    const found = readRows(tau2Bench, {
      "/runs/a/results.json": [head],
      "/runs/a/simulations/sim-1.json": [simulation()]
    })
    assert.strictEqual(callsIn(found).length, 3)
    assert.strictEqual(callsIn(found)[0]?.request.model, "gpt-4.1-2025-04-14")
    assert.deepStrictEqual(skipsIn(found), [])
    const alone = readRows(tau2Bench, { "/runs/b/simulations/sim-1.json": [simulation()] })
    assert.strictEqual(callsIn(alone)[0]?.request.model, "unknown")
    assert.deepStrictEqual(
      callsIn(alone).map(({ id }) => id),
      callsIn(found).map(({ id }) => id)
    )
  })

  it("is known by its setup, or by its end", () => {
    const sniff = (one: unknown) => tau2Bench.sniff({ file: "x.json", first: [one] })
    assert.isTrue(sniff(results()))
    assert.isTrue(sniff(simulation()))
    assert.isFalse(sniff({ info: {}, tasks: [] }))
    assert.isFalse(sniff({ task_id: 1, traj: [] }))
  })

  it("whatever is in it, is read or skipped, never a crash", () => {
    for (const one of mutations(results(simulation(), simulation({ id: "sim-2" })), 600, 17)) read(one)
    assert.deepStrictEqual(
      skipsIn(read(7, results(simulation({ messages: [] }), simulation({ messages: [{ role: "user" }] })))),
      ["not a JSON object", "a simulation without messages", "a simulation without an answer of the model"]
    )
  })
})

const samples = join(import.meta.dirname, "../../../../shared/data/formats/tau2-bench")

describe("the recorded sample", () => {
  // python3 -c 'import json; d = json.load(open("results.json")); print(list(d), len(d.get("simulations", [])), len(d["tasks"]))'
  // ['timestamp', 'info', 'tasks'] 0 0
  it.skipIf(!existsSync(samples))(
    "is a voice run's results without its simulations: nothing to read, and told [needs ../shared]",
    () => {
      const found = readFiles(tau2Bench, [join(samples, "results.json")])
      assert.deepStrictEqual(callsIn(found), [])
      assert.deepStrictEqual(othersIn(found), ["results of a run"])
      assert.strictEqual(skipsIn(found).length, 1)
      assert.match(skipsIn(found)[0] ?? "", /^results without simulations/)
    }
  )
})
