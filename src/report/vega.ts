import * as Effect from "effect/Effect"
import type { TopLevelSpec } from "vega-lite"

import { Fault } from "../domain/Fault.ts"

export type { TopLevelSpec }

/**
 * Draws a chart as SVG text, without a browser; texts from its data are escaped. The libraries are loaded on the first call.
 * Data must be inline: nothing is fetched.
 */
export const draw = (spec: TopLevelSpec): Effect.Effect<string, Fault> =>
  Effect.tryPromise({
    try: async () => {
      const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")])
      const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: "none", logLevel: vega.Error })
      try {
        return await view.toSVG()
      } finally {
        view.finalize()
      }
    },
    catch: (cause) => new Fault({ kind: "internal", sentence: `the chart could not be drawn: ${String(cause)}` })
  })
