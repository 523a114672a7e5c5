import * as Effect from "effect/Effect"

import type { StandingDoc } from "../../domain/RunResult.ts"
import type { GateResult } from "../../domain/Standing.ts"
import type { Piece, Section } from "../contract.ts"
import { count, duration, money, points, pointsInterval, pointsOf, ratioInterval } from "../figures.ts"
import { firstTokenHead, firstTokenSentence } from "../firstToken.ts"
import { floorSentence, outcomeSentence, unsendableReasons } from "../outcomes.ts"
import { byCost } from "../subject.ts"
import { incumbentName, reasonSentence } from "../wording.ts"

const unanswered = (standing: StandingDoc) => {
  const { failed } = standing
  return (
    [
      failed.infrastructure > 0 ? `${count(failed.infrastructure)} failed` : "",
      failed.unsendable > 0 ? `${count(failed.unsendable)} not sendable${unsendableReasons(standing)}` : "",
      failed.budget > 0 ? `${count(failed.budget)} over budget` : ""
    ]
      .filter((part) => part !== "")
      .join(", ") || "0"
  )
}

/** The cost per case, and of how many cases it is known where not of all. */
const cost = ({ cases, priced, usdPerCase }: StandingDoc) =>
  usdPerCase === null || priced >= cases ? money(usdPerCase) : `${money(usdPerCase)} (of ${count(priced)})`

const latency = ({ latencyMs }: StandingDoc) =>
  latencyMs === null ? "–" : `${duration(latencyMs.p50)} / ${duration(latencyMs.p95)}`

const gateRow = (standing: StandingDoc, gate: GateResult, reported: boolean) => [
  standing.setup.label,
  `${gate.grader}${reported ? " (reported only)" : ""}`,
  gate.kind,
  reported ? "–" : gate.verdict,
  points(gate.score).replace(/^\+/, ""),
  points(gate.reference).replace(/^\+/, ""),
  pointsInterval(gate.difference),
  points(gate.bound, 2),
  count(gate.cases),
  count(gate.ungraded)
]

/** The table of all setups tried, why each has its verdict, and the figures of each grader. */
export const standings: Section = {
  id: "standings",
  title: "Every setup tried",
  render: ({ result }) => {
    const all = byCost(result.standings)
    if (all.length === 0) return Effect.succeed([])
    const graded = all.flatMap((standing) => [
      ...standing.gates.map((gate) => gateRow(standing, gate, false)),
      ...standing.reported.map((gate) => gateRow(standing, gate, true))
    ])
    const outcomes = [
      ...all.flatMap((standing) => outcomeSentence(standing) ?? []),
      ...[floorSentence(result.floor, incumbentName(result))].filter((sentence) => sentence !== undefined)
    ]
    const firstTokens = all.flatMap((standing) => firstTokenSentence(standing) ?? [])
    const lines = `runs/${result.run}/grades.jsonl and outputs of the same run, where setup is the setup's id (in the appendix)`
    const pieces: ReadonlyArray<Piece> = [
      {
        _tag: "Table",
        title: `Cheapest first. Differences are points of 100 against ${incumbentName(result)}; parity needs the bound above −${pointsOf(result.method.margin)}.`,
        head: [
          "No.",
          "Setup",
          "Verdict",
          "Cases",
          "Difference (95 % interval)",
          "One-sided bound",
          "Cost per case",
          "Cost against incumbent",
          "Latency, median / 95th",
          "Repaired",
          "No answer"
        ],
        rows: [
          ...all.map((standing, at) => [
            String(at + 1),
            standing.setup.label,
            standing.verdict,
            count(standing.cases),
            pointsInterval(standing.difference),
            points(standing.bound, 2),
            cost(standing),
            standing.costRatio === null ? "–" : ratioInterval(standing.costRatio),
            latency(standing),
            count(standing.repaired),
            unanswered(standing)
          ]),
          [
            "–",
            `${incumbentName(result)} (incumbent)`,
            "–",
            count(result.archive.cases),
            "0.0",
            "–",
            money(result.incumbent.usdPerCase),
            "100 %",
            "–",
            "–",
            "–"
          ]
        ],
        numeric: [0, 3, 4, 5, 6, 7, 8, 9],
        rowHead: 1,
        source: `Rows: standings[] of run ${result.run} (report.json), worked out from ${lines}.`
      },
      { _tag: "Paragraph", text: "Why each has its verdict:" },
      { _tag: "List", items: all.map(reasonSentence) },
      ...(outcomes.length > 0
        ? [
            {
              _tag: "Paragraph" as const,
              text: "How answers ended, where not whole, and what did not reach the target:"
            },
            { _tag: "List" as const, items: outcomes }
          ]
        : []),
      ...(firstTokens.length > 0
        ? [
            { _tag: "Paragraph" as const, text: firstTokenHead },
            { _tag: "List" as const, items: firstTokens }
          ]
        : []),
      ...(graded.length > all.length
        ? [
            {
              _tag: "Table" as const,
              title:
                "Each grader by itself. Every gate must be at parity; the one with the least evidence for it stands in the table above.",
              head: [
                "Setup",
                "Grader",
                "Kind",
                "Verdict",
                "Score",
                "Reference",
                "Difference (95 % interval)",
                "One-sided bound",
                "Cases",
                "Ungraded"
              ],
              rows: graded,
              numeric: [4, 5, 6, 7, 8, 9],
              source: `Rows: standings[].gates[] and .reported[] of run ${result.run} (report.json), worked out from ${lines}.`
            }
          ]
        : [])
    ]
    return Effect.succeed(pieces)
  }
}
