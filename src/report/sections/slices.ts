import * as Effect from "effect/Effect"

import type { Section } from "../contract.ts"
import { count, money, points, pointsInterval } from "../figures.ts"
import { subjectOf } from "../subject.ts"
import { clusters, decidingGate, subjectSentence } from "../wording.ts"

/** Below this many sessions a slice's interval says little, and the slice does not stop a claim by itself. */
const few = 30
/** Fewer never decide. */
const least = 5

const evidence = (independent: number) =>
  independent < least ? "too few sessions to decide" : independent < few ? "few sessions: read with care" : ""

/** The close look by slice: a pooled figure can hide one ruined task type. */
export const slices: Section = {
  id: "slices",
  title: "By slice (task type)",
  render: ({ result }) => {
    const subject = subjectOf(result)
    if (subject === undefined || subject.standing.slices.length === 0) return Effect.succeed([])
    const { standing } = subject
    const unseen = result.archive.slices.filter(({ slice }) => standing.slices.every((other) => other.slice !== slice))
    const grader = decidingGate(standing)?.grader
    return Effect.succeed([
      {
        _tag: "Paragraph",
        text: `${subjectSentence(result)} A slice's verdict is for that slice alone, at the same margin; the run's verdict is for all of them together, weighted as in the archive.`
      },
      {
        _tag: "Table",
        title: `${standing.setup.label} by slice${grader === undefined ? "" : `, by grader ${grader}`}; points of 100`,
        head: [
          "Slice",
          "Cases",
          "From",
          "Score",
          "Reference",
          "Difference (95 % interval)",
          "Verdict",
          "Cost per case",
          "Remark"
        ],
        rows: [
          ...standing.slices.map((slice) => [
            slice.slice,
            count(slice.cases),
            clusters(result, slice.clusters),
            points(slice.score).replace(/^\+/, ""),
            points(slice.reference).replace(/^\+/, ""),
            pointsInterval(slice.difference),
            slice.verdict,
            money(slice.usdPerCase),
            evidence(slice.clusters)
          ]),
          ...unseen.map(({ cases, clusters: independent, slice }) => [
            slice,
            "0",
            clusters(result, 0),
            "–",
            "–",
            "–",
            "–",
            "–",
            `not looked at (${count(cases)} cases from ${clusters(result, independent)} in the archive)`
          ])
        ],
        numeric: [1, 3, 4, 5, 7],
        source: `Rows: standings[].slices[] of run ${result.run} (report.json), where setup.id = ${standing.setup.id}.`
      }
    ])
  }
}
