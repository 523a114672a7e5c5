import type { Importer, Line, Reader } from "../contract.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, objectIn, textIn } from "../json.ts"
import { ChatFile } from "./geminiCli/session.ts"

const isHead = (row: JsonObject): boolean => textIn(row["projectHash"]) !== undefined && "sessionId" in row
const isUpdate = (row: JsonObject): boolean => objectIn(row["$set"]) !== undefined || "$rewindTo" in row
/** A line of `logs.json`, where the prompts of all sessions are repeated. */
const isPrompt = (row: JsonObject): boolean =>
  "sessionId" in row && "messageId" in row && typeof row["message"] === "string" && typeof row["messageId"] === "number"

const prompts: Reader = {
  line: (line: Line) =>
    "error" in line
      ? [{ _tag: "Skip", line: line.line, reason: line.error }]
      : [{ _tag: "Other", type: "prompt that a session holds too" }],
  end: () => []
}

/**
 * Gemini CLI's sessions (`~/.gemini/tmp/PROJECT/chats`): the older documents and the newer lines, with what was rewound, rewritten and replaced.
 * Each record of the model is a call, its conversation put together from the records before it.
 */
export const geminiCli: Importer = {
  id: "gemini-cli",
  about: "Gemini CLI sessions (~/.gemini/tmp)",
  sniff: ({ first }) =>
    first.some((value) => {
      const row = objectIn(value)
      return row !== undefined && (isHead(row) || isUpdate(row) || isPrompt(row))
    }) || first.some((value) => arrayIn(objectIn(value)?.["messages"])?.some(isGemini) === true),
  start: () => ({
    open: (file) => (/(?:^|[\\/])logs\.json$/.test(file) ? prompts : new ChatFile(file)),
    end: () => []
  })
}

/** A message of a session whose head is gone. */
const isGemini = (value: unknown): boolean => {
  const message = objectIn(value)
  return message?.["type"] === "gemini" && "content" in message && textIn(message["timestamp"]) !== undefined
}
