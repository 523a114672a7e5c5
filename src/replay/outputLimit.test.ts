import { assert, describe, it } from "@effect/vitest"

import { largerLimit, toldLimit } from "./outputLimit.ts"

describe("the limit of output tokens that a provider tells of", () => {
  it("is read from the words of many vendors", () => {
    for (const [words, most, of] of [
      [
        "max_tokens is too large: 32000. This model supports at most 16384 completion tokens, whereas you provided 32000.",
        16384,
        "model"
      ],
      [
        "max_tokens: 20000 > 8192, which is the maximum allowed number of output tokens for claude-3-5-haiku",
        8192,
        "model"
      ],
      ["`max_completion_tokens` must be less than or equal to `8192`, the maximum value for this model", 8192, "model"],
      ["Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", 8192, "model"],
      ["Range of max_tokens should be [1, 4096]", 4096, "model"],
      [
        "This model's maximum context length is 8192 tokens. However, you requested 8256 tokens (64 in the messages, 8192 in the completion).",
        8128,
        "request"
      ],
      [
        "'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context length is 4096 tokens and your request has 12 input tokens (4096 > 4096 - 12).",
        4084,
        "request"
      ],
      [
        "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length",
        11760,
        "request"
      ]
    ] as const) {
      assert.deepStrictEqual(toldLimit(words), { most, of }, words)
    }
  })

  it("is none where there is no room at all, or the words are about something else", () => {
    assert.isUndefined(toldLimit("prompt is too long: 210000 tokens > 200000 maximum"))
    assert.isUndefined(
      toldLimit("This model's maximum context length is 10 tokens. … (64 in the messages, 8 in the completion)")
    )
    assert.isUndefined(toldLimit("`max_tokens` must be greater than `thinking.budget_tokens`"))
  })
})

describe("a larger budget", () => {
  it("is asked for where our own limit cut the answer, and where reasoning ate another's", () => {
    assert.strictEqual(largerLimit("truncated", 4096, "default", undefined), 16384)
    assert.strictEqual(largerLimit("reasoning", 300, "original", undefined), 1200)
    assert.strictEqual(largerLimit("truncated", 4096, "default", 8192), 8192)
  })

  it("is not asked for where the limit is what was asked for, the model gives no more, or nothing was cut", () => {
    assert.isUndefined(largerLimit("truncated", 300, "original", undefined))
    assert.isUndefined(largerLimit("reasoning", 300, "setup", undefined))
    assert.isUndefined(largerLimit("truncated", 8192, "default", 8192))
    assert.isUndefined(largerLimit("complete", 300, "default", undefined))
    assert.isUndefined(largerLimit("refusal", 300, "default", undefined))
  })
})
