import type { IncomingHttpHeaders } from "node:http"
import type { SecureContext } from "node:tls"

import * as Effect from "effect/Effect"
import { Agent, type Dispatcher, Pool, ProxyAgent } from "undici"

import { trusted } from "./trust.ts"

const streams = /^text\/event-stream|ndjson/

/** What may leave: the SDKs add headers that the environment names (`…_CUSTOM_HEADERS`), and those may hold another host's secret. */
const leaves = /^(accept|authorization|content-type|user-agent|x-api-key|api-key|(anthropic|openai|x-stainless)-.*)$/

/** The request never left this machine: no connection was made, so nothing can have been billed. */
export class NotSent extends Error {
  override readonly name = "NotSent"
}

/** The host answered with a status of 300 or above. */
export class Refused extends Error {
  override readonly name = "Refused"
  readonly status: number
  readonly headers: Headers
  readonly body: string
  constructor(status: number, headers: Headers, body: string) {
    super(`status ${status}`) // without the body: the SDKs search messages for words such as "timeout"
    this.status = status
    this.headers = headers
    this.body = body
  }
}

const headersOf = (fields: IncomingHttpHeaders) => {
  const headers = new Headers()
  for (const [name, value = ""] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) headers.append(name, one)
  }
  return headers
}

const leaving = (headers: RequestInit["headers"]) => {
  const out: Record<string, string> = {}
  for (const [name, value] of headers instanceof Headers ? headers : new Headers(headers)) {
    if (leaves.test(name)) out[name] = value
  }
  return out
}

/** What Node calls certificates that nobody it trusts has signed. */
const untrusted = /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/

/** Why no connection came about, in words that no SDK takes for a slow answer. */
const unconnected = (error: Error & { readonly code?: unknown }) => {
  const code = String(error.code ?? "no connection")
  if (code === "UND_ERR_CONNECT_TIMEOUT" || code === "ETIMEDOUT")
    return new NotSent("the host did not take the connection within 10 seconds")
  if (code === "UND_ERR_HEADERS_TIMEOUT") return new NotSent("the proxy did not make the connection within 10 seconds")
  if (untrusted.test(code))
    return new NotSent(
      `the host's certificate is not trusted (${error.message}): name a file with that of its authority, as caFile or in SSL_CERT_FILE`
    )
  const [, status] = /^Proxy response \((\d+)\)/.exec(error.message) ?? []
  return new NotSent(
    status === undefined ? error.message || code : `the proxy lets nothing through: it answers ${status}`
  )
}

/** A proxy that wants other credentials says so in place of the host. */
const ofProxy = (error: Error & { readonly code?: unknown }) =>
  error.code === "UND_ERR_INVALID_ARG" && error.message.startsWith("Proxy Authentication Required")

/**
 * `fetch` for the vendors' SDKs over undici's dispatcher, at about a third of the CPU of global fetch.
 * A plain answer is read whole before the promise resolves, so that a deadline on it covers its body. A stream resolves at its headers and is
 * read as it comes, with back-pressure. Aborting closes the socket in both. Redirects are not followed, nothing is decompressed (none is asked for).
 * It rejects with `Refused` for a status of 300 or above, with `NotSent` where no connection came about, else with the socket's error.
 * Nothing but text is sent: global fetch, which could send more, knows neither the proxy nor the certificates.
 */
