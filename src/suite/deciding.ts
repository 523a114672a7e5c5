import * as Effect from "effect/Effect"

import { rubricOn } from "../graders/judge/rubric.ts"
import { likeness } from "../graders/likeness.ts"
import type { Deciding } from "../replay/escalate.ts"

/** How the rules of cascades are decided: answers are compared by {@link likeness}, and judged by criteria without any original. */
export const deciding: Deciding = {
  likeness,
  judge: (rule, input, { case: caseId, setup }) =>
    Effect.map(
      rubricOn(rule, rule.criteria, input, { errand: { case: caseId, draw: 0, setup } }),
      ({ why: _, ...said }) => said
    )
}
