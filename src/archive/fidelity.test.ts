import { assert, describe, it } from "@effect/vitest"

import type { ArchivedCall, CallRequest, CallResponse, Usage } from "../domain/Call.ts"
import type { Block } from "../domain/Message.ts"
import { fidelityOf, type Recorded, usageOnly, wholeBody } from "./fidelity.ts"
import { markIn } from "./marks.ts"

const text = (words: string): Block => ({ type: "text", text: words })
const counts = { total: 5, uncached: 5, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 }
const usage: Usage = { basis: "reported", input: counts, output: { total: 2, text: 2, reasoning: 0 } }

interface Parts {
  readonly system?: string
  readonly said?: ReadonlyArray<Block>
  readonly answer?: ReadonlyArray<Block>
  readonly response?: Partial<CallResponse>
  readonly usage?: Usage
  readonly tools?: CallRequest["tools"]
}

const call = ({
  answer = [text("hello")],
  response,
  said = [text("hi")],
  system = "Be brief.",
  tools = [],
  usage: used = usage
}: Parts) => ({
  request: {
    wire: "openai.chat",
    model: "m",
    messages: [
      { role: "system", blocks: [text(system)] },
      { role: "user", blocks: said }
    ],
    tools,
    params: {}
  } satisfies CallRequest,
  response: { blocks: answer, stopReason: "end", complete: true, ...response } satisfies CallResponse,
  usage: used,
  billed: { nanoUsd: null, basis: "none", billing: "unknown" } satisfies ArchivedCall["billed"],
  timing: { startedAt: "2026-08-01T10:00:00.000Z", basis: "reported" } satisfies ArchivedCall["timing"]
})
const graded = (parts: Parts, recorded: Partial<Recorded> = {}) =>
  fidelityOf(call(parts), { ...wholeBody, ...recorded })

describe("the grade of a call", () => {
  it("is A where everything was seen, whatever is known of usage, cost and time", () => {
    const whole = graded({})
    assert.strictEqual(whole.grade, "A")
    assert.deepStrictEqual(whole.notes, [])
    const uncounted = graded({ usage: { basis: "unreliable", input: null, output: null } })
    assert.strictEqual(uncounted.grade, "A")
    assert.deepStrictEqual(uncounted.notes, ["token counts were not logged"])
  })

  it("is B where system, tools or parameters are not there, or history was put together without a loss", () => {
    for (const recorded of [
      { system: "absent" },
      { tools: "unknown" },
      { params: "reconstructed" },
      { history: "reconstructed" },
      { response: "reconstructed" }
    ] satisfies ReadonlyArray<Partial<Recorded>>) {
      assert.strictEqual(graded({}, recorded).grade, "B", JSON.stringify(recorded))
    }
  })

  it("is D where the request holds no message, unless the provider keeps all of it as a prompt", () => {
    const whole = call({})
    const blank = { ...whole, request: { ...whole.request, messages: [] } }
    const read = fidelityOf(blank, wholeBody)
    assert.deepStrictEqual([read.grade, read.parts["history"]], ["D", "absent"])
    assert.include(read.notes, "the request holds no messages")
    const stored = { ...blank, request: { ...blank.request, promptTemplate: { name: "p" } } }
    assert.strictEqual(fidelityOf(stored, wholeBody).grade, "A")
  })

  it("is C where history or answer are cut, partial or flattened, or a picture is gone", () => {
    for (const recorded of [
      { history: "partial" },
      { history: "truncated" },
      { response: "truncated" },
      { media: "absent" }
    ] satisfies ReadonlyArray<Partial<Recorded>>) {
      assert.strictEqual(graded({}, recorded).grade, "C", JSON.stringify(recorded))
    }
    const image = (base64: string) => graded({ said: [{ type: "image", source: { kind: "inline", base64 } }] })
    assert.strictEqual(image("iVBORw0KGgo=").grade, "A")
    assert.strictEqual(image("<image removed>").grade, "C")
    assert.deepStrictEqual(image("").notes, ["pictures, documents or sounds were not kept"])
  })

  it("is D where there is no content, and for an answer without its request", () => {
    assert.strictEqual(fidelityOf(call({ answer: [] }), usageOnly).grade, "D")
    assert.strictEqual(fidelityOf(call({}), { ...usageOnly, response: "verbatim" }).grade, "D")
    assert.strictEqual(graded({}, { history: "redacted", response: "redacted" }).grade, "D")
  })

  it("takes what the importer knows and what the texts show together: the worse of both", () => {
    const cut = graded({ said: [text("a(litellm_truncated skipped 9 chars)b")] }, { history: "reconstructed" })
    assert.strictEqual(cut.parts["history"], "truncated")
    assert.strictEqual(cut.grade, "C")
    assert.include(cut.notes, "the log cut the conversation short")
  })
})

