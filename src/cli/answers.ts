import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

import { answer } from "./answer.ts"
import { root } from "./root.ts"

const pruneCommand = Command.make(
  "prune",
  {
    provider: Flag.String("provider").pipe(
      Flag.optional,
      Flag.withDescription("Only answers of this provider, by its name in the suite")
    ),
    model: Flag.String("model").pipe(Flag.optional, Flag.withDescription("Only answers of this model")),
    before: Flag.String("before").pipe(
      Flag.optional,
      Flag.withMetavar("date"),
      Flag.withDescription("Only answers from before this day or time, e.g. 2026-05-01 (UTC)")
    ),
    unused: Flag.Boolean("unused").pipe(
      Flag.withDefault(false),
      Flag.withDescription("Only answers that no run on the disk bought or used")
    ),
    dryRun: Flag.Boolean("dry-run").pipe(
      Flag.withDefault(false),
      Flag.withDescription("Say what would go, remove nothing")
    )
  },
  Effect.fnUntraced(function* ({ before, dryRun, model, provider, unused }) {
    const { json } = yield* root
    const { prune } = yield* Effect.promise(() => import("../runs/answers.ts"))
    yield* answer(
      json,
      prune({
        provider: Option.getOrUndefined(provider),
        model: Option.getOrUndefined(model),
        before: Option.getOrUndefined(before),
        unused,
        dryRun
      })
    )
  })
).pipe(
  Command.withDescription("Remove answers that were paid for; a run that asks for one again pays for it again"),
  Command.withExamples([
    { command: "understudy answers prune --unused --dry-run", description: "What no run here refers to" },
    { command: "understudy answers prune --model gpt-4o --before 2026-01-01", description: "A model's old answers" }
  ])
)

/** `answers` and `answers prune` */
export const answersCommand = Command.make(
  "answers",
  {},
  Effect.fnUntraced(function* () {
    const { json } = yield* root
    const { showAnswers } = yield* Effect.promise(() => import("../runs/answers.ts"))
    yield* answer(json, showAnswers(), { reads: true })
  })
).pipe(
  Command.withDescription("The answers that runs have paid for, which no later run pays for again"),
  Command.withExamples([{ command: "understudy answers", description: "By provider and model" }]),
  Command.withSubcommands([pruneCommand])
)
