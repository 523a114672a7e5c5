import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import type { Found } from "../contract.ts"
import { tauBench } from "./tauBench.ts"

const read = (file: string, ...rows: ReadonlyArray<unknown>): ReadonlyArray<Found> => {
  const reader = tauBench.start({}).open(file)
  return rows.flatMap((json, index) => reader.line({ line: index + 1, json }))
}
const calls = (found: ReadonlyArray<Found>) => found.flatMap((one) => (one._tag === "Call" ? [one.call] : []))
const count = (found: ReadonlyArray<Found>) => {
  const counts: Record<string, number> = {}
  for (const { _tag } of found) counts[_tag] = (counts[_tag] ?? 0) + 1
  return counts
}

const use = (id: string, q: string) => ({
  role: "assistant",
  content: null,
  tool_calls: [{ id, type: "function", function: { name: "find", arguments: JSON.stringify({ q }) } }]
})
const episode = (more: object = {}) => ({
  task_id: 3,
  trial: 1,
  reward: 1,
  info: {},
  traj: [
    { role: "system", content: "policy" },
    { role: "user", content: "hi" },
    use("call_1", "a"),
    { role: "tool", tool_call_id: "call_1", name: "find", content: "A" },
    use("call_1", "b"),
    { role: "tool", tool_call_id: "call_1", name: "find", content: "B" },
    { role: "assistant", content: "done" }
  ],
  ...more
})

describe("a τ-bench episode", () => {
  it("is a call an answer, each with the messages before it", () => {
    const found = read("gpt-4o-airline.json", episode())
    const all = calls(found)
    assert.deepStrictEqual(
      all.map((call) => call.request.messages.length),
      [2, 4, 6]
    )
    assert.deepStrictEqual(
      all.map((call) => [call.grouping.stepIndex, call.response.stopReason]),
      [
        [0, "tool_use"],
        [1, "tool_use"],
        [2, "unknown"]
      ]
    )
    for (const call of all) {
      assert.strictEqual(call.request.model, "gpt-4o")
      assert.strictEqual(call.fidelity.grade, "B")
      assert.isNull(call.request.tools)
      assert.isNull(call.usage.input)
      assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
    }
    assert.strictEqual(all[1]?.request.messages[0], all[0]?.request.messages[0], "history is shared, not copied")
  })

  it("has a reward, for the whole of it", () => {
    const [verdict] = read("gpt-4o-airline.json", episode({ reward: 0 })).filter(({ _tag }) => _tag === "Verdict")
    assert.deepStrictEqual(verdict, {
      _tag: "Verdict",
      of: "tau-bench:gpt-4o-airline:3:1",
      signal: { name: "reward", value: 0, source: "env-reward", scope: "trajectory" }
    })
  })

  it("gives every tool call an id of its own, and each result the id of the call before it", () => {
    const last = calls(read("gpt-4o-airline.json", episode())).at(-1)
    const ids = last?.request.messages.flatMap(({ blocks }) =>
      blocks.flatMap((block) =>
        block.type === "tool_use" ? [block.id] : block.type === "tool_result" ? [block.toolUseId] : []
      )
    )
    assert.deepStrictEqual(ids, ["call_1", "call_1", "call_1_2", "call_1_2"])
  })

  it("is told from another trial by task, trial and place, not by content", () => {
    const keys = read("gpt-4o-airline.json", episode(), episode({ trial: 2 })).flatMap((found) =>
      found._tag === "Call" ? [found.dedupeKey] : []
    )
    assert.strictEqual(new Set(keys).size, 6)
  })

  it("that is no episode is skipped with the reason, whatever is in it", () => {
    const reasons = [
      episode({ task_id: null }),
      episode({ traj: "x" }),
      episode({ traj: [] }),
      episode({ traj: [7] }),
      { messages_display: "user: hi" },
      7
    ].map((row) => read("x.json", row)[0])
    for (const reason of reasons) assert.strictEqual(reason?._tag, "Skip", JSON.stringify(reason))
    assert.deepStrictEqual(read("x.json", { type: "note" }), [{ _tag: "Other", type: "note" }])
  })
})

const samples = join(import.meta.dirname, "../../../../shared/data/formats/tau-bench")

describe.skipIf(!existsSync(samples))("τ-bench's own files [needs ../shared]", () => {
  it("200 episodes of gpt-4o", () => {
    // python3 -c "import json;d=json.load(open('gpt-4o-airline.json'));print(len(d),sum(m['role']=='assistant' for e in d for m in e['traj']),sum(e['reward'] for e in d))"
    // 200 2454 84.0
    const rows: ReadonlyArray<unknown> = JSON.parse(readFileSync(join(samples, "gpt-4o-airline.json"), "utf8"))
    const found = read("gpt-4o-airline.json", ...rows)
    assert.deepStrictEqual(count(found), { Call: 2454, Verdict: 200 })
    assert.strictEqual(new Set(calls(found).map(({ id }) => id)).size, 2454)
    assert.isTrue(calls(found).every(({ fidelity }) => fidelity.grade === "B"))
    const rewards = found.map((one) => (one._tag === "Verdict" ? Number(one.signal.value) : 0))
    assert.strictEqual(
      rewards.reduce((a, b) => a + b, 0),
      84
    )
  })

  it("19 few-shot transcripts, which are display text", () => {
    // wc -l MockAirlineDomainEnv-few_shot.jsonl; jq -c keys MockAirlineDomainEnv-few_shot.jsonl | sort -u
    // 19, ["messages_display"]
    const lines = readFileSync(join(samples, "MockAirlineDomainEnv-few_shot.jsonl"), "utf8").trim().split("\n")
    assert.deepStrictEqual(count(read("few_shot.jsonl", ...lines.map((line) => JSON.parse(line)))), { Skip: 19 })
  })
})
