import * as Effect from "effect/Effect"

import type { Price } from "../domain/Price.ts"
import { decimalText } from "./decimal.ts"

/** The one version this file was written against; it stands in every price's `source`. */
const list = "@pydantic/genai-prices 0.1.8"

/** Looks a model up in the public list: provider kind, address where known, model, ISO day. `undefined`: not listed. */
export type ListPrices = (
  provider: { readonly kind: string; readonly baseURL?: string },
  model: string,
  day: string
) => Omit<Price, "asOf"> | undefined

/** Provider kinds with a public price list, and their names in the package. Self-hosted kinds have none. */
const names: Readonly<Record<string, string>> = { openai: "openai", anthropic: "anthropic" }

/**
 * The names to look a model up under, the likeliest first. A list of a maker's own models names them without the maker (`anthropic/…`);
 * OpenRouter's writes versions with a dot, where other logs have a dash.
 */
const spellings = (list: string, model: string): ReadonlyArray<string> => {
  if (list === "openrouter") return [model, model.replace(/-(\d{1,2})-(\d{1,2})(?=$|[-:])/, "-$1.$2")]
  return model.startsWith(`${list}/`) ? [model, model.slice(list.length + 1)] : [model]
}

/**
 * Loads the public price list, which takes 30 ms and so is left until a price is wanted.
 * An address that belongs to a listed provider (an OpenAI-compatible host, say) goes before the kind.
 * Dated prices are taken at the day asked for; of prices in tiers by prompt length the base tier is taken, and `source` says so.
 */
export const loadListPrices: Effect.Effect<ListPrices> = Effect.map(
  Effect.promise(() => import("@pydantic/genai-prices")),
  ({ calcPrice, findProvider }): ListPrices =>
    (provider, model, day) => {
      const kind = names[provider.kind]
      if (kind === undefined) return undefined
      const host = provider.baseURL === undefined ? undefined : findProvider({ providerApiUrl: provider.baseURL })
      const providerId = host?.id ?? kind
      const timestamp = new Date(`${day}T00:00:00Z`)
      const found = spellings(providerId, model)
        .values()
        .map((name) => calcPrice({}, name, { providerId, timestamp }))
        .find((one) => one !== null)
      if (found === undefined || found === null) return undefined
      const { model: info, model_price: row } = found
      const amount = (unit: string): string | undefined => {
        const price = row[unit]
        return price === undefined ? undefined : decimalText(typeof price === "number" ? price : price.base)
      }
      const input = amount("input_mtok")
      const output = amount("output_mtok")
      if (input === undefined || output === undefined) return undefined
      const cacheRead = amount("cache_read_mtok")
      const cacheWrite5m = amount("cache_write_mtok")
      const cacheWrite1h = amount("cache_write_1h_mtok")
      const held = Array.isArray(info.prices) ? info.prices.find(({ prices }) => prices === row)?.constraint : undefined
      const tiered = Object.values(row).some((price) => typeof price === "object")
      return {
        input,
        output,
        ...(cacheRead === undefined ? {} : { cacheRead }),
        ...(cacheWrite5m === undefined ? {} : { cacheWrite5m }),
        ...(cacheWrite1h === undefined ? {} : { cacheWrite1h }),
        source: [
          `${list}: ${found.provider.id}/${info.id}`,
          ...(held?.type === "start_date" ? [`since ${held.start_date}`] : []),
          ...(tiered ? ["base tier"] : [])
        ].join(", ")
      }
    }
)

/** Tokens of a model's context, input and output together, in the public list: provider kind, address where known, model. `undefined`: not listed. */
export type ListContexts = (
  provider: { readonly kind: string; readonly baseURL?: string },
  model: string
) => number | undefined

/**
 * Loads the contexts of the public list. A model of that name behind an address that belongs to no listed provider may be served with another
 * context, so nothing is told of it.
 */
export const loadListContexts: Effect.Effect<ListContexts> = Effect.map(
  Effect.promise(() => import("@pydantic/genai-prices")),
  ({ calcPrice, findProvider }): ListContexts =>
    ({ baseURL, kind }, model) => {
      const id = baseURL === undefined ? names[kind] : findProvider({ providerApiUrl: baseURL })?.id
      return id === undefined ? undefined : calcPrice({}, model, { providerId: id })?.model.context_window
    }
)
