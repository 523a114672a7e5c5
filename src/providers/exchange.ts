import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"

import type { CallResponse } from "../domain/Call.ts"
import { Fault } from "../domain/Fault.ts"
import { simulatedHeader } from "../domain/simulated.ts"
import { defaultTimeoutMs, type ProviderConfig, type ProviderError, type Reply } from "./contract.ts"
import { type Addressee, Broken, failureOf, Reported, TimedOut } from "./failure.ts"
import type { Line } from "./lines.ts"
import { quotaOf } from "./quota.ts"
import { isArray, isObject } from "./wires/json.ts"
import { readNames } from "./wires/names.ts"
import type { Answered } from "./wires/wire.ts"

/** The longest time a timer can count: what the SDKs are told, for the limit is kept here. */
export const noLimit = 2_147_483_647

/** Milliseconds that listing the models may take. */
export const listMs = 10_000

const defaultConnections = 256

/** A provider's configuration with what is not said filled in. */
export interface Opened {
  readonly name: string
  readonly baseURL: string
  /** `none` where there is none: an SDK that gets no key looks for one in the environment or on the disk. */
  readonly apiKey: string
  /** The key, where there is one; no message may hold it. */
  readonly secret: string | undefined
  readonly timeoutMs: number
  readonly connections: number
  readonly proxy: string | undefined
  /** Left out where no connection is encrypted. */
  readonly caFile: string | undefined
}

const faulty = (name: string, what: string, mend: string) =>
  new Fault({ kind: "input", sentence: `provider ${name}: ${what}`, mend })

const decodes = (text: string) => Result.isSuccess(Result.try(() => decodeURIComponent(text)))

/** A proxy's address; never repeated, for it may hold a password. */
const proxyFault = (name: string, proxy: string): Fault | undefined => {
  const url = URL.parse(proxy)
  if (url !== null && /^https?:$/.test(url.protocol) && decodes(url.username) && decodes(url.password)) return undefined
  return faulty(name, "the address of the proxy is no http address", "Write it as http://proxy.example.org:3128.")
}

/** Checks a configuration: an address over http(s) without credentials, a key that a header can carry, an endpoint that the kind has. */
export const openedOf = (config: ProviderConfig, { apis, defaults }: Line): Effect.Effect<Opened, Fault> => {
  const { api, name } = config
  const address = config.baseURL ?? defaults.baseURL
  const example = defaults.baseURL ?? "https://NAME.openai.azure.com"
  if (address === undefined) return Effect.fail(faulty(name, "it has no baseURL", `Such as baseURL: "${example}".`))
  const url = URL.parse(address)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return Effect.fail(faulty(name, `the baseURL ${address} is no http address`, `Write it as ${example} is written.`))
  }
  if (url.username !== "" || url.password !== "") {
    return Effect.fail(faulty(name, "the baseURL holds credentials", "Give the key as apiKey: env:NAME."))
  }
  const secret = config.apiKey === undefined ? undefined : Redacted.value(config.apiKey)
  if (secret !== undefined && !/^[\x21-\x7e]+$/.test(secret)) {
    return Effect.fail(
      faulty(
        name,
        "the API key is empty or holds characters that no header can carry",
        "Look for spaces or a line break in it."
      )
    )
  }
  if (api !== undefined && apis?.includes(api) !== true) {
    const mend = apis === undefined ? "Leave api out." : `One of: ${apis.join(", ")}.`
    return Effect.fail(faulty(name, `there is no api ${JSON.stringify(api)} of its kind`, mend))
  }
  const proxy = config.proxy === undefined ? undefined : Redacted.value(config.proxy)
  const wrong = proxy === undefined ? undefined : proxyFault(name, proxy)
  if (wrong !== undefined) return Effect.fail(wrong)
  return Effect.succeed({
    name,
    baseURL: address.replace(/\/+$/, ""),
    apiKey: secret ?? "none",
    secret,
    timeoutMs: Math.min(noLimit, config.timeoutMs ?? defaultTimeoutMs),
    connections: config.connections ?? defaultConnections,
    proxy,
    caFile: [address, proxy].some((one) => one?.startsWith("https:")) ? config.caFile : undefined
  })
}

/**
 * Runs one exchange against the clock. The signal aborts when the time is up or the fiber is interrupted, and whenever the exchange fails,
 * so that no socket stays behind.
 */
export const exchange = <A>(
  to: Addressee,
  timeoutMs: number,
  run: (signal: AbortSignal) => Promise<A>
): Effect.Effect<A, ProviderError> =>
  Effect.callback<A, ProviderError>((resume) => {
    const controller = new AbortController()
    let late: TimedOut | undefined
    const timer = setTimeout(() => {
      late = new TimedOut(timeoutMs)
      controller.abort(late)
    }, timeoutMs)
    run(controller.signal).then(
      (answer) => {
        clearTimeout(timer)
        resume(Effect.succeed(answer))
      },
      (error: unknown) => {
        clearTimeout(timer)
        controller.abort()
        resume(Effect.fail(failureOf(late ?? error, to)))
      }
    )
    return Effect.sync(() => {
      clearTimeout(timer)
      controller.abort()
    })
  })

