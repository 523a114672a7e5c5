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
    ["amazon.nova-lite-v1:0", ["amazon"]],
    ["amazon.nova-pro-v1:0", ["amazon"]],
    ["ai21.jamba-1-5-large-v1:0", ["ai21"]],
    ["jamba-mini", ["ai21"]],
    ["sim-judge", ["sim-judge"]]
  ]
  for (const [model, families] of cases) it(model, () => assert.deepStrictEqual(familiesOf(model), families))
})
