import { assert, describe, it } from "@effect/vitest"

import type { Message } from "../../domain/Message.ts"
import { archivedCall, userMessage } from "../../testing/archivedCall.ts"
import { sketchOf } from "./sketch.ts"

const of = (...messages: ReadonlyArray<Message>) => sketchOf(archivedCall("a", { messages }).request)
const result = (text: string): Message => ({
  role: "tool",
  blocks: [{ type: "tool_result", toolUseId: "t", content: [{ type: "text", text }], executedBy: "client" }]
})

describe("a prompt's sketch", () => {
  it("is the same for another number, date, id, address, case or spacing", () => {
    assert.strictEqual(
      of(userMessage("Refund order HH-24161 of 2026-05-04, 12.50 EUR, to jo@shop.example.")),
      of(userMessage("refund order ZZ-9 of 01/02/2027,  3 EUR, to ann.b@x.example"))
    )
  })

  it("is another one for another word, quoted text, code or order", () => {
    const one = of(userMessage("Review `let a = b` now"))
    for (const text of ["Review `let a = c` now", "Review `let a = b` later", "now Review `let a = b`"]) {
      assert.notStrictEqual(of(userMessage(text)), one)
    }
  })

  it("is another one after another turn, or another tool result", () => {
    const asked = userMessage("Where is it?")
    const one = of(asked, result("in transit"))
    assert.notStrictEqual(of(asked), one)
    assert.notStrictEqual(of(asked, result("lost")), one)
    assert.notStrictEqual(of({ ...asked, role: "system" }, result("in transit")), one)
    assert.strictEqual(of(asked, result("in transit")), one)
  })
})
