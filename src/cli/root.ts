import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"

/** The root command with the flags that every command takes. */
export const root = Command.make("understudy").pipe(
  Command.withDescription(
    "Replays the model calls a team has already made through cheaper setups, and names the cheapest one shown to be at parity."
  ),
  Command.withSharedFlags({
    // A string, for the check that comes with a path knows no links that lead in a circle.
    home: Flag.String("home").pipe(
      Flag.withMetavar("path"),
      Flag.withDefault(".understudy"),
      Flag.withDescription("Folder where all state is kept (default .understudy)")
    ),
    json: Flag.Boolean("json").pipe(
      Flag.withDefault(false),
      Flag.withDescription("Print one JSON document on stdout and nothing else")
    )
  })
)
