import { nanoOf } from "../domain/Money.ts"
import type { RunResult, StandingDoc } from "../domain/RunResult.ts"
import type { GateResult } from "../domain/Standing.ts"
import { count, counted, levelOf, money, percent, points, pointsOf, ratio } from "./figures.ts"
import { incumbentByTime } from "./selfHosted.ts"
import { byCost, namedSetups, subjectOf } from "./subject.ts"

/** Sentences about a run, shared by the report and the command line. Pure. Labels in them are as the suite wrote them: renderers escape. */

/** What the archive was made with, as people write it: `openai/gpt-4o`. */
export const incumbentName = ({ incumbent }: RunResult): string => `${incumbent.provider}/${incumbent.model}`

/** A number of what is resampled together: `150 sessions`; `150 clusters` where the suite groups in a way of its own. */
export const clusters = ({ method }: RunResult, value: number): string =>
  counted(value, ["session", "trajectory", "call"].includes(method.cluster) ? method.cluster : "cluster").replace(
    /ys$/,
    "ies"
  )

/** The run's outcome in one word: a climb's decision; of a replay, `parity` when a setup is at parity, `none` when all are inferior. */
export const outcomeOf = ({ decision, standings }: RunResult): "parity" | "none" | "inconclusive" => {
  if (decision !== undefined) return decision.verdict
  if (standings.some(({ verdict }) => verdict === "parity")) return "parity"
  return standings.length > 0 && standings.every(({ verdict }) => verdict === "inferior") ? "none" : "inconclusive"
}

/** The outcome as the word that a headline or a box begins with. `none` is two things: nobody is at parity, or who is saves nothing. */
export const outcomeWord = (result: RunResult): string =>
  ({
    parity: "Parity",
    none: result.standings.some(({ verdict }) => verdict === "parity") ? "No saving" : "No setup at parity",
    inconclusive: "Inconclusive"
  })[outcomeOf(result)]

const within = ({ method }: RunResult) => `at most ${pointsOf(method.margin)} points of 100 lower`
/** How inferior setups score; one that is so by a slice alone may score higher over all. */
const worse = ({ method, standings }: RunResult) => {
  const bySlice = standings.some(
    ({ difference, verdict }) => verdict === "inferior" && difference.upper > -method.margin
  )
  return `more than ${pointsOf(method.margin)} points of 100 lower${bySlice ? ", over all or in one slice" : ""}`
}
const ofTheCost = (value: number) =>
  value <= 1 ? `at ${ratio(value)} of the incumbent's cost` : `at ${ratio(value)} the incumbent's cost`
