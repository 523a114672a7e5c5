import { readFileSync } from "node:fs"

import { assert, describe, it } from "@effect/vitest"

import { checks } from "../src/checks/registry.ts"
import { combiners } from "../src/graders/combiners.ts"
import { graders } from "../src/graders/registry.ts"

const guide = readFileSync(new URL("../docs/graders.md", import.meta.url), "utf8")

describe("docs/graders.md", () => {
  it("lists every grader and check with what the help says of it, and no other", () => {
    const rows = [...guide.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map(([, id, about]) => `${id}: ${about}`)
    const known = [...graders, ...combiners, ...checks].map(({ about, id }) => `${id}: ${about}`)
    assert.deepStrictEqual([...rows].sort(), [...known].sort())
  })
})
