import { Fault } from "../domain/Fault.ts"
import { type NanoUsd, usd } from "../domain/Money.ts"
import type { ProviderError } from "../providers/contract.ts"
import type { NoRoom } from "./budget.ts"
import { CallFailed } from "./CallFailed.ts"
import type { Account } from "./Calls.ts"

/** Dollars for a sentence: `$20.00`, `$0.000123`. */
const dollars = (nano: NanoUsd) => `$${usd(nano).replace(/(\.\d\d\d*?)0+$/, "$1")}`

/** A provider that no account is open for. */
export const noAccount = (provider: string, known: ReadonlyArray<string>) =>
  new Fault({
    kind: "input",
    sentence: `There is no provider called ${provider}.`,
    mend: known.length === 0 ? "The suite names no provider." : `Providers of this run: ${known.join(", ")}.`
  })

/** What must stop the run because every further call would fail the same way; `undefined`: this error need not. */
export const stopping = (
  { keyEnv, name: account }: Pick<Account, "name" | "keyEnv">,
  { detail, model, reason, status }: ProviderError
): Fault | undefined => {
  const words = `${status === undefined ? "" : ` (${status})`}: ${detail}`
  if (reason === "Auth")
    return new Fault({
      kind: "input",
      ...(keyEnv === undefined
        ? {
            sentence: `${account} refuses a request without a key${words}`,
            mend: `Name the environment variable of its key: providers.${account}.apiKey: "env:NAME".`
          }
        : {
            sentence: `${account} refuses the key in the environment variable ${keyEnv}${words}`,
            mend: `Check the key in ${keyEnv}, and what it may do.`
          })
    })
  if (reason === "ModelNotFound")
    return new Fault({
      kind: "input",
      sentence: `${account} has no model called ${model}${words}`,
      mend: "Correct the model's name in the suite, or ask for access to it."
    })
  return undefined
}

/** The provider read the request and will not have it. */
export const refused = (error: ProviderError) => new CallFailed({ kind: "unsendable", message: error.message, error })

/** No answer after all that was tried; `why` says when it was given up. */
export const givenUp = (error: ProviderError, why: string) =>
  new CallFailed({ kind: "infrastructure", message: `${error.message} (given up: ${why})`, error })

/** An account that has not answered for a while is not asked. */
export const notAsked = (account: string, why: string) =>
  new CallFailed({
    kind: "infrastructure",
    message: `${account} does not answer and was not asked again for now: ${why}`
  })

/** A call without a price cannot be kept under a cap. */
export const unpriced = (account: string, model: string, { cap, name, of }: Pick<NoRoom, "name" | "cap" | "of">) =>
  new CallFailed({
    kind: "budget",
    ...(of === undefined ? {} : { cap: of }),
    message: `${account}/${model} has no price, so ${name.charAt(0).toLowerCase()}${name.slice(1)} of ${dollars(cap)} cannot be kept with it. Give it one under providers.${account}.prices, or leave the budget out.`
  })

/** A cap has no room for the worst case of a call. */
export const overBudget = ({ cap, name, of, spent, worst }: NoRoom) =>
  new CallFailed({
    kind: "budget",
    ...(of === undefined ? {} : { cap: of }),
    message: `${name} of ${dollars(cap)} has no room for this call: ${dollars(spent)} is spent or held back, and it could cost up to ${dollars(worst)}.`
  })
