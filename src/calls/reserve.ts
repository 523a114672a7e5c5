import type { Usage } from "../domain/Call.ts"

/** Tokens of one try, in and out. */
export interface Tokens {
  readonly input: number
  readonly output: number
}

/** How far tries went beyond what was put aside for them, a side at a time: the largest ratio, and the largest excess in tokens. */
interface Beyond {
  readonly ratio: number
  readonly excess: number
}

const none: Beyond = { ratio: 1, excess: 0 }

const raised = ({ excess, ratio }: Beyond, tokens: number) => Math.max(Math.ceil(tokens * ratio), tokens + excess)

const after = (beyond: Beyond, reserved: number, used: number): Beyond => ({
  ratio: Math.max(beyond.ratio, reserved > 0 ? used / reserved : 1),
  excess: Math.max(beyond.excess, used - reserved)
})

/** What an account's models were seen to use beyond the worst case that a request alone tells, as behind a gateway that adds a prompt of its own. */
export interface Reserve {
  /** The tokens to put aside for a try whose request tells of so many: as many more as the worst seen so far would take. */
  of(model: string, tokens: Tokens): Tokens
  /**
   * Learns from what a try used; `tokens` as its request tells. True where it used more than {@link Reserve.of} says, which then says more.
   * A side whose usage is not known says nothing.
   */
  learn(model: string, tokens: Tokens, usage: Usage): boolean
}

/** Nothing seen yet. */
export const makeReserve = (): Reserve => {
  const models = new Map<string, { readonly input: Beyond; readonly output: Beyond }>()
  const of = (model: string, tokens: Tokens): Tokens => {
    const known = models.get(model)
    return known === undefined
      ? tokens
      : { input: raised(known.input, tokens.input), output: raised(known.output, tokens.output) }
  }
  return {
    of,
    learn: (model, tokens, usage) => {
      const most = of(model, tokens)
      const input = usage.input?.total ?? 0
      const output = usage.output?.total ?? 0
      if (input <= most.input && output <= most.output) return false
      const known = models.get(model) ?? { input: none, output: none }
      models.set(model, {
        input: after(known.input, tokens.input, input),
        output: after(known.output, tokens.output, output)
      })
      return true
    }
  }
}
