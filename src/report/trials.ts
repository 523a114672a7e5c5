import type { RunResult } from "../domain/RunResult.ts"
import type { CheckDoc, FoilsDoc, JudgeAgreement, JudgeDoc, MutantKind } from "../domain/Trials.ts"
import { roganGladen } from "../parity/roganGladen.ts"
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
        `${counted(quarantined, "original fails its", "originals fail their")} own check ${use}: there the check drives no repairs.`
      ]),
  ...(originals.broken === 0
    ? []
    : [`${use} itself failed to run on ${counted(originals.broken, "original")}, which says nothing of any model.`])
]

/** A kappa in two places; a dash where it is not defined. */
export const kappaOf = (value: number | null): string => (value === null ? "–" : value.toFixed(2).replace("-", "−"))

/** Labels below which no kappa is shown: it would be chance. */
const fewestLabels = 10

/** A judge's kappa with people, or why there is none to show. */
export const peopleKappa = (labels: JudgeAgreement | null): string =>
  labels === null || labels.pairs === 0
    ? "no labels"
    : labels.pairs < fewestLabels
      ? `${counted(labels.pairs, "label")}, too few for kappa`
      : `${kappaOf(labels.kappa)} (${count(labels.pairs)} labels)`

/** How a judge did on foils: caught of tried; `not tried` where none was heard. */
export const foilWords = (foils: FoilsDoc | undefined): string =>
  foils === undefined ? "–" : foils.tried === 0 ? "not tried" : `${count(foils.caught)} of ${count(foils.tried)}`

/** Foils below which nothing is said of a judge. */
const fewestFoils = 5

const sumOf = (counts: ReadonlyArray<number>) => counts.reduce((sum, one) => sum + one, 0)

/**
 * The share of answers that a judge finds at least as good as the originals, put right by people's labels (Rogan and Gladen), as a sentence.
 * Labels are drawn by verdict, so each counts for the answers of its verdict. Only shown: no verdict is from it. `undefined`: labels are too
 * few, leave a verdict out, or all say one thing.
 */
export const correctedShare = ({ judge, labels, said }: JudgeDoc): string | undefined => {
  if (said === undefined || labels === null || labels.pairs < fewestLabels) return undefined
  const [worse, judged] = [labels.classes.indexOf("worse"), sumOf(said)]
  const labelled = labels.counts.map(sumOf)
  if (worse === -1 || said.some((answers, own) => answers > 0 && labelled[own] === 0)) return undefined
  let [passed, failed, passedBoth, failedBoth] = [0, 0, 0, 0]
  labels.counts.forEach((row, own) => {
    const weight = labelled[own] === 0 ? 0 : ((said[own]! / judged) * labels.pairs) / labelled[own]!
    row.forEach((pairs, people) => {
      if (people === worse) failed += weight * pairs
      else passed += weight * pairs
      if (people === worse && own === worse) failedBoth += weight * pairs
      if (people !== worse && own !== worse) passedBoth += weight * pairs
    })
  })
  if (passed === 0 || failed === 0) return undefined
  const rate = (judged - said[worse]!) / judged
  const corrected = roganGladen({
    rate,
    items: judged,
    sensitivity: Math.min(1, passedBoth / passed),
    passed,
    specificity: Math.min(1, failedBoth / failed),
    failed
  })
  const words = `${judge} finds ${percent(rate)} of ${counted(judged, "answer")} at least as good as the original`
  return corrected === null
    ? `${words}; by ${counted(labels.pairs, "label")} it tells good from bad no better than chance, and the share cannot be corrected (for display, not in the verdict).`
    : `${words}; corrected by ${counted(labels.pairs, "label")}: ${percent(corrected.estimate)} (${percent(corrected.lower)} to ${percent(corrected.upper)}), for display, not in the verdict.`
}

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
    ...judges.flatMap(({ foils, grader, judge }) =>
      foils === undefined || foils.tried >= fewestFoils
        ? []
        : [
            `${judge} (${grader}) was not tried on foils, answers that belong to other requests${foils.tried === 0 ? "" : `: only ${count(foils.tried)} got a verdict`}${foils.why === undefined ? "" : `; ${foils.why}`}.`
          ]
    ),
    ...judges.flatMap((judge) => correctedShare(judge) ?? []),
    ...judges.flatMap((judge) =>
      hasOrderBias(judge)
        ? [
            `Order bias: ${judge.judge} prefers the answer put ${judge.orders!.firstWins.estimate > 0.5 ? "first" : "second"} (the first wins ${percent(judge.orders!.firstWins.estimate)} of the time); both orders are asked, which cancels it.`
          ]
        : []
    )
  ]
}
