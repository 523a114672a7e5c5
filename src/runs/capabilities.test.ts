import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { loadListContexts } from "../pricing/listPrices.ts"
import { resolveProvider } from "./accounts.ts"
import { capabilitiesOf } from "./capabilities.ts"

describe("what is known of a model", () => {
  const providers = {
    openai: { kind: "openai", concurrency: "adaptive", models: { "gpt-4o": { vision: true, context: 64_000 } } },
    fleet: {
      kind: "openai",
      baseURL: "http://127.0.0.1:8089/v1",
      concurrency: "adaptive",
      models: { small: { tools: false } }
    }
  } as const
  const known = Effect.map(loadListContexts, (listed) =>
    capabilitiesOf({ providers }, (name) => resolveProvider(name, { providers }), listed)
  )

  it.effect("is what the suite says, and the context of the public list where it says none", () =>
    Effect.gen(function* () {
      const capabilities = yield* known
      assert.deepStrictEqual(capabilities("openai", "gpt-4o"), { vision: true, context: 64_000 })
      assert.deepStrictEqual(capabilities("openai", "gpt-4o-mini"), { context: 128_000 })
      assert.deepStrictEqual(capabilities("openai", "no-such-model"), {})
    })
  )

  it.effect("is nothing of a model of a known name that somebody else serves", () =>
    Effect.gen(function* () {
      const capabilities = yield* known
      assert.deepStrictEqual(capabilities("fleet", "gpt-4o"), {})
      assert.deepStrictEqual(capabilities("fleet", "small"), { tools: false })
    })
  )
})
