import type { Signal } from "../../../domain/Call.ts"
import type { JsonObject } from "../../json.ts"
import { numberIn, textIn } from "../../json.ts"
import { momentOf } from "../../times.ts"
import { fieldIn, fieldText, isDeleted, projectOf } from "./rows.ts"

/** A score, and what it is of: an observation, a trace, or a session. */
export interface Score {
  readonly signal: Signal
  readonly observationId?: string
  readonly traceId?: string
  readonly sessionId?: string
  readonly project?: string
}

/** Names that scores of a person's opinion have, where the interface does not tell who gave them. */
const opinion = /feedback|thumb|rating|rated|user|human|csat|nps|like|star/i

const sourceOf = (row: JsonObject): Signal["source"] => {
  const source = textIn(row["source"])
  if (source === "ANNOTATION") return "human"
  if (source === "EVAL") return "llm-judge"
  return opinion.test(textIn(row["name"]) ?? "") ? "human" : "system"
}

const valueOfScore = (row: JsonObject): Signal["value"] | undefined => {
  const type = fieldText(row, "data_type")
  const text = fieldText(row, "string_value", "long_string_value")
  const value = typeof row["value"] === "boolean" ? row["value"] : numberIn(row["value"])
  if (type === "BOOLEAN")
    return value === undefined ? (text === undefined ? undefined : /^true$/i.test(text)) : Boolean(value)
  if (type === "CATEGORICAL" || type === "TEXT") return text ?? textIn(row["value"])
  return value ?? text
}

/** Reads a score; `undefined` where it is deleted, has no value, or is a corrected answer and no judgement. */
export const scoreIn = (row: JsonObject): Score | undefined => {
  const value = valueOfScore(row)
  const name = textIn(row["name"])
  if (value === undefined || name === undefined || isDeleted(row) || fieldText(row, "data_type") === "CORRECTION")
    return undefined
  const comment = textIn(row["comment"])
  const at = momentOf(fieldIn(row, "timestamp"))?.iso
  const [observationId, traceId, sessionId] = ["observation_id", "trace_id", "session_id"].map((n) => fieldText(row, n))
  const project = projectOf(row)
  const scope = observationId !== undefined ? "call" : traceId !== undefined ? "trajectory" : "session"
  return {
    signal: {
      name,
      value,
      source: sourceOf(row),
      scope,
      ...(comment === undefined ? {} : { comment }),
      ...(at === undefined ? {} : { at })
    },
    ...(observationId === undefined ? {} : { observationId }),
    ...(traceId === undefined ? {} : { traceId }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(project === undefined ? {} : { project })
  }
}
