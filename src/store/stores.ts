import { resolve } from "node:path"

import * as Layer from "effect/Layer"

import { Answers } from "./Answers.ts"
import { Archives } from "./Archives.ts"
import { Home } from "./Home.ts"
import { Runs } from "./Runs.ts"

/** Everything that keeps state, over one home. Nothing is created before something is written. */
export const stores = (home: string) =>
  Layer.mergeAll(Answers.layer, Archives.layer, Runs.layer).pipe(Layer.provideMerge(Home.layer(resolve(home))))
