import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

import { answer } from "./answer.ts"
import { root } from "./root.ts"

/** `init [NAME]` */
export const initCommand = Command.make(
  "init",
  {
    name: Argument.String("name").pipe(
      Argument.optional,
      Argument.withDescription("Name of the suite (default: the archive's)")
    ),
    archive: Flag.String("archive").pipe(
      Flag.optional,
      Flag.withDescription("The imported archive to write it for (may be left out where there is one)")
    ),
    provider: Flag.Literals("provider", ["openai", "anthropic", "ollama"]).pipe(
      Flag.optional,
      Flag.withDescription("Whose models to try")
    ),
    model: Flag.String("model").pipe(Flag.atLeast(0), Flag.withDescription("A model to try (repeatable)")),
    yes: Flag.Boolean("yes").pipe(Flag.withDefault(false), Flag.withDescription("Ask nothing"))
  },
  Effect.fnUntraced(function* ({ archive, model, name, provider, yes }) {
    const { json } = yield* root
    const { init } = yield* Effect.promise(() => import("../runs/init.ts"))
    const ask = !yes && !json
    yield* answer(
      json,
      init({
        name: Option.getOrUndefined(name),
        archive: Option.getOrUndefined(archive),
        provider: Option.getOrUndefined(provider),
        models: model,
        ask
      }),
      { asks: ask }
    )
  })
).pipe(
  Command.withDescription("Write a first suite and config, by asking or from flags"),
  Command.withExamples([
    {
      command: "understudy init support-desk --provider openai --model gpt-5.6-mini --yes",
      description: "Without questions"
    }
  ])
)
