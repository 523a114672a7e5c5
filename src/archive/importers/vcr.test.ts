import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"

import { callsIn, mutations, othersIn, readFiles, readRows, skipsIn } from "../testReading.ts"
import { vcr } from "./vcr.ts"

const body = { model: "gpt-4o", messages: [{ role: "user", content: "hi" }] }
const answer = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1785578400,
  model: "gpt-4o-2024-08-06",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hello" } }],
  usage: { prompt_tokens: 8, completion_tokens: 1, total_tokens: 9 }
}
const uri = "https://api.openai.com/v1/chat/completions"
const interaction = {
  request: { body: JSON.stringify(body), headers: { authorization: ["Bearer canary"] }, method: "POST", uri },
  response: {
    body: { string: JSON.stringify(answer) },
    headers: { "Set-Cookie": ["canary"], Date: ["Mon, 03 Aug 2026 10:00:05 GMT"], "x-request-id": ["req_1"] },
    status: { code: 200, message: "OK" }
  }
}
const decoded = {
  method: "POST",
  uri,
  request_body: JSON.stringify(body),
  status: 200,
  response_headers: { "X-Request-Id": ["req_1"] },
  response_body: JSON.stringify(answer)
}
const read = (...rows: ReadonlyArray<unknown>) => readRows(vcr, { "a.yaml": rows })

describe("a cassette", () => {
  it("is the same call in each of its forms, and no header is stored", () => {
    const found = [
      ...read(interaction),
      ...read(decoded),
      ...read({ version: 1, interactions: [interaction] }),
      ...read({
        ...interaction,
        response: { ...interaction.response, body: { base64: Buffer.from(JSON.stringify(answer)).toString("base64") } }
      })
    ]
    const calls = callsIn(found)
    assert.strictEqual(calls.length, 4)
    assert.strictEqual(new Set(calls.map((call) => call.id)).size, 1)
    assert.notInclude(JSON.stringify(found), "canary")
    for (const call of calls) {
      assert.deepStrictEqual(call.provenance.native, { requestId: "req_1", responseId: "chatcmpl-1" })
      assert.strictEqual(call.timing.startedAt, "2026-08-01T10:00:00.000Z")
      assert.strictEqual(call.timing.basis, "derived")
    }
  })

  it("without a time in the answer has that of the response's date", () => {
    const { created: _, ...timeless } = answer
    const [call] = callsIn(
      read({ ...interaction, response: { ...interaction.response, body: { string: JSON.stringify(timeless) } } })
    )
    assert.deepStrictEqual(call?.timing, { startedAt: "2026-08-03T10:00:05.000Z", basis: "derived" })
  })

  it("counts and skips what is no call", () => {
    const found = read(
      { ...decoded, method: "GET", uri: "https://pypi.org/simple" },
      { ...decoded, response_body: "" },
      "x"
    )
    assert.deepStrictEqual(othersIn(found), ["request to another host"])
    assert.deepStrictEqual(skipsIn(found), ["half a pair: no response", "not a recorded interaction"])
  })

  it("of the wrong kinds everywhere never throws", () => {
    for (const row of [interaction, decoded, { interactions: [interaction, decoded] }])
      for (const mutated of mutations(row, 200, 11)) assert.doesNotThrow(() => read(mutated))
  })
})

const formats = join(import.meta.dirname, "../../../../shared/data/formats")
const files = (ending: string) =>
  ["openai-http", "anthropic-http"].flatMap((folder) =>
    readdirSync(join(formats, folder))
      .filter((name) => name.endsWith(ending))
      .map((name) => join(formats, folder, name))
  )

/**
 * jq -c '[.[].response_body|(try (fromjson|.usage|[(.prompt_tokens//.input_tokens),(.completion_tokens//.output_tokens)]) catch "sse")]' FILE.decoded.json,
 * by file name: streaming_legacy sse (grep: input_tokens 17, the last output_tokens 171), tools_legacy [514,152], reasoning [[11,228],[11,202],[11,138]],
 * tool_calls [[40,12],[40,13],[40,13]], tools_streaming sse (no usage). grep -c '^- request:' FILE.yaml: 1, 1, 3, 3, 1.
 */
const expected = [
  [11, 228],
  [11, 202],
  [11, 138],
  [40, 12],
  [40, 13],
  [40, 13],
  [undefined, undefined],
  [17, 171],
  [514, 152]
]

describe("the samples", () => {
  it.skipIf(!existsSync(formats))(
    "are nine calls of grade A, the same ones in YAML and decoded [needs ../shared]",
    () => {
      const yaml = readFiles(vcr, files(".yaml"))
      const json = readFiles(vcr, files(".decoded.json"))
      for (const found of [yaml, json]) {
        assert.strictEqual(found.length, 9)
        const calls = callsIn(found)
        assert.deepStrictEqual(
          calls.map((call) => [call.usage.input?.total, call.usage.output?.total]),
          expected
        )
        assert.isTrue(calls.every((call) => call.fidelity.grade === "A" && call.response.complete))
      }
      assert.deepStrictEqual(
        callsIn(yaml).map((call) => call.id),
        callsIn(json).map((call) => call.id)
      )
      // jq -r '.[0].response_headers["x-request-id"][0]' openai-http/test_chat_reasoning.decoded.json
      assert.strictEqual(callsIn(yaml)[0]?.provenance.native["requestId"], "req_fb455d524b7f4775956fba99734cc8d9")
    }
  )
})
