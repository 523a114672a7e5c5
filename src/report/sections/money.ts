import * as Effect from "effect/Effect"

import type { RunResult } from "../../domain/RunResult.ts"
import type { Section } from "../contract.ts"
import { count, counted, money as dollars, percent, ratio } from "../figures.ts"
import { incumbentByTime } from "../selfHosted.ts"
import { subjectOf } from "../subject.ts"
import { incumbentName } from "../wording.ts"

const costRows = (result: RunResult): ReadonlyArray<ReadonlyArray<string>> => {
  const { decision } = result
  const standing = subjectOf(result)
  const interval = decision?.costRatioInterval
  const year = decision?.saving.usdPerYear
  return [
    [
      `A case answered by ${incumbentName(result)}`,
      dollars(result.incumbent.usdPerCase),
      incumbentByTime(result)
        ? "paid by the hour; the archive does not tell what its calls took of the machine's time"
        : "archived usage at the run's prices"
    ],
    ...(standing === undefined
      ? []
      : [
          [
            `A case answered by ${standing.standing.setup.label}`,
            dollars(standing.standing.usdPerCase),
            standing.standing.selfHosted === undefined
              ? "failed attempts and repair rounds in, judge out"
              : `machine time at ${percent(Number(standing.standing.selfHosted.utilisation))} utilisation, assumed; failed attempts and repair rounds in, judge out`
          ]
        ]),
    ...(decision?.costRatio == null
      ? []
      : [
          [
            "Cost of what is named, against the incumbent",
            ratio(decision.costRatio),
            interval == null ? "" : `95 % interval ${ratio(interval.lower)} to ${ratio(interval.upper)}`
          ]
        ]),
    ...(year == null
      ? []
      : [
          [
            result.archive.simulated ? "Saving a year, in simulated money" : "Saving a year",
            dollars(year.estimate),
            `95 % interval ${dollars(year.lower)} to ${dollars(year.upper)}, at the archive's volume and mix`
          ]
        ]),
    [
      "The archived calls of the cases, at the run's prices",
      dollars(result.archive.usdAtRunPrices),
      `${counted(result.archive.cases, "case")}, ${result.archive.cases === result.archive.calls ? "the whole archive" : `of ${count(result.archive.calls)} archived calls`}${result.archive.from === null ? "" : `, ${result.archive.from.slice(0, 10)} to ${(result.archive.to ?? "").slice(0, 10)}`}`
    ],
    [
      "The same as billed",
      result.archive.usdBilled === null ? "not recorded" : dollars(result.archive.usdBilled),
      `what the log itself says of ${count(result.archive.casesBilled)} of ${counted(result.archive.cases, "case")}`
    ]
  ]
}

const unansweredRows = ({ lost, unanswered }: RunResult["spend"]): ReadonlyArray<ReadonlyArray<string>> => [
  ...(unanswered === undefined
    ? []
    : [
        [
          "Of it, for tries at machines paid by the hour that brought no answer",
          dollars(unanswered.usd),
          `${counted(unanswered.tries, "try", "tries")}, whose machine time was measured`
        ]
      ]),
  ...(unanswered !== undefined && lost === 0
    ? []
    : [
        [
          "Tries that brought no answer",
          count(lost),
          lost === 0
            ? "none that may have been billed"
            : "the provider may have billed them; their money is in none of these figures"
        ]
      ])
]

/** What a case costs, what a change saves, what this run cost. */
export const money: Section = {
  id: "money",
  title: "Money",
  render: ({ result }) => {
    const { spend } = result
    return Effect.succeed([
      {
        _tag: "Table",
        title: "What answering costs",
        head: ["What", "Amount", "How"],
        rows: costRows(result),
        numeric: [1],
        source: `Rows: incumbent, standings[].usdPerCase, decision.costRatio, decision.saving and archive of run ${result.run} (report.json), which has every digit. Prices are in the appendix.`
      },
      {
        _tag: "Table",
        title: "What this run spent",
        head: ["What", "Amount", "How"],
        rows: [
          [
            result.archive.simulated ? "Spent in this run, in simulated money" : "Spent in this run",
            dollars(spend.usd),
            `${count(spend.calls)} answers bought; ${count(spend.cached)} came from the cache and cost nothing again`
          ],
          ["Of it, for the noise floor", dollars(spend.floorUsd), "the incumbent, asked again"],
          ["Of it, for judges", dollars(spend.judgeUsd), "models that graded"],
          [
            "Calls without a price",
            count(spend.unpriced),
            spend.unpriced === 0 ? "none" : "their money is in none of these figures"
          ],
          ...unansweredRows(spend)
        ],
        numeric: [1],
        source: `Rows: spend of run ${result.run} (report.json), summed exactly from runs/${result.run}/journal.jsonl.`
      }
    ])
  }
}
