import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

import * as Effect from "effect/Effect"

/** A request as it came in. */
export interface Seen {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Record<string, unknown>
}

/** What a server does with each request. */
export type Script = (response: ServerResponse, seen: Seen) => void

/** Answers each request as its script says; tells when one came in and when its connection was closed unanswered. */
export const wireServer = (script: Script) =>
  Effect.acquireRelease(
    Effect.callback<{
      url: string
      seen: Array<Seen>
      arrived: Promise<void>
      closed: Promise<void>
      stop: () => void
    }>((resume) => {
      const arrived = Promise.withResolvers<void>()
      const closed = Promise.withResolvers<void>()
      const seen: Array<Seen> = []
      const server = createServer((request, response) => {
        const parts: Array<Buffer> = []
        response.on("close", () => {
          if (!response.writableFinished) closed.resolve()
        })
        request.on("data", (part: Buffer) => parts.push(part))
        request.on("end", () => {
          const text = Buffer.concat(parts).toString()
          const one = { path: request.url ?? "", headers: request.headers, body: text === "" ? {} : JSON.parse(text) }
          seen.push(one)
          script(response, one)
          arrived.resolve()
        })
      }).listen(0, "127.0.0.1", () =>
        resume(
          Effect.succeed({
            url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
            seen,
            arrived: arrived.promise,
            closed: closed.promise,
            stop: () => {
              server.close()
              server.closeAllConnections()
            }
          })
        )
      )
    }),
    (server) => Effect.sync(server.stop)
  )

/** Answers with JSON. */
export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (response: ServerResponse) => {
    response.writeHead(status, { "content-type": "application/json", ...headers })
    response.end(JSON.stringify(body))
  }
