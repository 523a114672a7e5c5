import type * as Schema from "effect/Schema"

import type { Setup } from "../domain/Setup.ts"
import type { Standing } from "../domain/Standing.ts"

/** A setup with what is known of its price before it is tried. */
export interface Priced {
  readonly setup: Setup
  /** Dollars per case expected from archived token counts; for ordering, not for bills. */
  readonly usdPerCase: number
  /** Setups of one chain differ only in axes with an order of quality. */
  readonly chain: string
  /** Position in its chain, 0 the strongest. */
  readonly rank: number
}

export interface StrategyInput {
  /** Setups with a price, none dearer than the incumbent. */
  readonly setups: ReadonlyArray<Priced>
  /** Sessions in the run's one random order; a prefix of them is what a move evaluates. */
  readonly sessions: number
  readonly alpha: number
  readonly margin: number
}

/** What to do next: judge `setup` on the first `sessions` sessions, claiming parity at `level`; or stop. */
export type Move =
  | { readonly _tag: "Evaluate"; readonly setup: Setup; readonly sessions: number; readonly level: number }
  | { readonly _tag: "Stop"; readonly named: Setup | null; readonly reason: string }

/** One evaluation that was made. */
export interface Look {
  readonly move: Extract<Move, { _tag: "Evaluate" }>
  readonly standing: Standing
}

/** Decides what to try next: a pure function of what was seen. It knows no model. */
export interface Strategy<
  Id extends string = string,
  Options extends Schema.Codec<unknown, unknown> = Schema.Codec<unknown, unknown>
> {
  readonly id: Id
  readonly about: string
  readonly options: Options
  make(options: Options["Type"], input: StrategyInput): (seen: ReadonlyArray<Look>) => Move
}

/** Checks a strategy's shape and keeps its types. */
export const strategy = <const Id extends string, Options extends Schema.Codec<unknown, unknown>>(
  self: Strategy<Id, Options>
) => self
