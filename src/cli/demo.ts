import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"

import { answer } from "./answer.ts"
import { root } from "./root.ts"

/** `demo` */
export const demoCommand = Command.make(
  "demo",
  {
    out: Flag.String("out").pipe(
      Flag.withMetavar("path"),
      Flag.withDefault("reports/demo"),
      Flag.withDescription("Folder for its report (default reports/demo)")
    )
  },
  Effect.fnUntraced(function* ({ out }) {
    const { json } = yield* root
    const { demo } = yield* Effect.promise(() => import("../runs/demo.ts"))
    yield* answer(json, demo(out))
  })
).pipe(
  Command.withDescription("The whole job on a bundled sample with simulated models: no key, no network, no cost"),
  Command.withExamples([
    { command: "understudy demo --out evidence", description: "With its report in a folder of your own" }
  ])
)
