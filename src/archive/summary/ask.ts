import type * as Effect from "effect/Effect"

import type { Fault } from "../../domain/Fault.ts"
import type { Row } from "./cells.ts"

/** Asks the index of one archive. */
export type Ask = (sql: string) => Effect.Effect<ReadonlyArray<Row>, Fault>
