import type { Standing } from "../domain/Standing.ts"
import type { JudgeGate } from "../domain/Trials.ts"
import { constantAnswers } from "../graders/judge/constant.ts"
import { confusionOf, kappa } from "../parity/kappa.ts"
import { predictionPowered } from "../parity/ppi.ts"
import { mergeOrders } from "../parity/swap.ts"
import { type Judgement, judgeMean } from "../parity/verdict.ts"
import { asksJudges, enoughFoils, foiled, foilsDoc } from "./foils.ts"
import type { Judging } from "./gate.ts"
import { missingAllowed, type ReadyGrader } from "./gates.ts"
import type { Heard } from "./hearing.ts"

/** Labels of a setup's pairs below which the judge's error is not known well enough to be carried. */
export const enoughLabels = 50
/** Share of pairs whose orders disagree above which a judge is unfit. */
export const mostInconsistent = 0.2
/** Kappa with people below which a judge agrees with them little better than chance. */
const leastKappa = 0.2

/** The three things that can be said of a pair, from the output's side. */
export const classes = ["better", "tie", "worse"] as const
/** The class of a score about a half, of one order or of several together. */
export const classOf = (score: number): (typeof classes)[number] =>
  score > 0.5 ? "better" : score < 0.5 ? "worse" : "tie"

/** Pairs judged in both orders, by judge and case, at some places. */
export const ordersOf = (
  { evidence }: Pick<Heard, "evidence">,
  places: ReadonlyArray<number>,
  judge?: string
): ReadonlyArray<{ readonly at: number; readonly first: number; readonly second: number }> =>
  places.flatMap((at) =>
    (evidence[at]?.judges ?? []).flatMap(({ judge: name, scores }) => {
      const [first, second] = scores
      return typeof first === "number" && typeof second === "number" && (judge === undefined || judge === name)
        ? [{ at, first, second }]
        : []
    })
  )

type Orders = ReturnType<typeof ordersOf>

/** Share of pairs whose orders name different winners; `null`: there are none. */
export const inconsistencyOf = (orders: Orders): number | null =>
  orders.length === 0
    ? null
    : orders.filter(({ first, second }) => mergeOrders(first, second).inconsistent).length / orders.length

const turning = (orders: Orders): string | undefined => {
  const share = inconsistencyOf(orders)
  return share === null || share <= mostInconsistent
    ? undefined
    : `the judge is unfit: it names another winner in ${(100 * share).toFixed(0)} % of ${orders.length} pairs when their order is turned round, more than ${100 * mostInconsistent} %`
}

/** Answers of which a judge that was not tried on foils must not say one and the same thing. */
const mostAlike = 20

/** Where a judge says one and the same of all answers whose texts differ from the originals', twenty or more; `undefined`: it does not. */
const oneVerdict = (
  { evidence, given, score }: Omit<Heard, "label">,
  places: ReadonlyArray<number>,
  { kind }: Pick<ReadyGrader, "kind">,
  reference: Float64Array
): string | undefined => {
  const said = places.flatMap((at) => {
    const [known, own] = [given[at], score[at]!]
    const against = kind === "preference" ? 0.5 : reference[at]!
    if (known === undefined || known.text === known.original || evidence[at]?.screened !== undefined) return []
    if (Number.isNaN(own - against)) return []
    return [own > against ? "better" : own < against ? "worse" : "tie"]
  })
  return said.length < mostAlike || said.some((one) => one !== said[0])
    ? undefined
    : `the judge is unfit: it says ${said[0]!} of all ${said.length} answers, and was not tried on answers to other requests`
}

/**
 * Why a grader's judges cannot be used; `undefined`: they can. Orders that turn the verdict, then foils; where fewer than five of these were
 * heard, one verdict always.
 */
export const unfitness = (
  heard: Omit<Heard, "label">,
  places: ReadonlyArray<number>,
  grader: ReadyGrader,
  reference: Float64Array
): string | undefined => {
  const turned = turning(ordersOf(heard, places))
  if (turned !== undefined || !asksJudges(grader)) return turned
  return (heard.foils?.heard.length ?? 0) >= enoughFoils
    ? foiled(heard.foils)
    : oneVerdict(heard, places, grader, reference)
}

/** Why judges are not believed that let a constant text pass: it answers more than 2 % of the cases, whatever was asked. `undefined`: there is none. */
export const constantText = ({ given }: Pick<Heard, "given">, places: ReadonlyArray<number>): string | undefined => {
  const known = places.flatMap((at) => given[at] ?? [])
  const count = constantAnswers(known).length
  return count <= missingAllowed * known.length
    ? undefined
    : `one and the same text answers ${count} of ${known.length} requests whose originals differ: a judge that passes it is not believed`
}

/**
 * One over the share of pairs labelled, among the pairs of the same verdict: labels are drawn by verdict, and what was in fact labelled is
 * what counts. A verdict of which nothing was labelled is counted with its neighbour.
 */
