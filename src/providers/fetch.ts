import type { IncomingHttpHeaders } from "node:http"
import type { SecureContext } from "node:tls"

import * as Effect from "effect/Effect"
import { Agent, type Dispatcher, Pool, ProxyAgent } from "undici"

import { isPage } from "./reason.ts"
import { trusted } from "./trust.ts"

/** Content types of answers that come piece by piece. */
export const streams = /^text\/event-stream|ndjson/i

/** What may leave: the SDKs add headers that the environment names (`…_CUSTOM_HEADERS`), and those may hold another host's secret. */
const leaves = /^(accept|authorization|content-type|user-agent|x-api-key|api-key|(anthropic|openai|x-stainless)-.*)$/

/** The request never left this machine: no connection was made, so nothing can have been billed. */
export class NotSent extends Error {
  override readonly name = "NotSent"
  /** `Network`: it may mend itself. The others do not: what is configured is not what it should be. */
  readonly reason: "Network" | "Address" | "Untrusted" | "Proxy"
  constructor(words: string, reason: NotSent["reason"] = "Network") {
    super(words)
    this.reason = reason
  }
}

/** The host answered with a status of 300 or above, or with a page for people in place of an answer. */
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

/** And those that are not the host's, or not valid now. */
const unfit = /ERR_TLS_CERT_ALTNAME_INVALID|CERT_(HAS_EXPIRED|NOT_YET_VALID|REVOKED|SIGNATURE_FAILURE)/

/** What OpenSSL calls an answer in plain text. */
const plainText = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/

type Coded = Error & { readonly code?: unknown }

/** The innermost: what undici says of a proxy's connection is held in a cause. */
const rootOf = (error: Coded): Coded => (error.cause instanceof Error ? rootOf(error.cause) : error)

/** Why no connection came about, in words that no SDK takes for a slow answer. `proxy`: its address without credentials. */
const unconnected = (thrown: Error, proxy: string | undefined) => {
  const error = rootOf(thrown)
  const code = String(error.code ?? "no connection")
  const whose = proxy === undefined ? "the host" : `the proxy ${proxy}`
  if (code === "UND_ERR_CONNECT_TIMEOUT" || code === "ETIMEDOUT")
    return new NotSent(`${whose} did not take the connection within 10 seconds`)
  if (code === "UND_ERR_HEADERS_TIMEOUT") return new NotSent(`${whose} did not make the connection within 10 seconds`)
  if (plainText.test(code))
    return new NotSent("the host does not speak https at this port: write http:// or name another port", "Address")
  if (untrusted.test(code))
    return new NotSent(
      `the host's certificate is not trusted (${error.message.split(";")[0]}): name a file with that of its authority, as caFile or in SSL_CERT_FILE`,
      "Untrusted"
    )
  if (unfit.test(code))
    return new NotSent(`the host's certificate is not for it, or not valid now (${error.message})`, "Untrusted")
  const [, status] = /^Proxy response \((\d+)\)/.exec(error.message) ?? []
  if (status === "407" || ofProxy(error)) return new NotSent(`${whose} wants other credentials (407)`, "Proxy")
  if (status !== undefined) return new NotSent(`${whose} lets nothing through: it answers ${status}`)
  const why = error.message || code
  return new NotSent(proxy === undefined ? why : `nothing comes through the proxy ${proxy}: ${why}`)
}

/** A proxy that wants other credentials says so in place of the host. */
const ofProxy = (error: Coded) =>
  error.code === "UND_ERR_INVALID_ARG" && error.message.startsWith("Proxy Authentication Required")

/** What comes of plain http where https is spoken: a connection that is closed, or bytes that are no http. */
const unheard = /^(UND_ERR_SOCKET|ECONNRESET|EPIPE|HPE_)/

/** The same error, with what it may mean where nothing was ever heard from there over plain http. */
const perhapsHttps = (error: Coded) =>
  unheard.test(String(error.code))
    ? new Error(`${error.message}: if the host speaks https at this port, write https://`)
    : error

/**
 * `fetch` for the vendors' SDKs over undici's dispatcher, at about a third of the CPU of global fetch.
 * A plain answer is read whole before the promise resolves, so that a deadline on it covers its body. A stream resolves at its headers and is
 * read as it comes, with back-pressure. Aborting closes the socket in both. Redirects are not followed, nothing is decompressed (none is asked for).
 * It rejects with `Refused` for a status of 300 or above or a web page, with `NotSent` where no connection came about, else with the socket's error.
 * Nothing but text is sent: global fetch, which could send more, knows neither the proxy nor the certificates.
 */
export const fetchOver = (dispatcher: Dispatcher, proxy?: string): typeof fetch => {
  let heard = false
  return (input, init) => {
    const body = init?.body ?? null
    if (input instanceof Request || (body !== null && typeof body !== "string"))
      return Promise.reject(new NotSent("only text can be sent"))
    const { origin, pathname, protocol, search } = new URL(input)
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
            heard = true
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
            if (status >= 300 || isPage(bytes.toString("utf8", 0, 200)))
              reject(new Refused(status, headers, bytes.toString("utf8")))
            else resolve(new Response(status === 204 ? null : bytes, answer))
          },
          onResponseError(_, error) {
            done()
            stream?.error(error)
            if (started === undefined || ofProxy(error)) reject(unconnected(error, proxy))
            else reject(heard || protocol === "https:" ? error : perhapsHttps(error))
          }
        }
      )
    })
  }
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
  return fetchOver(dispatcher, route.proxy === undefined ? undefined : new URL(route.proxy).origin)
})
