import { assert, describe, it } from "@effect/vitest"

import { LabelSet } from "./labels.ts"
import { isSecretName, openBody, scrubbed, withoutSecrets } from "./secrets.ts"

describe("secrets", () => {
  it("are told by the names they stand under", () => {
    const secret = [
      "Authorization",
      "api_key",
      "x-api-key",
      "apiKey",
      "openai_api_key",
      "user_api_key",
      "user_api_key_hash"
    ]
    const more = [
      "access_token",
      "client_secret",
      "aws_secret_access_key",
      "AWS_ACCESS_KEY_ID",
      "password",
      "extra_headers",
      "Set-Cookie"
    ]
    for (const name of [...secret, ...more]) assert.isTrue(isSecretName(name), name)
    for (const name of [
      "user_api_key_alias",
      "user_api_key_user_id",
      "max_tokens",
      "key",
      "item_id",
      "session_id",
      "secretary"
    ])
      assert.isFalse(isSecretName(name), name)
  })

  it("are told by their shape in a text that is passed on", () => {
    const shapes = [
      "sk-proj-abcdEFGH1234",
      "sk-ant-api03-abcdefgh",
      "AKIAIOSFODNN7EXAMPLE",
      "ghp_abcdefghijklmnopqrst12",
      "xoxb-1234567890-abc",
      "Bearer abcdef123456",
      "eyJhbGciOiJIUzI1.eyJzdWIiOiIx.c2lnbmF0"
    ]
    for (const shape of shapes) assert.strictEqual(scrubbed(`key ${shape}!`), "key [secret removed]!", shape)
    assert.strictEqual(
      scrubbed('{"k": "a\\nsk-ant-api03-abcdefgh"}', () => "[gone]"),
      '{"k": "a\\n[gone]"}'
    )
    for (const plain of ["task-alpha-beta-gamma", "sk_learn_pipeline_v2", "a bearer of news"])
      assert.strictEqual(scrubbed(plain), plain)
  })

  it("are left out of metadata at any depth", () => {
    assert.deepStrictEqual(withoutSecrets({ a: [{ headers: { x: 1 }, b: 2 }], api_key: "k" }), { a: [{ b: 2 }] })
  })

  it("are left out of a request body, whose messages and schemas stay as they were", () => {
    const body = {
      model: "m",
      api_key: "k",
      messages: [{ role: "user", content: "my api_key is sk-abcdefgh12345" }],
      tools: [
        { type: "function", function: { name: "login", parameters: { properties: { password: { type: "string" } } } } },
        { type: "mcp", server_url: "https://x", headers: { Authorization: "Bearer abcdef123456" } }
      ],
      extra: { authorization: "x", kept: 1 }
    }
    assert.deepStrictEqual(openBody(body), {
      model: "m",
      messages: body.messages,
      tools: [body.tools[0], { type: "mcp", server_url: "https://x" }],
      extra: { kept: 1 }
    })
  })
})

describe("labels", () => {
  it("hold scalars under their names, deeper ones under their path, lists joined, values under telling names not at all", () => {
    const labels = new LabelSet()
      .addAll(
        { a: 1, b: true, c: "", d: null, e: { f: "x", g: { h: "y" } }, tags: ["p", "q"], password: "z" },
        "metadata"
      )
      .addAll({ a: "other", b: true, note: "key sk-abcdefgh12345" }, "requester")
    assert.deepStrictEqual(labels.all, {
      a: "1",
      b: "true",
      "e.f": "x",
      "e.g.h": "y",
      note: "key sk-abcdefgh12345",
      "requester.a": "other",
      tags: "p,q"
    })
  })

  it("take the first value that is there, and keep what was set", () => {
    const labels = new LabelSet().add("team", null, "", "pay").add("team", "other").add("org", undefined)
    assert.deepStrictEqual(labels.all, { team: "pay" })
  })
})
