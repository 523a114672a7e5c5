import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"

import type { Fault } from "../domain/Fault.ts"
import type { AnswerRow } from "../domain/Output.ts"

/** The answer cache, shared by all runs of a home: JSON lines, one segment a process, keyed by digest. */
export class Answers extends Context.Service<
  Answers,
  {
    /** The answer kept under a key, or `undefined`. Read from disk; only keys and places are held in memory. */
    get(key: string): Effect.Effect<AnswerRow | undefined, Fault>
    has(key: string): boolean
    /** Returns when the line is on disk (fsync in groups). A key that is there already is not written again. */
    put(row: AnswerRow): Effect.Effect<void, Fault>
  }
>()("understudy/store/Answers") {}
