import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { LaneState } from "../calls/Calls.ts"
import { stopping } from "./stopping.ts"

const lane = (out: number): LaneState => ({
  account: "fleet",
  out,
  waiting: 0,
  limit: 8,
  limited: 0,
  tokensPerSecond: { input: 0, output: 0 }
})

describe("stopping", () => {
  for (const [out, words] of [
    [1, "Waiting for 1 call that is paid for"],
    [2, "Waiting for 2 calls that are paid for"]
  ] as const)
    it.live(`says of ${out}: ${words}`, () =>
      Effect.gen(function* () {
        const said: Array<string> = []
        let looks = 0
        const lanes = Effect.sync(() => [lane(looks++ === 0 ? out : 0)])
        yield* Effect.flip(stopping({ lanes, retune: () => Effect.void }, (text) => said.push(text), "again"))
        assert.lengthOf(said, 1)
        assert.include(said[0], words)
      })
    )
})
