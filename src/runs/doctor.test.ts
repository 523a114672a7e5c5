import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import { serve } from "../standin/Fleet.ts"
import { stores } from "../store/stores.ts"
import { temporaryFolder } from "../testing/folder.ts"
import { writtenFolder } from "../testing/written.ts"
import { doctorIn } from "./doctor.ts"
import { isFitNode } from "./machine.ts"

const key = "sk-very-secret-key-0123456789abcdef"

const consult = (cwd: string, env: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function* () {
    const home = join(yield* temporaryFolder, "home")
    const env_ = ConfigProvider.layer(ConfigProvider.fromUnknown(env))
    return yield* doctorIn(cwd).pipe(Effect.provide(Layer.merge(stores(home), env_)))
  })

/** A host that answers everything with one status. */
const answering = (status: number) =>
  Effect.acquireRelease(
    Effect.callback<Server>((resume) => {
      const server = createServer((_, response) => {
        response.writeHead(status, { "content-type": "application/json" }).end('{"error":{"message":"no"}}')
      }).listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.callback<void>((resume) => void server.close(() => resume(Effect.void)))
  ).pipe(Effect.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`))

const configOf = (providers: object) =>
  writtenFolder({ "understudy.config.ts": `export default ${JSON.stringify({ providers })}` })

describe("doctor", { timeout: 180_000 }, () => {
  it.live("finds what a machine has that can work: code 0, and DuckDB's version", () =>
    Effect.gen(function* () {
      const { doc, text, ...rest } = yield* consult(yield* temporaryFolder)
      assert.deepStrictEqual(rest, {})
      assert.isTrue(doc.ok)
      assert.match(doc.duckdb ?? "", /^v1\./)
      assert.isTrue(doc.node.fit)
      assert.strictEqual(doc.home.version, null)
      assert.isTrue(doc.disk.writable)
      assert.include(text, "Understudy can work.")
    }).pipe(Effect.scoped)
  )

  it.live("tells of each key whether it is there, never what it is", () =>
    Effect.gen(function* () {
      const fleet = yield* serve()
      const cwd = yield* configOf({
        mine: { kind: "openai", baseURL: fleet.openaiURL, apiKey: "env:MY_KEY" },
        other: { kind: "openai", baseURL: fleet.openaiURL, apiKey: "env:OTHER_KEY" }
      })
      const { doc, text } = yield* consult(cwd, { MY_KEY: key })
      assert.deepStrictEqual(doc.keys, {
        OPENAI_API_KEY: false,
        ANTHROPIC_API_KEY: false,
        MY_KEY: true,
        OTHER_KEY: false,
        OLLAMA_HOST: false
      })
      assert.notInclude(JSON.stringify(doc) + text, key)
      assert.include(text, "Set OTHER_KEY in the environment.")
    }).pipe(Effect.scoped)
  )

  it.live("asks the providers of the config for their models, and spends nothing", () =>
    Effect.gen(function* () {
      const fleet = yield* serve()
      const refusing = yield* answering(401)
      const poor = yield* answering(404)
      const gone = yield* Effect.scoped(answering(200))
      const providers = {
        fleet: { kind: "anthropic", baseURL: fleet.url, apiKey: "env:MY_KEY" },
        refusing: { kind: "openai", baseURL: refusing, apiKey: "env:MY_KEY" },
        poor: { kind: "openai", baseURL: poor },
        gone: { kind: "openai", baseURL: gone }
      }
      const { doc, text } = yield* consult(yield* configOf(providers), { MY_KEY: key })
      const of = (name: string) => doc.providers.find((one) => one.name === name)
      assert.strictEqual(of("fleet")?.reachable, true)
      assert.isAbove(of("fleet")?.models ?? 0, 0)
      assert.deepStrictEqual([of("refusing")?.reachable, of("refusing")?.why], [false, "it refuses the key (401)"])
      assert.deepStrictEqual([of("poor")?.reachable, of("poor")?.models], [true, null])
      assert.strictEqual(of("gone")?.reachable, false)
      assert.deepStrictEqual([of("openai")?.reachable, of("openai")?.why], [null, "set OPENAI_API_KEY"])
      assert.isTrue(doc.ok, "a provider is no part of the machine")
      assert.include(text, "provider gone")
      assert.strictEqual((yield* fleet.stats).answered, 0)
    }).pipe(Effect.scoped)
  )

  it.live("a config that cannot be read is broken: code 2", () =>
    Effect.gen(function* () {
      const cwd = yield* writtenFolder({ "understudy.config.ts": "export default { providrs: {} }" })
      const answer = yield* consult(cwd)
      assert.strictEqual(answer.code, 2)
      assert.isFalse(answer.doc.ok)
      assert.include(answer.text, "providrs: unknown key")
    }).pipe(Effect.scoped)
  )

  it("takes Node 24.11 and newer for fit", () => {
    assert.deepStrictEqual(["20.20.2", "24.10.9", "24.11.0", "25.0.0", "26.10.0"].map(isFitNode), [
      false,
      false,
      true,
      true,
      true
    ])
  })
})
