import type { JsonObject } from "../../json.ts"
import { countIn, objectIn, textIn } from "../../json.ts"

/** Where a half of a pair stands. */
interface At {
  readonly customId: string
  readonly file: string
  readonly line: number
}

/** A request of a batch. */
export interface Input extends At {
  readonly body: JsonObject
  /** The path that OpenAI's batches name. */
  readonly url: unknown
}

/** What came back for a request. */
export interface Output extends At {
  /** The answer's body; absent where it failed without one. */
  readonly body: unknown
  readonly error: unknown
  readonly status?: number
  readonly requestId?: string
  /** True where no answer was given: it failed, was cancelled, or its time ran out. */
  readonly failed: boolean
}

const isThere = (value: unknown) => value !== undefined && value !== null

/** A request, as OpenAI (`body`) and Anthropic (`params`) write it; `undefined` for any other row. */
export const inputIn = (row: JsonObject, file: string, line: number): Input | undefined => {
  const customId = textIn(row["custom_id"])
  const body = objectIn(row["body"]) ?? objectIn(row["params"])
  if (customId === undefined || body === undefined || "response" in row || "result" in row) return undefined
  return { customId, file, line, body, url: row["url"] }
}

/** What Anthropic says of a request that was not answered. */
const unanswered: Readonly<Record<string, string>> = {
  canceled: "the batch was cancelled before this request was sent",
  expired: "the batch ran out of time before this request was sent"
}

const ofAnthropic = (result: JsonObject): Pick<Output, "body" | "error" | "failed"> => {
  const type = textIn(result["type"]) ?? "unknown"
  if (type === "succeeded") return { body: result["message"], error: undefined, failed: false }
  const told = objectIn(result["error"])
  const error = objectIn(told?.["error"]) ?? told
  return { body: undefined, error: error ?? { type, message: unanswered[type] ?? type }, failed: true }
}

/** What came back, as OpenAI (`response`, `error`) and Anthropic (`result`) write it; `undefined` for any other row. */
export const outputIn = (row: JsonObject, file: string, line: number): Output | undefined => {
  const customId = textIn(row["custom_id"])
  if (customId === undefined) return undefined
  const result = objectIn(row["result"])
  if (result !== undefined) return { customId, file, line, ...ofAnthropic(result) }
  if (!("response" in row) && !("error" in row)) return undefined
  const response = objectIn(row["response"])
  const status = countIn(response?.["status_code"])
  const requestId = textIn(response?.["request_id"])
  const error = row["error"] ?? objectIn(response?.["body"])?.["error"]
  return {
    customId,
    file,
    line,
    body: response?.["body"],
    error,
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
    failed: isThere(error) || (status !== undefined && status >= 400)
  }
}

/** The batch's own id where the file is named by it, as downloads are. */
export const batchIdOf = (file: string): string | undefined =>
  /(?:^|[^a-z])((?:msgbatch|batch)_[A-Za-z0-9]{8,})/.exec(file.split(/[\\/]/).at(-1) ?? "")?.[1]
