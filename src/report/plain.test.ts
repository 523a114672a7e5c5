import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { hostileText } from "../testing/runResult.ts"
import { plainLine, visible } from "./plain.ts"

const codes = (text: string) => [...text].map((character) => character.codePointAt(0)!)

describe("foreign text", () => {
  it("loses escape sequences on its way to a terminal, whole and not only their first byte", () => {
    assert.strictEqual(plainLine("\u001b[31mred\u001b[0m\u001b]0;title\u0007 end"), "red end")
    assert.strictEqual(plainLine("two\r\nlines\u202E"), "two lines")
  })

  it("keeps its control characters visible in a page", () => {
    assert.strictEqual(visible("a\u001b[31m\u0000\u007f\u009b\u202Eb"), "a␛[31m␀␡[U+009B][U+202E]b")
    assert.strictEqual(visible("a\r\nb\rc\td"), "a\nb\nc\td")
  })

  it.effect.prop("has no control character left, whatever it was", { text: Schema.String }, ({ text }) =>
    Effect.sync(() => {
      for (const raw of [text, `${hostileText}${text}`]) {
        assert.isFalse(codes(plainLine(raw)).some((code) => code < 0x20 || (code >= 0x7f && code <= 0x9f)))
        const seen = codes(visible(raw))
        assert.isFalse(
          seen.some((code) => (code < 0x20 && code !== 9 && code !== 10) || (code >= 0x7f && code <= 0x9f))
        )
      }
    })
  )
})
