import type * as Schema from "effect/Schema"

import type { Setup } from "../domain/Setup.ts"
import type { Standing } from "../domain/Standing.ts"
import type { Stretch } from "../domain/Stretch.ts"

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
  /** Cases of each session, in the run's one random session order; what a move evaluates is a stretch of it. */
  readonly sizes: ReadonlyArray<number>
  /** Slice of each case in that order, and each slice's share of the traffic. */
  readonly slice: ReadonlyArray<string>
  readonly shares: ReadonlyMap<string, number>
  readonly alpha: number
  readonly margin: number
  /** Dollars per case of the incumbent on the same archived tokens. */
  readonly incumbentUsdPerCase: number
}

/** Judge `setup` on a stretch; `why` is a sentence for whoever asks how the climb went. */
export interface Evaluate extends Stretch {
  readonly _tag: "Evaluate"
  readonly setup: Setup
  readonly why: string
}

/** What a strategy has to say of a setup that it gave up or never tried. */
export interface Note {
  readonly setup: Setup
  readonly reason: string
  /** It was tried, what was seen lies below the margin, and the cases left would hardly have shown parity: no verdict on the setup, but the end of its race. */
  readonly futile?: true
}

/** The end: the setup that is named, and what became of the others. */
export interface Stop {
  readonly _tag: "Stop"
  readonly named: Setup | null
  /** What it turned out to cost, dollars a case, where the strategy compared that. */
  readonly usdPerCase?: number
  readonly reason: string
  readonly notes: ReadonlyArray<Note>
}

/** What to do next. */
export type Move = Evaluate | Stop

/** One evaluation that was made. */
export interface Look {
  readonly move: Evaluate
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