describe("marks that loggers leave", () => {
  it("are told apart", () => {
    const rows: ReadonlyArray<readonly [string, ReturnType<typeof markIn>]> = [
      ["plain", undefined],
      ["redacted-by-litellm", "redacted"],
      ["__REDACTED__", "redacted"],
      ["what is __REDACTED__ in a trace?", undefined],
      ["head (litellm_truncated skipped 12 chars) tail", "truncated"],
      [`${"x".repeat(61_440)}\n\n[TRUNCATED - Content exceeds 60KB limit]`, "truncated"],
      ["the mark [TRUNCATED - Content exceeds 60KB limit] amid a text", undefined],
      ["attachment://0123456789abcdef0123456789abcdef", "partial"],
      ["tc://0123456789abcdef0123456789abcdef", "partial"],
      ["see attachment://0123456789abcdef0123456789abcdef", undefined],
      ["@@@langfuseMedia:type=image/png|id=a1|source=bytes@@@", "media"],
      ["@@@langfuseMedia:type=text/plain|id=a1|source=observation_field_size_limit@@@", "truncated"],
      ["@@@langfuseMedia:type= is how it begins", undefined],
      ["data:image/png;base64,<base64-data-removed>", "media"]
    ]
    for (const [words, mark] of rows) assert.strictEqual(markIn(words), mark, words.slice(-60))
  })

  it("lower the grade wherever they stand, with a note of what they mean", () => {
    const result = (words: string): Block => ({
      type: "tool_result",
      toolUseId: "1",
      content: [text(words)],
      executedBy: "client"
    })
    const hidden = graded({ said: [result("__REDACTED__")] })
    assert.deepStrictEqual([hidden.grade, hidden.parts["history"]], ["C", "redacted"])
    assert.include(hidden.notes, "the log hides the conversation")
    const system = graded({ system: "x\n\n[TRUNCATED - Content exceeds 60KB limit]" })
    assert.deepStrictEqual([system.grade, system.parts["system"]], ["C", "truncated"])
    const answer = graded({ answer: [text("attachment://0123456789abcdef0123456789abcdef")] })
    assert.deepStrictEqual([answer.grade, answer.parts["response"]], ["C", "partial"])
    const media = graded({ said: [text("@@@langfuseMedia:type=image/png|id=a1|source=bytes@@@")] })
    assert.deepStrictEqual([media.grade, media.parts["media"], media.parts["history"]], ["C", "absent", "verbatim"])
    const tool = {
      name: "t",
      description: "a (litellm_truncated skipped 9 chars) b",
      inputSchema: {},
      kind: "function",
      basis: "recorded"
    } as const
    assert.deepStrictEqual(
      [graded({ tools: [tool] }).grade, graded({ tools: [tool] }).parts["tools"]],
      ["B", "truncated"]
    )
  })
})

describe("thinking", () => {
  const thought = (words: string | null, more: object = {}): Block => ({ type: "thinking", text: words, ...more })

  it("is named and does not change the grade", () => {
    const rows: ReadonlyArray<readonly [Parts, string | undefined]> = [
      [{}, undefined],
      [{ answer: [thought("so"), text("hello")] }, "verbatim"],
      [{ answer: [thought(null, { encrypted: "x", redacted: true }), text("hello")] }, "redacted"],
      [{ answer: [thought("", { signature: "s" }), text("hello")] }, "redacted"],
      [{ said: [thought(null, { encrypted: "x" })] }, "redacted"],
      [{ usage: { ...usage, output: { total: 9, text: 2, reasoning: 7 } } }, "absent"]
    ]
    for (const [parts, state] of rows) {
      const fidelity = graded(parts)
      assert.strictEqual(fidelity.grade, "A")
      assert.strictEqual(fidelity.parts["thinking"], state)
      assert.strictEqual(fidelity.notes.length, state === "redacted" || state === "absent" ? 1 : 0)
    }
  })
})
