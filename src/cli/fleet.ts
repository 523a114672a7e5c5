import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"

import { answer } from "./answer.ts"
import { root } from "./root.ts"
import { untilCtrlC } from "./untilCtrlC.ts"

/** `fleet`: its answer is printed at once, and it goes on until Ctrl-C, which ends it with exit code 0. */
export const fleetCommand = Command.make(
  "fleet",
  {
    port: Flag.Int("port").pipe(
      Flag.withDefault(8090),
      Flag.withDescription("Port on 127.0.0.1 (default 8090, where the bundled suites look for it; 0: any free one)")
    )
  },
  Effect.fnUntraced(function* ({ port }) {
    const { json } = yield* root
    const { fleet } = yield* Effect.promise(() => import("../runs/fleet.ts"))
    yield* answer(json, fleet(port), { reads: true })
    yield* untilCtrlC
  }, Effect.scoped)
).pipe(
  Command.withDescription("Serve the bundled simulated models to any client, until Ctrl-C"),
  Command.withExamples([
    { command: "understudy fleet --port 0 --json", description: "At any free port, which the document names" }
  ])
)
