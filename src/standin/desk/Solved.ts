import type { JsonObject } from "../json.ts"
import type { Task } from "../Profile.ts"

/** An answer before it is put into words. */
export type Content =
  | {
      readonly kind: "json"
      readonly fields: JsonObject
      /** The free-text field, and ways of filling it. */
      readonly note: { readonly field: string; readonly ways: ReadonlyArray<string> }
    }
  | { readonly kind: "call"; readonly name: string; readonly arguments: JsonObject }
  | { readonly kind: "text"; readonly ways: ReadonlyArray<string>; readonly resolution: string | null }

/** A question that was understood. */
export interface Solved {
  readonly task: Task
  /** What the question is about, whatever else surrounds it: the ticket. */
  readonly about: string
  readonly right: Content
  /** Wrong answers that a model may fall for, likeliest first; never empty, none equal to `right`. */
  readonly tempting: ReadonlyArray<Content>
  /** The model has been told what was wrong with its last answer. */
  readonly told: boolean
}
