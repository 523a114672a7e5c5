import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import type { Grade } from "../../domain/Grade.ts"
import type { Failure } from "../../domain/Output.ts"
import type { GradeInput, JudgeModel } from "../contract.ts"
import { screened } from "./screen.ts"

const flag = Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false)))

/** Options that every judge has. */
export const judgeOptions = {
  /** The judge: a provider's name in the suite and a model of it. */
  provider: Schema.optionalKey(Schema.NonEmptyString),
  model: Schema.optionalKey(Schema.NonEmptyString),
  /** Several judges instead of one: the majority decides. */
  panel: Schema.optionalKey(
    Schema.NonEmptyArray(Schema.Struct({ provider: Schema.NonEmptyString, model: Schema.NonEmptyString }))
  ),
  /** It may judge setups of its own family of models. Default false. */
  ownFamily: flag,
  /** Default `request`: the instructions and the last user turn with what follows it. */
  see: Schema.Literals(["request", "conversation"]).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("request" as const))
  )
}

interface Chosen {
  readonly provider?: string
  readonly model?: string
  readonly panel?: ReadonlyArray<{ readonly provider: string; readonly model: string }>
  readonly ownFamily: boolean
}

/** What is wrong with the choice of judges; `undefined`: nothing. */
export const wrongJudges = ({ model, panel, provider }: Chosen): string | undefined => {
  const one = provider !== undefined && model !== undefined
  const several = panel !== undefined
  const half = (provider === undefined) !== (model === undefined)
  if (one === several || half) return "Expected either `provider` and `model`, of one judge, or `panel`, of several"
  const names = (panel ?? []).map((judge) => `${judge.provider}/${judge.model}`)
  return new Set(names).size < names.length ? "Expected each judge of the panel once" : undefined
}

/** The judges that options name, in order; `calls` each makes for an answer. */
export const judgesIn = ({ model, ownFamily, panel, provider }: Chosen, calls: number): ReadonlyArray<JudgeModel> =>
  (panel ?? [{ provider: provider ?? "", model: model ?? "" }]).map((judge) => ({ ...judge, ownFamily, calls }))

/** What one judge said of one answer: its own score with what it is from, or why there is none. */
export interface Opinion {
  readonly judge: JudgeModel
  readonly score: number | null
  readonly why: string
  /** For the evidence: one score an order, or one. */
  readonly scores: ReadonlyArray<number | null>
  readonly failure?: Failure
}

/** The grade of an answer that talks to its judge, which is not asked: 0. `undefined`: it does not. */
export const refused = ({ case: { request }, original, output }: GradeInput): Grade | undefined => {
  const words = output === original ? undefined : screened(output, { original, request })
  return words === undefined
    ? undefined
    : { score: 0, why: `talks to the judge: ${words}`, evidence: { judges: [], screened: words } }
}

/** Of those that gave no score the one to tell of: without money, then for another failure of its call, then any. `undefined`: all gave one. */
export const silentOf = <A extends { readonly score: number | null; readonly failure?: Failure }>(
  all: ReadonlyArray<A>
): A | undefined =>
  all.find(({ failure }) => failure?.kind === "budget") ??
  all.find(({ failure }) => failure !== undefined) ??
  all.find(({ score }) => score === null)

const nameOf = ({ model, provider }: JudgeModel) => `${provider}/${model}`
const middle = (sorted: ReadonlyArray<number>): number => {
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

/** Of better, tie and worse the one that more than half of the judges name; a split is one half. */
export const majority = (scores: ReadonlyArray<number>): number => {
  const [only, ...more] = scores
  if (only !== undefined && more.length === 0) return only
  const named = (of: (score: number) => boolean) => scores.filter(of).length * 2 > scores.length
  return named((score) => score > 0.5) ? 1 : named((score) => score < 0.5) ? 0 : 0.5
}

/** The middle of the judges' scores; of an even number the mean of the two in the middle. */
export const median = (scores: ReadonlyArray<number>): number => middle([...scores].sort((a, b) => a - b))

/**
 * The grade of a panel: `together` of the scores of those that gave one, where they are more than half of it. Else it is ungraded. Money that is not
 * there leaves an answer ungraded whatever the others say.
 */
export const gradeOf = (
  opinions: ReadonlyArray<Opinion>,
  together: (scores: ReadonlyArray<number>) => number
): Grade => {
  const evidence = { judges: opinions.map(({ judge, scores }) => ({ judge: nameOf(judge), scores })) }
  const given = opinions.flatMap(({ score }) => (score === null ? [] : [score]))
  const silent = silentOf(opinions)
  const words = ({ judge, why }: Opinion) => (opinions.length === 1 ? why : `${nameOf(judge)}: ${why}`)
  if (silent !== undefined && (silent.failure?.kind === "budget" || given.length * 2 <= opinions.length)) {
    const { failure } = silent
    return { score: null, why: words(silent), evidence, ...(failure === undefined ? {} : { failure }) }
  }
  return { score: together(given), why: opinions.map(words).join("; "), evidence }
}
