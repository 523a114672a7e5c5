import type * as Effect from "effect/Effect"

import type { Fault } from "../domain/Fault.ts"
import type { RunResult } from "../domain/RunResult.ts"

/** A case shown side by side with its original. All texts are raw model output: a renderer must escape them. */
export interface WorstCase {
  readonly caseId: string
  readonly slice: string
  readonly grader: string
  readonly score: number
  readonly reference: number
  readonly why: string
  /** The last user message. */
  readonly asked: string
  readonly original: string
  readonly answered: string
}

export interface ReportData {
  readonly result: RunResult
  /** The ten worst of the named setup, else of the best one tried. */
  readonly worst: ReadonlyArray<WorstCase>
  readonly worstOf: string | null
}

/** Pieces a section is made of, rendered by each renderer in its own way. */
export type Piece =
  | { readonly _tag: "Paragraph"; readonly text: string }
  | { readonly _tag: "Callout"; readonly tone: "parity" | "none" | "inconclusive"; readonly text: string }
  | {
      readonly _tag: "Table"
      readonly head: ReadonlyArray<string>
      readonly rows: ReadonlyArray<ReadonlyArray<string>>
      /** Indexes of columns that hold numbers. */
      readonly numeric?: ReadonlyArray<number>
    }
  | { readonly _tag: "List"; readonly items: ReadonlyArray<string> }
  /** A chart as SVG text made by us, and what it shows in words for those who see no picture. */
  | { readonly _tag: "Chart"; readonly svg: string; readonly alt: string }
  /** Texts side by side, e.g. original and answer. */
  | {
      readonly _tag: "Compare"
      readonly title: string
      readonly sides: ReadonlyArray<{ readonly head: string; readonly text: string }>
    }

/** One section of a report: a plain value in its own file. */
export interface Section {
  readonly id: string
  readonly title: string
  /** No pieces: the section is left out. */
  render(data: ReportData): Effect.Effect<ReadonlyArray<Piece>, Fault>
}
