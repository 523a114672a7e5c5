import { assert, describe, it } from "@effect/vitest"

import type { ToolCall } from "../domain/Answer.ts"
import type { CallRequest } from "../domain/Call.ts"
import { answer, inSuite, seenCase, settled } from "../testing/grading.ts"
import { runCheck } from "./run.ts"
import { toolArguments } from "./toolArguments.ts"

const schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"], additionalProperties: false }
const tools = [{ name: "add", inputSchema: schema, kind: "function", basis: "recorded" }] as const
const made = toolArguments.make({}, inSuite)
const run = (calls: ReadonlyArray<ToolCall>, offered: CallRequest["tools"] = tools) =>
  settled(runCheck("toolArguments", made, { output: answer("", calls), case: seenCase({ tools: offered }) }))

describe("the check of tool arguments", () => {
  it.for([
    ["arguments that fit", [{ name: "add", arguments: { n: 1 } }], true, "the calls fit their tools"],
    ["no call", [], true, "the calls fit their tools"],
    [
      "a second call that does not fit",
      [
        { name: "add", arguments: { n: 1 } },
        { name: "add", arguments: { n: "1", m: 2 } }
      ],
      false,
      "The tool calls cannot be run: call 2 of add: m is not allowed; call 2 of add: n must be integer"
    ],
    [
      "an argument missing",
      [{ name: "add", arguments: {} }],
      false,
      "The tool calls cannot be run: call 1 of add: n is missing"
    ],
    [
      "arguments that are no object",
      [{ name: "add", arguments: 1 }],
      false,
      "The tool calls cannot be run: call 1 of add: the arguments must be object"
    ],
    [
      "another tool",
      [{ name: "sub", arguments: {} }],
      false,
      "The tool calls cannot be run: call 1 of sub: there is no such tool; there are add"
    ],
    [
      "unreadable arguments",
      [{ name: "add", arguments: {}, error: "not JSON" }],
      false,
      "The tool calls cannot be run: call 1 of add: the arguments are no JSON: not JSON"
    ]
  ] as const)("judges %s", async ([, calls, pass, message]) => {
    assert.deepStrictEqual(await run(calls), { use: "toolArguments", pass, message })
  })

  it("checks nothing where no tool was offered or it is not recorded which, but fails a call of none offered", async () => {
    assert.strictEqual((await run([], [])).applies, false)
    assert.strictEqual((await run([{ name: "add", arguments: {} }], null)).applies, false)
    assert.isFalse((await run([{ name: "add", arguments: {} }], [])).pass)
  })
})
