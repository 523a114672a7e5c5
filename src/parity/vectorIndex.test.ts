import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

import { assert, describe, it } from "@effect/vitest"

const index = fileURLToPath(new URL("../../../shared/vectors/index.json", import.meta.url))
const src = fileURLToPath(new URL("../", import.meta.url))
const self = fileURLToPath(import.meta.url)

/** Vector files that no test reads yet. */
const unread: ReadonlyArray<string> = ["14_routing", "17_cascade", "18_race_end_to_end"]

describe("the reference vectors", () => {
  it.skipIf(!existsSync(index))("are each read by a test [needs ../shared]", () => {
    const listed = JSON.parse(readFileSync(index, "utf8")) as ReadonlyArray<{ readonly file: string }>
    const names = listed.map(({ file }) => file.replace(/\.json$/, ""))
    assert.isAbove(names.length, 0)
    const tests = readdirSync(src, { recursive: true, encoding: "utf8" })
      .map((name) => join(src, name))
      .filter((path) => path.endsWith(".test.ts") && path !== self)
      .map((path) => readFileSync(path, "utf8"))
    assert.deepStrictEqual(
      names.filter((name) => !unread.includes(name) && !tests.some((text) => text.includes(name))),
      []
    )
  })
})
