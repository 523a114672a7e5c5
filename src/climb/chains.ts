import { digestOf } from "../domain/digest.ts"
import type { Axes, Setup } from "../domain/Setup.ts"
import type { Priced } from "./contract.ts"

const efforts = ["none", "minimal", "low", "medium", "high", "xhigh"]

/** Axes with an order of quality; the more, the stronger. The rest (temperature, topP …) make separate chains. */
const strength = (axes: Axes): ReadonlyArray<number> => [
  axes.repairs ?? 0,
  axes.samples ?? 1,
  axes.reasoningEffort === undefined ? efforts.indexOf("medium") : efforts.indexOf(axes.reasoningEffort),
  axes.maxTokens ?? Number.MAX_SAFE_INTEGER
]

/** The axes that have no order of quality. */
export const unorderedOf = ({ maxTokens: _m, reasoningEffort: _e, repairs: _r, samples: _s, ...unordered }: Axes) =>
  unordered

const chainOf = ({ axes, escalate, id, model, provider }: Setup) =>
  // A cascade is a chain of its own.
  escalate !== undefined ? id : digestOf({ provider, model, ...unorderedOf(axes) }).slice(0, 16)

/** Puts setups into chains: one chain a model and unordered axes, strongest first. */
export const chainsOf = (
  setups: ReadonlyArray<{ readonly setup: Setup; readonly usdPerCase: number }>
): ReadonlyArray<Priced> => {
  const chains = new Map<string, Array<{ readonly setup: Setup; readonly usdPerCase: number }>>()
  for (const priced of setups) {
    const chain = chainOf(priced.setup)
    chains.set(chain, [...(chains.get(chain) ?? []), priced])
  }
  return [...chains].flatMap(([chain, members]) =>
    members
      .map((member) => ({ member, order: strength(member.setup.axes) }))
      .sort((a, b) => {
        const at = a.order.findIndex((value, i) => value !== b.order[i])
        return at === -1 ? 0 : b.order[at]! - a.order[at]!
      })
      .map(({ member }, rank) => ({ ...member, chain, rank }))
  )
}
