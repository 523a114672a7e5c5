import { assert, describe, it } from "@effect/vitest"

import { failureOf, Reported } from "./failure.ts"
import { Refused } from "./fetch.ts"

const to = { provider: "there", model: "m", key: undefined }
const refused = (status: number, body: string) => failureOf(new Refused(status, new Headers(), body), to)

describe("what a provider's error means", () => {
  it("is read from the shapes of many hosts", () => {
    for (const [body, detail] of [
      ['{"error":{"message":"nested","type":"x"}}', "nested"],
      ['{"type":"error","error":{"type":"x","message":"nested"}}', "nested"],
      ['{"error":"plain"}', "plain"],
      ['{"object":"error","message":"flat","type":"BadRequestError","code":400}', "flat"],
      ['{"detail":"fast"}', "fast"],
      ['{"detail":[{"loc":["body","n"],"msg":"wrong"}]}', '[{"loc":["body","n"],"msg":"wrong"}]'],
      ["no  JSON\n at all", "no JSON at all"],
      ["", "status 400"]
    ] as const) {
      assert.strictEqual(refused(400, body).detail, detail)
    }
    const flat = '{"object":"error","message":"This model\'s maximum context length is 4096 tokens.","code":400}'
    assert.strictEqual(refused(400, flat).reason, "ContextTooLong")
  })

  it("a limit that no waiting mends is no rate limit", () => {
    const tier =
      '{"error":{"message":"Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 40000."}}'
    assert.strictEqual(refused(429, tier).reason, "ContextTooLong")
    assert.strictEqual(refused(402, '{"error":{"message":"Insufficient Balance"}}').reason, "Spent")
    assert.strictEqual(refused(403, '{"error":{"message":"Your credit balance is too low"}}').reason, "Spent")
    assert.strictEqual(refused(429, '{"error":{"message":"slow down"}}').reason, "RateLimited")
  })

  it("reported in a good answer is classed by the provider's own code", () => {
    const reported = (body: unknown) => failureOf(new Reported(body), to)
    assert.deepInclude(reported({ message: "busy", code: 429 }), { reason: "RateLimited", mayBeBilled: false })
    assert.deepInclude(reported({ message: "busy", type: "overloaded_error" }), { reason: "Server", mayBeBilled: true })
    assert.deepInclude(reported("model runner has unexpectedly stopped"), { reason: "Server", mayBeBilled: true })
    assert.strictEqual(
      reported({ message: "prompt is too long", type: "invalid_request_error" }).reason,
      "ContextTooLong"
    )
  })

  it("a host that takes no calls at this address is told from one that lacks what a request names", () => {
    for (const [status, body] of [
      [404, "404 page not found"],
      [
        404,
        '{"error":{"message":"Invalid URL (POST /v1/v1/chat/completions)","type":"invalid_request_error","param":null}}'
      ],
      [404, '{"error":{"code":"404","message":"Resource not found"}}'],
      [404, '{"detail":"Not Found"}'],
      [404, ""],
      [405, '{"detail":"Method Not Allowed"}'],
      [307, ""],
      [400, "<html><center>The plain HTTP request was sent to HTTPS port</center></html>"]
    ] as const)
      assert.strictEqual(refused(status, body).reason, "Address", body)
    for (const [body, reason] of [
      ['{"error":{"message":"The model `x` does not exist","code":"model_not_found"}}', "ModelNotFound"],
      ['{"error":{"message":"No endpoints found for some/thing.","code":404}}', "ModelNotFound"],
      ['{"error":{"message":"No endpoints found that support image input","code":404}}', "BadRequest"],
      [
        '{"error":{"message":"Previous response with id \'r\' not found.","param":"previous_response_id","code":"previous_response_not_found"}}',
        "BadRequest"
      ]
    ] as const)
      assert.strictEqual(refused(404, body).reason, reason, body)
  })

  it("a model that is not there is told from other bad requests", () => {
    for (const body of [
      '{"error":{"message":"m1 is not a valid model ID","code":400}}',
      '{"object":"error","message":"Invalid model: m1","type":"invalid_model","code":"1500"}',
      '{"error":{"message":"Invalid model name passed in model=m1. Call `/v1/models` to view available models."}}',
      '{"error":{"message":"Model Not Exist","type":"invalid_request_error"}}',
      '{"error":{"message":"The requested model \'m1\' does not exist.","param":"model","code":"model_not_found"}}',
      '{"message":"The provided model identifier is invalid."}'
    ])
      assert.strictEqual(refused(400, body).reason, "ModelNotFound", body)
    for (const body of [
      '{"error":{"message":"Invalid model parameter: top_k"}}',
      '{"error":{"message":"This model does not support image input"}}',
      '{"error":{"message":"tool_choice: the tool does not exist"}}',
      '{"error":{"message":"Unknown model output format","param":"response_format"}}'
    ])
      assert.strictEqual(refused(400, body).reason, "BadRequest", body)
  })

  it("a model that is being loaded is told from a host that is out of order", () => {
    for (const body of [
      '{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}',
      '{"error":"Model some/thing is currently loading","estimated_time":20}',
      "upstream is starting up"
    ])
      assert.deepInclude(refused(503, body), { reason: "Starting", retryable: true, mayBeBilled: false })
    for (const body of ['{"error":{"message":"out of order"}}', "no healthy upstream", ""])
      assert.strictEqual(refused(503, body).reason, "Server", body)
  })

  it("who is turned away whatever the key is told from a key that is refused", () => {
    const page =
      "<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head><body>x</body></html>"
    assert.deepInclude(refused(403, page), {
      reason: "Blocked",
      detail: "a web page came in place of an answer: Attention Required! | Cloudflare"
    })
    const country = '{"error":{"message":"Country, region, or territory not supported","code":"unsupported_country"}}'
    assert.strictEqual(refused(403, country).reason, "Blocked")
    assert.strictEqual(refused(400, '{"error":{"message":"User location is not supported"}}').reason, "Blocked")
    assert.strictEqual(refused(403, '{"error":{"message":"This key may not use this model"}}').reason, "Auth")
  })

  it("a page for people with status 200, or an endpoint that nobody serves, is a wrong address and never billed", () => {
    const page = refused(200, "<!doctype html><title>Sign in</title><form>")
    assert.deepInclude(page, { reason: "Address", mayBeBilled: false })
    assert.include(page.detail, "Sign in")
    const told = "Unexpected endpoint or method. (POST /chat/completions). Returning 200 anyway"
    assert.deepInclude(failureOf(new Reported(told), to), { reason: "Address", mayBeBilled: false })
  })

  it("a redirect tells whither, and no more than the origin", () => {
    const redirect = (location: string) => failureOf(new Refused(308, new Headers({ location }), "moved"), to)
    assert.deepInclude(redirect("https://elsewhere.example/v1?token=secret"), {
      reason: "Address",
      status: 308,
      detail: "it redirects to https://elsewhere.example"
    })
    assert.strictEqual(redirect("/login?back=1").detail, "it redirects to another path of the same host")
  })

  it("never holds the key, be it in base64 with whatever stands around it, nor an echoed authorization", () => {
    const key = "sk-7c1f0b93+a4d84f?f9a55>>>??"
    for (const around of ["", "u", "us", "user:", "Bearer ", ":"]) {
      for (const encoding of ["base64", "base64url"] as const) {
        for (const after of ["", ":", ":x", "\n"]) {
          const text = Buffer.from(`${around}${key}${after}`).toString(encoding)
          const { detail } = failureOf(new Refused(400, new Headers(), `bad credentials ${text}, sorry`), {
            ...to,
            key
          })
          assert.strictEqual(detail, "bad credentials [key], sorry", `${around} ${encoding}`)
        }
      }
    }
    const echoed = refused(400, "got authorization: Basic dXNlcjpwYXNz, and Bearer abc.def-ghi=")
    assert.strictEqual(echoed.detail, "got authorization: Basic [key], and Bearer [key]")
    const plain = "the bearer token is bad, and Basic authentication is off"
    assert.strictEqual(refused(400, plain).detail, plain)
  })
})
