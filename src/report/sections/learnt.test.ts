import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { runResult } from "../../testing/runResult.ts"
import { html } from "../renderers/html.ts"
import { markdown } from "../renderers/markdown.ts"
import { checks } from "./checks.ts"

const rude = "</pre><script>alert(1)</script>\n```\n# head"
const slice = (name: string, more: object) => ({ slice: name, learnt: 40, notJson: 1, ...more })
const learnt = [
  {
    use: "jsonSchema",
    slices: [slice("short", { schema: { enum: [rude] } }), slice("none | `x`", { why: "too few" })]
  }
]
const rendered = (result: ReturnType<typeof runResult>) =>
  Effect.gen(function* () {
    const data = { result, worst: [], worstOf: null }
    const pieces = yield* checks.render(data)
    const sections = Effect.succeed([{ id: checks.id, title: checks.title, pieces }])
    return { pieces, page: yield* html.render(data, sections), text: yield* markdown.render(data, sections) }
  })

describe("what was learnt, in a report", () => {
  it.effect("is shown without checks on trial: how many past answers, the schema folded, or why there is none", () =>
    Effect.gen(function* () {
      const { page, pieces, text } = yield* rendered(runResult({ learnt }))
      const tables = pieces.flatMap((piece) => (piece._tag === "Table" ? [piece.rows] : []))
      assert.deepStrictEqual(tables, [
        [
          ["short", "40", "1", "learnt"],
          ["none | `x`", "40", "1", "none: too few"]
        ]
      ])
      assert.include(page, "<details><summary>The schema of short, from 40 past answers</summary><pre")
      assert.notInclude(page, "<script>")
      assert.match(text, /\*\*The schema of short, from 40 past answers\*\*\n\n````text\n\{\n {2}"enum"/)
      assert.notInclude(text, "\n# head")
    })
  )

  it.effect("is cut where it is long, and so are the schemas of many slices", () =>
    Effect.gen(function* () {
      const long = slice("long", { schema: { enum: ["x".repeat(9000)] } })
      const many = Array.from({ length: 25 }, (_, i) => ({ ...slice(`s${i}`, { schema: {} }), learnt: i + 5 }))
      const { page, pieces, text } = yield* rendered(
        runResult({ learnt: [{ use: "jsonSchema", slices: [long, ...many] }] })
      )
      assert.strictEqual(pieces.filter(({ _tag }) => _tag === "Folded").length, 20)
      for (const shown of [page, text]) {
        assert.match(shown, /more characters; report\.json has all of it/)
        assert.include(shown, "report.json has 6 more")
        assert.isBelow(shown.length, 30_000)
      }
    })
  )
})