export const fetchOver =
  (dispatcher: Dispatcher): typeof fetch =>
  (input, init) => {
    const body = init?.body ?? null
    if (input instanceof Request || (body !== null && typeof body !== "string"))
      return Promise.reject(new NotSent("only text can be sent"))
    const { origin, pathname, search } = new URL(input)
    const { headers, method = "GET", signal } = init ?? {}
    return new Promise<Response>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const parts: Array<Buffer> = []
      let answer: { status: number; statusText: string; headers: Headers } | undefined
      let stream: ReadableStreamDefaultController<Uint8Array> | undefined
      let started: Dispatcher.DispatchController | undefined
      const abort = () => {
        reject(signal?.reason) // at once, also while the request waits for a connection
        started?.abort(signal?.reason)
      }
      const done = () => signal?.removeEventListener("abort", abort)
      signal?.addEventListener("abort", abort, { once: true })
      dispatcher.dispatch(
        { origin, path: pathname + search, method: method as Dispatcher.HttpMethod, headers: leaving(headers), body },
        {
          onRequestStart(request) {
            started = request
            if (signal?.aborted) request.abort(signal.reason)
          },
          onResponseStart(request, status, fields, statusText = "") {
            if (status < 200) return
            answer = { status, statusText, headers: headersOf(fields) }
            if (status >= 300 || !streams.test(String(fields["content-type"]))) return
            resolve(
              new Response(
                new ReadableStream<Uint8Array>(
                  {
                    start: (controller) => {
                      stream = controller
                    },
                    pull: () => request.resume(),
                    cancel: (reason) =>
                      request.abort(reason instanceof Error ? reason : new DOMException("cancelled", "AbortError"))
                  },
                  new ByteLengthQueuingStrategy({ highWaterMark: 65_536 })
                ),
                answer
              )
            )
          },
          onResponseData(request, chunk) {
            if (stream === undefined) return void parts.push(chunk)
            if (chunk.length === 0) return // comes after each resume; pausing on it again would never end
            stream.enqueue(chunk)
            if ((stream.desiredSize ?? 1) <= 0) request.pause()
          },
          onResponseEnd() {
            done()
            if (stream !== undefined) return stream.close()
            const { status = 0, headers = new Headers() } = answer ?? {}
            const bytes = Buffer.concat(parts)
            if (status >= 300) reject(new Refused(status, headers, bytes.toString("utf8")))
            else resolve(new Response(status === 204 ? null : bytes, answer))
          },
          onResponseError(_, error) {
            done()
            stream?.error(error)
            reject(started === undefined || ofProxy(error) ? unconnected(error) : error)
          }
        }
      )
    })
  }

/** The way to a host: how many sockets, through which proxy, whose certificates are trusted. */
export interface Route {
  /** The provider's name, for messages. */
  readonly name: string
  readonly connections: number
  /** An http address, with credentials where it wants some. */
  readonly proxy: string | undefined
  /** A file of PEM certificates that are trusted beside Node's. */
  readonly caFile: string | undefined
}

/** Milliseconds that a proxy may take to make a tunnel. */
const connectMs = 10_000

const dispatcherOf = ({ connections, proxy }: Route, secureContext: SecureContext | undefined): Dispatcher => {
  const limits = { connections, headersTimeout: 0, bodyTimeout: 0, allowH2: false }
  const tls = { allowH2: false, ...(secureContext === undefined ? {} : { secureContext }) }
  if (proxy === undefined) return new Agent({ ...limits, connect: tls })
  return new ProxyAgent({
    ...limits,
    uri: proxy,
    proxyTls: tls,
    requestTls: tls,
    clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: connectMs }), // for tunnels alone
    // Without it what goes to a host over plain http would have limits of time, and none of sockets.
    factory: (origin, options) => new Pool(origin, { ...options, ...limits })
  })
}

/**
 * A `fetch` over sockets of its own, at most `connections` of them to a host; they close with the scope. The dispatcher has no time limits
 * but the one for connecting (10 seconds): how long an answer may take is the caller's to say. Through a proxy what is encrypted goes
 * through a tunnel. Fails where the file of certificates cannot be used.
 */
export const openFetch = Effect.fnUntraced(function* (route: Route) {
  const context = route.caFile === undefined ? undefined : yield* trusted(route.name, route.caFile)
  const dispatcher = yield* Effect.acquireRelease(
    Effect.sync(() => dispatcherOf(route, context)),
    (open) => Effect.promise(() => open.destroy())
  )
  return fetchOver(dispatcher)
})
