import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import OpenAI from "openai"
import { openai } from "./openai.ts"
import { anthropic } from "./anthropic.ts"
import { ollama } from "./ollama.ts"
import { openFetch } from "./fetch.ts"
const B = "http://127.0.0.1:" + process.argv[2]
const N = +(process.argv[3] ?? 6000)
const run = async (name: string, f: () => Promise<unknown>) => {
  for (let i = 0; i < 500; i++) await f()
  const c = process.cpuUsage(), t = performance.now()
  let left = N
  await Promise.all(Array.from({ length: 64 }, async () => { while (left-- > 0) await f() }))
  const u = process.cpuUsage(c)
  console.log(name.padEnd(32), Math.round((N / (performance.now() - t)) * 1000) + "/s", Math.round((u.user + u.system) / N) + " us CPU")
}
await Effect.runPromise(Effect.scoped(Effect.gen(function*() {
  const fetch = yield* openFetch(64)
  const bare = new OpenAI({ baseURL: B + "/v1", apiKey: "k", maxRetries: 0, fetch })
  const glob = new OpenAI({ baseURL: B + "/v1", apiKey: "k", maxRetries: 0 })
  const request = { wire: "openai.chat", model: "m", messages: [{ role: "user", blocks: [{ type: "text", text: "x" }] }], tools: [], params: { maxOutputTokens: 100 } } as const
  for (let k = 0; k < 3; k++) {
    yield* Effect.promise(() => run("bare global", () => glob.chat.completions.create({ model: "m", messages: [{ role: "user", content: "x" }] })))
    yield* Effect.promise(() => run("bare over our fetch", () => bare.chat.completions.create({ model: "m", messages: [{ role: "user", content: "x" }] })))
    for (const [n, p, b] of [["openai", openai, B + "/v1"], ["anthropic", anthropic, B], ["ollama", ollama, B]] as const) {
      const c = yield* p.open({ name: "x", baseURL: b, apiKey: Redacted.make("k"), connections: 64 })
      const body = Result.getOrThrow(c.prepare(request)).body
      yield* Effect.promise(() => run("ours " + n, () => Effect.runPromise(c.send(body, { stream: false }))))
      yield* Effect.promise(() => run("ours prepare " + n, async () => c.prepare(request)))
      yield* Effect.promise(() => run("ours stream " + n, () => Effect.runPromise(c.send(body, { stream: true }).pipe(Effect.ignore))))
    }
  }
})))
process.exit(0)
