import { cheapestFirst } from "./strategies/cheapestFirst.ts"
import { coordinate } from "./strategies/coordinate.ts"
import { grid } from "./strategies/grid.ts"
import { race } from "./strategies/race.ts"
import { successiveHalving } from "./strategies/successiveHalving.ts"

/** To add a strategy: write its file, then name it here. The first is the default of this version. */
export const strategies = [race, cheapestFirst, grid, successiveHalving, coordinate] as const
