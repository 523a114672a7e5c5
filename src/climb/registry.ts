import { cheapestFirst } from "./strategies/cheapestFirst.ts"

/** To add a strategy: write its file, then name it here. */
export const strategies = [cheapestFirst] as const

/** The strategy of this version where a suite names none. */
export const defaultStrategy = cheapestFirst.id
