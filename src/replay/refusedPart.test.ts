import { assert, describe, it } from "@effect/vitest"

import { refusedPart, withTold } from "./refusedPart.ts"

describe("a part that a model does not take", () => {
  it("is known by the words of many vendors", () => {
    for (const [words, part] of [
      ["Invalid content type. image_url is only supported by certain models.", "vision"],
      ["image input is not supported - hint: if this is unexpected, you may need to provide the mmproj", "vision"],
      ["At most 0 image(s) may be provided in one request.", "vision"],
      ["No endpoints found that support image input", "vision"],
      ['"registry.ollama.ai/library/gemma3" does not support tools', "tools"],
      ['"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set', "tools"],
      ["`tool calling` is not supported with this model", "tools"],
      ["Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.", "jsonSchema"],
      ["This model does not support response format `json_schema`.", "jsonSchema"]
    ] as const) {
      assert.strictEqual(refusedPart(words), part, words)
    }
    assert.isUndefined(refusedPart("Unsupported parameter: 'temperature' is not supported with this model."))
    assert.isUndefined(refusedPart("Invalid schema for response_format 'x': schema must be an object"))
  })

  it("is put beside what is known, and the lower limit holds", () => {
    assert.deepStrictEqual(withTold({ context: 9, maxOutput: 5 }, { maxOutput: 7, tools: false }), {
      context: 9,
      maxOutput: 5,
      tools: false
    })
  })
})
