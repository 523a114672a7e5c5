import type { Simulated } from "../domain/simulated.ts"

/** Where the answers of a run came from so far. */
export interface Origins {
  /** An answer of a provider is there, bought or kept from before. */
  came(provider: string, simulated: boolean): void
  /** Answers are there, and all of them are simulated. */
  readonly only: boolean
  readonly doc: Simulated
}

/** Notes which answers are simulated and tells it of each provider once; `all`: the whole run is known to be, and nothing is told. */
export const originsOf = (all: boolean, say: (sentence: string) => void): Origins => {
  const simulated = new Set<string>()
  const real = new Set<string>()
  return {
    came: (provider, isSimulated) => {
      const kind = isSimulated ? simulated : real
      if (kind.has(provider)) return
      kind.add(provider)
      if (isSimulated && !all)
        say(`The answers of ${provider} are simulated: the bundled fleet gives them, and no real model.`)
    },
    get only() {
      return all || (simulated.size > 0 && real.size === 0)
    },
    get doc() {
      if (all || simulated.size === 0 || real.size === 0) return { simulated: all || simulated.size > 0 }
      return { simulated: true, simulatedProviders: [...simulated].sort() }
    }
  }
}
