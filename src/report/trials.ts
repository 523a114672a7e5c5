import type { RunResult } from "../domain/RunResult.ts"
import type { CheckDoc, JudgeDoc, MutantKind } from "../domain/Trials.ts"
import { count, counted, percent } from "./figures.ts"

/** Sentences about checks and judges on trial, shared by the report and the command line. Pure. */

/** What the mutants are called in tables, in the order in which they are shown. */
export const mutantWords: ReadonlyArray<readonly [MutantKind, string]> = [
  ["blank", "blank answer"],
  ["another", "another case's answer"],
  ["truncated", "half the answer"],
  ["callsDropped", "calls dropped"],
  ["anothersCalls", "another's calls"]
]

/** A check's trial in one line. */
export const checkWords = ({ mutants, originals, use }: CheckDoc): string => {
  const sum = (of: (one: CheckDoc["mutants"][number]) => number) => mutants.reduce((total, one) => total + of(one), 0)
  return `${use}: ${count(originals.passed)} of ${counted(originals.tried, "original")} pass; ${count(sum(({ caught }) => caught))} of ${count(sum(({ tried }) => tried))} spoilt ones are caught`
}

/** What is to be known of a check that has not passed its trial whole: sentences, none for one that has. */
export const checkSentences = ({
  mutants,
  originals,
  quarantined,
  use,
  worthless
}: CheckDoc): ReadonlyArray<string> => [
  ...(worthless
    ? [
        `${use} cannot fail: worthless. It passed all ${count(mutants.reduce((sum, { tried }) => sum + tried, 0))} originals that were spoilt on purpose, and every answer.`
      ]
    : []),
  ...(quarantined === 0
    ? []
    : [
        `${counted(quarantined, "original fails", "originals fail")} its own check ${use}: there the check drives no repairs.`
      ]),
  ...(originals.broken === 0
    ? []
    : [`${use} itself failed to run on ${counted(originals.broken, "original")}, which says nothing of any model.`])
]

/** A kappa in two places; a dash where it is not defined. */
export const kappaOf = (value: number | null): string => (value === null ? "–" : value.toFixed(2).replace("-", "−"))

/** Whether a judge's word hangs on the order: an interval of how often the first answer wins that does not hold one half. */
export const hasOrderBias = ({ orders }: JudgeDoc): boolean =>
  orders !== null && (orders.firstWins.lower > 0.5 || orders.firstWins.upper < 0.5)

/** What is to be known of the judges before their verdicts are believed: sentences. */
export const judgeSentences = ({ judges = [], standings }: RunResult): ReadonlyArray<string> => {
  const gates = standings.flatMap(({ gates }) => gates.flatMap(({ judge }) => judge ?? []))
  const models = [...new Set(gates.flatMap(({ models, status }) => (status === "uncalibrated" ? models : [])))]
  return [
    ...(models.length === 0
      ? []
      : [
          `Uncalibrated: figures are according to ${models.join(", ")}, whose error is not known for want of labels; understudy label asks for them.`
        ]),
    ...[...new Set(gates.flatMap(({ unfit }) => unfit ?? []))].map((why) => `${why}.`),
    ...judges.flatMap((judge) =>
      hasOrderBias(judge)
        ? [
            `Order bias: ${judge.judge} prefers the answer put ${judge.orders!.firstWins.estimate > 0.5 ? "first" : "second"} (the first wins ${percent(judge.orders!.firstWins.estimate)} of the time); both orders are asked, which cancels it.`
          ]
        : []
    )
  ]
}
