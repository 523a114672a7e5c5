import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

import { bundledSuites } from "../runs/bundled.ts"
import { answer } from "./answer.ts"
import { root } from "./root.ts"
import { events } from "./runFlags.ts"
import { untilCtrlC } from "./untilCtrlC.ts"

/** `demo [SUITE]` */
export const demoCommand = Command.make(
  "demo",
  {
    suite: Argument.Literals("suite", bundledSuites).pipe(
      Argument.withDefault(bundledSuites[0]),
      Argument.withDescription("The bundled suite to run (default demo); its file is one to copy")
    ),
    events,
    out: Flag.String("out").pipe(
      Flag.withMetavar("path"),
      Flag.optional,
      Flag.withDescription("Folder for its report (default reports/SUITE)")
    )
  },
  Effect.fnUntraced(function* ({ events, out, suite }) {
    const { json } = yield* root
    const { demo } = yield* Effect.promise(() => import("../runs/demo.ts"))
    const { watched } = yield* Effect.promise(() => import("../runs/watch.ts"))
    const watching = { events: Option.getOrUndefined(events), until: untilCtrlC }
    yield* answer(
      json,
      watched(
        watching,
        demo(
          Option.getOrElse(out, () => `reports/${suite}`),
          suite
        )
      )
    )
  })
).pipe(
  Command.withDescription("The whole job on a bundled sample with simulated models: no key, no network, no cost"),
  Command.withExamples([
    { command: "understudy demo --out evidence", description: "With its report in a folder of your own" },
    { command: "understudy demo code", description: "Modules that are tested in a sandbox, and repaired" }
  ])
)
