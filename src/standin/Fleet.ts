import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"

import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

import { Fault } from "../domain/Fault.ts"
import type { FleetOptions } from "./FleetOptions.ts"
import { handlerOf } from "./handler.ts"
import type { Stats } from "./Ledger.ts"

/** A fleet that is being served until its scope closes. */
export interface Fleet {
  /** `http://127.0.0.1:PORT`: the address for Anthropic's and Ollama's clients. */
  readonly url: string
  /** The same with `/v1`: the address for OpenAI's clients. */
  readonly openaiURL: string
  readonly port: number
  readonly stats: Effect.Effect<Stats>
}

const listening = (server: Server, port: number): Effect.Effect<number, Fault> =>
  Effect.callback((resume) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      resume(
        Effect.fail(
          new Fault({
            kind: "infrastructure",
            sentence: `The fleet cannot listen on port ${port} (${error.code ?? error.message}).`,
            mend: "Choose another port, or 0 for any free one."
          })
        )
      )
    )
    server.listen(port, "127.0.0.1", () => resume(Effect.succeed((server.address() as AddressInfo).port)))
  })

const stop = (server: Server): Effect.Effect<void> =>
  Effect.callback((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })

/**
 * Serves simulated models over HTTP on the loopback address until the scope closes: OpenAI chat completions, Anthropic messages and
 * Ollama chat, streamed and not. Every model answers on every wire and is listed on its own. `GET /__stats` tells what was served. Beside them
 * `sim-embed` makes embeddings for OpenAI's and Ollama's clients; it is listed nowhere and meets no faults.
 *
 * What a model says depends on its profile, on what is asked, and on how many answers to the very same question it gave before (or on the
 * request's `seed`), never on time, order or concurrency. A port that is taken is a `Fault`.
 */
export const serve = Effect.fn("Fleet.serve")(function* (
  options: FleetOptions = {}
): Effect.fn.Return<Fleet, Fault, Scope.Scope> {
  const { handle, ledger } = handlerOf(options)
  const server = createServer({ keepAliveTimeout: 60_000 }, handle)
  const port = yield* Effect.acquireRelease(listening(server, options.port ?? 0), () => stop(server))
  const url = `http://127.0.0.1:${port}`
  return { url, openaiURL: `${url}/v1`, port, stats: Effect.sync(() => ledger.stats) }
})
