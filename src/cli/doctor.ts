import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"

import { answer } from "./answer.ts"
import { root } from "./root.ts"

/** `doctor` */
export const doctorCommand = Command.make(
  "doctor",
  {},
  Effect.fnUntraced(function* () {
    const { json } = yield* root
    const { doctor } = yield* Effect.promise(() => import("../runs/doctor.ts"))
    yield* answer(json, doctor)
  })
).pipe(
  Command.withDescription(
    "What is there and what is missing: Node, keys (yes or no), providers, browser, sandbox, disk"
  ),
  Command.withExamples([
    { command: "understudy doctor", description: "Before the first run, or when one does not start" },
    { command: "understudy doctor --home /data/understudy --json", description: "For another home, as a document" }
  ])
)
