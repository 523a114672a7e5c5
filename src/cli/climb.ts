import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

import { Fault } from "../domain/Fault.ts"
import { answer } from "./answer.ts"
import { root } from "./root.ts"
import { runFlags, runOptions, suite } from "./runFlags.ts"
import { untilCtrlC } from "./untilCtrlC.ts"

/** `climb SUITE` */
export const climbCommand = Command.make(
  "climb",
  {
    suite: Argument.optional(suite),
    explain: Flag.String("explain").pipe(
      Flag.withMetavar("run"),
      Flag.optional,
      Flag.withDescription("Search nothing: tell why a finished climb tried, dropped and kept each setup")
    ),
    ...runFlags
  },
  Effect.fnUntraced(function* ({ explain, suite, ...flags }) {
    const { json } = yield* root
    if (Option.isSome(explain)) {
      const { explainRun } = yield* Effect.promise(() => import("../runs/explain.ts"))
      return yield* answer(json, explainRun(explain.value), { reads: true })
    }
    if (Option.isNone(suite)) {
      return yield* new Fault({
        kind: "usage",
        sentence: "climb wants a suite",
        mend: "understudy climb SUITE searches; understudy climb --explain RUN tells how a finished search went."
      })
    }
    const { climbSuite } = yield* Effect.promise(() => import("../runs/climb.ts"))
    const { watched } = yield* Effect.promise(() => import("../runs/watch.ts"))
    const watching = { events: Option.getOrUndefined(flags.events), until: untilCtrlC }
    yield* answer(json, watched(watching, climbSuite(suite.value, runOptions(flags))))
  })
).pipe(
  Command.withDescription("Find the cheapest setup that is shown to be at parity with the incumbent"),
  Command.withExamples([
    { command: "understudy climb suites/support-desk.suite.ts --budget 20", description: "For twenty dollars at most" },
    { command: "understudy climb --explain latest", description: "Why each setup was tried, dropped and kept" }
  ])
)
