import { readdirSync, readFileSync, statSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"

import { assert, describe, it } from "@effect/vitest"

const src = dirname(fileURLToPath(import.meta.url))

/** Who may import whom, from the top down; rooms in one row do not import each other. */
const floors: ReadonlyArray<ReadonlyArray<string>> = [
  ["cli"],
  ["runs"],
  ["nightly", "report"],
  ["climb", "ledger", "suite", "archive"],
  ["evaluate"],
  ["replay", "graders", "parity"],
  ["calls", "checks"],
  ["providers", "pricing", "store"],
  ["domain"]
]
/** Rooms beside the house: they import `domain` only; anyone may use them. */
const beside = ["standin", "config", "telemetry", "testing"]

/** Packages that exactly one file may import. */
const lone = [
  "openai",
  "@anthropic-ai/sdk",
  "ollama",
  "@duckdb/node-api",
  "undici",
  "@pydantic/genai-prices",
  "ajv",
  "vega",
  "vega-lite",
  "p-limit",
  "canonicalize",
  "yauzl",
  "@secretlint/core",
  "@secretlint/secretlint-rule-preset-recommend",
  "fastest-levenshtein",
  "js-rouge",
  "prettier",
  "node-sql-parser",
  "parse5",
  "saxes"
]

const files = (dir: string): ReadonlyArray<string> =>
  readdirSync(dir).flatMap((name) => {
    const path = join(dir, name)
    return statSync(path).isDirectory() ? files(path) : path.endsWith(".ts") ? [path] : []
  })
const all = files(src).filter((file) => !file.endsWith(".test.ts"))
const importsOf = (file: string) =>
  [...readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((m) => m[1]!)
const roomOf = (file: string) => {
  const [room, rest] = relative(src, file).split(/[\\/]/)
  return rest === undefined ? undefined : room
}
const allowed = (from: string, to: string): boolean => {
  if (from === to || to === "domain") return true
  if (beside.includes(from)) return false
  if (beside.includes(to)) return true
  const at = (room: string) => floors.findIndex((row) => row.includes(room))
  return at(from) !== -1 && at(from) < at(to)
}

describe("the rooms", () => {
  it("are all in the table", () => {
    const known = [...floors.flat(), ...beside]
    const rooms = readdirSync(src).filter((name) => statSync(join(src, name)).isDirectory())
    assert.deepStrictEqual(
      rooms.filter((room) => !known.includes(room)),
      []
    )
  })

  it("import downwards only", () => {
    const wrong = all.flatMap((file) => {
      const from = roomOf(file)
      if (from === undefined) return []
      return importsOf(file).flatMap((specifier) => {
        if (!specifier.startsWith(".") || !specifier.endsWith(".ts")) return []
        const to = roomOf(resolve(dirname(file), specifier))
        return to !== undefined && allowed(from, to) ? [] : [`${relative(src, file)} imports ${specifier}`]
      })
    })
    assert.deepStrictEqual(wrong, [])
  })

  it("each SDK and each native package is imported in exactly one file", () => {
    const users = (name: string) =>
      all
        .filter((file) => importsOf(file).some((s) => s === name || s.startsWith(`${name}/`)))
        .map((f) => relative(src, f))
    assert.deepStrictEqual(
      lone.map((name) => [name, users(name)] as const).filter(([, by]) => by.length > 1),
      []
    )
  })

  it("no file is above 350 lines", () => {
    const long = all.map((file) => [relative(src, file), readFileSync(file, "utf8").split("\n").length] as const)
    assert.deepStrictEqual(
      long.filter(([, lines]) => lines > 350),
      []
    )
  })
})
