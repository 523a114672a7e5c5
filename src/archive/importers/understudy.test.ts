import { assert, describe, it } from "@effect/vitest"

import { archivedCall } from "../../testing/archivedCall.ts"
import { sniff } from "../sniff.ts"
import { understudy } from "./understudy.ts"

const read = (json: unknown) => understudy.start({}).open("export.jsonl").line({ line: 1, json })[0]

describe("an export of an archive", () => {
  it("is told from other logs and read back call by call, each as it was", () => {
    const call = archivedCall("a")
    const row: unknown = JSON.parse(JSON.stringify(call))
    const told = sniff({ file: "export.jsonl", first: [row] })
    assert.strictEqual(told._tag === "Importer" && told.importer.id, "understudy")
    assert.deepStrictEqual(read(row), { _tag: "Call", call, dedupeKey: call.id })
  })

  it("that was changed is skipped, and what is none is counted", () => {
    const row = { ...archivedCall("a"), usage: 7 }
    assert.strictEqual(read(row)?._tag, "Skip")
    assert.strictEqual(read({ schema: "archived-call/2" })?._tag, "Skip")
    for (const odd of [7, null, [], "x", {}]) assert.strictEqual(read(odd)?._tag, "Other")
  })
})
