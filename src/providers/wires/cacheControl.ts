import { isObject, type Json, type JsonObject } from "./json.ts"

/** How long a prefix is asked to be cached; `provider`: the wire's `{ "type": "ephemeral" }` without a time. */
export type CacheControl = { readonly ttl: "5m" | "1h" | "provider" }

/** Reads a `cache_control` of the Anthropic shape, which OpenAI-like gateways take too; `undefined` for any other shape. */
export const readCacheControl = (raw: Json | undefined): CacheControl | undefined => {
  if (!isObject(raw) || raw["type"] !== "ephemeral") return undefined
  const { ttl } = raw
  const keys = Object.keys(raw).length
  if (ttl === undefined && keys === 1) return { ttl: "provider" }
  return (ttl === "5m" || ttl === "1h") && keys === 2 ? { ttl } : undefined
}

/** The inverse of `readCacheControl`. */
export const writeCacheControl = ({ ttl }: CacheControl): JsonObject =>
  ttl === "provider" ? { type: "ephemeral" } : { type: "ephemeral", ttl }
