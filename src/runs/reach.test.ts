import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"

import { resolveProvider } from "./accounts.ts"
import { reach } from "./reach.ts"

const reached = (entry: object) =>
  reach(resolveProvider("f", { providers: { f: { kind: "openai", concurrency: "adaptive", ...entry } } })!).pipe(
    Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({ KEY: "k", AZURE_OPENAI_API_KEY: "k" })))
  )

describe("a provider that cannot be asked", () => {
  it.effect("for a file of certificates that is not there is told of, and the others are still looked at", () =>
    Effect.gen(function* () {
      const { reachable, why } = yield* reached({
        baseURL: "https://127.0.0.1:9/v1",
        apiKey: "env:KEY",
        caFile: "/nowhere/ours.pem"
      })
      assert.isNull(reachable)
      assert.include(why, "the file of certificates cannot be read (ENOENT): /nowhere/ours.pem")
    })
  )

  it.effect("for nobody listens at Azure's address says so", () =>
    Effect.gen(function* () {
      const { host, reachable, why } = yield* reached({
        kind: "azure",
        baseURL: "http://127.0.0.1:9",
        apiVersion: "2024-10-21"
      })
      assert.isFalse(reachable)
      assert.include(why, "ECONNREFUSED")
      assert.strictEqual(host, "127.0.0.1:9?api-version=2024-10-21")
    })
  )
})
