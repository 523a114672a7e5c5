import type { ArchivedCall, Usage } from "../../../domain/Call.ts"
import { share } from "../../../domain/Money.ts"
import { billIn, unbilled } from "../../billed.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, countIn, objectIn, textIn, unpacked } from "../../json.ts"
import { LabelSet } from "../../labels.ts"
import { inclusive, usageOf } from "../../spans/tokens.ts"
import { addTags } from "../wires/tags.ts"

/** Names of the fields that users choose for an export, the older ones among them. */
const names = {
  provider: ["ai_org", "ai_provider", "provider"],
  model: ["ai_model"],
  input: ["req_units", "request_tokens"],
  output: ["res_units", "response_tokens"],
  total: ["total_units", "total_tokens"],
  status: ["response_status_code", "status_code"],
  prompt: ["prompt_slug", "prompt_id"],
  promptVersion: ["prompt_version_id"]
} as const

/** A field under whichever of its names. */
export const fieldIn = (row: JsonObject, which: keyof typeof names): unknown =>
  names[which].map((name) => row[name]).find((value) => value !== undefined && value !== null && value !== "")

const around = ["method", "url", "headers", "status", "responseTime", "portkeyHeaders", "response_time"]

/** A body: as it is, within what was put around it (address, status and headers, which are not kept), or under a name with a dot. */
export const bodyIn = (row: JsonObject, name: "request" | "response"): unknown => {
  const dotted = row[`${name}.body`]
  if (dotted !== undefined) return unpacked(dotted)
  const value = unpacked(row[name])
  const object = objectIn(value)
  return object !== undefined && "body" in object && around.some((key) => key in object)
    ? unpacked(object["body"])
    : value
}

/** Portkey's counts: all input and all output, whatever the provider. */
export const countsOf = (row: JsonObject): Usage =>
  usageOf(
    {
      input: countIn(fieldIn(row, "input")),
      output: countIn(fieldIn(row, "output")),
      total: countIn(fieldIn(row, "total"))
    },
    inclusive
  )

/**
 * What the gateway billed. Portkey logs cents of a dollar, and 0 where it tracks no price for the model; an answer from its cache was not
 * billed.
 */
export const billedOf = (row: JsonObject): Pick<ArchivedCall, "billed"> & { readonly notes: ReadonlyArray<string> } => {
  if (/\bHIT$/i.test(textIn(row["cache_status"]) ?? ""))
    return { billed: { nanoUsd: "0", basis: "gateway", billing: "cached-response" }, notes: [] }
  const currency = textIn(row["cost_currency"])
  if (currency !== undefined && currency.toUpperCase() !== "USD")
    return { billed: unbilled, notes: ["the cost was logged in another currency than USD: taken as not recorded"] }
  const { nanoUsd: cents, note } = billIn(row["cost"])
  if (cents === null) return { billed: unbilled, notes: note === undefined ? [] : [note] }
  if (cents === 0n) return { billed: unbilled, notes: ["a cost of 0 is no price: Portkey tracked none for the model"] }
  return { billed: { nanoUsd: share(cents, 100).toString(), basis: "gateway", billing: "metered" }, notes: [] }
}

/** Metadata that a request was sent with: an object, or names and values in two lists. */
const metadataOf = (row: JsonObject): JsonObject => {
  const keys = arrayIn(unpacked(row["metadata.key"])) ?? []
  const values = arrayIn(unpacked(row["metadata.value"])) ?? []
  const pairs = keys.flatMap((key, at) => (textIn(key) === undefined ? [] : [[textIn(key)!, values[at]] as const]))
  return { ...Object.fromEntries(pairs), ...objectIn(unpacked(row["metadata"])) }
}

/** Names that Portkey reserves in metadata. */
const reserved = new Set(["_user", "_environment", "_organisation", "_prompt"])

/** Labels of a row: its metadata under their own names; `_user` is the user of the application. */
export const labelsOf = (row: JsonObject, asked: JsonObject | undefined): ArchivedCall["labels"] => {
  const metadata = metadataOf(row)
  const labels = new LabelSet()
    .addAll(Object.fromEntries(Object.entries(metadata).filter(([name]) => !reserved.has(name))), "metadata")
    .add("endUser", metadata["_user"])
    .add("environment", metadata["_environment"])
    .add("org", metadata["_organisation"])
    .add("taskType", metadata["_prompt"])
    .add("config", row["config"])
    .add("workspace", row["workspace_slug"])
    .add("mode", row["mode"])
  return (asked === undefined ? labels : addTags(labels, asked)).all
}
