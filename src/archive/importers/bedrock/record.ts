import type { ArchivedCall, Usage } from "../../../domain/Call.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, countIn, objectIn, textIn, unpacked } from "../../json.ts"
import { LabelSet } from "../../labels.ts"
import { usageOf } from "../../spans/tokens.ts"

/** True for a record of Bedrock's invocation log. */
export const isRecord = (row: JsonObject): boolean =>
  row["schemaType"] === "ModelInvocationLog" ||
  ("modelId" in row && "operation" in row && "requestId" in row && ("input" in row || "output" in row))

/** The records of a value: one, one within an event of CloudWatch, or those of a page of events. */
export const recordsIn = (json: unknown): ReadonlyArray<unknown> => {
  const object = objectIn(json)
  if (object === undefined || isRecord(object)) return [json]
  const events = arrayIn(object["events"])
  if (events !== undefined) return events.flatMap((event) => recordsIn(event))
  const inside = objectIn(unpacked(object["message"] ?? object["@message"]))
  return inside !== undefined && isRecord(inside) ? [inside] : [json]
}

const arn = /^arn:[a-z-]+:bedrock:[^:]*:[^:]*:([a-z-]+)\/(.+)$/

/** The model that was asked: the name of a model or an inference profile, without the account around it. */
export const modelOf = (record: JsonObject): string | undefined => {
  const id = textIn(record["modelId"])
  return id === undefined ? undefined : (arn.exec(id)?.[2] ?? id)
}

/** Counts of the log itself. `inputTokenCount` leaves out what was read from and written to the cache. */
export const countsOf = (record: JsonObject): Usage => {
  const input = objectIn(record["input"]) ?? {}
  return usageOf(
    {
      input: countIn(input["inputTokenCount"]),
      output: countIn(objectIn(record["output"])?.["outputTokenCount"]),
      cacheRead: countIn(input["cacheReadInputTokenCount"]),
      cacheWriteOther: countIn(input["cacheWriteInputTokenCount"])
    },
    { cacheInside: false, reasoningInside: true }
  )
}

/** Who asked, as an ARN tells it. */
export interface Caller {
  /** A person: a user of IAM, or the name of a session that a person signed in to. */
  readonly engineer?: string
  readonly role?: string
  readonly session?: string
}

/**
 * The caller of an ARN. A user is taken as a person, and so is the session of a role of the identity center or one that is named by an e-mail
 * address; the session of any other role is a program's, and names nobody.
 */
export const callerOf = (identity: unknown): Caller => {
  const text = textIn(objectIn(identity)?.["arn"]) ?? ""
  const user = /^arn:[a-z-]+:iam::\d*:user\/(?:.*\/)?([^/]+)$/.exec(text)?.[1]
  if (user !== undefined) return { engineer: user }
  const [, role, session] = /^arn:[a-z-]+:sts::\d*:assumed-role\/([^/]+)\/(.+)$/.exec(text) ?? []
  if (role === undefined || session === undefined) return {}
  const person = role.startsWith("AWSReservedSSO_") || session.includes("@")
  return { role, session, ...(person ? { engineer: session } : {}) }
}

/** Labels of a record: what the request was sent with as metadata, and where it came from. */
export const labelsOf = (record: JsonObject): ArchivedCall["labels"] => {
  const caller = callerOf(record["identity"])
  return new LabelSet()
    .addAll(record["requestMetadata"], "requestMetadata")
    .add("engineer", caller.engineer)
    .add("application", caller.engineer === undefined ? caller.role : undefined)
    .add("role", caller.role)
    .add("roleSession", caller.session)
    .add("account", record["accountId"])
    .add("region", record["region"])
    .add("inferenceRegion", record["inferenceRegion"]).all
}
