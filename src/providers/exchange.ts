import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"

import type { CallResponse } from "../domain/Call.ts"
import { Fault } from "../domain/Fault.ts"
import type { ProviderConfig, ProviderError, Reply } from "./contract.ts"
import { type Addressee, Broken, failureOf, Reported, TimedOut } from "./failure.ts"
import { isArray, isObject } from "./wires/json.ts"
import { readNames } from "./wires/names.ts"
import type { Answered } from "./wires/wire.ts"

/** The longest time a timer can count: what the SDKs are told, for the limit is kept here. */
export const noLimit = 2_147_483_647

/** Milliseconds that listing the models may take. */
export const listMs = 10_000

const defaultTimeoutMs = 600_000
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
}

const faulty = (name: string, what: string, mend: string) =>
  new Fault({ kind: "input", sentence: `provider ${name}: ${what}`, mend })

/** Checks a configuration: an address over http(s) without credentials, a key that a header can carry. */
export const openedOf = (config: ProviderConfig, baseURL: string): Effect.Effect<Opened, Fault> => {
  const { name } = config
  const address = config.baseURL ?? baseURL
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return Effect.fail(faulty(name, `the baseURL ${address} is no http address`, `Write it as ${baseURL} is written.`))
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
  return Effect.succeed({
    name,
    baseURL: address.replace(/\/+$/, ""),
    apiKey: secret ?? "none",
    secret,
    timeoutMs: Math.min(noLimit, config.timeoutMs ?? defaultTimeoutMs),
    connections: config.connections ?? defaultConnections
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

/** Takes the time of one exchange from now on. `doubt` tells what this wire alone takes for no answer. */
export const timed = (doubt: (response: CallResponse) => Broken | undefined = () => undefined) => {
  const startedAt = new Date().toISOString()
  const start = performance.now()
  let first: number | undefined
  return {
    /** The first piece of a stream is there. */
    first: () => {
      first ??= performance.now() - start
    },
    /** The answer is there, read: with its times. Throws where the reader found it broken, or it is none. */
    reply: (answer: Result.Result<Answered, string>): Reply => {
      if (Result.isFailure(answer)) throw new Broken("Malformed", answer.failure)
      const broken = doubt(answer.success.response) ?? noAnswer(answer.success.response)
      if (broken !== undefined) throw broken
      return {
        ...readNames(answer.success),
        timing: {
          startedAt,
          latencyMs: performance.now() - start,
          ...(first === undefined ? {} : { ttftMs: first }),
          basis: "reported"
        }
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
interface Assembly {
  add(piece: unknown): void
  readonly finished: boolean
  answer(): Result.Result<Answered, string>
}

/** Reads a stream to its end. One that breaks off, or ends without saying why, is `Cut`. */
export const gathered = async (
  pieces: AsyncIterable<unknown>,
  assembly: Assembly,
  time: ReturnType<typeof timed>
): Promise<Reply> => {
  try {
    for await (const piece of pieces) {
      time.first()
      assertNoError(piece)
      assembly.add(piece)
    }
  } catch (error) {
    const told = error instanceof SyntaxError || error instanceof Broken || error instanceof Reported
    if (told || (error instanceof Error && "error" in error && error.error !== undefined)) throw error
    throw new Broken("Cut", `the stream broke off: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (!assembly.finished) throw new Broken("Cut", "the stream ended without a finish reason")
  return time.reply(assembly.answer())
}
