import { join, resolve } from "node:path"

import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import type { Fault } from "../domain/Fault.ts"
import { bringUpToDate } from "./layout.ts"

/** The state folder (`--home`, default `.understudy`): the one place where anything is kept. */
export class Home extends Context.Service<
  Home,
  {
    /** Absolute path of the folder. */
    readonly root: string
    /** Absolute path of something in it. */
    path(...parts: ReadonlyArray<string>): string
  }
>()("@understudy/harness/store/Home") {
  /**
   * The home in a folder, which need not be there: it is made by the first write.
   * An older layout is migrated; a newer one is a `Fault` of kind `input` that says what to do.
   */
  static readonly layer = (dir: string): Layer.Layer<Home, Fault> =>
    Layer.effect(
      Home,
      Effect.gen(function* () {
        const root = resolve(dir)
        yield* bringUpToDate(root)
        return Home.of({ root, path: (...parts) => join(root, ...parts) })
      })
    )
}
