import * as Effect from "effect/Effect"

import type { Section } from "../contract.ts"
import { count, counted, money } from "../figures.ts"
import { selfHostedFigures, selfHostedHead, unansweredWords } from "../selfHosted.ts"
import { byCost } from "../subject.ts"

/** What setups on machines of one's own cost a case, at the assumed utilisation and at others, and what was measured for it. */
export const selfHosted: Section = {
  id: "self-hosted",
  title: "Machines of your own",
  render: ({ result }) => {
    const all = byCost(result.standings).flatMap((standing) =>
      standing.selfHosted === undefined ? [] : [{ standing, machine: standing.selfHosted }]
    )
    if (all.length === 0) return Effect.succeed([])
    const unknown = all.flatMap(({ machine, standing }) =>
      machine.unknown === 0
        ? []
        : [
            `${standing.setup.label}: ${counted(machine.unknown, "case was", "cases were")} answered before machine time was measured, and ${machine.unknown === 1 ? "is" : "are"} in no cost.`
          ]
    )
    const vain = all.flatMap(({ machine, standing }) => {
      const words = unansweredWords(machine)
      return words === undefined ? [] : [`${standing.setup.label}: ${words}.`]
    })
    const notes = [...vain, ...unknown]
    return Effect.succeed([
      { _tag: "Paragraph", text: selfHostedHead },
      {
        _tag: "Table",
        title:
          "Cases an hour and tokens a second are those of a machine that is never idle, with as many tries in flight as were.",
        head: [
          "Setup",
          "Machine, an hour",
          "Utilisation assumed",
          "Cost per case",
          "At 25 %",
          "At 50 %",
          "At 100 %",
          "Machine time a case",
          "Cases an hour",
          "Output tokens a second",
          "Tries in flight",
          "Cases measured"
        ],
        rows: all.map(({ machine, standing }) => {
          const shown = selfHostedFigures(machine)
          return [
            standing.setup.label,
            `$${machine.usdPerHour}`,
            shown.utilisation,
            money(standing.usdPerCase),
            ...shown.usdPerCaseAt,
            shown.machineTime,
            shown.casesPerHour,
            shown.tokensPerSecond,
            shown.inFlight,
            count(machine.cases)
          ]
        }),
        numeric: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
        source: `Rows: standings[].selfHosted of run ${result.run} (report.json), worked out from the answers' timing.shareMs and timing.heldMs.`
      },
      ...(notes.length === 0 ? [] : [{ _tag: "List" as const, items: notes }])
    ])
  }
}
