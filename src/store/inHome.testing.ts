import { join } from "node:path"

import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import type { ArchivedCall } from "../domain/Call.ts"
import { temporaryFolder } from "../testing/folder.ts"
import { Archives, type NewCall } from "./Archives.ts"
import { Home } from "./Home.ts"

/** Runs a test in a home of its own; the test gets the home's folder. */
export const inHome = <A, E>(test: (root: string) => Effect.Effect<A, E, Archives>) =>
  Effect.gen(function* () {
    const root = join(yield* temporaryFolder, "home")
    return yield* Effect.provide(test(root), Archives.layer.pipe(Layer.provide(Home.layer(root))))
  }).pipe(Effect.scoped)

/** A call to be added, of rank 0. */
export const newCall = (call: ArchivedCall, dedupeKey = `key of ${call.id}`): NewCall => ({ call, dedupeKey, rank: 0 })

/** Imports calls in one go, and says what became of each. */
export const importAll = (name: string, calls: ReadonlyArray<ArchivedCall | NewCall>) =>
  Effect.gen(function* () {
    const writer = yield* (yield* Archives).writer(name)
    const added = yield* writer.add(calls.map((call) => ("dedupeKey" in call ? call : newCall(call))))
    yield* writer.commit
    return added
  }).pipe(Effect.scoped)

/** Calls as a reader gives them. */
export const loadAll = (name: string, ids: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const reader = yield* (yield* Archives).reader(name)
    return yield* Effect.forEach(ids, reader.load)
  }).pipe(Effect.scoped)

/** A call without what is found out when it is added. */
export const asAdded = ({ grouping, usage, ...call }: ArchivedCall): ArchivedCall => {
  const { inputBySource: _, ...counted } = usage
  const { parentCallId: __, ...rest } = grouping
  return { ...call, grouping: grouping.trajectoryId?.startsWith("t-") ? untold(rest) : rest, usage: counted }
}
const untold = ({ stepIndex: _, trajectoryId: __, ...rest }: ArchivedCall["grouping"]) => rest
