/** The bundled fleet with one model that answers "ok" at once, in a process of its own. Prints its address, then serves until it is killed. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"

import { serve } from "../../src/standin/Fleet.ts"
import { echo } from "../../src/standin/profiles.ts"

serve({ profiles: [echo] }).pipe(
  Effect.flatMap(({ openaiURL }) => Console.log(openaiURL)),
  Effect.andThen(Effect.never),
  Effect.scoped,
  NodeRuntime.runMain
)
