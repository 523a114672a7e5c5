import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"

import { answer } from "./answer.ts"
import { root } from "./root.ts"

/** `show RUN CASE` */
export const showCommand = Command.make(
  "show",
  {
    run: Argument.String("run").pipe(Argument.withDescription("Id of a run, or its beginning, or latest")),
    case: Argument.String("case").pipe(Argument.withDescription("Id of a case, or its beginning"))
  },
  Effect.fnUntraced(function* ({ case: caseId, run }) {
    const { json } = yield* root
    const { showCase } = yield* Effect.promise(() => import("../runs/show.ts"))
    yield* answer(json, showCase(run, caseId))
  })
).pipe(
  Command.withDescription("One case of a run: request, original, every attempt, grades, cost, side by side"),
  Command.withExamples([{ command: "understudy show latest 3f2a", description: "The case whose id starts with 3f2a" }])
)
