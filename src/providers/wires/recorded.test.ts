import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"

import * as anthropicMessages from "./anthropicMessages.ts"
import { isObject } from "./json.ts"
import * as openaiChat from "./openaiChat.ts"

const formats = fileURLToPath(new URL("../../../../shared/data/formats/", import.meta.url))

interface Exchange {
  readonly request_body: string
  readonly response_body: string
}

const exchanges = (folder: string, file: string): ReadonlyArray<Exchange> =>
  JSON.parse(readFileSync(join(formats, folder, `${file}.decoded.json`), "utf8"))

const events = (body: string): ReadonlyArray<unknown> =>
  body
    .split("\n")
    .filter((line) => line.startsWith("data: ") && line !== "data: [DONE]")
    .map((line) => JSON.parse(line.slice(6)))

const roundTrip = (wire: typeof openaiChat | typeof anthropicMessages, text: string) => {
  const { stream: _stream, stream_options: _options, ...body } = JSON.parse(text)
  const request = Result.getOrThrow(wire.readRequest(JSON.parse(text)))
  assert.deepStrictEqual(Result.getOrThrow(wire.writeRequest(request)), { body, losses: [] })
}

describe("recorded exchanges", () => {
  const openai = join(formats, "openai-http")
  const anthropic = join(formats, "anthropic-http")

  it.skipIf(!existsSync(openai))("of OpenAI are read and written back [needs ../shared]", () => {
    for (const file of ["test_chat_reasoning", "test_chat_tool_calls", "test_chat_tools_streaming"]) {
      for (const { request_body } of exchanges("openai-http", file)) {
        const body: unknown = JSON.parse(request_body)
        if (isObject(body) && body["messages"] !== undefined) roundTrip(openaiChat, request_body)
      }
    }
    const [reasoning] = exchanges("openai-http", "test_chat_reasoning")
    const { response, usage } = Result.getOrThrow(openaiChat.readResponse(JSON.parse(reasoning!.response_body)))
    assert.strictEqual(response.stopReason, "end")
    assert.deepStrictEqual(usage.output, { total: 228, text: 36, reasoning: 192 })
    const [streamed] = exchanges("openai-http", "test_chat_tools_streaming")
    const assembled = Result.getOrThrow(openaiChat.assemble(events(streamed!.response_body)))
    assert.strictEqual(assembled.response.stopReason, "tool_use")
    assert.isTrue(assembled.response.complete)
    assert.strictEqual(assembled.usage.basis, "unreliable") // it was not asked for
    assert.deepStrictEqual(
      assembled.response.blocks.flatMap((block) => (block.type === "tool_use" ? [[block.name, block.input]] : [])),
      [["get_current_weather", { location: "San Francisco" }]]
    )
  })

  it.skipIf(!existsSync(anthropic))("of Anthropic are read and written back [needs ../shared]", () => {
    for (const file of ["test_anthropic_tools_legacy", "test_anthropic_message_streaming_legacy"]) {
      for (const { request_body } of exchanges("anthropic-http", file)) roundTrip(anthropicMessages, request_body)
    }
    const [tools] = exchanges("anthropic-http", "test_anthropic_tools_legacy")
    const { response, usage } = Result.getOrThrow(anthropicMessages.readResponse(JSON.parse(tools!.response_body)))
    assert.deepStrictEqual(
      response.blocks.map((block) => block.type),
      ["text", "tool_use", "tool_use"]
    )
    assert.strictEqual(usage.input?.total, 514)
    const [streamed] = exchanges("anthropic-http", "test_anthropic_message_streaming_legacy")
    const all = events(streamed!.response_body)
    const assembled = Result.getOrThrow(anthropicMessages.assemble(all))
    assert.strictEqual(assembled.response.stopReason, "end")
    assert.strictEqual(assembled.usage.input?.total, 17)
    assert.isAbove(assembled.usage.output?.total ?? 0, 3) // the last count, not the first
    const [block] = assembled.response.blocks
    assert.match(block?.type === "text" ? block.text : "", /^Here's an OpenTelemetry-themed joke for you:/)
    const cut = Result.getOrThrow(anthropicMessages.assemble(all.slice(0, 6)))
    assert.isFalse(cut.response.complete)
    assert.strictEqual(cut.response.stopReason, "unknown")
  })
})
