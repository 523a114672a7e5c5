import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"

import { priceBook } from "./book.ts"

const openai = { name: "openai", kind: "openai" }
const anthropic = { name: "anthropic", kind: "anthropic" }

describe("the price book", () => {
  it.effect("takes the user's rows first, then the public list", () =>
    Effect.gen(function* () {
      const book = yield* priceBook({ fleet: { "gpt-4o-mini": { input: 0.07, output: "0.3" } } })
      const own = book.priceOf({ name: "fleet", kind: "openai" }, "gpt-4o-mini", "2026-05-01")
      assert.deepStrictEqual(own, { input: "0.07", output: "0.3", source: "suite", asOf: "2026-05-01" })
      const listed = book.priceOf(openai, "gpt-4o-mini-2024-07-18", "2026-05-01")
      assert.strictEqual(listed?.input, "0.15")
      assert.strictEqual(listed?.cacheRead, "0.075")
      assert.include(listed?.source, "openai/gpt-4o-mini")
      const claude = book.priceOf(anthropic, "claude-3-5-sonnet-20241022")
      assert.deepStrictEqual([claude?.cacheWrite5m, claude?.cacheWrite1h], ["3.75", "6"])
    })
  )

  it.effect("prices a call at its day", () =>
    Effect.gen(function* () {
      const book = yield* priceBook({})
      const before = book.priceOf(openai, "o3", "2025-06-09T23:59:59Z")
      const after = book.priceOf(openai, "o3", "2025-06-10T00:00:00Z")
      assert.deepStrictEqual([before?.input, before?.asOf], ["10", "2025-06-09"])
      assert.deepStrictEqual([after?.input, after?.asOf], ["2", "2025-06-10"])
      assert.include(after?.source, "since 2025-06-10")
    })
  )

  it.effect("prices at the day it was opened where no time is given", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2025, 0, 1))
      const book = yield* priceBook({})
      assert.deepStrictEqual(
        [book.priceOf(openai, "o3")?.input, book.priceOf(openai, "o3")?.asOf],
        ["10", "2025-01-01"]
      )
    })
  )

  it.effect("takes the base tier and says so", () =>
    Effect.gen(function* () {
      const book = yield* priceBook({})
      const price = book.priceOf(openai, "gpt-5.4", "2026-06-01")
      assert.strictEqual(price?.input, "2.5")
      assert.include(price?.source, "base tier")
    })
  )

  it.effect("has no price for what it does not know, and none for a self-hosted kind but the user's", () =>
    Effect.gen(function* () {
      const book = yield* priceBook({ local: { mine: { input: 0, output: 0 } } })
      const local = { name: "local", kind: "ollama" }
      assert.isUndefined(book.priceOf(openai, "small"))
      assert.isUndefined(book.priceOf(openai, ""))
      assert.isUndefined(book.priceOf(openai, "whisper-1"))
      assert.isUndefined(book.priceOf(local, "gpt-4o"))
      assert.strictEqual(book.priceOf(local, "mine")?.input, "0")
      assert.isUndefined(book.priceOf({ name: "x", kind: "another" }, "gpt-4o"))
    })
  )

  it.effect("goes by the address of a listed host before the kind", () =>
    Effect.gen(function* () {
      const book = yield* priceBook({})
      const at = (baseURL: string) => book.priceOf({ name: "x", kind: "openai", baseURL }, "llama-3.3-70b-versatile")
      assert.include(at("https://api.groq.com/openai/v1")?.source, "groq/")
      assert.isUndefined(at("http://127.0.0.1:8089/v1"))
    })
  )

  it.effect("names the version of the list that is installed", () =>
    Effect.gen(function* () {
      const entry = createRequire(import.meta.url).resolve("@pydantic/genai-prices")
      const { version } = JSON.parse(readFileSync(join(dirname(entry), "..", "package.json"), "utf8")) as {
        version: string
      }
      const book = yield* priceBook({})
      assert.include(book.priceOf(openai, "gpt-4o")?.source, `@pydantic/genai-prices ${version}:`)
    })
  )
})
