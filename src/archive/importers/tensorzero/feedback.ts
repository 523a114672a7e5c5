import type { Signal } from "../../../domain/Call.ts"
import type { Found } from "../../contract.ts"
import type { JsonObject } from "../../json.ts"
import { numberIn, textIn, unpacked } from "../../json.ts"
import { outputIn } from "./content.ts"
import { momentOfRow, tagsOf } from "./rows.ts"

/** A piece of feedback, and the inference or episode that it is about. */
export interface Feedback {
  readonly target: string
  /** Where the row says which it is. */
  readonly scope?: "call" | "trajectory"
  readonly signal: Omit<Signal, "scope">
}

/** TensorZero tags what people said in its interface and what its evaluators said. */
const sourceOf = (row: JsonObject): Signal["source"] => {
  const tags = tagsOf(row)
  if (tags["tensorzero::human_feedback"] === "true") return "human"
  return "tensorzero::evaluator_inference_id" in tags ? "llm-judge" : "system"
}

const timeOf = (row: JsonObject) => {
  const at = momentOfRow(row)?.iso
  return at === undefined ? {} : { at }
}

/** Reads a metric or a comment; `undefined` where it has no target or no value. */
export const feedbackIn = (row: JsonObject): Feedback | undefined => {
  const target = textIn(row["target_id"])
  const name = textIn(row["metric_name"])
  const raw = row["value"]
  if (target === undefined) return undefined
  if (name === undefined || name === "comment") {
    const text = textIn(raw)
    const type = textIn(row["target_type"])
    return text === undefined
      ? undefined
      : {
          target,
          ...(type === "inference" ? { scope: "call" } : type === "episode" ? { scope: "trajectory" } : {}),
          signal: { name: "comment", value: text, source: "human", ...timeOf(row) }
        }
  }
  const value = typeof raw === "boolean" ? raw : numberIn(raw)
  return value === undefined ? undefined : { target, signal: { name, value, source: sourceOf(row), ...timeOf(row) } }
}

/** Reads a demonstration: what the answer should have been, as text. */
export const demonstrationIn = (row: JsonObject): Feedback | undefined => {
  const target = textIn(row["inference_id"])
  const blocks = outputIn(row["value"]) ?? []
  const texts = blocks.map((block) => (block.type === "text" ? block.text : JSON.stringify(block)))
  const value = texts.length === 0 ? textIn(unpacked(row["value"])) : texts.join("\n")
  return target === undefined || value === undefined
    ? undefined
    : { target, scope: "call", signal: { name: "demonstration", value, source: "human", ...timeOf(row) } }
}

/** What an import knows of ids: what is an inference, what an episode. */
export interface Known {
  isInference(id: string): boolean
  isEpisode(id: string): boolean
}

/** The dedupe key of the call that answered an inference. */
export const keyOf = (inference: string): string => `tensorzero:${inference}`

/**
 * Feedback as verdicts. Metrics do not say whether they are about an inference or an episode: what was read tells; where neither was read it is
 * said of both, for an id names only one.
 */
export const verdictsOf = ({ scope, signal, target }: Feedback, known: Known): ReadonlyArray<Found> => {
  const told = scope ?? (known.isInference(target) ? "call" : known.isEpisode(target) ? "trajectory" : undefined)
  const scopes = told === undefined ? (["call", "trajectory"] as const) : [told]
  return scopes.map(
    (one): Found => ({
      _tag: "Verdict",
      of: one === "call" ? keyOf(target) : target,
      signal: { ...signal, scope: one }
    })
  )
}
