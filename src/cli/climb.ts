import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

import { answer } from "./answer.ts"
import { root } from "./root.ts"
import { runFlags, runOptions, suite } from "./runFlags.ts"
import { untilCtrlC } from "./untilCtrlC.ts"

/** `climb SUITE` */
export const climbCommand = Command.make(
  "climb",
  { suite, ...runFlags },
  Effect.fnUntraced(function* ({ suite, ...flags }) {
    const { json } = yield* root
    const { climbSuite } = yield* Effect.promise(() => import("../runs/climb.ts"))
    const { watched } = yield* Effect.promise(() => import("../runs/watch.ts"))
    const watching = { events: Option.getOrUndefined(flags.events), until: untilCtrlC }
    yield* answer(json, watched(watching, climbSuite(suite, runOptions(flags))))
  })
).pipe(
  Command.withDescription("Find the cheapest setup that is shown to be at parity with the incumbent"),
  Command.withExamples([
    { command: "understudy climb suites/support-desk.suite.ts --budget 20", description: "For twenty dollars at most" }
  ])
)
