import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

import { answer } from "./answer.ts"
import { root } from "./root.ts"

/** `report RUN` */
export const reportCommand = Command.make(
  "report",
  {
    run: Argument.String("run").pipe(Argument.withDescription("Id of a run, or its beginning, or latest")),
    format: Flag.String("format").pipe(
      Flag.atLeast(0),
      Flag.withDescription("html, md, csv or json (repeatable; default: all)")
    ),
    out: Flag.String("out").pipe(
      Flag.withMetavar("path"),
      Flag.optional,
      Flag.withDescription("Folder to write to (default reports/RUN)")
    )
  },
  Effect.fnUntraced(function* ({ format, out, run }) {
    const { json } = yield* root
    const { writeReport } = yield* Effect.promise(() => import("../runs/report.ts"))
    yield* answer(json, writeReport(run, { formats: format, out: Option.getOrUndefined(out) }))
  })
).pipe(
  Command.withDescription("Render the report of a run"),
  Command.withExamples([
    { command: "understudy report latest --format html --out evidence", description: "One page to hand on" }
  ])
)