/**
 * What came in place of an answer although the status was 200: a failure of the server behind it, or a part. `undefined`: it is an answer.
 * A log's reader takes such bodies as they were recorded; asked for now they are failures, and worth asking again.
 */
const noAnswer = ({ blocks, complete, stopReason, stopReasonRaw }: CallResponse): Broken | undefined => {
  const failed = stopReason === "error" || stopReason === "cancelled" // it was not we who cancelled
  if (failed || (stopReason === "unknown" && /error/i.test(stopReasonRaw ?? ""))) {
    return new Broken("Server", `the answer ended with the finish reason ${stopReasonRaw}`)
  }
  if (!complete) return new Broken("Cut", "the answer is not whole")
  return blocks.length === 0 && stopReason === "unknown" && stopReasonRaw === undefined
    ? new Broken("Cut", "the answer is empty and does not say why it ended")
    : undefined
}

/** What one wire alone knows of its answers. */
export interface Manner {
  /** What it takes for no answer. */
  readonly doubt?: (response: CallResponse) => Error | undefined
  /** Whether a piece of a stream says something of the answer; left out: the first does. */
  readonly says?: (piece: unknown) => boolean
}

/** Takes the time of one exchange from now on. */
export const timed = ({ doubt, says }: Manner = {}) => {
  const startedAt = new Date().toISOString()
  const start = performance.now()
  let first: number | undefined
  let simulated = false
  return {
    /** The answer's headers are there: whether the bundled fleet sent them. */
    from: (headers: Headers) => {
      simulated = headers.get(simulatedHeader.name) === simulatedHeader.value
    },
    /** A piece of a stream is there: the first that says something is when the answer began. */
    piece: (piece: unknown) => {
      if (first === undefined && says?.(piece) !== false) first = performance.now() - start
    },
    /** The answer is there, read: with its times, and the quota that its headers tell. Throws where the reader found it broken, or it is none. */
    reply: (answer: Result.Result<Answered, string>, headers?: Headers): Reply => {
      if (Result.isFailure(answer)) throw new Broken("Malformed", answer.failure)
      const broken = doubt?.(answer.success.response) ?? noAnswer(answer.success.response)
      if (broken !== undefined) throw broken
      if (headers !== undefined) simulated = headers.get(simulatedHeader.name) === simulatedHeader.value
      const quota = headers === undefined ? undefined : quotaOf(headers, Date.now())
      return {
        ...readNames(answer.success),
        timing: {
          startedAt,
          latencyMs: performance.now() - start,
          ...(first === undefined ? {} : { ttftMs: first }),
          basis: "reported"
        },
        ...(quota === undefined ? {} : { quota }),
        ...(simulated ? { simulated } : {})
      }
    }
  }
}

/** An `error` field that says something: hosts also send it empty beside a whole answer. */
const tellsError = (error: unknown): boolean =>
  (typeof error === "string" && error !== "") || (isObject(error) && Object.keys(error).length > 0)

/** Some hosts report an error in the body of a 200, in a piece of its stream, or in one of its choices. Throws it. */
export const assertNoError = (body: unknown): void => {
  if (!isObject(body)) return
  const { choices, error } = body
  if (tellsError(error)) throw new Reported(error)
  if (!isArray(choices)) return
  for (const choice of choices) {
    if (isObject(choice) && tellsError(choice["error"])) throw new Reported(choice["error"], true)
  }
}

/** A stream that is put together piece by piece. */
export interface Assembly {
  add(piece: unknown): void
  readonly finished: boolean
  answer(): Result.Result<Answered, string>
}

/** Reads a stream to its end. One that breaks off, or ends without saying why, is `Cut`. */
export const gathered = async (
  pieces: AsyncIterable<unknown>,
  assembly: Assembly,
  time: ReturnType<typeof timed>,
  headers?: Headers
): Promise<Reply> => {
  try {
    for await (const piece of pieces) {
      time.piece(piece)
      assertNoError(piece)
      assembly.add(piece)
    }
  } catch (error) {
    const told = error instanceof SyntaxError || error instanceof Broken || error instanceof Reported
    if (told || (error instanceof Error && "error" in error && error.error !== undefined)) throw error
    throw new Broken("Cut", `the stream broke off: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (!assembly.finished) throw new Broken("Cut", "the stream ended without a finish reason")
  return time.reply(assembly.answer(), headers)
}
