import type { CallRequest, CallResponse } from "../domain/Call.ts"
import type { Message } from "../domain/Message.ts"
import type { CheckResult } from "../domain/Output.ts"

const complaint = (failed: ReadonlyArray<CheckResult>) =>
  [
    "Your last answer failed these checks:",
    ...failed.map(({ message, use }) => `- ${use}: ${message}`),
    "Answer the same request again, complete and in the form that was asked for. Give the answer alone."
  ].join("\n")

/**
 * The request of the next repair round: the conversation so far, the answer that failed, and what failed.
 * Tool calls of that answer get the complaint as their result, since no tool is run in a replay.
 */
export const repairRequest = (
  request: CallRequest,
  response: CallResponse,
  failed: ReadonlyArray<CheckResult>
): CallRequest => {
  const calls = response.blocks.flatMap((block) => (block.type === "tool_use" ? [block] : []))
  const text = complaint(failed)
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
