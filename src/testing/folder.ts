import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** A new empty folder that is removed, with all in it, when the scope ends. */
export const temporaryFolder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "understudy-test-"))),
  (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true }))
)
