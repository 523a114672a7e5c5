import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { ArchivedCall } from "../domain/Call.ts"
import { Fault } from "../domain/Fault.ts"
import { archivedCall, userMessage } from "../testing/archivedCall.ts"
import { supplyOf } from "./supply.ts"
import { inFolder, lines, row, rows } from "./testFolder.ts"

/** A call as a coding agent's log leaves it: without system prompt and tools. */
const bare = (more: Partial<ArchivedCall> = {}, request: Partial<ArchivedCall["request"]> = {}) =>
  archivedCall("bare", {
    request: { model: "claude-opus-4-6", tools: null, ...request },
    call: {
      provenance: {
        importer: "claude-code",
        file: "a.jsonl",
        native: {},
        identity: "native",
        producer: { name: "claude-code", version: "2.1.150" }
      },
      fidelity: { grade: "B", parts: { system: "absent", tools: "absent", history: "verbatim" }, notes: ["as it was"] },
      ...more
    }
  })
const supply = (content: unknown) => supplyOf(JSON.stringify(content), "supply.json")
const told = ({ fidelity, request }: ArchivedCall) => ({
  system: request.messages.flatMap(({ blocks, placement, role }) =>
    role === "system" ? [[placement, blocks.map((block) => (block.type === "text" ? block.text : ""))]] : []
  ),
  tools: request.tools?.map(({ basis, inputSchema, name }) => [name, basis, inputSchema]),
  parts: [fidelity.parts["system"], fidelity.parts["tools"]],
  grade: fidelity.grade,
  notes: fidelity.notes
})
const schema = { type: "object", properties: { path: { type: "string" } } }

describe("a supplied system prompt and tools", () => {
  it("are given to calls that have none, in the shape of any of the wires, and said so", () => {
    const shapes = [
      [{ name: "read", description: "d", input_schema: schema }],
      [{ type: "function", function: { name: "read", description: "d", parameters: schema } }],
      [{ type: "function", name: "read", description: "d", parameters: schema }]
    ]
    for (const tools of shapes)
      assert.deepStrictEqual(told(supply({ system: "You are Claude Code.", tools })(bare())), {
        system: [["top", ["You are Claude Code."]]],
        tools: [["read", "supplied", schema]],
        parts: ["reconstructed", "reconstructed"],
        grade: "B",
        notes: ["as it was", "the system prompt was supplied", "the tools were supplied"]
      })
  })

  it("may come as a request body that was captured", () => {
    const bodies = [
      {
        model: "claude-opus-4-6",
        max_tokens: 10,
        system: [{ type: "text", text: "Be brief." }],
        messages: [{ role: "user", content: "hi" }],
        tools: [{ name: "read", input_schema: schema }]
      },
      {
        model: "gpt-4o",
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "hi" }
        ],
        tools: [{ type: "function", function: { name: "read", parameters: schema } }]
      }
    ]
    for (const body of bodies) {
      const given = told(supply(body)(bare()))
      assert.deepStrictEqual(given.system, [["top", ["Be brief."]]])
      assert.deepStrictEqual(given.tools, [["read", "supplied", schema]])
    }
  })

  it("go to the calls that they are for, each part from the first entry that has it", () => {
    const give = supply([
      { match: { producer: "claude-code 2.1*", model: "claude-opus-*" }, system: "opus" },
      { match: { importer: "claude-code" }, system: "any", tools: [{ name: "read", input_schema: schema }] },
      { match: { importer: "codex" }, system: "codex" }
    ])
    assert.deepStrictEqual(told(give(bare())).system, [["top", ["opus"]]])
    assert.deepStrictEqual(told(give(bare())).tools?.length, 1)
    assert.deepStrictEqual(told(give(bare({}, { model: "claude-haiku-4" }))).system, [["top", ["any"]]])
    const other = archivedCall("other", { request: { tools: null } })
    assert.strictEqual(give(other), other)
  })

  it("never replace what the log has, but tools that were guessed from their uses", () => {
    const give = supply({ system: "new", tools: [{ name: "read", input_schema: schema }] })
    const whole = archivedCall("whole")
    assert.strictEqual(give(whole), whole)
    const prompted = bare(
      {},
      { messages: [{ role: "system", blocks: [{ type: "text", text: "old" }] }, userMessage("q")] }
    )
    assert.deepStrictEqual(told(give(prompted)).system, [[undefined, ["old"]]])
    assert.strictEqual(give(bare({}, { tools: [] })).request.tools?.length, 0)
    const guessed = { name: "write", inputSchema: {}, kind: "function", basis: "reconstructed" } as const
    assert.deepStrictEqual(told(give(bare({}, { tools: [guessed] }))).tools?.[0]?.[0], "read")
    const recorded = { ...guessed, basis: "recorded" } as const
    assert.deepStrictEqual(told(give(bare({}, { tools: [recorded] }))).tools?.[0]?.[0], "write")
  })

  it("that make no sense are refused with the place and the mend", () => {
    const refused = (text: string) => {
      try {
        supplyOf(text, "supply.json")
      } catch (cause) {
        assert.instanceOf(cause, Fault)
        const { file, line, mend, sentence } = cause as Fault
        assert.strictEqual(file, "supply.json")
        assert.isString(mend)
        return line === undefined ? sentence : `${sentence} at ${line}`
      }
      return "taken"
    }
    assert.strictEqual(refused('{\n"system": "a",\n}'), "this is not valid JSON at 3")
    assert.include(refused("3"), "3 is no object")
    assert.include(refused('[{"system":"a"},{"sistem":"b"}]'), 'entry 2: there is no field "sistem"')
    assert.include(refused("{}"), "neither a system prompt nor tools")
    assert.include(refused('{"system": 3.5, "tools": {}}'), "tools: {} is no array")
    assert.include(refused('{"system": ["a"]}'), "is no text")
    assert.include(refused('{"system": "a", "match": {"team": "x"}}'), 'match: there is no field "team"')
    assert.include(refused('{"system": "a", "match": {"model": null}}'), "match.model: null is no text")
    assert.include(refused('{"contents": []}'), "a Gemini request, which is not read")
  })

  it.effect("take the place of the same calls imported without them", () =>
    inFolder(({ run, write }) =>
      Effect.gen(function* () {
        // A row without its answer's request: its system prompt is not known.
        const spend = { ...row("1"), messages: {}, request_id: "1", spend: 0.1 }
        yield* write("log.jsonl", lines(row("0"), spend))
        const first = yield* run("log.jsonl")
        const again = yield* run("log.jsonl", { supply: supply({ system: "Be brief." }) })
        assert.strictEqual(again.imported, 0)
        assert.strictEqual(again.duplicates, first.read)
        assert.strictEqual((yield* rows).length, first.imported)
      })
    )
  )
})
