import * as Effect from "effect/Effect"

import type { Renderer } from "../contract.ts"

/** The run's result document, whole: the same as `--json` prints. */
export const json: Renderer = {
  id: "json",
  file: "report.json",
  render: ({ result }) => Effect.succeed(`${JSON.stringify(result, null, 2)}\n`)
}
