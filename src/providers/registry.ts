import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import type { Provider } from "./contract.ts"
import { anthropicLine, azureLine, ollamaLine, openaiLine } from "./lines.ts"

/** A provider by name, whose SDK is loaded only when it is asked for. */
export interface ProviderLine extends Omit<Provider, "open"> {
  readonly load: () => Promise<Provider>
}

const line = <const Id extends string>(
  about: Omit<Provider, "open"> & { readonly id: Id },
  load: () => Promise<Provider>
): ProviderLine & { readonly id: Id } => ({ ...about, load })

/** The providers there are. To add one: write its file and its line, then name it here. */
export const providers = [
  line(openaiLine, () => import("./openai.ts").then((file) => file.openai)),
  line(azureLine, () => import("./azure.ts").then((file) => file.azure)),
  line(anthropicLine, () => import("./anthropic.ts").then((file) => file.anthropic)),
  line(ollamaLine, () => import("./ollama.ts").then((file) => file.ollama))
] as const

/** Loads a provider with its SDK. Fails where there is none of this kind, with those there are. */
export const loadProvider = (id: string): Effect.Effect<Provider, Fault> => {
  const found = providers.find((one) => one.id === id)
  if (found !== undefined) return Effect.promise(found.load)
  return Effect.fail(
    new Fault({
      kind: "input",
      sentence: `there is no provider of the kind ${id}`,
      mend: `One of: ${providers.map((one) => one.id).join(", ")}.`
    })
  )
}
