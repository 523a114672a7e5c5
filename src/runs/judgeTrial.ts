import * as Effect from "effect/Effect"

import type { Evidence, Grade } from "../domain/Grade.ts"
import type { Standing } from "../domain/Standing.ts"
import type { FoilsDoc, JudgeAgreement, JudgeDoc } from "../domain/Trials.ts"
import { type FoilsHeard, foilsDoc } from "../evaluate/foils.ts"
import type { ReadyGrader } from "../evaluate/gates.ts"
import type { Again, Heard, Hearing } from "../evaluate/hearing.ts"
import { classes, classOf, inconsistencyOf, ordersOf } from "../evaluate/judgeGate.ts"
import { confusionOf, kappa } from "../parity/kappa.ts"
import { estimate } from "../parity/verdict.ts"

type Class = (typeof classes)[number]

const agreementOf = (pairs: ReadonlyArray<readonly [Class, Class]>): JudgeAgreement => {
  const table = confusionOf(classes, pairs)
  return { pairs: pairs.length, kappa: kappa(table, "linear"), ...table }
}

const judgesOf = (evidence: Evidence | undefined, judge: string) =>
  evidence?.judges.find((one) => one.judge === judge)?.scores

/** The mean of what a judge scored; `undefined`: it has no readable verdict in every order. */
const scoreOf = (evidence: Evidence | undefined, judge: string): number | undefined => {
  const scores = judgesOf(evidence, judge)
  if (scores === undefined || scores.length === 0) return undefined
  const known = scores.flatMap((score) => (score === null ? [] : [score]))
  return known.length < scores.length ? undefined : known.reduce((a, b) => a + b, 0) / known.length
}

/** One setup's part of a trial. */
interface Part {
  readonly heard: Heard
  readonly standing: Standing
}

/** What a judge says of every case of a setup, as better, tie or worse than what it is compared with. */
const verdictsOf = ({ heard, standing }: Part, { id, kind }: ReadyGrader, judge: string) => {
  const reference = standing.columns.reference[id]
  return standing.columns.caseId.map((_, at): Class | undefined => {
    const score = scoreOf(heard.evidence[at], judge) ?? (heard.evidence[at] === undefined ? heard.score[at] : undefined)
    if (score === undefined || Number.isNaN(score)) return undefined
    if (kind === "preference") return classOf(score)
    const against = reference?.[at] ?? Number.NaN
    return Number.isNaN(against) ? undefined : classOf(0.5 + score - against)
  })
}

/** What one judge itself said of the foils; of a judge that leaves no evidence what its grader scored. */
const foilsOf = ({ heard, why }: FoilsHeard, { kind }: ReadyGrader, judge: string): FoilsDoc =>
  foilsDoc({
    heard: heard.flatMap((foil) => {
      if (foil.evidence === undefined) return [foil]
      const score = scoreOf(foil.evidence, judge)
      const against = kind === "preference" ? foil.against : (scoreOf(foil.ownEvidence, judge) ?? foil.against)
      return score === undefined ? [] : [{ score, against }]
    }),
    ...(why === undefined ? {} : { why })
  })

