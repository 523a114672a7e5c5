import type { CallRequest, CallResponse } from "../domain/Call.ts"
import type { Message } from "../domain/Message.ts"
import type { CheckResult } from "../domain/Output.ts"

/** How a failed check is told to the model. */
export interface RepairWords {
  /** `{message}` stands for what the check said, and `{check}` for its name. */
  readonly message: string
  /** Characters of the check's message at most: its head and its tail are kept. */
  readonly limit: number
}

/** Where the suite says nothing of a check. */
export const repairWords: RepairWords = { message: "{check}: {message}", limit: 4_000 }

/** A text of `limit` characters at most but for a note of what is left out of its middle. Pairs of surrogates stay whole. */
export const shortened = (text: string, limit: number): string => {
  if (text.length <= limit) return text
  const head = Math.ceil(limit / 2)
  const tail = text.length - (limit - head)
  const isLow = (at: number) => /[\uDC00-\uDFFF]/.test(text[at] ?? "")
  const [end, start] = [isLow(head) ? head - 1 : head, isLow(tail) ? tail + 1 : tail]
  return `${text.slice(0, end)}\n[... ${start - end} characters left out ...]\n${text.slice(start)}`
}

const lineOf = ({ message, use }: CheckResult, { limit, message: words }: RepairWords) =>
  words.replace(/\{(message|check)\}/g, (_, name: string) => (name === "check" ? use : shortened(message, limit)))

const complaint = (failed: ReadonlyArray<CheckResult>, wordsOf: (use: string) => RepairWords) =>
  [
    "Your last answer failed these checks:",
    ...failed.map((result) => `- ${lineOf(result, wordsOf(result.use))}`),
    "Answer the same request again, complete and in the form that was asked for. Give the answer alone."
  ].join("\n")

/**
 * The request of the next repair round: the conversation so far, the answer that failed, and what failed, in the words that `wordsOf` gives for
 * each check. Tool calls of that answer get the complaint as their result, since no tool is run in a replay.
 */
export const repairRequest = (
  request: CallRequest,
  response: CallResponse,
  failed: ReadonlyArray<CheckResult>,
  wordsOf: (use: string) => RepairWords = () => repairWords
): CallRequest => {
  const calls = response.blocks.flatMap((block) => (block.type === "tool_use" ? [block] : []))
  const text = complaint(failed, wordsOf)
  const answer: ReadonlyArray<Message> =
    response.blocks.length === 0 ? [] : [{ role: "assistant", blocks: response.blocks }]
  const told: Message =
    calls.length === 0
      ? { role: "user", blocks: [{ type: "text", text }] }
      : {
          role: "tool",
          blocks: calls.map((call) => ({
            type: "tool_result",
            toolUseId: call.id,
            name: call.name,
            content: [{ type: "text", text }],
            isError: true,
            executedBy: "client"
          }))
        }
  return { ...request, messages: [...request.messages, ...answer, told] }
}