const list = (parts: ReadonlyArray<string>, most = 3) => {
  const shown = parts.length > most ? [...parts.slice(0, most - 1), `${parts.length - most + 1} more`] : parts
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`
}
const labels = (standings: ReadonlyArray<StandingDoc>) => list(standings.map(({ setup }) => setup.label))
const be = (number: number) => (number === 1 ? "is" : "are")
const tally = (standings: ReadonlyArray<StandingDoc>, verdict: StandingDoc["verdict"]) =>
  standings.filter((standing) => standing.verdict === verdict).length

const savingOf = ({ archive, decision }: RunResult) => {
  const year = decision?.saving.usdPerYear ?? null
  return year !== null && (nanoOf(year.estimate) ?? 0n) > 0n
    ? `, saving about ${money(year.estimate)} ${archive.simulated ? "of simulated money " : ""}a year`
    : ""
}

const parityOfClimb = (result: RunResult) => {
  const { decision, standings } = result
  const incumbent = incumbentName(result)
  const cost = decision?.costRatio == null ? "" : `, ${ofTheCost(decision.costRatio)}${savingOf(result)}`
  const policy = decision?.policy ?? []
  const served = policy.flatMap(({ setup, slice }) => (setup === null ? [] : [`${slice} to ${setup.label}`]))
  const named = namedSetups(result)
  const cases = standings.find((standing) => standing.setup.id === named[0]?.id)?.cases
  const on = cases === undefined || named.length !== 1 ? "" : ` on ${counted(cases, "archived request")}`
  if (decision?.setup == null && served.length > 0) {
    const who =
      named.length === 1
        ? `${named[0]!.label} can take over ${served.length} of ${counted(policy.length, "slice")} from ${incumbent}`
        : `${served.length} of ${counted(policy.length, "slice")} can leave ${incumbent} (${list(served)})`
    return `${who}: ${within(result)}${on === "" ? "" : `${on} of all slices`}${cost}.`
  }
  return `${decision?.setup?.label ?? "A cheaper setup"} can take over from ${incumbent}: ${within(result)}${on}${cost}.`
}

/** What is known of the setups of a run that names none: each kind of standing as a clause, those nearest to a change first. */
const clauses = (result: RunResult): ReadonlyArray<string> => {
  const { standings, untried } = result
  const parity = byCost(standings).filter(({ verdict }) => verdict === "parity")
  const some = (of: ReadonlyArray<StandingDoc>, says: string) =>
    of.length === 0 ? [] : [`${labels(of)} ${be(of.length)} ${says}`]
  const cheaper = parity.filter(({ costRatio }) => costRatio !== null && costRatio.estimate < 1)
  const [first, ...more] = parity.filter(({ costRatio }) => costRatio !== null && costRatio.estimate >= 1)
  const dear =
    first?.costRatio == null
      ? []
      : [
          `${labels([first, ...more])} ${be(more.length + 1)} at parity (${within(result)}), but no saving: ${more.length === 0 ? "" : "the cheapest "}${ofTheCost(first.costRatio.estimate)}`
        ]
  const [inferior, open] = [tally(standings, "inferior"), tally(standings, "inconclusive")]
  const one = (number: number) => number === 1 || number === standings.length
  const of = (number: number) =>
    `${number < standings.length ? `${count(number)} of the ${count(standings.length)} setups tried` : number === 1 ? "the one setup tried" : `each of the ${count(number)} setups tried`} ${one(number) ? "is" : "are"}`
  return [
    ...some(
      parity.filter(({ costRatio }) => costRatio === null),
      `at parity (${within(result)}), but what it would save is not known: ${incumbentByTime(result) ? "the archive does not tell the incumbent's machine time" : "archived usage or a price is missing"}`
    ),
    ...some(cheaper, `at parity (${within(result)}), but not named`),
    ...dear,
    ...(open === 0 ? [] : [`${of(open)} undecided, which does not mean equal`]),
    ...(inferior === 0 ? [] : [`${of(inferior)} shown to score ${worse(result)}`]),
    ...(untried.length === 0 || outcomeOf(result) !== "inconclusive"
      ? []
      : [`${counted(untried.length, "setup was", "setups were")} not tried`])
  ]
}

const outcomeOfReplay = (result: RunResult) => {
  const { standings } = result
  const parity = byCost(standings).filter(({ verdict }) => verdict === "parity")
  if (parity.length === 0) return `for ${incumbentName(result)}, ${clauses(result).join("; ")}.`
  const rest = [
    [tally(standings, "inferior"), "inferior"],
    [tally(standings, "inconclusive"), "inconclusive"]
  ].flatMap(([n, word]) => (n === 0 ? [] : [`${n} ${word}`]))
  const priced = parity.find(({ costRatio }) => costRatio !== null)
  const which =
    priced?.costRatio == null
      ? `no cost is known for ${labels(parity)}`
      : `the cheapest at parity is ${priced.setup.label}, ${ofTheCost(priced.costRatio.estimate)}`
  return `${parity.length} of ${counted(standings.length, "setup")} tried ${be(parity.length)} at parity with ${incumbentName(result)} (${within(result)}); ${[...rest, which].join("; ")}.`
}

const verdictOf = (result: RunResult): string => {
  const { decision, standings } = result
  const incumbent = incumbentName(result)
  if (standings.length === 0) return `no setup was tried against ${incumbent}.`
  if (decision === undefined) return outcomeOfReplay(result)
  if (decision.verdict === "parity") return parityOfClimb(result)
  const known = clauses(result).join("; ")
  return decision.verdict === "none" ? `keep ${incumbent}; ${known}.` : `${incumbent} stays for now; ${known}.`
}

/**
 * What came out, in one sentence that needs no statistics and begins with the outcome's word: who can take over, at what quality, at what cost;
 * or that nobody can, or that it is not known. "Lower" and "undecided" are against the incumbent, at the level the run was held to.
 */
export const verdictSentence = (result: RunResult): string =>
  `${outcomeWord(result)}${simulatedWord(result)}: ${verdictOf(result)}${untestedIn(result)}${accordingTo(result)}`

/** That answers are simulated, all or some, as the end of a headline; empty: none is. */
const simulatedWord = ({ archive }: RunResult): string =>
  archive.simulated ? ` (${archive.simulatedProviders === undefined ? "" : "in part a "}simulated fleet)` : ""

/** Said with a parity that takes archived answers for typical of the incumbent where nobody tested it; empty elsewhere. */
const untestedIn = (result: RunResult): string => {
  const rests = result.standings.some(
    ({ gates, verdict }) => verdict === "parity" && gates.some(({ kind }) => kind !== "agreement")
  )
  return rests && result.floor.selected === null
    ? ` The archive was not tested for selection: this holds if its answers are typical of ${incumbentName(result)}.`
    : ""
}

/** Whose word the verdict is where judges decide whose error nobody has measured; empty where there are none. */
const accordingTo = ({ standings }: RunResult): string => {
  const judges = standings.flatMap(({ gates }) => gates.flatMap(({ judge }) => judge ?? []))
  const models = [...new Set(judges.flatMap(({ models, status }) => (status === "uncalibrated" ? models : [])))]
  return models.length === 0
    ? ""
    : ` This is according to the judge ${models.join(", ")}, uncalibrated: how often it errs is not known.`
}

/** A text as a sentence: a capital to begin with and a full stop. */
export const asSentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`

/** Why a setup has its verdict. */
export const reasonSentence = ({ reason, setup }: StandingDoc): string =>
  `${setup.label}: ${reason}${/[.!?]$/.test(reason) ? "" : "."}`

/** The gate whose figures stand for the setup: the one with the largest p of parity. */
export const decidingGate = ({ gates }: StandingDoc): GateResult | undefined =>
  gates.length === 0 ? undefined : gates.reduce((a, b) => (b.pParity > a.pParity ? b : a))

/** What a gate's scores are compared with, to be read after "relative to". */
export const comparedWith = (result: RunResult, { kind }: Pick<GateResult, "kind">): string => {
  const incumbent = incumbentName(result)
  const again = `${incumbent} asked again`
  if (result.floor.selected === true) return `${again} (the archive kept only accepted answers)`
  if (kind === "preference") return `one half, which ${incumbent} scores against itself`
  if (kind === "outcome") return `the archived answers of ${incumbent}`
  const agreement =
    result.floor.mode === "measured" ? again : "full agreement with the archived answers (no noise floor was measured)"
  return kind === "agreement"
    ? agreement
    : `the archived answers of ${incumbent} where a reference is known, else ${agreement}`
}

/** The finding on one setup with everything that a claim needs: cases, sessions, difference, interval, bound, margin, verdict. */
export const findingSentence = (result: RunResult, standing: StandingDoc): string => {
  const gate = decidingGate(standing)
  if (gate === undefined) return reasonSentence(standing)
  const { bound, cases, clusters: independent, difference, grader } = gate
  if (!Number.isFinite(difference.estimate)) return reasonSentence(standing)
  const { level, margin } = result.method
  const most = bound < 0 ? `at most ${pointsOf(-bound)} points worse` : `at least ${pointsOf(bound)} points better`
  return (
    `On ${counted(cases, "request")} from ${clusters(result, independent)}, ${standing.setup.label} scores ${points(difference.estimate)} points of 100 ` +
    `relative to ${comparedWith(result, gate)}, by grader ${grader} (95 % interval ${points(difference.lower)} to ${points(difference.upper)}). ` +
    `One-sided ${levelOf(1 - level)} bound: ${most}; agreed margin ${pointsOf(margin)} points. Verdict: ${standing.verdict}.`
  )
}

/** How often such a run errs, and what its verdict holds for. */
export const riskSentence = (result: RunResult): string => {
  const { alpha, level, setupsPriced, strategy } = result.method
  const valid = "Valid for traffic of this mix; inconclusive is not evidence of equality."
  return result.decision === undefined
    ? `Each setup was judged by itself: the chance that one which is not at parity is called at parity is at most ${percent(alpha)} for each of the ${counted(result.standings.length, "setup")}, not for all of them together. ${valid}`
    : `The search (${strategy ?? "no strategy named"}) compared ${counted(setupsPriced, "setup")}, each held to ${percent(level)}; the chance that such a search names a setup that is not at parity is at most ${percent(alpha)}. ${valid}`
}

/** Said wherever a verdict is, when the answers are not those of live models; `undefined` otherwise. */
export const simulatedSentence = ({ archive }: RunResult): string | undefined =>
  archive.simulated
    ? archive.simulatedProviders !== undefined
      ? `Simulated in part: the answers of ${archive.simulatedProviders.join(", ")} came from the bundled simulated fleet, not from a real model. What is said with them is no measurement of any real model.`
      : "Simulated: every answer in this run came from the bundled simulated fleet, none from a real model, and its prices are made up. It shows how Understudy decides; it is no measurement of any real model."
    : undefined

/** What each slice does under the decision, as one line a slice; empty where nothing was decided. */
export const policyLines = (result: RunResult): ReadonlyArray<string> =>
  (result.decision?.policy ?? []).map(
    ({ setup, slice }) => `${slice}: ${setup?.label ?? `stays with ${incumbentName(result)}`}`
  )

/** Why the close look is at its setup, after "Shown for …," or before a finding. */
const standsOut = (result: RunResult, { named, standing }: { named: boolean; standing: StandingDoc }) => {
  const setups = namedSetups(result).length
  if (named) return setups > 1 ? `the first of the ${setups} setups named` : "the setup named"
  return standing.verdict === "parity"
    ? "the cheapest at parity"
    : `the best of the ${count(result.standings.length)} tried`
}
const unnamed = ({ command }: RunResult) => (command === "replay" ? "a replay names none" : "no setup is named")

/** The finding on the setup that the close look is at, said with why it is that one; `undefined` when none was tried. */
export const subjectFinding = (result: RunResult): string | undefined => {
  const subject = subjectOf(result)
  if (subject === undefined) return undefined
  const finding = findingSentence(result, subject.standing)
  return subject.named
    ? finding
    : `${asSentence(unnamed(result)).slice(0, -1)}; ${standsOut(result, subject)}: ${finding}`
}

/** Which setup the close look is at, and why that one; `undefined` when none was tried. */
export const subjectSentence = (result: RunResult): string | undefined => {
  const subject = subjectOf(result)
  if (subject === undefined) return undefined
  const shown = `Shown for ${subject.standing.setup.label}, ${standsOut(result, subject)}`
  return subject.named ? `${shown}.` : `${shown}; ${unnamed(result)}.`
}
