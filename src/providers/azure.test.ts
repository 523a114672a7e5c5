import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"

import { azure } from "./azure.ts"
import { failing, opened, prepared, request, subjects } from "./contract/subjects.ts"
import { json } from "./contract/wireServer.ts"

const subject = subjects.find(({ name }) => name === "azure")!

describe("Azure", () => {
  it.effect("says in its own words why it gives no answer", () =>
    Effect.gen(function* () {
      const said = (status: number, error: object) =>
        Effect.map(failing(subject, json(status, { error })), ({ error: told }) => told)
      const filtered = yield* said(400, {
        message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        type: null,
        param: "prompt",
        code: "content_filter",
        status: 400,
        innererror: { code: "ResponsibleAIPolicyViolation", content_filter_result: { violence: { filtered: true } } }
      })
      assert.deepInclude(filtered, { reason: "BadRequest", mayBeBilled: true, retryable: false })
      assert.include(filtered.detail, "content management policy")
      const limited = yield* said(429, {
        code: "429",
        message: "Token rate limit exceeded. Please retry after 6 seconds."
      })
      assert.deepInclude(limited, { reason: "RateLimited", retryAfterMs: 6000, mayBeBilled: false })
      const absent = yield* said(404, {
        code: "DeploymentNotFound",
        message: "The API deployment for this resource does not exist."
      })
      assert.strictEqual(absent.reason, "ModelNotFound")
      const key = yield* said(401, { code: "401", message: "Access denied due to invalid subscription key." })
      assert.strictEqual(key.reason, "Auth")
    })
  )

  it.effect("that filtered its answer has answered so", () =>
    Effect.gen(function* () {
      const choice = { index: 0, finish_reason: "content_filter", content_filter_results: { hate: { filtered: true } } }
      const { connection } = yield* opened(
        subject,
        json(200, { model: "m", choices: [choice], usage: { prompt_tokens: 9, completion_tokens: 0 } })
      )
      const { response, usage } = yield* connection.send(prepared(connection).body, { stream: false })
      assert.strictEqual(response.stopReason, "content_filter")
      assert.strictEqual(usage.input?.total, 9)
    })
  )

  it.effect("is asked by deployment below its endpoint, however that is written", () =>
    Effect.gen(function* () {
      for (const path of ["", "/", "/openai", "/openai/"]) {
        const { server } = yield* opened(subject, json(200, {}))
        const connection = yield* azure.open({
          name: "there",
          baseURL: `${server.url}${path}`,
          apiVersion: "2024-10-21"
        })
        const { body } = Result.getOrThrow(connection.prepare({ ...request, model: "my deployment" }))
        yield* Effect.ignore(connection.send(body, { stream: false }))
        assert.strictEqual(
          server.seen[0]?.path,
          "/openai/deployments/my%20deployment/chat/completions?api-version=2024-10-21"
        )
        assert.isUndefined(server.seen[0]?.headers.authorization)
      }
    })
  )

  it.effect("wants an address and a version", () =>
    Effect.gen(function* () {
      const baseURL = "https://desk.openai.azure.com"
      const apiKey = Redacted.make("k")
      for (const [config, words] of [
        [{ apiVersion: "2024-10-21" }, "no baseURL"],
        [{ baseURL }, "version of its API"],
        [{ baseURL: `${baseURL}/openai/v1/`, apiVersion: "2024-10-21" }, 'kind "openai"']
      ] as const) {
        const fault = yield* Effect.flip(azure.open({ name: "desk", apiKey, ...config }))
        assert.include(fault.message, "provider desk")
        assert.include(fault.message, words)
      }
    })
  )
})