const docOf = (
  judge: string,
  grader: ReadyGrader,
  parts: ReadonlyArray<Part>,
  gates: ReadonlyArray<string>,
  repeats: JudgeDoc["repeats"]
): JudgeDoc => {
  const said = parts.map((part) => verdictsOf(part, grader, judge))
  const all = parts.flatMap((part) =>
    ordersOf(
      part.heard,
      part.standing.columns.caseId.map((_, at) => at),
      judge
    ).map((orders) => ({ ...orders, cluster: part.standing.columns.cluster[orders.at]! }))
  )
  const first = estimate({
    score: Float64Array.from(all, (one) => (one.first + 1 - one.second) / 2),
    cluster: all.map(({ cluster }) => cluster)
  })
  const withGate = (gate: string) =>
    parts.flatMap(({ standing: { columns } }, i) =>
      columns.caseId.flatMap((_, at) => {
        const [own, score, against] = [said[i]![at], columns.score[gate]?.[at], columns.reference[gate]?.[at]]
        if (own === undefined || score === undefined || against === undefined) return []
        return Number.isNaN(score - against) ? [] : [[own, classOf(0.5 + score - against)] as const]
      })
    )
  const labelled = parts.flatMap(({ heard, standing }, i) =>
    standing.columns.caseId.flatMap((_, at) => {
      const [own, label] = [said[i]![at], heard.label[at]!]
      return own === undefined || Number.isNaN(label) ? [] : [[own, classOf(label)] as const]
    })
  )
  const heardOf = parts.flatMap(({ heard, standing }) =>
    standing.columns.caseId.flatMap((_, at) => judgesOf(heard.evidence[at], judge) ?? [])
  )
  const verdicts = said.flat().filter((one) => one !== undefined)
  const foils = parts.find(({ heard }) => heard.foils !== undefined)?.heard.foils
  return {
    grader: grader.id,
    judge,
    judged: verdicts.length,
    said: classes.map((one) => verdicts.filter((other) => other === one).length),
    ...(foils === undefined ? {} : { foils: foilsOf(foils, grader, judge) }),
    ungraded: heardOf.filter((score) => score === null).length,
    orders:
      all.length === 0
        ? null
        : {
            pairs: all.length,
            inconsistency: inconsistencyOf(all) ?? 0,
            firstWins: { estimate: first.estimate, lower: first.lower, upper: first.upper }
          },
    agreement: gates.flatMap((gate) => {
      const pairs = withGate(gate)
      return pairs.length === 0 ? [] : [{ gate, ...agreementOf(pairs) }]
    }),
    labels: labelled.length === 0 ? null : agreementOf(labelled),
    repeats
  }
}

/** How often a judge scored the same answers as before; answers that it did not score again do not count. */
const repeatsOf = (
  judge: string,
  asked: ReadonlyArray<{ readonly again: Again; readonly grade: Grade }>
): JudgeDoc["repeats"] => {
  const compared = asked.flatMap(({ again, grade }) => {
    if (grade.score === null) return []
    const [before, after] = [judgesOf(again.evidence, judge), judgesOf(grade.evidence, judge)]
    if (before === undefined || after === undefined) return [again.score === grade.score]
    return [before.length === after.length && before.every((score, i) => score === after[i])]
  })
  return compared.length === 0 ? null : { cases: compared.length, same: compared.filter((same) => same).length }
}

/** Judgements asked again at once; the rate gates bound what is in flight. */
const atOnce = 8

/**
 * Tries the judges of a run on what they said in it: how far their verdicts hang on the order, agree with the deterministic gates and with
 * people's labels; and asks some again (another draw, paid for as judging is) to see whether they say the same. One that the budget leaves no
 * room for is not asked again. Without a judge nothing is done.
 */
export const judgeTrial = Effect.fn("Runs.judgeTrial")(function* (
  graders: ReadonlyArray<ReadyGrader>,
  hearing: Hearing,
  standings: ReadonlyArray<Standing>
) {
  const judges = graders.filter(({ asks }) => asks.length > 0)
  const gates = graders.filter(({ asks, kind }) => asks.length === 0 && kind !== "preference").map(({ id }) => id)
  const asked = yield* Effect.forEach(
    hearing.again,
    (again) => {
      const grader = judges.find(({ id }) => id === again.grader)
      return grader === undefined
        ? Effect.succeed([])
        : Effect.map(grader.grade({ ...again.input, draw: 1 }), (grade) => [{ again, grade }])
    },
    { concurrency: atOnce }
  )
  return judges.flatMap((grader): ReadonlyArray<JudgeDoc> => {
    const parts = hearing.all(grader.id).flatMap(([setup, heard]): ReadonlyArray<Part> => {
      const standing = standings.find((one) => one.setup.id === setup)
      return standing === undefined ? [] : [{ heard, standing }]
    })
    if (parts.length === 0) return []
    const named = new Set(
      parts.flatMap(({ heard }) => heard.evidence.flatMap((one) => one?.judges.map(({ judge }) => judge) ?? []))
    )
    const names = named.size > 0 ? [...named].sort() : grader.asks.map(({ model, provider }) => `${provider}/${model}`)
    const mine = asked.flat().filter(({ again }) => again.grader === grader.id)
    return names.map((judge) => docOf(judge, grader, parts, gates, repeatsOf(judge, mine)))
  })
})
