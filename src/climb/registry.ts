import { cheapestFirst } from "./strategies/cheapestFirst.ts"

/** To add a strategy: write its file, then name it here. The first is the default of this version. */
export const strategies = [cheapestFirst] as const
