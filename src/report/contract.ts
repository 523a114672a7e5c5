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
  /** Texts that are no longer to be had, each with the reason as a sentence; the text itself is then empty. */
  readonly missing?: { readonly original?: string; readonly answered?: string }
}

export interface ReportData {
  readonly result: RunResult
  /** The ten worst of the named setup, else of the best one tried. */
  readonly worst: ReadonlyArray<WorstCase>
  readonly worstOf: string | null
  /** Why there is no telling which cases are worst; absent where there is. */
  readonly worstMissing?: string
}

/** Pieces a section is made of, rendered by each renderer in its own way. */
export type Piece =
  | { readonly _tag: "Paragraph"; readonly text: string }
  | {
      readonly _tag: "Callout"
      /** `note`: something a reader must not miss that is no verdict. */
      readonly tone: "parity" | "none" | "inconclusive" | "note"
      /** What it is, in a word or two. */
      readonly head: string
      readonly text: string
    }
  | {
      readonly _tag: "Table"
      /** What the table shows, for its caption. */
      readonly title?: string
      readonly head: ReadonlyArray<string>
      readonly rows: ReadonlyArray<ReadonlyArray<string>>
      /** Indexes of columns that hold numbers. */
      readonly numeric?: ReadonlyArray<number>
      /** Index of the column that names the row; default 0. */
      readonly rowHead?: number
      /** Which rows or which query the numbers come from. */
      readonly source?: string
    }
  | { readonly _tag: "List"; readonly items: ReadonlyArray<string> }
  /** A chart as SVG text made by us, and what it shows in words for those who see no picture. */
  | { readonly _tag: "Chart"; readonly svg: string; readonly alt: string; readonly source?: string }
  /** A long text that a page shows when it is asked to. */
  | { readonly _tag: "Folded"; readonly title: string; readonly text: string }
  /** Texts side by side, e.g. original and answer. `absent`: the text says why the real one is not there. */
  | {
      readonly _tag: "Compare"
      readonly title: string
      readonly sides: ReadonlyArray<{ readonly head: string; readonly text: string; readonly absent?: boolean }>
    }

/** One section of a report: a plain value in its own file. */
export interface Section {
  readonly id: string
  readonly title: string
  /** No pieces: the section is left out. */
  render(data: ReportData): Effect.Effect<ReadonlyArray<Piece>, Fault>
}

/** A section with its pieces made. */
export interface RenderedSection {
  readonly id: string
  readonly title: string
  readonly pieces: ReadonlyArray<Piece>
}

/** One format of a report: a plain value in its own file. */
export interface Renderer {
  readonly id: string
  /** Name of the file it is written to. */
  readonly file: string
  /** The file's text. `sections` is made once for all formats, and only when one asks for it. */
  render(data: ReportData, sections: Effect.Effect<ReadonlyArray<RenderedSection>, Fault>): Effect.Effect<string, Fault>
}
