import type { ListContexts } from "../pricing/listPrices.ts"
import type { Capabilities } from "../replay/capability.ts"
import type { LoadedSuite } from "../suite/load.ts"
import type { Resolved } from "./accounts.ts"

/** What is known of a provider's model: what the suite says, and the context of the public list where it says none. */
export const capabilitiesOf =
  (
    suite: Pick<LoadedSuite, "providers">,
    resolve: (provider: string) => Pick<Resolved, "kind" | "baseURL"> | undefined,
    listed: ListContexts
  ) =>
  (provider: string, model: string): Capabilities => {
    const models = suite.providers[provider]?.models ?? {}
    const own = Object.hasOwn(models, model) ? models[model]! : {}
    const resolved = resolve(provider)
    if (own.context !== undefined || resolved === undefined) return own
    const { baseURL, kind } = resolved
    const context = listed({ kind, ...(baseURL === undefined ? {} : { baseURL }) }, model)
    return context === undefined ? own : { ...own, context }
  }
