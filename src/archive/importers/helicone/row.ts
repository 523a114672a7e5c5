import type { ArchivedCall, CallResponse, Signal, Usage } from "../../../domain/Call.ts"
import { billIn, unbilled } from "../../billed.ts"
import type { JsonObject } from "../../json.ts"
import { countIn, numberIn, objectIn, textIn, unpacked } from "../../json.ts"
import { LabelSet } from "../../labels.ts"
import { usageOf } from "../../spans/tokens.ts"
import { momentOf } from "../../times.ts"
import { isBody } from "../wires/gateway.ts"
import { addTags } from "../wires/tags.ts"

/** Custom properties of a row: what users wrote, and Helicone's own headers among them. */
export const propertiesOf = (row: JsonObject): JsonObject => ({
  ...objectIn(unpacked(row["properties"])),
  ...objectIn(unpacked(row["request_properties"]))
})

/** A property by its name, however its letters are cased: headers are. */
export const propertyIn = (properties: JsonObject, name: string): string | undefined => {
  const found = Object.keys(properties).find((key) => key.toLowerCase() === name)
  return found === undefined ? undefined : textIn(properties[found])
}

/** A body that Helicone put there to say that the real one lies in its storage. */
const isPlaceholder = (value: unknown): boolean => {
  const body = objectIn(unpacked(value))
  return body !== undefined && typeof body["helicone_message"] === "string" && Object.keys(body).length === 1
}

/** A row's body; `undefined` where it is not in the export. */
export const bodyIn = (value: unknown): unknown => (isBody(value) && !isPlaceholder(value) ? value : undefined)

/** Why bodies are not in the export. */
export const whyBodiless = (row: JsonObject): string =>
  row["storage_location"] === "not_stored_exceeded_free"
    ? "Helicone did not store the bodies: the free plan's storage was used up"
    : textIn(row["signed_body_url"]) !== undefined || isPlaceholder(row["request_body"])
      ? "the bodies lie in Helicone's storage: export with --include-body before their addresses expire"
      : "the export holds no bodies"

/**
 * Helicone's counts. What it takes over from Anthropic leaves cached tokens out of the prompt, what it takes over from OpenAI has them inside;
 * newer rows count reasoning beside the completion and say so in the total.
 */
export const countsOf = (row: JsonObject): Usage => {
  const names = `${textIn(row["provider"]) ?? ""} ${modelOf(row) ?? ""}`.toLowerCase()
  return usageOf(
    {
      input: countIn(row["prompt_tokens"]),
      output: countIn(row["completion_tokens"]),
      cacheRead: countIn(row["prompt_cache_read_tokens"]),
      cacheWriteOther: countIn(row["prompt_cache_write_tokens"]),
      reasoning: countIn(row["reasoning_tokens"])
    },
    { cacheInside: !/anthropic|claude/.test(names), reasoningInside: row["reasoning_tokens"] === undefined }
  )
}

/** The model that a row names: what answered, else what was asked. */
export const modelOf = (row: JsonObject): string | undefined =>
  ["request_model", "model", "response_model", "model_override"].map((name) => textIn(row[name])).find(Boolean)

const none = "00000000-0000-0000-0000-000000000000"

/** True for an answer from Helicone's cache. */
const isCached = (row: JsonObject): boolean => {
  const reference = textIn(row["cache_reference_id"])
  return reference !== undefined && reference !== none && reference !== textIn(row["request_id"])
}

/** What the gateway billed, in dollars. Helicone writes 0 where it knows no price. */
export const billedOf = (row: JsonObject): Pick<ArchivedCall, "billed"> & { readonly notes: ReadonlyArray<string> } => {
  if (isCached(row)) return { billed: { nanoUsd: "0", basis: "gateway", billing: "cached-response" }, notes: [] }
  const { nanoUsd, note } = billIn(row["cost"] ?? row["costUSD"])
  if (nanoUsd === null || nanoUsd === 0n)
    return {
      billed: unbilled,
      notes: note !== undefined ? [note] : nanoUsd === 0n ? ["a cost of 0 is no price: Helicone knew none"] : []
    }
  return { billed: { nanoUsd: nanoUsd.toString(), basis: "gateway", billing: "metered" }, notes: [] }
}

/** Statuses that are none of HTTP. */
const pseudo: Readonly<Record<string, NonNullable<CallResponse["error"]>>> = {
  "-1": { type: "timeout", message: "no answer arrived in time" },
  "-3": { type: "cancelled", message: "the request was cancelled" },
  "-4": { type: "threat", message: "Helicone blocked the request as a threat" }
}

/** The failure that a status tells of, and the status where it is one of HTTP. */
export const statusOf = (
  row: JsonObject
): { readonly status?: number; readonly error?: NonNullable<CallResponse["error"]>; readonly pending: boolean } => {
  const status = numberIn(row["response_status"])
  const error = status === undefined ? undefined : pseudo[String(status)]
  return {
    pending: status === -2 || status === 0,
    ...(status === undefined || status < 100 ? {} : { status }),
    ...(error === undefined ? {} : { error })
  }
}

/** How Helicone marks a score that is true or false. */
const flagged = "-hcone-bool"
/** Under which it repeats a person's feedback among the scores. */
const feedback = "helicone-score-feedback"

const scoreIn = (name: string, raw: unknown): Signal["value"] | undefined => {
  const object = objectIn(raw)
  const value = object === undefined ? raw : object["value"]
  const number = typeof value === "boolean" ? Number(value) : numberIn(value)
  if (number === undefined) return undefined
  const isFlag = typeof value === "boolean" || object?.["valueType"] === "boolean" || name.endsWith(flagged)
  return isFlag ? number !== 0 : number
}

/** Feedback and scores of a row. Scores come from evaluators, some of which are models (their names say so). */
export const signalsOf = (row: JsonObject): ReadonlyArray<Signal> => {
  const scores = objectIn(unpacked(row["scores"])) ?? {}
  const told = row["feedback_rating"] ?? undefined
  const rating = scoreIn(flagged, told ?? scores[feedback])
  const at = momentOf(row["feedback_created_at"])?.iso
  return [
    ...(rating === undefined
      ? []
      : [
          {
            name: "feedback",
            value: rating,
            source: "human" as const,
            scope: "call" as const,
            ...(at === undefined ? {} : { at })
          }
        ]),
    ...Object.entries(scores).flatMap(([name, raw]): ReadonlyArray<Signal> => {
      const value = name === feedback ? undefined : scoreIn(name, raw)
      if (value === undefined) return []
      const plain = name.endsWith(flagged) ? name.slice(0, -flagged.length) : name
      return [{ name: plain, value, source: /-laj-|judge/i.test(name) ? "llm-judge" : "heuristic", scope: "call" }]
    })
  ]
}

const own = /^helicone-(session-(id|path|name)|prompt-id|user-id)$/i

/**
 * Labels of a row: its properties under their own names. Helicone's user is the one whom the request was made for, which its documentation
 * calls the user of the application: `endUser`.
 */
export const labelsOf = (row: JsonObject, asked: JsonObject | undefined): ArchivedCall["labels"] => {
  const properties = propertiesOf(row)
  const written = Object.fromEntries(Object.entries(properties).filter(([name]) => !own.test(name)))
  const labels = new LabelSet()
    .addAll(written, "properties")
    .add("sessionPath", propertyIn(properties, "helicone-session-path"))
    .add("sessionName", propertyIn(properties, "helicone-session-name"))
    .add("endUser", row["request_user_id"], propertyIn(properties, "helicone-user-id"))
    .add("country", row["country_code"])
  return (asked === undefined ? labels : addTags(labels, asked)).all
}
