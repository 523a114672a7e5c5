import { existsSync, readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"

import { assert, describe, it } from "@effect/vitest"

import { blocksOf, readme, written } from "./readme.ts"

const root = resolve(import.meta.dirname, "..")
/** Milliseconds: the demonstration is run, on a busy machine. */
const patience = 300_000

/** Paths of this repository that a text names: in code spans, by their first folder, and in links. Capitals stand for a name to be chosen. */
const pathsIn = (text: string): ReadonlyArray<string> => {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, "")
  const spans = [...prose.matchAll(/`((?:src|scripts|docs|bin|suites|datasets|\.ci)\/[\w@./-]+)`/g)].map((m) => m[1]!)
  const links = [...prose.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map((m) => m[1]!)
  return [...new Set([...spans, ...links])].filter((path) => !/(^|[/.])(NAME|ID)\b/.test(path))
}

describe("the guides", () => {
  it(
    "README.md shows what the commands print (npm run readme writes it anew)",
    () => {
      const text = readFileSync(readme, "utf8")
      assert.includeMembers(
        blocksOf(text).map(({ command }) => command),
        ["--help", "demo"]
      )
      assert.strictEqual(text, written(text))
    },
    patience
  )

  for (const name of ["README.md", "CONTRIBUTING.md"]) {
    it(`every path that ${name} names is there`, () => {
      const file = join(root, name)
      const paths = pathsIn(readFileSync(file, "utf8"))
      assert.isAbove(paths.length, 3)
      assert.deepStrictEqual(
        paths.filter((path) => !existsSync(resolve(dirname(file), path))),
        []
      )
    })
  }

  it("every command of npm's that a guide names is there", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object }
    const named = ["README.md", "CONTRIBUTING.md", "docs/perf.md"].flatMap((name) =>
      [...readFileSync(join(root, name), "utf8").matchAll(/npm (?:run )?(test|(?<=run )[\w:]+)/g)].map((m) => m[1]!)
    )
    assert.deepStrictEqual(
      named.filter((script) => !Object.hasOwn(scripts, script)),
      []
    )
  })
})
