import { resolve } from "node:path"

import * as Layer from "effect/Layer"

import { Answers } from "./store/Answers.ts"
import { Archives } from "./store/Archives.ts"
import { Home } from "./store/Home.ts"
import { Runs } from "./store/Runs.ts"

/** Everything that keeps state, over one home. Nothing is created before something is written. */
export const layer = (home: string) =>
  Layer.mergeAll(Answers.layer, Archives.layer, Runs.layer).pipe(Layer.provideMerge(Home.layer(resolve(home))))
