import * as Effect from "effect/Effect"

import type { StandingDoc } from "../../domain/RunResult.ts"
import type { Piece, Section } from "../contract.ts"
import { money, points, pointsOf } from "../figures.ts"
import { type PlotPoint, plotSpec } from "../plot.ts"
import { byCost, namedSetups } from "../subject.ts"
import { draw } from "../vega.ts"
import { incumbentName } from "../wording.ts"

/** Dollars above zero, as a length on the axis needs them; `null`: cannot stand on a logarithmic axis. */
const above = (usd: string | null) => (usd !== null && Number(usd) > 0 ? Number(usd) : null)

const left = ({ difference, usdPerCase }: StandingDoc) =>
  usdPerCase === null
    ? "it has no price"
    : !Number.isFinite(difference.estimate)
      ? "none of its answers could be compared"
      : above(usdPerCase) === null
        ? "it costs nothing at the run's prices, which has no place on a logarithmic axis"
        : undefined

/** Cost against quality: every priced setup with its interval, the incumbent, and the region in which parity lies. */
export const chart: Section = {
  id: "chart",
  title: "Cost against quality",
  render: ({ result }) =>
    Effect.gen(function* () {
      const standings = byCost(result.standings)
      const named = new Set(namedSetups(result).map(({ id }) => id))
      const numbered = standings.map((standing, at) => ({ standing, mark: String(at + 1), why: left(standing) }))
      const shown = numbered.filter(({ why }) => why === undefined)
      const incumbent = incumbentName(result)
      const margin = pointsOf(result.method.margin)
      const pieces: Array<Piece> = []
      if (shown.length > 0) {
        const plotted: ReadonlyArray<PlotPoint> = shown.map(({ mark, standing }) => ({
          label: standing.setup.label,
          mark,
          verdict: standing.verdict,
          named: named.has(standing.setup.id),
          usd: Number(standing.usdPerCase),
          money: money(standing.usdPerCase),
          ...standing.difference,
          bound: standing.bound
        }))
        const svg = yield* draw(
          plotSpec(plotted, { label: incumbent, usd: above(result.incumbent.usdPerCase) }, result.method.margin)
        )
        const says = shown.map(
          ({ mark, standing }) =>
            `${mark} ${standing.setup.label} (${standing.verdict}): ${points(standing.difference.estimate)} points at ${money(standing.usdPerCase)} a case`
        )
        pieces.push(
          {
            _tag: "Paragraph",
            text:
              `Further left is cheaper, further up is better. A point is a setup, numbered as in the list and the table below; its upright line is the 95 % interval of its difference to the incumbent, ` +
              `the short bar across it the one-sided bound that decides. A setup is at parity when that bar lies in the shaded region, less than ${margin} points below the incumbent (the square).${named.size > 0 ? " A ring marks a setup that is named." : ""}`
          },
          {
            _tag: "Chart",
            svg,
            alt: `Cost per case against score difference to ${incumbent}, which costs ${money(result.incumbent.usdPerCase)} a case. ${says.join("; ")}. The margin is ${margin} points.`,
            source: `Rows: standings[].difference, .bound and .usdPerCase, incumbent.usdPerCase and method.margin of run ${result.run} (report.json).`
          },
          { _tag: "List", items: shown.map(({ mark, standing }) => `${mark} – ${standing.setup.label}`) }
        )
      }
      const unseen = numbered.flatMap(({ mark, standing, why }) =>
        why === undefined ? [] : [`${mark} – ${standing.setup.label}: ${why}`]
      )
      if (unseen.length > 0) {
        pieces.push({ _tag: "Paragraph", text: "Tried, and not in the chart:" }, { _tag: "List", items: unseen })
      }
      return pieces
    })
}
