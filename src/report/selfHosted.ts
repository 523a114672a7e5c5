import type { RunResult, StandingDoc } from "../domain/RunResult.ts"
import type { SelfHosted } from "../domain/Standing.ts"
import { count, counted, duration, money, percent } from "./figures.ts"

/** What the figures of machines of one's own are, and what of them is assumed. */
export const selfHostedHead =
  "Priced by machine time: an answer costs its share of the machine's busy time at the hourly rate, over the share of paid hours in which the machine is at work. That utilisation is assumed, not measured."

/** What a machine did for cases that it did not answer, as the end of a sentence on its setup; `undefined`: nothing of the kind. */
export const unansweredWords = ({ cases, unanswered }: SelfHosted): string | undefined =>
  unanswered === undefined
    ? undefined
    : `${counted(unanswered.cases, "case")} brought no answer and took ${machineTime(unanswered.machineMs)} of it, ${money(unanswered.usd)}${cases === 0 ? ", and none was answered" : ", which the answered ones bear"}; what earlier runs spent without an answer is not in it`

/** A number with its first three digits, whole from 100 on. */
const figure = (value: number) => (value >= 100 ? count(value) : String(Number(value.toPrecision(3))))

/** Milliseconds of machine time, also small ones. */
const machineTime = (ms: number) => (ms < 100 ? `${figure(ms)} ms` : duration(ms))

/** The figures of a machine's setup as texts; a dash where one is not known. */
export const selfHostedFigures = ({
  casesPerHour,
  inFlight,
  machineMsPerCase,
  tokensPerSecond,
  usdPerCaseAt,
  utilisation
}: SelfHosted) => ({
  utilisation: percent(Number(utilisation)),
  machineTime: machineMsPerCase === null ? "–" : machineTime(machineMsPerCase),
  casesPerHour: casesPerHour === null ? "–" : figure(casesPerHour),
  inFlight: inFlight === null ? "–" : figure(inFlight),
  tokensPerSecond: tokensPerSecond === null ? "–" : figure(tokensPerSecond),
  usdPerCaseAt: [usdPerCaseAt["25"], usdPerCaseAt["50"], usdPerCaseAt["100"]].map(money)
})

/** What a setup costs on a machine of one's own, and what that was measured from, as one sentence; `undefined`: it is priced by its tokens, or not at all. */
export const selfHostedSentence = ({
  selfHosted,
  setup,
  usdPerCase
}: Pick<StandingDoc, "setup" | "selfHosted" | "usdPerCase">): string | undefined => {
  if (selfHosted === undefined) return undefined
  const { cases, unknown, usdPerHour } = selfHosted
  const { casesPerHour, inFlight, machineTime, tokensPerSecond, usdPerCaseAt, utilisation } =
    selfHostedFigures(selfHosted)
  const vain = unansweredWords(selfHosted)
  const [quarter, half, whole] = usdPerCaseAt
  const parts = [
    `$${usdPerHour} an hour at ${utilisation} utilisation, assumed, is ${money(usdPerCase)} a case`,
    ...(cases === 0
      ? []
      : [
          `${quarter} at 25 %, ${half} at 50 %, ${whole} at 100 %`,
          `measured in ${counted(cases, "case")}: ${machineTime} of the machine's time a case, which is ${casesPerHour} cases an hour without a pause and ${tokensPerSecond} output tokens a second, with ${inFlight} tries in flight on average`
        ]),
    ...(vain === undefined ? [] : [vain]),
    ...(unknown === 0
      ? []
      : [
          `${counted(unknown, "case")} answered before machine time was measured ${unknown === 1 ? "is" : "are"} in no cost`
        ])
  ]
  return `${setup.label}: ${parts.join("; ")}.`
}

/** Whether the incumbent runs on a machine that is paid by the hour: what its archived calls cost is then not known. */
export const incumbentByTime = ({ incumbent, machines }: Pick<RunResult, "incumbent" | "machines">): boolean =>
  machines?.some(({ model, provider }) => provider === incumbent.provider && model === incumbent.model) === true
