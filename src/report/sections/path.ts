import * as Effect from "effect/Effect"

import type { Piece, Section } from "../contract.ts"
import { count, pointsInterval } from "../figures.ts"

/** How the search went: every step, why it was taken, and what the data said at it. */
export const path: Section = {
  id: "path",
  title: "How the search went",
  render: ({ result }) => {
    const steps = result.path ?? []
    if (steps.length === 0) return Effect.succeed([])
    const pieces: ReadonlyArray<Piece> = [
      {
        _tag: "Paragraph",
        text: "Sessions are looked at in one random order, settled beforehand; a step is a setup judged on a stretch of them. Where a setup is looked at several times the error of its claim is spent over the looks, so that looking early costs no certainty. Steps at level 0 claim nothing: they choose what is tested afterwards, on other sessions."
      },
      {
        _tag: "Table",
        title: "Steps of the climb, in their order",
        head: ["Step", "Setup", "Why", "Cases", "Sessions", "Difference (95 % interval)", "Verdict at this step"],
        rows: steps.map(({ cases, difference, from, label, level, to, verdict, why }, i) => [
          count(i + 1),
          label,
          why,
          count(cases),
          `${count(from + 1)} to ${count(to)}`,
          pointsInterval(difference),
          level === 0 && verdict === "inconclusive" ? "nothing claimed" : verdict
        ]),
        numeric: [0, 3],
        source: `Rows: path[] of run ${result.run} (report.json).`
      }
    ]
    return Effect.succeed(pieces)
  }
}
