import type { Usage } from "../domain/Call.ts"
import { Fault } from "../domain/Fault.ts"
import { type NanoUsd, usd } from "../domain/Money.ts"
import type { ProviderError } from "../providers/contract.ts"
import type { NoRoom } from "./budget.ts"
import { CallFailed } from "./CallFailed.ts"
import type { Account } from "./Calls.ts"
import type { Tokens } from "./reserve.ts"

/** Dollars for a sentence: `$20.00`, `$0.000123`. */
const dollars = (nano: NanoUsd) => `$${usd(nano).replace(/(\.\d\d\d*?)0+$/, "$1")}`

const whole = (count: number) => count.toLocaleString("en-US")

/** A provider that no account is open for. */
export const noAccount = (provider: string, known: ReadonlyArray<string>) =>
  new Fault({
    kind: "input",
    sentence: `There is no provider called ${provider}.`,
    mend: known.length === 0 ? "The suite names no provider." : `Providers of this run: ${known.join(", ")}.`
  })

/** A provider that is asked for an embedding and has none. */
export const noEmbeddings = (provider: string, kind: string) =>
  new Fault({
    kind: "input",
    sentence: `Provider ${provider} is of the kind ${kind}, which has no embeddings.`,
    mend: "Name one that has: OpenAI, a host that speaks its wire, Azure or Ollama."
  })

/** What is refused with which words, and the mend, by what the error means. */
const stops = (
  { keyEnv, name }: Pick<Account, "name" | "keyEnv">,
  { model, reason }: ProviderError
): readonly [sentence: string, mend: string] | undefined => {
  switch (reason) {
    case "Auth":
      return keyEnv === undefined
        ? [
            `${name} refuses a request without a key`,
            `Name the environment variable of its key: providers.${name}.apiKey: "env:NAME".`
          ]
        : [
            `${name} refuses the key in the environment variable ${keyEnv}`,
            `Check the key in ${keyEnv}, and what it may do.`
          ]
    case "Spent":
      return [
        `The account of ${name} has no money or quota left`,
        "Top it up or raise its limit, then start the same command again: answers that it paid for are not asked again."
      ]
    case "Blocked":
      return [
        `${name} turns away whoever asks from here`,
        "It is not about the key: look at the country, the firewall, the VPN or the proxy that requests go out through."
      ]
    case "Address":
      return [
        `${name} does not take calls at its address`,
        `Correct providers.${name}.baseURL: it is the part before /chat/completions and the like, and often ends in /v1.`
      ]
    case "Untrusted":
      return [
        `${name} cannot be asked safely`,
        `Name the certificate of its authority as providers.${name}.caFile, or correct the host in providers.${name}.baseURL.`
      ]
    case "Proxy":
      return [
        `${name} is behind a proxy that lets nobody through without its credentials`,
        "Write them into HTTPS_PROXY or HTTP_PROXY, as http://USER:PASSWORD@HOST:PORT, or name the host in NO_PROXY."
      ]
    case "ModelNotFound":
      return [`${name} has no model called ${model}`, "Correct the model's name in the suite, or ask for access to it."]
    default:
      return undefined
  }
}

/** What must stop the run because every further call would fail the same way; `undefined`: this error need not. */
export const stopping = (account: Pick<Account, "name" | "keyEnv">, error: ProviderError): Fault | undefined => {
  const words = stops(account, error)
  if (words === undefined) return undefined
  const [what, mend] = words
  const status = error.status === undefined ? "" : ` (${error.status})`
  return new Fault({ kind: "input", sentence: `${what}${status}: ${error.detail}`, mend })
}

/** An answer used more than what its request allows for; `most` was put aside for it. */
export const billsMore = (account: string, model: string, most: Tokens, { input, output }: Usage) => {
  const sides = [
    { what: "for what is sent", used: input?.total ?? 0, put: most.input },
    { what: "of output", used: output?.total ?? 0, put: most.output }
  ].filter(({ put, used }) => used > put)
  const told = sides.map(
    ({ put, used, what }) => `${whole(used)} tokens ${what}, where ${whole(put)} at most were put aside`
  )
  return `${account}/${model} bills more than was asked for: ${told.join(", and ")}. From now on as much more is put aside for each try; what was out already may go beyond the budget.`
}

/** The provider read the request and will not have it. */
export const refused = (error: ProviderError) => new CallFailed({ kind: "unsendable", message: error.message, error })

/** No answer after all that was tried; `why` says when it was given up. */
export const givenUp = (error: ProviderError, why: string) =>
  new CallFailed({ kind: "infrastructure", message: `${error.message} (given up: ${why})`, error })

/** An account that has not answered for a while is not asked; `tries` went out before. */
export const notAsked = (account: string, why: string, tries: number) =>
  new CallFailed({
    kind: "infrastructure",
    ...(tries === 0 ? { neverSent: true } : {}),
    message: `${account} does not answer, and ${tries === 0 ? "this was never sent" : `was not asked again after ${tries} ${tries === 1 ? "try" : "tries"}`}: ${why}`
  })

/** A call without a price cannot be kept under a cap. */
export const unpriced = (account: string, model: string, { cap, name, of }: Pick<NoRoom, "name" | "cap" | "of">) =>
  new CallFailed({
    kind: "budget",
    ...(of === undefined ? {} : { cap: of }),
    message: `${account}/${model} has no price, so ${name.charAt(0).toLowerCase()}${name.slice(1)} of ${dollars(cap)} cannot be kept with it. Give it one under providers.${account}.prices, or leave the budget out.`
  })

/** A cap has no room for the worst case of a call; `most`: the tokens that it is made of. */
export const overBudget = ({ cap, name, of, spent, unbilled, worst }: NoRoom, most: Tokens | undefined) =>
  new CallFailed({
    kind: "budget",
    ...(of === undefined ? {} : { cap: of }),
    ...(unbilled === undefined ? {} : { unbilled: true }),
    message: `${name} of ${dollars(cap)} has no room for this call: ${dollars(spent)} is spent or held back${unbilled === undefined ? "" : `, ${dollars(unbilled)} of it for calls whose cost is not known`}, and one try could cost up to ${dollars(worst)}${most === undefined ? "" : `: ${whole(most.output)} output tokens at most, and ${whole(most.input)} for what is sent`}.`
  })
