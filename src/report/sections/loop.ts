import * as Effect from "effect/Effect"

import type { Section } from "../contract.ts"
import { count, money } from "../figures.ts"
import { loopHead, roundFigures, roundName } from "../loop.ts"
import { byCost } from "../subject.ts"

/** What the suite's checks did for each setup: passed cases, what one costs, and every round with its cost and time. */
export const loop: Section = {
  id: "loop",
  title: "Test loops",
  render: ({ result }) => {
    const all = byCost(result.standings).flatMap(({ loop: one, setup }) =>
      one === undefined ? [] : [{ loop: one, setup }]
    )
    if (all.length === 0) return Effect.succeed([])
    return Effect.succeed([
      { _tag: "Paragraph", text: `${loopHead}.` },
      {
        _tag: "Table",
        title:
          "Cases that pass all checks in the end, and what one costs: all that was paid for all cases, by those that passed.",
        head: ["Setup", "Cases with checks", "Passed", "Cost per passed case"],
        rows: all.map(({ loop: { cases, passed, usdPerPassed }, setup }) => [
          setup.label,
          count(cases),
          count(passed),
          passed === 0 ? "none passed" : money(usdPerPassed)
        ]),
        numeric: [1, 2, 3],
        source: `Rows: standings[].loop of run ${result.run} (report.json), worked out from runs/${result.run}/outputs.jsonl.`
      },
      {
        _tag: "Table",
        title:
          "Round by round: cases that came to it, those that passed in it, what it cost in all, and its median time.",
        head: ["Setup", "Round", "Cases", "Passed", "Cost", "Median time"],
        rows: all.flatMap(({ loop: { rounds }, setup }) =>
          rounds.map((round) => [setup.label, roundName(round), ...roundFigures(round)])
        ),
        numeric: [2, 3, 4, 5],
        source: `Rows: standings[].loop.rounds of run ${result.run} (report.json).`
      }
    ])
  }
}
