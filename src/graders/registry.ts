import { contains } from "./contains.ts"
import { exact } from "./exact.ts"
import { jsonEqual } from "./jsonEqual.ts"
import { numeric } from "./numeric.ts"
import { textSimilarity } from "./textSimilarity.ts"
import { toolCalls } from "./toolCalls.ts"

/** The graders there are. To add one: write its file, then name it here. */
export const graders = [exact, contains, numeric, jsonEqual, toolCalls, textSimilarity] as const
