import type { RunResult, StandingDoc } from "../domain/RunResult.ts"
import { outcomeSentence, unansweredSentence } from "../report/outcomes.ts"
import { plainLine } from "../report/plain.ts"
import { standingsTable } from "../report/terminal.ts"
import { checkSentences, judgeSentences } from "../report/trials.ts"
import { reasonSentence, verdictSentence } from "../report/wording.ts"

/** How to go on, by what kept a setup from a verdict. */
const mends: Readonly<Record<NonNullable<StandingDoc["blocked"]>["by"], string | undefined>> = {
  infrastructure: "What was paid for is kept: run the same command again when the provider answers.",
  budget: "What was bought is kept: run the same command again with a larger budget to go on.",
  cases: undefined
}

/** What a finished run says to people: its verdict, which cases it leaves out, the standings, why what is undecided is so, how answers ended where not whole, what was not tried and why, and how to go on. */
export const summaryOf = (result: RunResult): string => {
  const { run, standings, untried } = result
  const why = [
    ...standings.filter(({ verdict }) => verdict === "inconclusive").map(reasonSentence),
    ...standings.flatMap((standing) => outcomeSentence(standing) ?? []),
    ...(result.checks ?? []).flatMap(checkSentences),
    ...judgeSentences(result),
    ...untried.map(({ reason, setup }) => `not tried: ${setup.label}: ${reason}`)
  ]
  const blocked = new Set(standings.map((standing) => standing.blocked?.by))
  const onwards = [...blocked].flatMap((by) => (by === undefined ? [] : (mends[by] ?? [])))
  return [
    verdictSentence(result),
    ...standings.flatMap((standing) => unansweredSentence(standing) ?? []).map(plainLine),
    "",
    standingsTable(result),
    "",
    ...(why.length === 0 ? [] : [...why.map((line) => `  ${plainLine(line)}`), ""]),
    ...onwards,
    `understudy report ${run} writes the report.`
  ].join("\n")
}
