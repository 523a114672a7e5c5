import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

import { answer } from "./answer.ts"
import { root } from "./root.ts"

const name = Argument.String("name").pipe(
  Argument.optional,
  Argument.withDescription("The archive (may be left out where there is one)")
)

const deleteCommand = Command.make(
  "delete",
  {
    name: Argument.String("name").pipe(Argument.withDescription("The archive to remove"))
  },
  Effect.fnUntraced(function* ({ name }) {
    const { json } = yield* root
    const { deleteArchive } = yield* Effect.promise(() => import("../runs/archive.ts"))
    yield* answer(json, deleteArchive(name))
  })
).pipe(
  Command.withDescription("Remove an archive with all that came of it: its runs, and the answers that only they used")
)

/** `archive [NAME]` and `archive delete NAME` */
export const archiveCommand = Command.make(
  "archive",
  {
    name,
    skips: Flag.Boolean("skips").pipe(
      Flag.withDefault(false),
      Flag.withDescription("List the records that were not imported, each with its place and reason")
    )
  },
  Effect.fnUntraced(function* ({ name, skips }) {
    const { json } = yield* root
    const { showArchive } = yield* Effect.promise(() => import("../runs/archive.ts"))
    yield* answer(json, showArchive({ name: Option.getOrUndefined(name), skips }))
  })
).pipe(
  Command.withDescription("What is there: calls, fidelity, models, labels, tokens by kind, spend"),
  Command.withExamples([{ command: "understudy archive support-desk", description: "One page about an archive" }]),
  Command.withSubcommands([deleteCommand])
)
