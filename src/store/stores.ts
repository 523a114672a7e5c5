import { resolve } from "node:path"

import * as Layer from "effect/Layer"

import { Answers } from "./Answers.ts"
import { Archives } from "./Archives.ts"
import { CheckResults } from "./CheckResults.ts"
import { Home } from "./Home.ts"
import { Labels } from "./Labels.ts"
import { Runs } from "./Runs.ts"

/** What every command may want of a home: its archives, runs, labels and what checks said. Nothing is created before something is written. */
export const shelves = (home: string) =>
  Layer.mergeAll(Archives.layer, Runs.layer, Labels.layer, CheckResults.layer).pipe(
    Layer.provideMerge(Home.layer(resolve(home)))
  )

/** The same with the answer cache, whose keys are read when it is opened. */
export const stores = (home: string) => Answers.layer.pipe(Layer.provideMerge(shelves(home)))
