import { codeEqual } from "./codeEqual.ts"
import { contains } from "./contains.ts"
import { cost } from "./cost.ts"
import { embeddingSimilarity } from "./embeddingSimilarity.ts"
import { exact } from "./exact.ts"
import { jsonEqual } from "./jsonEqual.ts"
import { factual } from "./judge/factual.ts"
import { judge } from "./judge/pairwise.ts"
import { rubric } from "./judge/rubric.ts"
import { latency } from "./latency.ts"
import { length } from "./length.ts"
import { numeric } from "./numeric.ts"
import { textSimilarity } from "./textSimilarity.ts"
import { toolCalls } from "./toolCalls.ts"

/** The graders there are. To add one: write its file, then name it here. */
export const graders = [
  exact,
  contains,
  numeric,
  jsonEqual,
  toolCalls,
  textSimilarity,
  embeddingSimilarity,
  codeEqual,
  length,
  latency,
  cost,
  judge,
  rubric,
  factual
] as const
