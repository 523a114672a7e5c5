import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { archivePage } from "../../../runs/archivePage.ts"
import { Archives } from "../../../store/Archives.ts"
import { archiveSummary } from "../../summary.ts"
import { inFolder, lines } from "../../testFolder.ts"

const turn = (id: string, input: string, inputTokens: number, before?: string) => ({
  request: { model: "gpt-5.2", input, ...(before === undefined ? {} : { previous_response_id: before }) },
  response: {
    id,
    object: "response",
    created_at: 1785578400 + inputTokens,
    status: "completed",
    model: "gpt-5.2",
    output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text: `to ${input}` }] }],
    usage: { input_tokens: inputTokens, output_tokens: 5, total_tokens: inputTokens + 5 }
  }
})
const three = [turn("resp_1", "one", 10), turn("resp_2", "two", 30, "resp_1"), turn("resp_3", "three", 50, "resp_2")]

const index = Effect.gen(function* () {
  const rows = yield* (yield* Archives).query(
    "test",
    "SELECT fidelity AS grade, promptTokens, contextTokens, inputTokens FROM calls ORDER BY inputTokens"
  )
  return rows.map((row) => [row["grade"], row["promptTokens"], row["contextTokens"], row["inputTokens"]].map(String))
})

describe("a conversation that its provider keeps, imported a file a day", { timeout: 180_000 }, () => {
  it.effect("does not tell prompt and context apart where what came before is not known", () =>
    inFolder(({ run, write }) =>
      Effect.gen(function* () {
        yield* write("b.jsonl", lines(three[1]))
        yield* run("b.jsonl")
        assert.deepStrictEqual(yield* index, [["C", "null", "null", "30"]])
        const page = archivePage(yield* archiveSummary("test"))
        assert.match(page, /^input tokens +30 = 0 prompt \+ 0 context carried along, 30 not told apart \(1 call\)$/m)
      })
    )
  )

  it.effect("is put together when the files come together", () =>
    inFolder(({ run, write }) =>
      Effect.gen(function* () {
        for (const [at, name] of ["c.jsonl", "b.jsonl", "a.jsonl"].entries()) yield* write(name, lines(three[2 - at]))
        for (const name of ["c.jsonl", "b.jsonl", "a.jsonl"]) yield* run(name)
        assert.deepStrictEqual(
          (yield* index).map(([grade]) => grade),
          ["A", "C", "C"]
        )
        const again = yield* run(["c.jsonl", "a.jsonl", "b.jsonl"])
        assert.deepStrictEqual([again.read, again.duplicates, again.replaced], [3, 3, 2])
        const whole = yield* index
        assert.deepStrictEqual(
          whole.map(([grade, prompt, context, input]) => [grade, Number(prompt) + Number(context) === Number(input)]),
          [
            ["A", true],
            ["B", true],
            ["B", true]
          ]
        )
        const last = yield* run(["a.jsonl", "b.jsonl", "c.jsonl"])
        assert.deepStrictEqual([last.duplicates, last.replaced], [3, 0])
        assert.deepStrictEqual(yield* index, whole)
      })
    )
  )
})
