import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

import { answer } from "./answer.ts"
import { root } from "./root.ts"

/** `show RUN`, `show RUN CASE` */
export const showCommand = Command.make(
  "show",
  {
    run: Argument.String("run").pipe(Argument.withDescription("Id of a run, or its beginning, or latest")),
    case: Argument.String("case").pipe(
      Argument.withDescription(
        "Id of a case, or its beginning; left out: the run as a whole, with its calls in flight"
      ),
      Argument.optional
    )
  },
  Effect.fnUntraced(function* ({ case: caseId, run }) {
    const { json } = yield* root
    if (Option.isNone(caseId)) {
      const { showRun } = yield* Effect.promise(() => import("../runs/showRun.ts"))
      return yield* answer(json, showRun(run), { reads: true })
    }
    const { showCase } = yield* Effect.promise(() => import("../runs/show.ts"))
    yield* answer(json, showCase(run, caseId.value))
  })
).pipe(
  Command.withDescription("One case of a run: request, original, every attempt, grades, cost, side by side"),
  Command.withExamples([
    { command: "understudy show latest 3f2a", description: "The case whose id starts with 3f2a" },
    { command: "understudy show 20260501", description: "A run that goes on or was killed: its calls in flight" }
  ])
)
