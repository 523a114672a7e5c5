/** Our side: the main path of `replay` (archive, cache, journal, rate gate, grade, money) on a suite whose archive is imported already. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"

import { executeRun } from "../../src/runs/execute.ts"
import { prepareRun } from "../../src/runs/prepare.ts"
import { stores } from "../../src/store/stores.ts"
import { measure } from "./side.ts"

const [suite = "", home = ""] = process.argv.slice(2)

await Effect.gen(function* () {
  const prepared = yield* prepareRun(suite, {})
  const run = executeRun("replay", prepared, prepared.setups, (evaluator) =>
    Effect.map(
      evaluator.evaluate(prepared.setups[0]!, { from: 0, to: evaluator.sizes.length, level: 0.05 }),
      (standing) => ({
        standings: [standing],
        untried: [],
        level: 0.05,
        strategy: null,
        setupsPriced: 1
      })
    )
  )
  const context = yield* Effect.context<Effect.Services<typeof run>>()
  yield* Effect.promise(() => measure(prepared.rows.length, () => Effect.runPromiseWith(context)(run)))
}).pipe(Effect.scoped, Effect.provide(stores(home)), Effect.provide(NodeServices.layer), Effect.runPromise)
