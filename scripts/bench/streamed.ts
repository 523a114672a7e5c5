/** Our side, streamed: the openai provider alone, asked for streams. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

import { openai } from "../../src/providers/openai.ts"
import { promptOf } from "./archive.ts"
import { measure } from "./side.ts"

const [baseURL = "", count = "0", concurrency = "64"] = process.argv.slice(2)

await Effect.gen(function* () {
  const connection = yield* openai.open({ name: "fleet", baseURL })
  const ask = (i: number) =>
    Effect.gen(function* () {
      const prepared = connection.prepare({
        wire: "openai.chat",
        model: "sim-echo",
        messages: [{ role: "user", blocks: [{ type: "text", text: promptOf(i) }] }],
        tools: [],
        params: { maxOutputTokens: 16 }
      })
      return yield* connection.send(Result.getOrThrow(prepared).body, { stream: true })
    })
  const all = Effect.forEach(
    Array.from({ length: Number(count) }, (_, i) => i),
    ask,
    {
      concurrency: Number(concurrency),
      discard: true
    }
  )
  yield* Effect.promise(() => measure(Number(count), () => Effect.runPromise(all)))
}).pipe(Effect.scoped, Effect.runPromise)
