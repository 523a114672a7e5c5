import type { Params } from "../../../domain/Call.ts"
import { isInt, isObject, type Json, type JsonObject } from "../json.ts"
import type { Losses } from "../losses.ts"
import { adapts, takesEffort, thinks } from "./models.ts"

type Reasoning = NonNullable<Params["reasoning"]>

/** Reads `thinking`; `undefined` for a kind without a canonical form. */
export const readThinking = (raw: Json | undefined): Reasoning | undefined => {
  if (!isObject(raw)) return undefined
  const { budget_tokens, type } = raw
  if (type === "disabled") return { mode: "off" }
  if (type === "adaptive") return { mode: "adaptive" }
  return type === "enabled" && isInt(budget_tokens) ? { mode: "on", budgetTokens: budget_tokens } : undefined
}

/** The inverse of `readThinking`. */
export const thinkingOf = ({ budgetTokens, mode }: Reasoning): JsonObject | undefined => {
  if (mode === "off") return { type: "disabled" }
  if (mode === "adaptive") return { type: "adaptive" }
  return mode === "on" && budgetTokens !== undefined ? { type: "enabled", budget_tokens: budgetTokens } : undefined
}

/** Thinking tokens for an effort, on models that take a budget. */
const budgets: { readonly [effort: string]: number } = {
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 32_768,
  max: 32_768
}
const leastBudget = 1024

/** A budget must stay below `max_tokens`, which is what was put aside for the answer and is not raised. */
const budgeted = (wanted: number, maxTokens: number, losses: Losses): JsonObject | undefined => {
  if (wanted < maxTokens) return { type: "enabled", budget_tokens: Math.max(leastBudget, wanted) }
  const budget = Math.max(leastBudget, Math.floor(maxTokens / 2))
  if (budget >= maxTokens) {
    losses.add(
      "reasoning",
      `max_tokens ${maxTokens} leaves no room for Anthropic's least thinking budget of ${leastBudget}`
    )
    return undefined
  }
  losses.add("reasoning", `the thinking budget of ${wanted} was cut to fit into max_tokens ${maxTokens}`)
  return { type: "enabled", budget_tokens: budget }
}

/** What is sent of a request's reasoning. `own`: it came by this wire, where an effort does not imply thinking. */
export const writeReasoning = (
  reasoning: Reasoning,
  asked: { readonly model: string; readonly own: boolean; readonly maxTokens: number },
  losses: Losses
): { readonly thinking?: JsonObject; readonly effort?: string } => {
  const { budgetTokens, effort, mode } = reasoning
  const { maxTokens, model, own } = asked
  if (!thinks(model)) {
    if (effort !== "none" && mode !== "off") losses.add("reasoning", `${model} does not think before it answers`)
    return {}
  }
  if (effort === "none" || (effort === undefined && mode === "off")) return { thinking: { type: "disabled" } }
  const named = effort === "minimal" ? "low" : effort
  if (effort === "minimal") losses.add("reasoning", "Anthropic knows no effort below low")
  const withBudget = (tokens: number) => {
    const thinking = budgeted(tokens, maxTokens, losses)
    return thinking === undefined ? {} : { thinking }
  }
  if (named !== undefined && !takesEffort(model)) return withBudget(budgets[named] ?? budgets["medium"]!)
  const sent = named === undefined ? {} : { effort: named }
  if (mode === "off") return { ...sent, thinking: { type: "disabled" } }
  if (mode === "on" && budgetTokens !== undefined) return { ...sent, ...withBudget(budgetTokens) }
  if (mode === undefined && own) return sent
  if (adapts(model)) return { ...sent, thinking: { type: "adaptive" } }
  if (mode === "adaptive") losses.add("reasoning", `${model} takes a thinking budget, not an adaptive one`)
  return { ...sent, ...withBudget(budgets[named ?? "medium"] ?? budgets["medium"]!) }
}
