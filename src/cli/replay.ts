import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

import { answer } from "./answer.ts"
import { root } from "./root.ts"
import { runFlags, runOptions, suite } from "./runFlags.ts"
import { untilCtrlC } from "./untilCtrlC.ts"

/** `replay SUITE` */
export const replayCommand = Command.make(
  "replay",
  {
    suite,
    ...runFlags,
    setup: Flag.String("setup").pipe(
      Flag.atLeast(0),
      Flag.withDescription("Only setups with this id, or with this text in their label (repeatable)")
    ),
    case: Flag.String("case").pipe(Flag.atLeast(0), Flag.withDescription("Only this case (repeatable)"))
  },
  Effect.fnUntraced(function* ({ case: cases, setup, suite, ...flags }) {
    const { json } = yield* root
    const { replaySuite } = yield* Effect.promise(() => import("../runs/replay.ts"))
    const { watched } = yield* Effect.promise(() => import("../runs/watch.ts"))
    const watching = { events: Option.getOrUndefined(flags.events), until: untilCtrlC }
    yield* answer(json, watched(watching, replaySuite(suite, { ...runOptions(flags), setups: setup, cases })))
  })
).pipe(
  Command.withDescription("Replay and grade every setup of a suite: a verdict for each, no search"),
  Command.withExamples([
    { command: "understudy replay suites/support-desk.suite.ts", description: "All setups on all cases" },
    {
      command: "understudy replay suites/support-desk.suite.ts --setup small --limit 50 --budget 1",
      description: "A first look at one model for a dollar at most"
    }
  ])
)
