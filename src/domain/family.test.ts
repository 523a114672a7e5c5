import { assert, describe, it } from "@effect/vitest"

import { familiesOf } from "./family.ts"

describe("families of models", () => {
  const cases: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
    ["gpt-4o-2024-08-06", ["openai"]],
    ["o3-mini", ["openai"]],
    ["us.anthropic.claude-3-5-sonnet-20241022-v2:0", ["anthropic"]],
    ["deepseek-r1-distill-llama-70b", ["meta", "deepseek"]],
    ["qwen3:8b", ["qwen"]],
    ["acme/acme-7b", ["acme"]],
    ["sim-judge", ["sim-judge"]]
  ]
  for (const [model, families] of cases) it(model, () => assert.deepStrictEqual(familiesOf(model), families))
})
