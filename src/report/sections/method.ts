import * as Effect from "effect/Effect"

import type { RunResult } from "../../domain/RunResult.ts"
import type { Piece, Section } from "../contract.ts"
import { count, percent, points, pointsOf } from "../figures.ts"
import { incumbentName, clusters as independent } from "../wording.ts"

const floorPieces = (result: RunResult): ReadonlyArray<Piece> => {
  const { floor } = result
  const measured = {
    measured: `The noise floor is how far ${incumbentName(result)}, asked again, is from its own archived answers: a setup is compared with that, not with perfection.`,
    none: "No noise floor was needed: originals and answers are both scored by themselves or against known references.",
    skipped: `No noise floor was bought: ${incumbentName(result)} was not asked again.`
  }[floor.mode]
  const byAgreement = result.standings.every(({ gates }) => gates.every(({ kind }) => kind === "agreement"))
  const selected =
    floor.selected === null
      ? byAgreement && floor.mode === "measured"
        ? ""
        : "Whether the archive kept only accepted answers was not tested."
      : floor.selected
        ? "The archive kept only accepted answers, as the incumbent asked again shows; what it answers now is the reference everywhere."
        : "Tested: no sign that the archive was filtered for accepted answers."
  return [
    { _tag: "Paragraph", text: `${measured} ${floor.why} ${selected}`.replace(/\s+/g, " ").trim() },
    ...(floor.gates.length === 0
      ? []
      : [
          {
            _tag: "Table" as const,
            title: "Agreement of the incumbent, asked again, with its archived answers; points of 100",
            head: ["Grader", "Floor", "95 % interval", "Cases", "From"],
            rows: floor.gates.map(({ cases, clusters, floor: { estimate, lower, upper }, grader }) => [
              grader,
              points(estimate).replace(/^\+/, ""),
              `${points(lower).replace(/^\+/, "")} to ${points(upper).replace(/^\+/, "")}`,
              count(cases),
              independent(result, clusters)
            ]),
            numeric: [1, 2, 3],
            source: `Rows: floor.gates[] of run ${result.run} (report.json), worked out from runs/${result.run}/grades.jsonl where setup = 'floor'.`
          }
        ])
  ]
}

/** How it was judged, what was fixed beforehand, and everything the verdict takes for granted. */
export const method: Section = {
  id: "method",
  title: "Method and assumptions",
  render: (data) => {
    const { result } = data
    const { archive, method: fixed } = result
    const pieces: ReadonlyArray<Piece> = [
      {
        _tag: "Paragraph",
        text:
          `Each setup answers the same archived requests as the incumbent did; the same graders score both, from 0 to 1, shown here as points of 100. The difference is taken case by case and averaged over the archive's mix. ` +
          `A setup is at parity when the difference is shown to lie above the agreed margin below zero, inferior when it is shown to lie below it, and inconclusive otherwise, which does not mean equal.`
      },
      {
        _tag: "Paragraph",
        text: "The evidence is the worst-case-augmented Bayesian bootstrap (the bound of Gaffke 2005, and Learned-Miller and Thomas 2019) on sums by what is resampled together, with a t tail; intervals leave 2.5 % on either side, the bound is one-sided at the level below."
      },
      {
        _tag: "Table",
        title: `Fixed at ${fixed.fixedAt}, before the first score`,
        head: ["What", "Value"],
        rows: [
          ["Margin", `${pointsOf(fixed.margin)} points of 100`],
          ["Error level of the run (alpha)", percent(fixed.alpha)],
          ["Level at which one setup's parity is claimed", percent(fixed.level)],
          ["Strategy", fixed.strategy ?? "none: every setup on every case"],
          ["Setups with a price", count(fixed.setupsPriced)],
          ["Graders that decide", fixed.gates.join(", ") || "none"],
          ["Graders only reported", fixed.reportedOnly.join(", ") || "none"],
          ["Checks", fixed.checks.join(", ") || "none"],
          ["Resampled together", fixed.cluster],
          ["Slices by", fixed.slice],
          ["Seed", String(fixed.seed)],
          ["Cases", `${count(archive.cases)} from ${independent(result, archive.clusters)}`],
          ["Replayed", `${result.startedAt} to ${result.endedAt}`]
        ],
        source: `Rows: method, archive, startedAt and endedAt of run ${result.run} (report.json); the suite is ${result.suite.file}.`
      },
      ...floorPieces(result),
      ...(result.assumptions.length === 0
        ? []
        : [
            { _tag: "Paragraph" as const, text: "What the verdict takes for granted:" },
            { _tag: "List" as const, items: result.assumptions }
          ])
    ]
    return Effect.succeed(pieces)
  }
}
