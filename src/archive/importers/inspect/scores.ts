import type { Signal } from "../../../domain/Call.ts"
import type { JsonObject } from "../../json.ts"
import { objectIn, textIn } from "../../json.ts"

/** Inspect's letters: correct, incorrect, partly correct, no answer. */
const letters: Readonly<Record<string, number>> = { C: 1, I: 0, P: 0.5, N: 0 }

const valueIn = (value: unknown): Signal["value"] | undefined => {
  if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) return value
  if (typeof value !== "string" || value === "") return undefined
  return Object.hasOwn(letters, value) ? letters[value]! : value
}

/** The scores of a sample as signals of its trajectory: letters as numbers, a score of several values as one signal each. */
export const signalsOf = (sample: JsonObject): ReadonlyArray<Signal> => {
  const scores =
    objectIn(sample["scores"]) ?? (objectIn(sample["score"]) === undefined ? {} : { score: sample["score"] })
  return Object.entries(scores).flatMap(([name, one]) => {
    const score = objectIn(one)
    const given = score === undefined ? one : score["value"]
    const several = objectIn(given)
    const values =
      several === undefined
        ? [[name, given] as const]
        : Object.entries(several).map(([key, value]) => [`${name}.${key}`, value] as const)
    const comment = textIn(score?.["explanation"])
    return values.flatMap(([key, value]) => {
      const read = valueIn(value)
      return read === undefined
        ? []
        : [
            {
              name: key,
              value: read,
              source: /model_graded|judge/i.test(name) ? ("llm-judge" as const) : ("test" as const),
              scope: "trajectory" as const,
              ...(comment === undefined ? {} : { comment })
            }
          ]
    })
  })
}
