import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

import { answer } from "./answer.ts"
import { root } from "./root.ts"

/** `ctl RUN` */
export const ctlCommand = Command.make(
  "ctl",
  {
    run: Argument.String("run").pipe(
      Argument.withDescription("Id of a run that is going on, or its beginning, or latest")
    ),
    action: Argument.Literals("action", ["status", "pause", "resume", "stop"]).pipe(
      Argument.optional,
      Argument.withDescription("status, the default; pause sends nothing more until resume; stop ends the run")
    ),
    concurrency: Flag.String("concurrency").pipe(
      Flag.withMetavar("provider=n"),
      Flag.atLeast(0),
      Flag.withDescription("Calls at once of a provider from now on: fleet=20, or fleet=adaptive (repeatable)")
    )
  },
  Effect.fnUntraced(function* ({ action, concurrency, run }) {
    const { json } = yield* root
    const { steer } = yield* Effect.promise(() => import("../runs/ctl.ts"))
    const wish = { do: Option.getOrElse(action, () => "status" as const), concurrency }
    yield* answer(json, steer(run, wish), { reads: true })
  })
).pipe(
  Command.withDescription("Retune, pause, resume or stop a run that is going on, or ask where it stands"),
  Command.withExamples([
    { command: "understudy ctl latest", description: "Where the run that is going on stands" },
    {
      command: "understudy ctl latest --concurrency fleet=20",
      description: "Twenty calls of fleet at once from now on"
    },
    { command: "understudy ctl latest pause", description: "Nothing more is sent until understudy ctl latest resume" },
    {
      command: "understudy ctl latest stop",
      description: "End it once its calls have come back; what was paid for is kept"
    }
  ])
)
