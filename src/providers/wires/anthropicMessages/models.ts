/**
 * The version in a Claude model's name as major x 100 + minor (`claude-sonnet-4-5-20250929`: 405, `claude-3-haiku-…`: 300); names that tell
 * none count as the newest. What a model takes (thinking, effort, enforced schemas) follows from it.
 */
const versionOf = (model: string): number => {
  const late = /claude-[a-z]+-(\d{1,2})(?:-(\d{1,2}))?(?!\d)/.exec(model)
  const early = /claude-(\d)(?:[.-](\d))?(?!\d)/.exec(model)
  const found = late ?? early
  return found === null ? Number.POSITIVE_INFINITY : Number(found[1]) * 100 + Number(found[2] ?? 0)
}

/** Takes `thinking` with a budget of tokens. */
export const thinks = (model: string): boolean => versionOf(model) >= 307

/** Takes `thinking: adaptive`. */
export const adapts = (model: string): boolean => versionOf(model) >= 406

/** Takes `output_config.effort`. */
export const takesEffort = (model: string): boolean => adapts(model) || model.includes("claude-opus-4-5")

/** Enforces `output_config.format`. */
export const enforces = (model: string): boolean => versionOf(model) >= 401
