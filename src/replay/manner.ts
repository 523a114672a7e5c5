import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"

import type { CallRequest } from "../domain/Call.ts"
import type { Capabilities } from "./capability.ts"
import type { Parameter } from "./refusedParameter.ts"
import { withTold } from "./refusedPart.ts"

/** How the suite wants targets to be asked. */
export interface Asking {
  /** `auto`: streamed where the archived call was. It changes times, never an answer's key. */
  readonly stream: "auto" | boolean
  /** What to do about a parameter that a target refuses: ask without it and say so, or count the case as one that cannot be sent. */
  readonly refusedParameters: "drop" | "refuse"
  /** What is known of a model. */
  capabilities(provider: string, model: string): Capabilities
}

/** Where a suite says nothing and nothing is known of its models. */
export const plainAsking: Asking = { stream: "auto", refusedParameters: "drop", capabilities: () => ({}) }

/** How one setup, or the incumbent, is asked, with what its target taught in this run. */
export interface Manner extends Omit<Asking, "capabilities"> {
  readonly can: Capabilities
  /** What the target said of itself when it refused a request. */
  readonly told: Capabilities
  /** Keeps what the target said of itself. */
  tell(more: Capabilities): void
  /** Parameters that the target refused of a request with such parameters, in the order in which it refused them. */
  refused(request: CallRequest): ReadonlyArray<Parameter>
  /**
   * Asks with a request like no other yet; further ones like it wait for what comes of that, but not for long: a refusal comes at once, an
   * answer takes its time. So a whole run that starts at once is not refused case by case.
   */
  scouted<A, E, R>(request: CallRequest, ask: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>
  /** Remembers a refusal for further requests like the archived one. */
  remember(request: CallRequest, parameter: Parameter): void
}

/**
 * What a refusal depends on: which parameters are there, and with which values, but for those of which every request has its own. Requests
 * alike in that are refused alike, so what is sent for a case does not depend on which case came first.
 */
const signatureOf = ({ params, parallelToolCalls, responseFormat, toolChoice, tools }: CallRequest): string => {
  const { extra, maxOutputTokens: _limit, seed, stop, ...rest } = params
  return JSON.stringify({
    ...rest,
    seed: seed !== undefined,
    stop: stop !== undefined,
    extra: Object.keys(extra ?? {}).sort(),
    tools: (tools ?? []).length > 0,
    choice: toolChoice?.mode,
    format: responseFormat?.type,
    parallelToolCalls
  })
}

/** Milliseconds at most that requests wait for the first one like them. */
const patienceMs = 2_000

/** A target of which nothing has been learnt. */
export const mannerOf = (asking: Asking, target: { readonly provider: string; readonly model: string }): Manner => {
  const known = new Map<string, Array<Parameter>>()
  const scouts = new Map<string, Deferred.Deferred<void> | "back">()
  let told: Capabilities = {}
  return {
    stream: asking.stream,
    refusedParameters: asking.refusedParameters,
    can: asking.capabilities(target.provider, target.model),
    get told() {
      return told
    },
    tell: (more) => {
      told = withTold(told, more)
    },
    refused: (request) => (known.size === 0 ? [] : (known.get(signatureOf(request)) ?? [])),
    scouted: (request, ask) =>
      Effect.suspend(() => {
        const signature = signatureOf(request)
        const scout = scouts.get(signature)
        if (scout === "back") return ask
        if (scout !== undefined) return Effect.andThen(Effect.timeoutOption(Deferred.await(scout), patienceMs), ask)
        const mine = Deferred.makeUnsafe<void>()
        scouts.set(signature, mine)
        return Effect.ensuring(
          ask,
          Effect.sync(() => {
            scouts.set(signature, "back")
            Deferred.doneUnsafe(mine, Effect.void)
          })
        )
      }),
    remember: (request, parameter) => {
      const signature = signatureOf(request)
      const before = known.get(signature)
      if (before === undefined) known.set(signature, [parameter])
      else if (!before.includes(parameter)) before.push(parameter)
    }
  }
}