export const labelWeights = (score: ReadonlyArray<number>, label: ReadonlyArray<number>): Float64Array => {
  const own = score.map((one) => classes.indexOf(classOf(one)))
  const labelled = classes.map((_, k) => own.filter((k2, i) => k2 === k && !Number.isNaN(label[i]!)).length)
  const nearest = classes.map((_, k) => {
    const near = [k, k + 1, k - 1, k + 2, k - 2].find((other) => (labelled[other] ?? 0) > 0)
    return near ?? k
  })
  const merged = own.map((k) => nearest[k]!)
  const all = classes.map((_, k) => merged.filter((other) => other === k).length)
  return Float64Array.from(merged, (k) => (labelled[k]! === 0 ? 1 : all[k]! / labelled[k]!))
}

/** What a gate's judgement is made from. */
interface Gated {
  readonly heard: Heard
  readonly grader: ReadyGrader
  readonly both: ReadonlyArray<number>
  readonly places: ReadonlyArray<number>
  readonly difference: Float64Array
  readonly cluster: ReadonlyArray<string>
  readonly stratum: ReadonlyArray<string>
  readonly weight: Float64Array
  readonly on: Judging
}

/**
 * A gate's judgement with its judges' error in it, where people labelled enough pairs of this setup; and what is to be said of the judges.
 * An unfit judge decides nothing. Labels say nothing of an archive that is compared with the incumbent asked again: there they are not used.
 */
export const calibrated = (
  bare: Judgement,
  { both, cluster, difference, grader, heard, on, places, stratum, weight }: Gated
): { readonly judged: Judgement; readonly judgeGate: JudgeGate | undefined } => {
  const label = both.map((at) => heard.label[at]!)
  const score = both.map((at) => heard.score[at]!)
  const labelled = both.flatMap((_, i) => (Number.isNaN(label[i]!) ? [] : [i]))
  const reference = on.reference.score[grader.id]!
  const usable =
    grader.kind === "preference" && labelled.length >= enoughLabels && both.every((at) => reference[at] === 0.5)
  const models = grader.asks.filter(({ embeds }) => embeds !== true)
  if (models.length === 0 && labelled.length === 0) return { judged: bare, judgeGate: undefined }
  const orders = ordersOf(heard, places)
  const heardAt = places.filter((at) => heard.evidence[at] !== undefined)
  const carried = !usable
    ? bare
    : judgeMean(
        predictionPowered({
          judged: difference,
          label: Float64Array.from(label, (one) => one - 0.5),
          labelWeight: labelWeights(score, label),
          cluster,
          stratum,
          weight
        }).mean,
        on
      )
  const unfit =
    unfitness(heard, places, grader, reference) ??
    (carried.verdict === "parity" ? constantText(heard, places) : undefined)
  const judgeGate: JudgeGate = {
    models: models.map(({ model, provider }) => `${provider}/${model}`),
    labels: labelled.length,
    status: usable ? "calibrated" : "uncalibrated",
    kappa:
      labelled.length === 0
        ? null
        : kappa(
            confusionOf(
              classes,
              labelled.map((i) => [classOf(score[i]!), classOf(label[i]!)] as const)
            ),
            "linear"
          ),
    inconsistency: inconsistencyOf(orders),
    ungraded: heardAt.filter((at) => Number.isNaN(heard.score[at]!)).length,
    screened: heardAt.filter((at) => heard.evidence[at]?.screened !== undefined).length,
    ...(heard.foils === undefined ? {} : { foils: foilsDoc(heard.foils) }),
    ...(unfit === undefined ? {} : { unfit })
  }
  return { judged: unfit === undefined ? carried : { ...carried, verdict: "inconclusive", superior: false }, judgeGate }
}

/** That the judge's word is worth little, where people labelled enough pairs to tell; `undefined`: it is not so, or not known. */
const byChance = ({ kappa, labels }: JudgeGate): string | undefined => {
  // As it is shown: no kappa of 0.20 is told to be below 0.2.
  const shown = kappa?.toFixed(2).replace(/^-(?=0\.00$)/, "")
  return shown === undefined || labels < enoughLabels || Number(shown) >= leastKappa
    ? undefined
    : `the judge agrees with people little better than chance (kappa ${shown})`
}

/** What is to be said after a setup's reason where judges decide: unfit, uncalibrated, or no better than chance. `undefined`: nothing. */
export const judgeWords = (
  gates: ReadonlyArray<{ readonly grader: string; readonly judge?: JudgeGate }>
): string | undefined => {
  const said = gates.flatMap(({ grader, judge }) => {
    if (judge === undefined) return []
    if (judge.unfit !== undefined) return [`${grader}: ${judge.unfit}`]
    if (judge.models.length === 0) return []
    const chance = byChance(judge)
    const poor = chance === undefined ? [] : [`${grader}: ${chance}`]
    if (judge.status === "calibrated") return poor
    const who = judge.models.join(", ")
    const labels = judge.labels === 0 ? "no labels" : `${judge.labels} of the ${enoughLabels} labels it takes`
    return [`according to judge ${who}, uncalibrated (${labels})`, ...poor]
  })
  return said.length === 0 ? undefined : said.join("; ")
}

/** A standing that says so where judges decide it: at what word its figures are, or why they decide nothing. */
export const withJudges = (standing: Standing): Standing => {
  const words = judgeWords(standing.gates)
  if (words === undefined || standing.blocked !== undefined) return standing
  const unfit = standing.gates.some(({ judge }) => judge?.unfit !== undefined)
  return {
    ...standing,
    reason: unfit && standing.verdict === "inconclusive" ? words : `${standing.reason}; ${words}`
  }
}
