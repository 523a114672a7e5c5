import * as Effect from "effect/Effect"

import type { Section } from "../contract.ts"
import { counted } from "../figures.ts"

/** The setups that were never tried, with the reason. */
export const untried: Section = {
  id: "untried",
  title: "Not tried",
  render: ({ result }) =>
    Effect.succeed(
      result.untried.length === 0
        ? []
        : [
            {
              _tag: "Paragraph",
              text: `Nothing is known of ${counted(result.untried.length, "setup")} that ${result.untried.length === 1 ? "was" : "were"} in the suite and not tried.`
            },
            {
              _tag: "Table",
              head: ["Setup", "Why not"],
              rows: result.untried.map(({ reason, setup }) => [setup.label, reason]),
              source: `Rows: untried[] of run ${result.run} (report.json).`
            }
          ]
    )
}
