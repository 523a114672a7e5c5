import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import type { Found } from "../contract.ts"
import { sweAgent } from "./sweAgent.ts"

const read = (row: unknown, file = "gpt4__swe-bench__t-0.00/repo__repo-1.traj"): ReadonlyArray<Found> =>
  sweAgent.start({}).open(file).line({ line: 1, json: row })
const calls = (found: ReadonlyArray<Found>) => found.flatMap((one) => (one._tag === "Call" ? [one.call] : []))

const demo = { role: "assistant", content: "shown", agent: "main", is_demo: true }
const history = [
  { role: "system", content: "You fix bugs.", agent: "main" },
  { role: "user", content: "a demonstration", agent: "main", is_demo: true },
  demo,
  { role: "user", content: [{ type: "text", text: "The issue" }], agent: "main" },
  {
    role: "assistant",
    content: "I look.",
    agent: "main",
    tool_calls: [{ id: "c1", type: "function", function: { name: "bash", arguments: '{"command":"ls"}' } }]
  },
  { role: "tool", content: "a.py", agent: "main", tool_call_ids: ["c1"] },
  { role: "assistant", content: "Done.", agent: "main" }
]
const info = { exit_status: "submitted", swe_agent_version: "1.0.1", model_stats: { api_calls: 2 } }
const step = (query?: unknown) => ({
  action: "",
  observation: "",
  response: "",
  ...(query === undefined ? {} : { query })
})

describe("a SWE-agent trajectory", () => {
  it("that keeps what was sent at each step is a call an answer, demonstrations aside", () => {
    const asked = [history[0], history[3]]
    const found = read({ trajectory: [step(asked), step([...asked, history[4], history[5]])], history, info })
    const [first, second] = calls(found)
    assert.strictEqual(calls(found).length, 2)
    assert.deepStrictEqual([first?.request.messages.length, second?.request.messages.length], [2, 4])
    assert.strictEqual(first?.fidelity.grade, "B")
    assert.strictEqual(first?.response.stopReason, "tool_use")
    assert.deepStrictEqual(second?.response.blocks, [{ type: "text", text: "Done." }])
    assert.strictEqual(first?.request.model, "gpt4")
    assert.deepStrictEqual(first?.provenance.producer, { name: "SWE-agent", version: "1.0.1" })
    for (const call of calls(found)) {
      assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
    }
  })

  it("that keeps the history alone is told from one that was sent: older output may have been left out of it", () => {
    const found = read({ trajectory: [step(), step()], history, info })
    assert.deepStrictEqual(
      calls(found).map((call) => [call.request.messages.length, call.fidelity.grade, call.fidelity.parts["history"]]),
      [
        [4, "C", "unknown"],
        [6, "C", "unknown"]
      ]
    )
  })

  it("has the status it ended with", () => {
    const [verdict] = read({ trajectory: [], history, info }).filter(({ _tag }) => _tag === "Verdict")
    assert.deepStrictEqual(verdict?._tag === "Verdict" && verdict.signal, {
      name: "exit_status",
      value: "submitted",
      source: "system",
      scope: "trajectory"
    })
  })

  it("keeps what the run cost and used as a whole, which no call tells", () => {
    const model_stats = { instance_cost: 0.42, tokens_sent: 81_000, tokens_received: 950, api_calls: 2, odd: "x" }
    const found = read({ trajectory: [], history, info: { model_stats } })
    assert.deepStrictEqual(
      found.flatMap((one) => (one._tag === "Verdict" ? [[one.signal.name, one.signal.value, one.signal.scope]] : [])),
      [
        ["instance_cost", 0.42, "trajectory"],
        ["tokens_sent", 81_000, "trajectory"],
        ["tokens_received", 950, "trajectory"],
        ["api_calls", 2, "trajectory"]
      ]
    )
    for (const call of calls(found)) {
      assert.isNull(call.usage.input)
      assert.include(
        call.fidelity.notes,
        "tokens and cost are told for the run alone: they are signals of the trajectory"
      )
    }
  })

  it("takes the model from its configuration where it carries one, and says where else it was taken from", () => {
    const replay_config = JSON.stringify({ agent: { model: { name: "claude-sonnet-4" } } })
    assert.strictEqual(
      calls(read({ trajectory: [], history, info, replay_config }))[0]?.request.model,
      "claude-sonnet-4"
    )
    assert.include(
      calls(read({ trajectory: [], history, info }))[0]?.fidelity.notes ?? [],
      "the model is taken from the folder's name"
    )
    assert.strictEqual(calls(read({ history }, "x.traj"))[0]?.request.model, "unknown")
  })

  it("that holds something else is skipped or counted, and never throws", () => {
    for (const wrong of [7, null, [], "x", { history: [7] }, { history: [{ role: "oracle" }] }, { history: [{}] }]) {
      const [found] = read(wrong)
      assert.isTrue(found?._tag === "Skip" || found?._tag === "Other", JSON.stringify(wrong))
    }
  })
})
