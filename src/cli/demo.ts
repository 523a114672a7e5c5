import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

import { answer } from "./answer.ts"
import { root } from "./root.ts"
import { events } from "./runFlags.ts"
import { untilCtrlC } from "./untilCtrlC.ts"

/** `demo` */
export const demoCommand = Command.make(
  "demo",
  {
    events,
    out: Flag.String("out").pipe(
      Flag.withMetavar("path"),
      Flag.withDefault("reports/demo"),
      Flag.withDescription("Folder for its report (default reports/demo)")
    )
  },
  Effect.fnUntraced(function* ({ events, out }) {
    const { json } = yield* root
    const { demo } = yield* Effect.promise(() => import("../runs/demo.ts"))
    const { watched } = yield* Effect.promise(() => import("../runs/watch.ts"))
    const watching = { events: Option.getOrUndefined(events), until: untilCtrlC }
    yield* answer(json, watched(watching, demo(out)))
  })
).pipe(
  Command.withDescription("The whole job on a bundled sample with simulated models: no key, no network, no cost"),
  Command.withExamples([
    { command: "understudy demo --out evidence", description: "With its report in a folder of your own" }
  ])
)
