import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { hostileResult, hostileText } from "../../testing/runResult.ts"
import { renderSections } from "../registry.ts"
import { fenced, inline, markdown } from "./markdown.ts"

describe("foreign text in Markdown", () => {
  it("stays in its cell and is no markup", () => {
    assert.strictEqual(
      inline("a | b\n<script>x</script> ![i](u) `c` *d* _e_ snake_case"),
      "a \\| b &lt;script&gt;x&lt;/script&gt; !\\[i\\](u) \\`c\\` \\*d\\* \\_e\\_ snake_case"
    )
    assert.deepStrictEqual(["# x", "1. x", "- x", "+1.2"].map(inline), ["\\# x", "1\\. x", "\\- x", "+1.2"])
  })

  it.effect.prop(
    "in a block never closes its fence",
    { text: Schema.String, ticks: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 40 })) },
    ({ text, ticks }) =>
      Effect.sync(() => {
        const lines = fenced(`${text}\n${"`".repeat(ticks)}\n${text}`).split("\n")
        const [fence = ""] = /^`+/.exec(lines[0]!) ?? []
        assert.strictEqual(lines.at(-1), fence)
        assert.isFalse(lines.slice(1, -1).some((line) => line.includes(fence)))
      })
  )
})

/** A reader of Markdown's outline: code blocks by their fences, and what is outside of them. */
const outsideFences = (text: string) => {
  const outside: Array<string> = []
  let fence: string | undefined
  for (const line of text.split("\n")) {
    const [ticks] = /^`{3,}/.exec(line) ?? []
    if (fence === undefined) {
      if (ticks === undefined) outside.push(line)
      else fence = ticks
    } else if (line === fence) fence = undefined
  }
  assert.isUndefined(fence, "a code block stays open")
  return outside
}

it.effect("a hostile report keeps its tables and holds no raw HTML but its own", () =>
  Effect.gen(function* () {
    const result = hostileResult()
    const worst = [
      {
        caseId: "c1",
        slice: hostileText,
        grader: hostileText,
        score: 0,
        reference: 1,
        why: hostileText,
        asked: hostileText,
        original: hostileText,
        answered: hostileText
      }
    ]
    const data = { result, worst, worstOf: "x" }
    const outside = outsideFences(yield* markdown.render(data, renderSections(data)))
    assert.match(outside[0]!, /^# .*can take over from/)
    const html = outside.flatMap((line) => [...line.matchAll(/<\/?[a-zA-Z!][^>]*>/g)].map(([tag]) => tag))
    assert.deepStrictEqual([...new Set(html)].sort(), ["</sub>", "<sub>"])
    for (const [at, line] of outside.entries()) {
      if (!/^\| (:?-)/.test(line)) continue
      const columns = (row: string) => [...row.replaceAll("\\\\", "").matchAll(/(?<!\\)\|/g)].length
      for (let row = at - 1; outside[row]?.startsWith("|"); row++)
        assert.strictEqual(columns(outside[row]!), columns(line))
    }
  })
)
