import type { Grade } from "../domain/Grade.ts"
import type { Output, Series } from "../domain/Output.ts"
import type { GradeRow, OutputRow } from "../store/Runs.ts"

/** The line of a grade. */
export const gradeRow = (caseId: string, setup: string, grader: string, grade: Grade): GradeRow => ({
  v: 1,
  case: caseId,
  setup,
  grader,
  score: grade.score,
  why: grade.why,
  ...(grade.evidence === undefined ? {} : { evidence: grade.evidence })
})

/** The line of an output: no money, no content. */
export const outputRow = (output: Output, series: Series): OutputRow => ({
  v: 1,
  case: output.caseId,
  setup: output.setupId,
  series,
  attempts: output.attempts.map(({ answer, cached, checks, enlarged, judged, latencyMs, round, rung, sample }) => ({
    round,
    ...(rung === undefined ? {} : { rung }),
    ...(sample === undefined ? {} : { sample }),
    ...(enlarged === undefined ? {} : { enlarged }),
    answer,
    cached,
    latencyMs,
    checks,
    ...(judged === undefined ? {} : { judged: judged.map(({ score }) => score) })
  })),
  ...(output.chosen === undefined ? {} : { chosen: output.chosen }),
  ending: output.ending,
  losses: output.losses,
  ...(output.failure === undefined ? {} : { failure: output.failure })
})
