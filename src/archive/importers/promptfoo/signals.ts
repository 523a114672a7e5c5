import type { Signal } from "../../../domain/Call.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, numberIn, objectIn, textIn } from "../../json.ts"

/** Assertions that ask a model. */
const judged =
  /^(?:not-)?(?:llm-rubric|model-graded|factuality|closedqa|answer-relevance|context-|g-eval|select-best|max-score|pi|moderation|agent-rubric|search-rubric|similar|classifier|promptfoo:redteam)/

const sourceOf = (type: string): Signal["source"] =>
  type === "human" ? "human" : judged.test(type) ? "llm-judge" : "test"

/** How a row went: passed or not, its score, its named scores, and each assertion by its kind. None where nothing was asserted. */
export const signalsOf = (row: JsonObject): ReadonlyArray<Signal> => {
  const grading = objectIn(row["gradingResult"])
  const asserted = arrayIn(objectIn(row["testCase"])?.["assert"])?.length ?? 0
  const parts = (arrayIn(grading?.["componentResults"]) ?? []).flatMap((one) => {
    const part = objectIn(one)
    const type = textIn(objectIn(part?.["assertion"])?.["type"])
    return part === undefined || type === undefined ? [] : [{ part, type: type.slice(0, 60) }]
  })
  const named = Object.entries(objectIn(row["namedScores"]) ?? {}).flatMap(([name, value]): ReadonlyArray<Signal> => {
    const score = numberIn(value)
    return score === undefined ? [] : [{ name: name.slice(0, 100), value: score, source: "test" }]
  })
  if (asserted === 0 && parts.length === 0 && named.length === 0) return []
  const sources = parts.map(({ type }) => sourceOf(type))
  const source = sources.includes("human") ? "human" : sources.includes("llm-judge") ? "llm-judge" : "test"
  const score = numberIn(row["score"])
  return [
    ...(typeof row["success"] === "boolean" ? [{ name: "success", value: row["success"], source } as const] : []),
    ...(score === undefined ? [] : [{ name: "score", value: score, source } as const]),
    ...named,
    ...parts.flatMap(({ part, type }): ReadonlyArray<Signal> => {
      const told = typeof part["pass"] === "boolean" ? part["pass"] : numberIn(part["score"])
      return told === undefined ? [] : [{ name: `assert.${type}`, value: told, source: sourceOf(type) }]
    })
  ]
}
