import { type Json, type JsonObject, listOf, numberOf, objectOf, textOf } from "./json.ts"

/** What a judge has to say, before it is put into the form that is asked for. */
export interface Finding {
  /** How good the answer is, in [0,1]; of two answers, how good the first is beside the second. */
  readonly worth: number
  readonly reasons: string
  /** Sentences for the lists that have these names; other lists stay empty. */
  readonly lists: Readonly<Record<string, ReadonlyArray<string>>>
  /** Words to say where one of them is among the choices. */
  readonly words: ReadonlyArray<string>
}

/** The values that a schema leaves to choose from; none where it leaves more than a few. */
const choicesIn = (schema: JsonObject): ReadonlyArray<Json> => {
  if (schema["const"] !== undefined) return [schema["const"]]
  const several = schema["enum"] ?? schema["anyOf"] ?? schema["oneOf"]
  if (several === schema["enum"]) return listOf(several)
  return listOf(several).flatMap((one) => choicesIn(objectOf(one)))
}

const typeOf = (schema: JsonObject): string | undefined => {
  const type = schema["type"]
  return textOf(Array.isArray(type) ? type[0] : type)
}

/** Of numbers the one as far up as the worth; of words one that is to be said, else the first for a good answer and the last for a bad one. */
const choose = (choices: ReadonlyArray<Json>, { words, worth }: Finding): Json => {
  const numbers = choices.flatMap((one) => numberOf(one) ?? []).sort((a, b) => a - b)
  if (numbers.length === choices.length) return numbers[Math.round(worth * (numbers.length - 1))]!
  return words.find((word) => choices.includes(word)) ?? choices[worth >= 0.5 ? 0 : choices.length - 1]!
}

/**
 * A JSON value of a schema that says what was found: reasons in texts, the worth in numbers and choices. Of JSON Schema it knows objects, lists,
 * `enum`, `const`, `anyOf`, bounds and the plain types.
 *
 * @param ofField what there is to say in a field of that name, where it is not the same everywhere.
 */
export const filledIn = (
  schema: JsonObject,
  finding: Finding,
  ofField: (name: string) => Finding = () => finding,
  name = ""
): Json => {
  const choices = choicesIn(schema)
  if (choices.length > 0) return choose(choices, finding)
  const type = typeOf(schema)
  if (type === "boolean") return finding.worth >= 0.5
  if (type === "array") return finding.lists[name] ?? []
  if (type === "string") return finding.reasons
  if (type === "number" || type === "integer") {
    const least = numberOf(schema["minimum"]) ?? 0
    const value = least + finding.worth * ((numberOf(schema["maximum"]) ?? least + 1) - least)
    return type === "integer" ? Math.round(value) : value
  }
  return Object.fromEntries(
    Object.entries(objectOf(schema["properties"])).map(([key, inner]) => {
      const own = objectOf(inner)
      return [key, filledIn(own, typeOf(own) === "object" ? ofField(key) : finding, ofField, key)]
    })
  )
}
