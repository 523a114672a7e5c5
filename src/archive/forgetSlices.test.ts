import { assert, describe, it } from "@effect/vitest"

import { archivedCall, userMessage } from "../testing/archivedCall.ts"
import { withoutGone } from "./forgetSlices.ts"
import type { SliceEntry } from "./slices/slices.ts"
import { templateOf } from "./slices/template.ts"

/** The template of calls with a system prompt, as the index has it. */
const template = (system: string, user: string, calls: number) => ({
  ...templateOf(
    archivedCall("any", {
      messages: [{ role: "system", blocks: [{ type: "text", text: system }] }, userMessage(user)]
    })
  ),
  calls
})

const refunds = template("You are a refunds clerk. Decide by the policy.", "Refund order please", 8)
const moon = template("You are the assistant of project moonshot.", "Summarise the secret memo", 5)
const sun = template("You are the assistant of project sunrise.", "Summarise the public memo", 3)

const entry = (slice: string, templates: ReadonlyArray<{ key: string }>, about: SliceEntry["about"]): SliceEntry => ({
  slice,
  templates: templates.map(({ key }) => key),
  calls: 99,
  about: { tools: about.tools, system: about.system, user: about.user }
})

describe("the slices of an archive that calls are removed from", () => {
  it("lose the entries that no call is left of, and keep the others with their names", () => {
    const left = withoutGone([entry("refunds", [refunds], refunds), entry("moonshot", [moon], moon)], [refunds])
    assert.deepStrictEqual(left, [{ ...entry("refunds", [refunds], refunds), calls: 8 }])
  })

  it("quote no prompt that is gone: where one was quoted, the commonest that stays is", () => {
    const [memos, ...others] = withoutGone([entry("memos", [moon, sun], moon)], [sun])
    assert.deepStrictEqual(others, [])
    assert.notInclude(JSON.stringify(memos), "moonshot")
    assert.notInclude(JSON.stringify(memos), "secret")
    assert.deepStrictEqual(memos, { ...entry("memos", [sun], sun), calls: 3 })
  })

  it("are as they were where all that they quote stays", () => {
    const entries = [entry("memos", [moon, sun], moon)]
    assert.deepStrictEqual(withoutGone(entries, [moon, sun]), [{ ...entries[0]!, calls: 8 }])
  })
})
