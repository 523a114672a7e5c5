import type { Usage } from "../../../domain/Call.ts"
import { noUsage } from "../../../providers/wires/usage.ts"
import { countIn, objectIn } from "../../json.ts"

/**
 * Inspect's `ModelUsage`: `input_tokens` leaves out what was read from and written to the cache, `output_tokens` includes reasoning. A total
 * that says otherwise wins, and is told.
 */
export const inspectUsage = (value: unknown): Usage => {
  const raw = objectIn(value)
  const given = countIn(raw?.["input_tokens"])
  const out = countIn(raw?.["output_tokens"])
  if (raw === undefined || (given === undefined && out === undefined)) return noUsage
  const cacheRead = countIn(raw["input_tokens_cache_read"]) ?? 0
  const cacheWriteOther = countIn(raw["input_tokens_cache_write"]) ?? 0
  const cached = cacheRead + cacheWriteOther
  const total = countIn(raw["total_tokens"])
  const inside =
    cached > 0 && total !== undefined && given !== undefined && total === given + (out ?? 0) && given >= cached
  const reasoning = countIn(raw["reasoning_tokens"])
  const told = out !== undefined && reasoning !== undefined && reasoning <= out ? reasoning : undefined
  return {
    basis: "reported",
    input:
      given === undefined
        ? null
        : {
            total: inside ? given : given + cached,
            uncached: inside ? given - cached : given,
            cacheRead,
            cacheWrite5m: 0,
            cacheWrite1h: 0,
            cacheWriteOther
          },
    output:
      out === undefined ? null : { total: out, text: told === undefined ? null : out - told, reasoning: told ?? null },
    ...(inside
      ? { diagnostics: ["input includes what was read from and written to the cache: the total says so"] }
      : {})
  }
}
